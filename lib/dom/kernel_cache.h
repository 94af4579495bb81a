/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The cache of unpacked kernels: a directory of files "<key>.elf".
 *
 * Trust: guests boot what is in here, so the directory and each entry must
 * belong to us and be writable by nobody else, and must be no links; otherwise
 * the cache is not used at all.
 * Damage: an entry is written under another name and renamed when it is whole.
 * It ends with a trailer (magic, length, key, checksum, the boot in which it was
 * written). In that boot the rename alone proves it whole. After a reboot - which
 * may have been a crash that lost data, for nothing is synced - the checksum is
 * verified once, and the new boot is noted in the trailer.
 * Size: at most so many entries and bytes; the longest unused go first. Only
 * files of ours by name and owner are ever removed.
 * Any number of processes may use it at once, without locks.
 */
#ifndef DOMO_DOM_KERNEL_CACHE_H
#define DOMO_DOM_KERNEL_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "dom/kernel_key.h"
#include "host/host.h"

enum { KERNEL_CACHE_ENTRIES = 8, KERNEL_CACHE_MIB = 512 };

struct kernel_cache {
    int dir_fd;
    char path[256];
    size_t max_entries;
    uint64_t max_bytes;
};

/* An entry in memory. */
struct kernel_entry {
    void *bytes; /* the ELF: a private mapping of map_len bytes, for munmap() */
    size_t len, map_len;
};

struct kernel_cache_stats {
    size_t entries;
    uint64_t bytes;
};

/* Opens the directory, made if it is missing (mode 0700). CACHE_UNSAFE, IO. */
int kernel_cache_open(const char *path, struct kernel_cache *ret, struct domo_err *) MUST_CHECK;
void kernel_cache_fini(struct kernel_cache *);

/* Maps an entry and marks it as used. 0; -ENOENT if it is missing, incomplete or damaged (then it is removed); -EPERM
 * if it could have been tampered with (then it stays). */
int kernel_cache_map(struct kernel_cache *, const struct kernel_key *, struct kernel_entry *ret) MUST_CHECK;

/* Adds an entry and removes what is too much then. 0 or a negative errno; -EFBIG if it alone is too much. */
int kernel_cache_put(struct kernel_cache *, const struct kernel_key *, const void *bytes, size_t len) MUST_CHECK;

/* Counts whole entries. 0 or a negative errno. */
int kernel_cache_stats(struct kernel_cache *, struct kernel_cache_stats *ret) MUST_CHECK;

/* Removes all entries and the index. 0 or a negative errno. */
int kernel_cache_clear(struct kernel_cache *, size_t *ret_removed) MUST_CHECK;

#endif
