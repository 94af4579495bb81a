/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A request of the block ring in its final form: checked against the disk, its
 * segments collected from wherever the guest put them. What comes out here can
 * be carried out without looking at shared memory again.
 */
#ifndef DOMO_RING_BLK_IO_H
#define DOMO_RING_BLK_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "ring/blk.h"

/* More is not offered: what a request takes of our memory stays small. */
enum { BLK_IO_SEGMENTS = 128 };

struct blk_disk {
    uint64_t sectors;
    bool read_only, discards;
};

struct blk_io {
    uint64_t id;
    uint8_t answer_op; /* what the response names */
    enum blk_op op;    /* BLK_READ, BLK_WRITE, BLK_FLUSH or BLK_DISCARD */
    uint64_t sector, sectors;
    size_t count; /* segments; 0 if it moves no data */
    struct blk_segment segments[BLK_IO_SEGMENTS];
};

/* Copies a page of the guest: 0 or -1. */
typedef int (*blk_fetch)(void *arg, uint32_t ref, uint8_t page[RING_PAGE_SIZE]);

/* BLK_OKAY: *ret can be carried out. Else what to answer; id and answer_op are set all the same. */
enum blk_status blk_io_read(const struct blk_request *, const struct blk_disk *, blk_fetch, void *arg,
                            struct blk_io *ret);

#endif
