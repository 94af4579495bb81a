/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: each guest has a terminal; bytes go both ways over its console ring; on it a shell does the work that tests
 * do with a Linux guest, disks through the real block ring; and a guest that floods or garbles its ring harms nobody.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "ring/share.h"
#include "ring/stream.h"
#include "sim/xenbus.h"
#include "sim_rig.h"

struct tty {
    struct rig *rig;
    int fd;
    char text[200000]; /* all that was printed since the last question */
    size_t len;
};

static struct tty *open_tty(struct rig *r, uint32_t domid)
{
    struct tty *t = calloc(1, sizeof *t);

    assert_non_null(t);
    t->rig = r;
    (void)rig_run(r, 0);
    t->fd = open(rig_read(r, "/local/domain/%" PRIu32 "/console/tty", domid), O_RDWR | O_NOCTTY | O_NONBLOCK);
    assert_true(t->fd >= 0);
    return t;
}

static void close_tty(struct tty *t)
{
    (void)close(t->fd);
    free(t);
}

static void take(struct tty *t)
{
    ssize_t n;

    do {
        n = read(t->fd, t->text + t->len, sizeof t->text - 1 - t->len);
        t->len += n > 0 ? (size_t)n : 0;
        (void)rig_run(t->rig, 0);
    } while (n > 0);
    t->text[t->len] = '\0';
}

/* Reads until that has been printed last. The kernel hands bytes of a terminal over a moment after they were written:
 * that is waited for, with virtual time standing still. */
static void until(struct tty *t, const char *end)
{
    enum { PATIENCE_MS = 10000 };

    for (;;) {
        struct pollfd fds[] = {{.fd = t->fd, .events = POLLIN},
                               {.fd = consoles_fd(sim_consoles(t->rig->sim)), .events = POLLIN}};

        (void)rig_run(t->rig, 0);
        take(t);
        if (t->len >= strlen(end) && strcmp(t->text + t->len - strlen(end), end) == 0)
            return;
        if (poll(fds, 2, PATIENCE_MS) <= 0)
            fail_msg("no '%s' came: %s", end, t->text);
    }
}

/* Types a line; what is printed up to the next prompt, with the echo. */
static const char *type(struct tty *t, const char *line)
{
    char text[512];

    t->len = 0;
    (void)snprintf(text, sizeof text, "%s\r", line);
    assert_int_equal(write(t->fd, text, strlen(text)), strlen(text));
    until(t, "# ");
    return t->text;
}

/* The answer alone: without the echo of the line before it and the prompt behind it. */
static const char *answer(struct tty *t, const char *line)
{
    char *text = t->text + strlen(line) + 2;
    size_t len;

    if (strncmp(type(t, line), line, strlen(line)) != 0)
        fail_msg("'%s': %s", line, t->text);
    len = strlen(text);
    assert_true(len >= 2 && strcmp(text + len - 2, "# ") == 0);
    text[len - 2] = '\0';
    return text;
}

static void test_shell(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 100));
    uint32_t domid = rig_guest(r, "talker");
    struct tty *t = open_tty(r, domid);

    (void)state;
    rig_start(r, domid);
    (void)rig_run(r, 99);
    take(t);
    assert_string_equal(t->text, "");
    (void)rig_run(r, 1);
    until(t, "# ");
    assert_non_null(strstr(t->text, "simulated guest talker, domain 1\r\n"
                                    "GUEST-READY 00000000-0000-0000-0000-000000000000\r\n"));
    assert_string_equal(t->text + t->len - 2, "# ");
    assert_string_equal(answer(t, "echo  hello   world"), "hello world\r\n");
    assert_string_equal(answer(t, "true"), "");
    assert_string_equal(answer(t, ""), "");
    assert_string_equal(answer(t, "uname"), "domo-sim talker x86_64\r\n");
    assert_string_equal(answer(t, "dance"), "dance: no such command, try help\r\n");
    assert_string_equal(answer(t, "read xvda"), "usage: read DISK SECTOR [COUNT]\r\n");
    assert_string_equal(answer(t, "size xvda"), "xvda: no such disk\r\n");
    assert_non_null(strstr(answer(t, "help"), "poweroff"));
    /* Erasing; and what is no letter does nothing. */
    assert_string_equal(type(t, "ecco\x7f\x7fho\x01 x"), "ecco\b \b\b \bho x\r\nx\r\n# ");
    assert_int_equal(write(t->fd, "poweroff\r", 9), 9);
    until(t, "poweroff\r\n");
    assert_int_equal(rig_reason(r, domid), MACHINE_POWEROFF);
    close_tty(t);
    rig_destroy(r, domid);
    rig_free(r, true);
}

static void test_disk(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 0));
    uint32_t domid = rig_guest(r, "disk");
    int fd = rig_disk(r, domid, RIG_XVDA, "w"), fd2 = rig_disk(r, domid, RIG_XVDB, "r");
    char got[32] = "";
    struct tty *t;

    (void)state;
    t = open_tty(r, domid);
    rig_start(r, domid);
    until(t, "# ");
    assert_string_equal(answer(t, "disks"), "xvda 2048 rw connected\r\nxvdb 2048 ro connected\r\n");
    assert_string_equal(answer(t, "size xvda"), "2048\r\n");
    assert_string_equal(answer(t, "write xvda 7 hello big world"), "");
    assert_string_equal(answer(t, "flush xvda"), "");
    assert_int_equal(pread(fd, got, 15, 7 * 512), 15);
    assert_string_equal(got, "hello big world");
    assert_string_equal(answer(t, "read xvda 7"), "hello big world\r\n");
    assert_int_equal(pwrite(fd, "\1\2\xff", 3, 2047 * 512), 3);
    assert_string_equal(answer(t, "read xvda 2047"),
                        "000: 0102ff0000000000000000000000000000000000000000000000000000000000\r\n");
    assert_string_equal(answer(t, "read xvda 2047 2"), "error: Input/output error\r\n");
    assert_string_equal(answer(t, "read xvda 2048"), "error: Input/output error\r\n");
    assert_string_equal(answer(t, "write xvdb 0 x"), "error: Input/output error\r\n");
    assert_string_equal(answer(t, "read xvda x"), "error: a sector, and a count of 1 to 8\r\n");
    assert_string_equal(answer(t, "read xvda 0 9"), "error: a sector, and a count of 1 to 8\r\n");
    rig_unplug(r, "vbd", domid, RIG_XVDB);
    assert_string_equal(answer(t, "disks"), "xvda 2048 rw connected\r\nxvdb 2048 ro closed\r\n");
    assert_string_equal(answer(t, "read xvdb 0"), "error: No such device or address\r\n");
    rig_remove(r, "vbd", domid, RIG_XVDB);
    assert_string_equal(answer(t, "disks"), "xvda 2048 rw connected\r\n");
    close_tty(t);
    rig_destroy(r, domid);
    (void)close(fd);
    (void)close(fd2);
    rig_free(r, true);
}

/* Frames go to all guests on the bridge, and to nobody else. */
static void test_net(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 0));
    struct os_iface_change leave = {.bridge = ""};
    uint32_t domid[3];
    struct tty *t[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        domid[i] = rig_guest(r, "net");
        rig_vif(r, domid[i], 0);
        rig_plug(r, domid[i], 0);
        rig_start(r, domid[i]);
        t[i] = open_tty(r, domid[i]);
        until(t[i], "# ");
    }
    assert_string_equal(answer(t[0], "nets"), "eth0 00:16:3e:00:00:01 connected\r\n");
    assert_int_equal(node_iface_change(r->node, "vif3.0", &leave), 0);
    t[1]->len = t[2]->len = 0;
    for (int i = 0; i < 600; i++) { /* more than a ring has slots */
        char text[64], heard[64];

        (void)snprintf(text, sizeof text, "send eth0 morning %d", i);
        (void)snprintf(heard, sizeof heard, "eth0: morning %d\r\n", i);
        assert_string_equal(answer(t[0], text), "");
        until(t[1], heard);
    }
    assert_string_equal(type(t[2], "true"), "true\r\n# ");
    assert_string_equal(answer(t[0], "send eth1 x"), "error: No such device\r\n");
    for (int i = 0; i < 3; i++) {
        close_tty(t[i]);
        rig_destroy(r, domid[i]);
    }
    rig_free(r, true);
}

/* Nobody reads the terminal: output is bounded, the guest goes on, and the newest is there when somebody comes. */
static void test_unread(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 0));
    uint32_t domid = rig_guest(r, "unread");
    struct tty *t;

    (void)state;
    t = open_tty(r, domid);
    rig_start(r, domid);
    for (int i = 0; i < 2000; i++) {
        struct pollfd in = {.fd = consoles_fd(sim_consoles(r->sim)), .events = POLLIN};

        assert_int_equal(write(t->fd, "help\r", 5), 5);
        assert_int_equal(poll(&in, 1, 10000), 1);
        (void)rig_run(r, 0);
    }
    assert_int_equal(write(t->fd, "echo the end\r", 13), 13);
    until(t, "the end\r\n# ");
    assert_true(t->len < 150000);
    close_tty(t);
    rig_destroy(r, domid);
    rig_free(r, true);
}

static uint32_t rnd(uint64_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    return (uint32_t)(*x >> 16);
}

/* A guest that never boots; the test plays its side of the ring, badly. */
static void test_garbled(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 1000000000));
    uint32_t domid = rig_guest(r, "garbled"), other = rig_guest(r, "other"), store_port, port;
    uint64_t store_gfn, gfn, x = 4711;
    struct tty *t, *t2;
    uint8_t *page;

    (void)state;
    assert_int_equal(machine_rings(r->machine, domid, &store_gfn, &store_port, &gfn, &port), 0);
    page = machine_page(r->machine, domid, gfn);
    t = open_tty(r, domid);
    t2 = open_tty(r, other);
    rig_start(r, domid);
    for (int i = 0; i < 5000; i++) {
        for (size_t at = 3072; at < 3088; at += 4)
            share_set(page + at, rnd(&x) % 3 ? rnd(&x) : rnd(&x) % 4000);
        for (size_t at = 0; at < 3072; at += 7)
            page[at] = (uint8_t)rnd(&x);
        assert_int_equal(machine_evtchn_send(r->machine, domid, port), 0);
        IGNORE(write(t->fd, "x", 1) != 1);
        (void)rig_run(r, 0);
        if (i % 50 == 0) {
            t->len = 0;
            take(t);
        }
    }
    /* The other guest has never noticed, and boots and talks. */
    rig_start(r, other);
    take(t);
    (void)rig_run(r, 1000000000);
    until(t2, "# ");
    assert_string_equal(answer(t2, "echo fine"), "fine\r\n");
    close_tty(t);
    close_tty(t2);
    rig_destroy(r, domid);
    rig_destroy(r, other);
    rig_free(r, true);
}

/* The terminal goes with the guest. */
static void test_lives(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 0));
    char path[64];

    (void)state;
    for (int i = 0; i < 50; i++) {
        uint32_t domid = rig_guest(r, "short");
        struct tty *t;

        (void)rig_run(r, 0);
        (void)snprintf(path, sizeof path, "%s", rig_read(r, "/local/domain/%" PRIu32 "/console/tty", domid));
        assert_true(strncmp(path, "/dev/pts/", 9) == 0);
        t = open_tty(r, domid);
        rig_start(r, domid);
        until(t, "# ");
        assert_non_null(strstr(t->text, "simulated guest"));
        rig_destroy(r, domid);
        errno = 0;
        assert_true(read(t->fd, t->text, 1) <= 0 && errno != EAGAIN);
        close_tty(t);
    }
    rig_free(r, true);
}

static void test_crash_is_heard(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_CRASHES, 0, 0));
    uint32_t domid = rig_guest(r, "crash");
    struct tty *t;

    (void)state;
    t = open_tty(r, domid);
    rig_start(r, domid);
    until(t, "it was told to\r\n");
    close_tty(t);
    rig_destroy(r, domid);
    rig_free(r, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shell),          cmocka_unit_test(test_disk),    cmocka_unit_test(test_net),
        cmocka_unit_test(test_unread),         cmocka_unit_test(test_garbled), cmocka_unit_test(test_lives),
        cmocka_unit_test(test_crash_is_heard),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
