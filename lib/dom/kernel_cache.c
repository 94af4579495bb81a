/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/kernel_cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "base/vec.h"

/* What a killed process left half-written is removed after this time. */
enum { STALE_TEMP_SEC = 600, BOOT_ID_LEN = 36, NAME_LEN = KERNEL_KEY_HEX + 4 };

static const char magic[16] = "domo-kernel-v1\n";

/* The end of each entry. Only read on the machine that wrote it: native byte order. */
struct trailer {
    char magic[16];
    uint64_t len; /* of the ELF before it */
    uint64_t sum; /* of the same */
    unsigned char key[KERNEL_KEY_LEN];
    char boot[40]; /* boot_id of the boot in which the content was last known to be whole */
};

_Static_assert(sizeof(struct trailer) == 104, "the trailer has no padding");

/* ---- directory ---- */

/* Ours, and writable by nobody else? */
static bool is_safe(const struct stat *st)
{
    return st->st_uid == geteuid() && !(st->st_mode & (S_IWGRP | S_IWOTH));
}

int kernel_cache_open(const char *path, struct kernel_cache *ret, struct domo_err *err)
{
    struct stat st;
    int fd, r = fs_mkdirs(path, 0700);

    if (r < 0 && r != -EROFS)
        return err_sys(err, DOMO_E_IO, -r, "can't make the kernel cache '%s'", path);
    fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return err_sys(err, errno == ELOOP || errno == ENOTDIR ? DOMO_E_CACHE_UNSAFE : DOMO_E_IO, errno,
                       "can't open the kernel cache '%s'", path);
    if (fstat(fd, &st) < 0 || !is_safe(&st)) {
        (void)close(fd);
        return err_set(err, DOMO_E_CACHE_UNSAFE,
                       "the kernel cache '%s' belongs to somebody else or is writable by others", path);
    }
    *ret = (struct kernel_cache){
        .dir_fd = fd,
        .max_entries = KERNEL_CACHE_ENTRIES,
        .max_bytes = (uint64_t)KERNEL_CACHE_MIB << 20,
    };
    (void)snprintf(ret->path, sizeof ret->path, "%s", path);
    return 0;
}

void kernel_cache_fini(struct kernel_cache *c)
{
    if (c->dir_fd >= 0)
        (void)close(c->dir_fd);
    c->dir_fd = -1;
}

static void entry_name(const struct kernel_key *key, char out[NAME_LEN + 1])
{
    char hex[KERNEL_KEY_TEXT];

    kernel_key_text(key, hex);
    (void)snprintf(out, NAME_LEN + 1, "%s.elf", hex);
}

/* ---- damage ---- */

/* Against lost data, not against people: those are kept out by owner and mode. So it need only be fast. */
static uint64_t checksum(const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t sum = 0xcbf29ce484222325u ^ len, word;

    while (len) {
        size_t n = len < sizeof word ? len : sizeof word;

        word = 0;
        memcpy(&word, p, n);
        sum = (sum ^ word) * 0x9e3779b97f4a7c15u;
        sum ^= sum >> 32;
        p += n;
        len -= n;
    }
    return sum;
}

static void boot_id(char out[40])
{
    char *AUTO_FREE text = NULL;
    size_t len;

    memset(out, 0, 40);
    if (fs_read("/proc/sys/kernel/random/boot_id", 64, &text, &len) == 0 && len >= BOOT_ID_LEN)
        memcpy(out, text, BOOT_ID_LEN);
}

static bool read_trailer(int fd, const struct stat *st, const struct kernel_key *key, struct trailer *ret)
{
    off_t at = st->st_size - (off_t)sizeof *ret;

    return at > 0 && pread(fd, ret, sizeof *ret, at) == (ssize_t)sizeof *ret &&
           memcmp(ret->magic, magic, sizeof magic) == 0 && ret->len == (uint64_t)at &&
           memcmp(ret->key, key->sha256, sizeof ret->key) == 0;
}

/* The content is from this boot, or still has its checksum; in the latter case notes that this boot has seen it. */
static bool is_whole(int fd, struct trailer *t, const struct kernel_entry *entry)
{
    char boot[40];

    boot_id(boot);
    if (boot[0] && memcmp(t->boot, boot, sizeof boot) == 0)
        return true;
    if (checksum(entry->bytes, entry->len) != t->sum)
        return false;
    memcpy(t->boot, boot, sizeof boot);
    /* Read-only: then it is verified again next time. */
    (void)!pwrite(fd, t, sizeof *t, (off_t)t->len);
    return true;
}

/* ---- map ---- */

static int map_entry(int fd, const struct stat *st, const struct kernel_key *key, struct kernel_entry *ret)
{
    struct kernel_entry entry;
    struct trailer t;

    if (!read_trailer(fd, st, key, &t))
        return -ENOENT;
    entry.len = t.len;
    entry.map_len = (size_t)st->st_size;
    entry.bytes = mmap(NULL, entry.map_len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (entry.bytes == MAP_FAILED)
        return -errno;
    if (!is_whole(fd, &t, &entry)) {
        (void)munmap(entry.bytes, entry.map_len);
        return -ENOENT;
    }
    *ret = entry;
    return 0;
}

int kernel_cache_map(struct kernel_cache *c, const struct kernel_key *key, struct kernel_entry *ret)
{
    int AUTO_CLOSE fd = -1;
    char name[NAME_LEN + 1];
    struct stat st;
    int r;

    entry_name(key, name);
    fd = openat(c->dir_fd, name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0 && (errno == EROFS || errno == EACCES))
        fd = openat(c->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT ? -ENOENT : -EPERM;
    if (fstat(fd, &st) < 0)
        return -errno;
    /* No link at all: somebody has just put the same entry in its place, or cleared it. It is as good as it was. */
    if (!S_ISREG(st.st_mode) || st.st_nlink > 1 || !is_safe(&st))
        return -EPERM;
    r = map_entry(fd, &st, key, ret);
    if (r == -ENOENT)
        (void)unlinkat(c->dir_fd, name, 0);
    /* The modification time is the time of last use: access times are often not kept. */
    if (r == 0)
        (void)futimens(fd, NULL);
    return r;
}

/* ---- what is there ---- */

struct found {
    char name[NAME_LEN + 1];
    uint64_t bytes;
    struct timespec used;
};

typedef VEC(struct found) found_list;

static bool is_entry_name(const char *name)
{
    struct kernel_key key;

    return strlen(name) == NAME_LEN && kernel_key_parse(name, &key) && str_eq(name + KERNEL_KEY_HEX, ".elf");
}

static bool is_temp_name(const char *name)
{
    return str_starts(name, "tmp-") || str_starts(name, "index.");
}

static int note_entry(found_list *list, const char *name, const struct stat *st)
{
    struct found *f = VEC_PUSH(list);

    if (!f)
        return -ENOMEM;
    (void)snprintf(f->name, sizeof f->name, "%s", name);
    f->bytes = (uint64_t)st->st_size;
    f->used = st->st_mtim;
    return 0;
}

/* Lists the entries of ours; removes what was never finished and is old. */
static int scan(struct kernel_cache *c, found_list *list)
{
    int fd = openat(c->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *e;
    struct stat st;

    if (!d) {
        r = -errno;
        if (fd >= 0)
            (void)close(fd);
        return r;
    }
    while (r == 0 && (e = readdir(d))) {
        if (fstatat(c->dir_fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
            st.st_uid != geteuid())
            continue;
        if (is_entry_name(e->d_name))
            r = note_entry(list, e->d_name, &st);
        else if (is_temp_name(e->d_name) && st.st_mtim.tv_sec + STALE_TEMP_SEC < time(NULL))
            (void)unlinkat(c->dir_fd, e->d_name, 0);
    }
    (void)closedir(d);
    return r;
}

static int newest_first(const void *a, const void *b)
{
    const struct found *x = a, *y = b;

    if (x->used.tv_sec != y->used.tv_sec)
        return x->used.tv_sec < y->used.tv_sec ? 1 : -1;
    return x->used.tv_nsec < y->used.tv_nsec ? 1 : x->used.tv_nsec > y->used.tv_nsec ? -1 : 0;
}

/* Keeps the newest that fit; "spare" is never removed. */
static void prune(struct kernel_cache *c, const char *spare)
{
    found_list list = VEC_INIT;
    uint64_t bytes = 0;
    size_t kept = 0;

    if (scan(c, &list) == 0 && list.len) {
        qsort(list.at, list.len, sizeof *list.at, newest_first);
        for (size_t i = 0; i < list.len; i++) {
            bool fits = kept < c->max_entries && bytes + list.at[i].bytes <= c->max_bytes;

            if (fits || str_eq(list.at[i].name, spare)) {
                kept++;
                bytes += list.at[i].bytes;
            } else {
                (void)unlinkat(c->dir_fd, list.at[i].name, 0);
            }
        }
    }
    VEC_FINI(&list);
}

/* ---- put ---- */

static int write_entry(int fd, const struct kernel_key *key, const void *bytes, size_t len)
{
    struct trailer t = {.len = len, .sum = checksum(bytes, len)};
    int r;

    memcpy(t.magic, magic, sizeof magic);
    memcpy(t.key, key->sha256, sizeof t.key);
    boot_id(t.boot);
    r = fs_write_all(fd, bytes, len);
    return r < 0 ? r : fs_write_all(fd, &t, sizeof t);
}

int kernel_cache_put(struct kernel_cache *c, const struct kernel_key *key, const void *bytes, size_t len)
{
    char name[NAME_LEN + 1], temp[64];
    int AUTO_CLOSE fd = -1;
    int r;

    if (len + sizeof(struct trailer) > c->max_bytes)
        return -EFBIG;
    entry_name(key, name);
    (void)snprintf(temp, sizeof temp, "tmp-%d-%lld", (int)getpid(), (long long)clock_now_us());
    fd = openat(c->dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return -errno;
    r = write_entry(fd, key, bytes, len);
    /* Whoever else fills the same entry writes the same bytes: the later rename wins, maps of the earlier stay good. */
    if (r == 0 && renameat(c->dir_fd, temp, c->dir_fd, name) < 0)
        r = -errno;
    if (r < 0)
        (void)unlinkat(c->dir_fd, temp, 0);
    else
        prune(c, name);
    return r;
}

/* ---- for people ---- */

int kernel_cache_stats(struct kernel_cache *c, struct kernel_cache_stats *ret)
{
    struct kernel_cache_stats stats = {0};
    found_list list = VEC_INIT;
    int r = scan(c, &list);

    for (size_t i = 0; i < list.len; i++)
        stats.bytes += list.at[i].bytes;
    stats.entries = list.len;
    VEC_FINI(&list);
    if (r == 0)
        *ret = stats;
    return r;
}

int kernel_cache_clear(struct kernel_cache *c, size_t *ret_removed)
{
    found_list list = VEC_INIT;
    size_t removed = 0;
    int r = scan(c, &list);

    for (size_t i = 0; r == 0 && i < list.len; i++) {
        if (unlinkat(c->dir_fd, list.at[i].name, 0) == 0)
            removed++;
        else if (errno != ENOENT)
            r = -errno;
    }
    if (r == 0 && unlinkat(c->dir_fd, "index", 0) < 0 && errno != ENOENT)
        r = -errno;
    VEC_FINI(&list);
    if (r == 0)
        *ret_removed = removed;
    return r;
}
