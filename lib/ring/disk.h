/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A disk served over a block ring: takes requests, maps the pages they name,
 * reads and writes a file, answers. Every request is answered once, and what
 * is wrong with it costs its sender an error and nobody else anything.
 */
#ifndef DOMO_RING_DISK_H
#define DOMO_RING_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "ring/blk.h"
#include "ring/line.h"
#include "ring/ring.h"

struct ring_disk {
    struct line line;
    uint32_t domid; /* who asks, and grants the pages */
    int fd;         /* open for what is asked; not closed here */
    uint64_t sectors;
    bool read_only;
    struct ring_server ring; /* attached */
    uint64_t reads, writes;  /* sectors moved so far */
};

/* Serves at most one ring full of requests. *ret_kick: the other end waits to be told. 1 = there may be more, 0 = the
 * ring is empty and a kick will come, -EPROTO = the ring is broken, now and for good. */
int ring_disk_serve(struct ring_disk *, bool *ret_kick) MUST_CHECK;

#endif
