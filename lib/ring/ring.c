/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ring/ring.h"

#include <errno.h>
#include <string.h>

#include "ring/share.h"

enum { REQ_PROD = 0, REQ_EVENT = 4, RSP_PROD = 8, RSP_EVENT = 12 };

uint32_t ring_slots(size_t pages, size_t slot_size)
{
    uint32_t fit = (uint32_t)((pages * RING_PAGE_SIZE - RING_HEAD_SIZE) / slot_size), n = 1;

    if (!fit)
        return 0;
    while (n * 2 <= fit)
        n *= 2;
    return n;
}

static uint8_t *slot_at(uint8_t *page, uint32_t slot_size, uint32_t slots, uint32_t i)
{
    return page + RING_HEAD_SIZE + (size_t)(i & (slots - 1)) * slot_size;
}

/* Publishes what we produced up to "now"; was the index that the other end waits for among it? */
static bool publish(uint8_t *page, size_t prod, size_t event, uint32_t before, uint32_t now)
{
    share_set(page + prod, now);
    share_fence();
    return now - share_get(page + event) < now - before;
}

int ring_server_attach(struct ring_server *s, void *page, size_t slot_size)
{
    return ring_server_attach_pages(s, page, 1, slot_size);
}

int ring_server_attach_pages(struct ring_server *s, void *pages, size_t n, size_t slot_size)
{
    uint32_t stands;

    memset(s, 0, sizeof *s);
    s->page = pages;
    s->slot_size = (uint32_t)slot_size;
    s->slots = ring_slots(n, slot_size);
    stands = share_get(s->page + RSP_PROD);
    s->taken = s->answered = s->pushed = stands;
    s->broken = share_get(s->page + REQ_PROD) - stands > s->slots;
    return s->broken ? -EPROTO : 0;
}

int ring_server_take(struct ring_server *s, void *ret, size_t len)
{
    uint32_t theirs;

    if (s->broken)
        return -EPROTO;
    theirs = share_get(s->page + REQ_PROD);
    /* A slot that still waits for its answer cannot hold the next request. */
    if (theirs - s->answered > s->slots || theirs - s->answered < s->taken - s->answered) {
        s->broken = true;
        return -EPROTO;
    }
    if (theirs == s->taken)
        return 0;
    share_copy(ret, slot_at(s->page, s->slot_size, s->slots, s->taken), len < s->slot_size ? len : s->slot_size);
    s->taken++;
    return 1;
}

void ring_server_answer(struct ring_server *s, const void *response, size_t len)
{
    if (s->broken || s->answered == s->taken)
        return;
    memcpy(slot_at(s->page, s->slot_size, s->slots, s->answered), response, len < s->slot_size ? len : s->slot_size);
    s->answered++;
}

bool ring_server_push(struct ring_server *s)
{
    uint32_t before = s->pushed;

    if (s->broken || s->answered == before)
        return false;
    s->pushed = s->answered;
    return publish(s->page, RSP_PROD, RSP_EVENT, before, s->pushed);
}

bool ring_server_more(struct ring_server *s)
{
    if (s->broken)
        return false;
    share_set(s->page + REQ_EVENT, s->taken + 1);
    share_fence();
    return share_get(s->page + REQ_PROD) != s->taken;
}

void ring_client_init(struct ring_client *c, void *page, size_t slot_size)
{
    ring_client_init_pages(c, page, 1, slot_size);
}

void ring_client_init_pages(struct ring_client *c, void *pages, size_t n, size_t slot_size)
{
    memset(c, 0, sizeof *c);
    c->page = pages;
    c->slot_size = (uint32_t)slot_size;
    c->slots = ring_slots(n, slot_size);
    memset(pages, 0, RING_HEAD_SIZE);
    share_set(c->page + REQ_EVENT, 1);
    share_set(c->page + RSP_EVENT, 1);
}

uint32_t ring_client_open(const struct ring_client *c)
{
    return c->asked - c->taken;
}

int ring_client_ask(struct ring_client *c, const void *request, size_t len)
{
    if (c->broken)
        return -EPROTO;
    if (ring_client_open(c) >= c->slots)
        return -ENOSPC;
    memcpy(slot_at(c->page, c->slot_size, c->slots, c->asked), request, len < c->slot_size ? len : c->slot_size);
    c->asked++;
    return 0;
}

bool ring_client_push(struct ring_client *c)
{
    uint32_t before = c->pushed;

    if (c->broken || c->asked == before)
        return false;
    c->pushed = c->asked;
    return publish(c->page, REQ_PROD, REQ_EVENT, before, c->pushed);
}

int ring_client_take(struct ring_client *c, void *ret, size_t len)
{
    uint32_t theirs;

    if (c->broken)
        return -EPROTO;
    theirs = share_get(c->page + RSP_PROD);
    if (theirs - c->taken > c->pushed - c->taken) {
        c->broken = true;
        return -EPROTO;
    }
    if (theirs == c->taken)
        return 0;
    share_copy(ret, slot_at(c->page, c->slot_size, c->slots, c->taken), len < c->slot_size ? len : c->slot_size);
    c->taken++;
    return 1;
}

bool ring_client_more(struct ring_client *c)
{
    if (c->broken)
        return false;
    share_set(c->page + RSP_EVENT, c->taken + 1);
    share_fence();
    return share_get(c->page + RSP_PROD) != c->taken;
}
