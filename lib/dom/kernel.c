/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/kernel.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "dom/kernel_cache.h"
#include "dom/kernel_trim.h"

/* Far above any real kernel; an accident (a disk image named as kernel) must not eat the host's memory. */
enum { KERNEL_FILE_MAX = 1 << 30, KERNEL_PACKED_MAX = 256 << 20 };

/* One load in progress. */
struct load {
    struct host *h;
    const char *path;
    int fd;
    struct stat st;
    struct kernel_cache cache; /* dir_fd -1: not used */
    struct kernel *ret;
};

const char *kernel_source_name(enum kernel_source source)
{
    static const char *const names[] = {
        [KERNEL_PLAIN] = "plain",
        [KERNEL_CACHED] = "cached",
        [KERNEL_UNPACKED] = "unpacked",
    };

    return names[source];
}

void kernel_fini(struct kernel *k)
{
    if (k->map)
        (void)munmap(k->map, k->map_len);
    free(k->heap);
    *k = (struct kernel){0};
}

/* ---- the file ---- */

static int open_failed(const char *path, int sys, struct domo_err *err)
{
    enum domo_code code = sys == ENOENT || sys == ENOTDIR ? DOMO_E_KERNEL_NOT_FOUND
                          : sys == EACCES || sys == EPERM ? DOMO_E_PERMISSION
                                                          : DOMO_E_IO;

    return err_sys(err, code, sys, "can't open the kernel '%s'", path);
}

static int open_file(struct load *l, struct domo_err *err)
{
    l->fd = open(l->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (l->fd < 0 || fstat(l->fd, &l->st) < 0)
        return open_failed(l->path, errno, err);
    if (!S_ISREG(l->st.st_mode))
        return err_set(err, DOMO_E_KERNEL_FORMAT, "the kernel '%s' is not a regular file", l->path);
    if (l->st.st_size == 0)
        return err_set(err, DOMO_E_KERNEL_FORMAT, "the kernel '%s' is empty", l->path);
    if (l->st.st_size > KERNEL_FILE_MAX)
        return err_set(err, DOMO_E_KERNEL_FORMAT, "the kernel '%s' is larger than 1 GiB", l->path);
    return 0;
}

static bool is_elf(int fd)
{
    char head[SELFMAG];

    return pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head && memcmp(head, ELFMAG, SELFMAG) == 0;
}

static int map_file(struct load *l, struct domo_err *err)
{
    size_t len = (size_t)l->st.st_size;
    void *map = mmap(NULL, len, PROT_READ, MAP_PRIVATE, l->fd, 0);

    if (map == MAP_FAILED)
        return err_sys(err, DOMO_E_IO, errno, "can't map the kernel '%s'", l->path);
    *l->ret = (struct kernel){.bytes = map, .len = len, .source = KERNEL_PLAIN, .map = map, .map_len = len};
    return 0;
}

/* Into memory of our own: what is hashed and what is unpacked must be the same bytes, whoever writes the file
 * meanwhile; else somebody could fill the entry of one kernel with another. */
static int read_file(struct load *l, void **ret, size_t *ret_len, struct domo_err *err)
{
    size_t len = (size_t)l->st.st_size, done = 0;
    char *bytes;

    if (len > KERNEL_PACKED_MAX)
        return err_set(err, DOMO_E_KERNEL_FORMAT, "the kernel '%s' is no ELF, and too large to be a packed one",
                       l->path);
    bytes = malloc(len);
    if (!bytes)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    while (done < len) {
        ssize_t n = pread(l->fd, bytes + done, len - done, (off_t)done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            int sys = n < 0 ? errno : EIO;

            free(bytes);
            return err_sys(err, DOMO_E_IO, sys, "can't read the kernel '%s'", l->path);
        }
        done += (size_t)n;
    }
    *ret = bytes;
    *ret_len = len;
    return 0;
}

/* ---- the cache: never a reason to fail ---- */

static void note(struct load *l, const char *text)
{
    (void)snprintf(l->ret->note, sizeof l->ret->note, "%s", text);
    log_line(l->h->log, LOG_LEVEL_DEBUG, "kernel cache: %s", text);
}

static void open_cache(struct load *l)
{
    struct domo_err why = DOMO_ERR_INIT;

    if (kernel_cache_open(l->h->paths.cache, &l->cache, &why) < 0)
        note(l, why.msg);
}

static bool take_entry(struct load *l, const struct kernel_key *key)
{
    struct kernel_entry entry;
    char text[64];
    int r = kernel_cache_map(&l->cache, key, &entry);

    if (r == -EPERM) {
        note(l, "the entry belongs to somebody else, is a link or is writable by others");
    } else if (r < 0 && r != -ENOENT) {
        (void)snprintf(text, sizeof text, "can't map the entry: %s", strerror(-r));
        note(l, text);
    }
    if (r < 0)
        return false;
    l->ret->bytes = l->ret->map = entry.bytes;
    l->ret->map_len = entry.map_len;
    l->ret->len = entry.len;
    l->ret->source = KERNEL_CACHED;
    return true;
}

/* Only if the file did not change while it was read. */
static void remember_file(struct load *l, const struct kernel_key *key)
{
    struct stat now;
    unsigned centi;
    int64_t sec;

    l->h->env->wall(l->h, &sec, &centi);
    if (fstat(l->fd, &now) == 0 && kernel_stat_same(&now, &l->st))
        (void)!kernel_index_add(l->cache.path, &l->st, key, sec);
}

static void store_entry(struct load *l, const struct kernel_key *key)
{
    char text[128];
    int r = kernel_cache_put(&l->cache, key, l->ret->bytes, l->ret->len);

    if (r < 0) {
        (void)snprintf(text, sizeof text, "can't keep the unpacked kernel: %s", strerror(-r));
        note(l, text);
        return;
    }
    remember_file(l, key);
}

/* ---- together ---- */

static int unpack(struct load *l, void *packed, size_t packed_len, struct domo_err *err)
{
    void *elf = NULL;
    size_t len = 0;

    if (l->h->hyp->unpack_kernel(l->h, packed, packed_len, &elf, &len, err) < 0) {
        free(packed);
        return err_wrap(err, "kernel '%s'", l->path);
    }
    if (elf) {
        free(packed);
    } else {
        elf = packed;
        len = packed_len;
    }
    l->ret->bytes = l->ret->heap = elf;
    l->ret->len = kernel_trim(elf, len);
    l->ret->source = KERNEL_UNPACKED;
    return 0;
}

static int load_packed(struct load *l, struct domo_err *err)
{
    bool cached = l->cache.dir_fd >= 0;
    struct kernel_key key;
    size_t len = 0;
    void *bytes = NULL;

    if (cached && kernel_index_find(l->cache.path, &l->st, &key) && take_entry(l, &key))
        return 0;
    if (read_file(l, &bytes, &len, err) < 0)
        return -1;
    /* Without the hash there is no cache; the kernel can be unpacked all the same. */
    cached = cached && kernel_key_of(bytes, len, &key, NULL) == 0;
    if (cached && take_entry(l, &key)) {
        free(bytes);
        remember_file(l, &key);
        return 0;
    }
    if (unpack(l, bytes, len, err) < 0)
        return -1;
    if (cached)
        store_entry(l, &key);
    return 0;
}

int kernel_load(struct host *h, const char *path, bool use_cache, struct kernel *ret, struct domo_err *err)
{
    struct kernel loaded = {0};
    struct load l = {.h = h, .path = path, .fd = -1, .cache = {.dir_fd = -1}, .ret = &loaded};
    int r = open_file(&l, err);

    if (r == 0 && is_elf(l.fd)) {
        r = map_file(&l, err);
    } else if (r == 0) {
        if (use_cache)
            open_cache(&l);
        r = load_packed(&l, err);
    }
    kernel_cache_fini(&l.cache);
    if (l.fd >= 0)
        (void)close(l.fd);
    if (r == 0)
        *ret = loaded;
    return r;
}
