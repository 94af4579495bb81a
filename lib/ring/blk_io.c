/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring/blk_io.h"

#include <string.h>

static bool fits(const struct blk_disk *d, uint64_t sector, uint64_t n)
{
    return sector <= d->sectors && n <= d->sectors - sector;
}

/* The sum of the segments, each inside its page; 0 if one is not, or there is none. */
static uint64_t sum_of(const struct blk_segment *s, size_t n)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < n; i++) {
        if (s[i].last >= BLK_PAGE_SECTORS || s[i].first > s[i].last)
            return 0;
        sum += (uint64_t)(s[i].last - s[i].first) + 1;
    }
    return sum;
}

static enum blk_status fetch_segments(const struct blk_request *q, blk_fetch fetch, void *arg, struct blk_io *ret)
{
    uint8_t page[RING_PAGE_SIZE];

    if (q->indirect_count == 0 || q->indirect_count > BLK_IO_SEGMENTS)
        return BLK_ERROR;
    for (size_t i = 0; i < q->indirect_count; i++) {
        size_t at = i % BLK_PAGE_SEGMENTS;

        if (at == 0 && fetch(arg, q->indirect_refs[i / BLK_PAGE_SEGMENTS], page))
            return BLK_ERROR;
        ret->segments[i] = blk_segment_at(page + at * BLK_SEGMENT_SIZE);
    }
    ret->count = q->indirect_count;
    return BLK_OKAY;
}

static enum blk_status collect(const struct blk_request *q, blk_fetch fetch, void *arg, struct blk_io *ret)
{
    if (q->op == BLK_INDIRECT)
        return fetch_segments(q, fetch, arg, ret);
    if (q->segment_count == 0 || q->segment_count > BLK_SEGMENTS)
        return BLK_ERROR;
    memcpy(ret->segments, q->segments, q->segment_count * sizeof *q->segments);
    ret->count = q->segment_count;
    return BLK_OKAY;
}

static enum blk_status read_transfer(const struct blk_request *q, const struct blk_disk *d, blk_fetch fetch, void *arg,
                                     struct blk_io *ret)
{
    if (ret->op == BLK_WRITE && d->read_only)
        return BLK_ERROR;
    if (collect(q, fetch, arg, ret) != BLK_OKAY)
        return BLK_ERROR;
    ret->sectors = sum_of(ret->segments, ret->count);
    return ret->sectors && fits(d, q->sector, ret->sectors) ? BLK_OKAY : BLK_ERROR;
}

enum blk_status blk_io_read(const struct blk_request *q, const struct blk_disk *d, blk_fetch fetch, void *arg,
                            struct blk_io *ret)
{
    uint8_t op = q->op == BLK_INDIRECT ? q->indirect_op : q->op;

    memset(ret, 0, offsetof(struct blk_io, segments));
    ret->id = q->id;
    /* What it does, not how it was written: a guest takes another word for a broken back end. */
    ret->answer_op = op;
    ret->sector = q->sector;
    if (op == BLK_READ || op == BLK_WRITE) {
        ret->op = (enum blk_op)op;
        return read_transfer(q, d, fetch, arg, ret);
    }
    if (q->op == BLK_FLUSH && q->segment_count == 0) {
        ret->op = BLK_FLUSH;
        ret->sector = 0; /* the guest may have written anything there */
        return BLK_OKAY;
    }
    if (q->op != BLK_DISCARD || !d->discards)
        return BLK_UNSUPPORTED;
    ret->op = BLK_DISCARD;
    ret->sectors = q->discard_sectors;
    return !d->read_only && fits(d, q->sector, q->discard_sectors) ? BLK_OKAY : BLK_ERROR;
}
