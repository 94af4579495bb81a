/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's kernel, ready for the builder: an unpacked ELF in memory.
 * Distributions ship kernels compressed, and unpacking one is half of the time
 * of a guest's creation; so what was unpacked is kept (kernel_cache.h).
 */
#ifndef DOMO_DOM_KERNEL_H
#define DOMO_DOM_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

#include "host/host.h"

enum kernel_source {
    KERNEL_PLAIN,    /* the file is an ELF itself */
    KERNEL_CACHED,   /* unpacked earlier */
    KERNEL_UNPACKED, /* unpacked just now */
};

struct kernel {
    const void *bytes; /* the ELF */
    size_t len;
    enum kernel_source source;
    char note[ERR_MSG_MAX]; /* why the cache was not used or not filled; empty if all is well */
    void *map;              /* owned mapping of map_len bytes, NULL if none */
    size_t map_len;
    void *heap; /* owned memory, NULL if none */
};

/* Loads the kernel in file "path". With "use_cache" false the cache is neither read nor filled. A cache that can't be
 * used is no failure: the kernel is unpacked and ret->note says why. KERNEL_NOT_FOUND, KERNEL_FORMAT, PERMISSION, IO,
 * NO_MEMORY. Free with kernel_fini(). */
int kernel_load(struct host *, const char *path, bool use_cache, struct kernel *ret, struct domo_err *) MUST_CHECK;

/* Also on one that was never loaded (zeroed), and twice. */
void kernel_fini(struct kernel *);

/* "plain", "cached", "unpacked". */
const char *kernel_source_name(enum kernel_source);

#endif
