/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring/blk.h"

#include <string.h>

/* The slot as a request. */
struct wire_request {
    uint8_t op, segment_count;
    uint16_t handle;
    uint32_t pad;
    uint64_t id, sector;
    struct {
        uint32_t ref;
        uint8_t first, last;
        uint16_t pad;
    } segments[BLK_SEGMENTS];
};

/* The same slot with "discard" and "indirect" in it. */
struct wire_discard {
    uint8_t op, flag;
    uint16_t handle;
    uint32_t pad;
    uint64_t id, sector, count;
};
struct wire_indirect {
    uint8_t op, indirect_op;
    uint16_t segment_count;
    uint32_t pad;
    uint64_t id, sector;
    uint16_t handle, pad2;
    uint32_t refs[BLK_INDIRECT_PAGES];
};

/* The slot as a response. */
struct wire_response {
    uint64_t id;
    uint8_t op, pad;
    int16_t status;
    uint32_t pad2;
};

_Static_assert(sizeof(struct wire_request) == BLK_SLOT_SIZE, "layout of the shared page");
_Static_assert(offsetof(struct wire_request, sector) == 16, "layout of the shared page");
_Static_assert(offsetof(struct wire_discard, count) == 24, "layout of the shared page");
_Static_assert(offsetof(struct wire_indirect, refs) == 28, "layout of the shared page");
_Static_assert(sizeof(struct wire_response) == 16, "layout of the shared page");
_Static_assert(offsetof(struct wire_response, status) == 10, "layout of the shared page");

static enum blk_status judge_segments(const struct blk_request *q, uint64_t *ret_sectors)
{
    uint64_t sum = 0;

    if (q->segment_count == 0 || q->segment_count > BLK_SEGMENTS)
        return BLK_ERROR;
    for (size_t i = 0; i < q->segment_count; i++) {
        const struct blk_segment *s = &q->segments[i];

        if (s->last >= BLK_PAGE_SECTORS || s->first > s->last)
            return BLK_ERROR;
        sum += (uint64_t)(s->last - s->first) + 1;
    }
    *ret_sectors = sum;
    return BLK_OKAY;
}

enum blk_status blk_judge(const struct blk_request *q, uint64_t disk_sectors, bool read_only, uint64_t *ret_sectors)
{
    uint64_t n;

    *ret_sectors = 0;
    if (q->op == BLK_FLUSH && q->segment_count == 0)
        return BLK_OKAY;
    if (q->op != BLK_READ && q->op != BLK_WRITE)
        return BLK_UNSUPPORTED;
    if (judge_segments(q, &n) != BLK_OKAY)
        return BLK_ERROR;
    if (q->sector > disk_sectors || n > disk_sectors - q->sector)
        return BLK_ERROR;
    if (q->op == BLK_WRITE && read_only)
        return BLK_ERROR;
    *ret_sectors = n;
    return BLK_OKAY;
}

struct blk_segment blk_segment_at(const uint8_t at[BLK_SEGMENT_SIZE])
{
    struct blk_segment s = {.first = at[4], .last = at[5]};

    memcpy(&s.ref, at, sizeof s.ref);
    return s;
}

/* What the other forms of a request have in the same bytes. */
static void read_forms(const struct wire_request *w, struct blk_request *ret)
{
    struct wire_discard discard;
    struct wire_indirect indirect;

    if (w->op == BLK_DISCARD) {
        memcpy(&discard, w, sizeof discard);
        ret->segment_count = 0;
        ret->discard_sectors = discard.count;
    } else if (w->op == BLK_INDIRECT) {
        memcpy(&indirect, w, sizeof indirect);
        ret->segment_count = 0;
        ret->handle = indirect.handle;
        ret->indirect_op = indirect.indirect_op;
        ret->indirect_count = indirect.segment_count;
        memcpy(ret->indirect_refs, indirect.refs, sizeof ret->indirect_refs);
    }
}

int blk_take(struct ring_server *s, struct blk_request *ret)
{
    struct wire_request w;
    int rc = ring_server_take(s, &w, sizeof w);

    if (rc <= 0)
        return rc;
    memset(ret, 0, sizeof *ret);
    ret->op = w.op;
    ret->segment_count = w.segment_count;
    ret->handle = w.handle;
    ret->id = w.id;
    ret->sector = w.sector;
    for (size_t i = 0; i < BLK_SEGMENTS; i++)
        ret->segments[i] = (struct blk_segment){w.segments[i].ref, w.segments[i].first, w.segments[i].last};
    read_forms(&w, ret);
    return 1;
}

void blk_answer(struct ring_server *s, const struct blk_response *r)
{
    struct wire_response w = {.id = r->id, .op = r->op, .status = r->status};

    ring_server_answer(s, &w, sizeof w);
}

int blk_ask(struct ring_client *c, const struct blk_request *q)
{
    struct wire_request w = {
        .op = q->op,
        .segment_count = q->segment_count,
        .handle = q->handle,
        .id = q->id,
        .sector = q->sector,
    };

    for (size_t i = 0; i < BLK_SEGMENTS; i++) {
        w.segments[i].ref = q->segments[i].ref;
        w.segments[i].first = q->segments[i].first;
        w.segments[i].last = q->segments[i].last;
    }
    return ring_client_ask(c, &w, sizeof w);
}

int blk_answered(struct ring_client *c, struct blk_response *ret)
{
    struct wire_response w;
    int rc = ring_client_take(c, &w, sizeof w);

    if (rc <= 0)
        return rc;
    *ret = (struct blk_response){.id = w.id, .op = w.op, .status = w.status};
    return 1;
}
