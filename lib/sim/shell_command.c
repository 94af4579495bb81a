/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What can be typed on a guest's console.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/shell.h"

struct command {
    const char *name, *args, *help;
    size_t least, most; /* words behind the name */
    void (*run)(struct shell *, char *const *words, size_t n);
};

static const struct command commands[];

static void do_help(struct shell *s, char *const *words, size_t n);

static void do_true(struct shell *s, char *const *words, size_t n)
{
    (void)s;
    (void)words;
    (void)n;
}

static void do_echo(struct shell *s, char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        shell_printf(s, "%s%s", i ? " " : "", words[i]);
    shell_printf(s, "\r\n");
}

static void do_uname(struct shell *s, char *const *words, size_t n)
{
    (void)words;
    (void)n;
    shell_printf(s, "domo-sim %s x86_64\r\n", s->guest->name);
}

static const char *state_name(const struct front *f)
{
    return f->state == XB_CONNECTED ? "connected" : f->state == XB_CLOSED ? "closed" : "waiting";
}

static void do_disks(struct shell *s, char *const *words, size_t n)
{
    char name[24];

    (void)words;
    (void)n;
    for (const struct front *f = s->guest->fronts; f; f = f->next) {
        if (f->kind != &front_kind_vbd)
            continue;
        front_vbd_name(f, name);
        shell_printf(s, "%s %" PRIu64 " %s %s\r\n", name, f->vbd.sectors, f->vbd.is_read_only ? "ro" : "rw",
                     state_name(f));
    }
}

static void do_nets(struct shell *s, char *const *words, size_t n)
{
    (void)words;
    (void)n;
    for (const struct front *f = s->guest->fronts; f; f = f->next) {
        if (f->kind == &front_kind_vif)
            shell_printf(s, "eth%" PRIu32 " %s %s\r\n", f->devid, f->vif.mac, state_name(f));
    }
}

/* ---- disks ---- */

static struct front *find_disk(struct shell *s, const char *name)
{
    char have[24];

    for (struct front *f = s->guest->fronts; f; f = f->next) {
        if (f->kind != &front_kind_vbd)
            continue;
        front_vbd_name(f, have);
        if (str_eq(have, name))
            return f;
    }
    shell_printf(s, "%s: no such disk\r\n", name);
    return NULL;
}

static void do_size(struct shell *s, char *const *words, size_t n)
{
    const struct front *f = find_disk(s, words[0]);

    (void)n;
    if (f)
        shell_printf(s, "%" PRIu64 "\r\n", f->vbd.sectors);
}

static void ask(struct shell *s, struct front *f, enum blk_op op, uint64_t sector, uint32_t count)
{
    int rc = front_vbd_ask(f, op, sector, count);

    if (rc) {
        shell_printf(s, "error: %s\r\n", strerror(-rc));
        return;
    }
    s->disk = f;
    s->op = op;
    s->count = count;
}

static void do_read(struct shell *s, char *const *words, size_t n)
{
    struct front *f = find_disk(s, words[0]);
    uint32_t count = 1;
    uint64_t sector;

    if (!f)
        return;
    if (str_to_u64(words[1], &sector) || (n > 2 && str_to_u32(words[2], &count)) || count < 1 ||
        count > BLK_PAGE_SECTORS) {
        shell_printf(s, "error: a sector, and a count of 1 to %d\r\n", BLK_PAGE_SECTORS);
        return;
    }
    ask(s, f, BLK_READ, sector, count);
}

static void do_write(struct shell *s, char *const *words, size_t n)
{
    struct front *f = find_disk(s, words[0]);
    size_t at = 0;
    uint64_t sector;
    char *data;

    if (!f)
        return;
    if (str_to_u64(words[1], &sector)) {
        shell_printf(s, "error: a sector is a number\r\n");
        return;
    }
    data = front_vbd_data(f);
    if (!data) {
        shell_printf(s, "error: %s\r\n", strerror(ENXIO));
        return;
    }
    memset(data, 0, BLK_SECTOR_SIZE);
    for (size_t i = 2; i < n; i++)
        at += (size_t)snprintf(data + at, BLK_SECTOR_SIZE - at, "%s%s", i > 2 ? " " : "", words[i]);
    ask(s, f, BLK_WRITE, sector, 1);
}

static void do_flush(struct shell *s, char *const *words, size_t n)
{
    struct front *f = find_disk(s, words[0]);

    (void)n;
    if (f)
        ask(s, f, BLK_FLUSH, 0, 1);
}

static bool is_text(const uint8_t *bytes, size_t len)
{
    size_t end = len;

    while (end && !bytes[end - 1])
        end--;
    for (size_t i = 0; i < end; i++) {
        if (bytes[i] < ' ' || bytes[i] >= 0x7f)
            return false;
    }
    return end > 0 && end < 512;
}

static void show_sector(struct shell *s, const uint8_t *bytes)
{
    enum { ROW = 32 };
    static const uint8_t zero[ROW];

    if (is_text(bytes, BLK_SECTOR_SIZE)) {
        shell_printf(s, "%.*s\r\n", BLK_SECTOR_SIZE, (const char *)bytes);
        return;
    }
    for (unsigned at = 0; at < BLK_SECTOR_SIZE; at += ROW) {
        if (memcmp(bytes + at, zero, ROW) == 0)
            continue;
        shell_printf(s, "%03x: ", at);
        for (size_t i = 0; i < ROW; i++)
            shell_printf(s, "%02x", bytes[at + i]);
        shell_printf(s, "\r\n");
    }
}

void shell_disk_done(struct shell *s, const struct front *f, int status)
{
    if (!s || s->disk != f)
        return;
    s->disk = NULL;
    if (status != BLK_OKAY)
        shell_printf(s, "error: %s\r\n", strerror(status == BLK_UNSUPPORTED ? EOPNOTSUPP : EIO));
    for (uint32_t i = 0; status == BLK_OKAY && s->op == BLK_READ && i < s->count; i++)
        show_sector(s, (const uint8_t *)f->vbd.data.page + (size_t)i * BLK_SECTOR_SIZE);
}

void shell_front_gone(struct shell *s, const struct front *f)
{
    if (!s || s->disk != f)
        return;
    s->disk = NULL;
    shell_printf(s, "error: %s\r\n", strerror(ENODEV));
}

/* ---- the rest ---- */

static void do_send(struct shell *s, char *const *words, size_t n)
{
    char text[SHELL_LINE_MAX] = "";
    size_t at = 0;
    int rc = -ENODEV;

    for (size_t i = 1; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i > 1 ? " " : "", words[i]);
    for (struct front *f = s->guest->fronts; f; f = f->next) {
        char name[16];

        (void)snprintf(name, sizeof name, "eth%" PRIu32, f->devid);
        if (f->kind == &front_kind_vif && str_eq(name, words[0]))
            rc = front_vif_send(f, text);
    }
    if (rc)
        shell_printf(s, "error: %s\r\n", strerror(-rc));
}

static void do_poweroff(struct shell *s, char *const *words, size_t n)
{
    (void)words;
    (void)n;
    guest_stop(s->guest, MACHINE_POWEROFF);
}

static void do_reboot(struct shell *s, char *const *words, size_t n)
{
    (void)words;
    (void)n;
    guest_stop(s->guest, MACHINE_REBOOT);
}

static void do_crash(struct shell *s, char *const *words, size_t n)
{
    (void)words;
    (void)n;
    guest_stop(s->guest, MACHINE_CRASH);
}

static const struct command commands[] = {
    {"crash", "", "stop as a kernel that panics", 0, 0, do_crash},
    {"disks", "", "list disks: name, sectors, access, state", 0, 0, do_disks},
    {"echo", "WORDS", "print words", 0, SHELL_WORDS_MAX, do_echo},
    {"flush", "DISK", "make what was written durable", 1, 1, do_flush},
    {"help", "", "print this", 0, 0, do_help},
    {"nets", "", "list interfaces: name, address, state", 0, 0, do_nets},
    {"poweroff", "", "stop", 0, 0, do_poweroff},
    {"read", "DISK SECTOR [COUNT]", "print sectors, as text or in hex", 2, 3, do_read},
    {"reboot", "", "stop, and ask to be started again", 0, 0, do_reboot},
    {"send", "NET WORDS", "send a frame of text to everybody on the bridge", 2, SHELL_WORDS_MAX, do_send},
    {"size", "DISK", "print a disk's size in sectors", 1, 1, do_size},
    {"store-fill", "PATH COUNT", "write so many letters into the store", 2, 2, shell_store_fill},
    {"store-read", "PATH", "print a value of the store", 1, 1, shell_store_read},
    {"store-rm", "PATH", "remove a node of the store", 1, 1, shell_store_rm},
    {"store-write", "PATH [WORDS]", "write a value into the store; %1b is a byte", 1, SHELL_WORDS_MAX,
     shell_store_write},
    {"true", "", "do nothing", 0, 0, do_true},
    {"uname", "", "print what runs here", 0, 0, do_uname},
    {"write", "DISK SECTOR TEXT", "write text into a sector", 3, SHELL_WORDS_MAX, do_write},
};

static void do_help(struct shell *s, char *const *words, size_t n)
{
    (void)words;
    (void)n;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        shell_printf(s, "%-12s%-20s %s\r\n", commands[i].name, commands[i].args, commands[i].help);
}

void shell_command(struct shell *s, char *line)
{
    char *words[SHELL_WORDS_MAX + 1];
    char *rest = line, *word;
    size_t n = 0;

    while (n < ARRAY_LEN(words) && (word = strtok_r(rest, " \t", &rest)))
        words[n++] = word;
    if (n == 0)
        return;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        const struct command *c = &commands[i];

        if (!str_eq(c->name, words[0]))
            continue;
        if (n - 1 < c->least || n - 1 > c->most)
            shell_printf(s, "usage: %s %s\r\n", c->name, c->args);
        else
            c->run(s, words + 1, n - 1);
        return;
    }
    shell_printf(s, "%s: no such command, try help\r\n", words[0]);
}
