/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring/stream.h"

#include <errno.h>
#include <string.h>

#include "ring/share.h"

enum { CONSOLE_IN = 1024, CONSOLE_OUT = 2048, STORE_LANE = 1024 };
enum { CONSOLE_INDICES = CONSOLE_IN + CONSOLE_OUT, STORE_INDICES = 2 * STORE_LANE };

const struct stream_lane stream_console_in = {0, CONSOLE_IN, CONSOLE_INDICES, CONSOLE_INDICES + 4};
const struct stream_lane stream_console_out = {CONSOLE_IN, CONSOLE_OUT, CONSOLE_INDICES + 8, CONSOLE_INDICES + 12};
const struct stream_lane stream_store_req = {0, STORE_LANE, STORE_INDICES, STORE_INDICES + 4};
const struct stream_lane stream_store_rsp = {STORE_LANE, STORE_LANE, STORE_INDICES + 8, STORE_INDICES + 12};

void stream_reader(struct stream *s, const struct stream_lane *lane, void *page)
{
    *s = (struct stream){.lane = lane, .page = page};
    s->own = share_get(s->page + lane->cons);
}

void stream_writer(struct stream *s, const struct stream_lane *lane, void *page)
{
    *s = (struct stream){.lane = lane, .page = page};
    s->own = share_get(s->page + lane->prod);
}

ssize_t stream_waiting(const struct stream *s)
{
    uint32_t n = share_get(s->page + s->lane->prod) - s->own;

    return n > s->lane->size ? -EPROTO : (ssize_t)n;
}

ssize_t stream_room(const struct stream *s)
{
    uint32_t n = s->own - share_get(s->page + s->lane->cons);

    return n > s->lane->size ? -EPROTO : (ssize_t)(s->lane->size - n);
}

/* How much of "len" bytes lies before the wrap. */
static size_t before_wrap(const struct stream *s, size_t len)
{
    size_t left = s->lane->size - s->own % s->lane->size;

    return len < left ? len : left;
}

ssize_t stream_read(struct stream *s, void *ret, size_t len)
{
    uint8_t *ring = s->page + s->lane->bytes, *to = ret;
    ssize_t n = stream_waiting(s);
    size_t first;

    if (n <= 0 || len == 0)
        return n < 0 ? n : 0;
    if ((size_t)n < len)
        len = (size_t)n;
    first = before_wrap(s, len);
    share_copy(to, ring + s->own % s->lane->size, first);
    share_copy(to + first, ring, len - first);
    s->own += (uint32_t)len;
    share_set(s->page + s->lane->cons, s->own);
    return (ssize_t)len;
}

ssize_t stream_write(struct stream *s, const void *bytes, size_t len)
{
    uint8_t *ring = s->page + s->lane->bytes;
    const uint8_t *from = bytes;
    ssize_t n = stream_room(s);
    size_t first;

    if (n <= 0 || len == 0)
        return n < 0 ? n : 0;
    if ((size_t)n < len)
        len = (size_t)n;
    first = before_wrap(s, len);
    memcpy(ring + s->own % s->lane->size, from, first);
    memcpy(ring, from + first, len - first);
    s->own += (uint32_t)len;
    share_set(s->page + s->lane->prod, s->own);
    return (ssize_t)len;
}
