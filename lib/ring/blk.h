/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The block ring: requests and responses of the 64-bit ABI, which x86_64
 * guests speak. (Layout: Xen's public header io/blkif.h.) Only encodes,
 * decodes and judges; disk.h serves.
 */
#ifndef DOMO_RING_BLK_H
#define DOMO_RING_BLK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "ring/ring.h"

enum {
    BLK_SLOT_SIZE = 112,
    BLK_SEGMENTS = 11,
    BLK_SECTOR_SIZE = 512,
    BLK_PAGE_SECTORS = RING_PAGE_SIZE / BLK_SECTOR_SIZE,
    BLK_INDIRECT_PAGES = 8,
    BLK_SEGMENT_SIZE = 8, /* of one in an indirect page */
    BLK_PAGE_SEGMENTS = RING_PAGE_SIZE / BLK_SEGMENT_SIZE,
};

enum blk_op { BLK_READ, BLK_WRITE, BLK_BARRIER, BLK_FLUSH, BLK_RESERVED, BLK_DISCARD, BLK_INDIRECT };

enum blk_status { BLK_OKAY = 0, BLK_ERROR = -1, BLK_UNSUPPORTED = -2 };

/* Sectors "first" to "last" of a granted page. */
struct blk_segment {
    uint32_t ref;
    uint8_t first, last;
};

struct blk_request {
    uint8_t op;            /* enum blk_op, or anything else */
    uint8_t segment_count; /* as the other end wrote it: may be above BLK_SEGMENTS */
    uint16_t handle;
    uint64_t id;     /* comes back in the response */
    uint64_t sector; /* of 512 bytes */
    struct blk_segment segments[BLK_SEGMENTS];
    /* BLK_DISCARD */
    uint64_t discard_sectors;
    /* BLK_INDIRECT: what it does, how many segments, and the pages that hold them */
    uint8_t indirect_op;
    uint16_t indirect_count;
    uint32_t indirect_refs[BLK_INDIRECT_PAGES];
};

struct blk_response {
    uint64_t id;
    uint8_t op;
    int16_t status; /* enum blk_status */
};

/* BLK_OKAY if the request can be carried out on a disk of that many sectors; *ret_sectors is what it moves. */
enum blk_status blk_judge(const struct blk_request *, uint64_t disk_sectors, bool read_only, uint64_t *ret_sectors);

/* The segment at one place of an indirect page; "at" is a copy. */
struct blk_segment blk_segment_at(const uint8_t at[BLK_SEGMENT_SIZE]);

/* Results as ring_*_take() and ring_client_ask(). */
int blk_take(struct ring_server *, struct blk_request *ret) MUST_CHECK;
void blk_answer(struct ring_server *, const struct blk_response *);
int blk_ask(struct ring_client *, const struct blk_request *) MUST_CHECK;
int blk_answered(struct ring_client *, struct blk_response *ret) MUST_CHECK;

#endif
