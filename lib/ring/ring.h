/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Request and response rings, as Xen's block and network protocols have them:
 * pages one behind the other, four indices at the start of the first, slots that are a request first and its
 * response later. (Layout: Xen's public header io/ring.h.)
 *
 * Nothing that the other end wrote is trusted: our own indices are kept here
 * and only ever copied to the page, theirs are read once and checked. A ring
 * whose indices make no sense is broken for good and yields nothing any more.
 */
#ifndef DOMO_RING_RING_H
#define DOMO_RING_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum { RING_PAGE_SIZE = 4096, RING_HEAD_SIZE = 64 };

/* How many slots of that size so many pages have: a power of two; 0 if not even one fits. */
uint32_t ring_slots(size_t pages, size_t slot_size);

/* The end that answers. */
struct ring_server {
    uint8_t *page;
    uint32_t slot_size, slots;
    uint32_t taken;    /* requests that we have taken */
    uint32_t answered; /* responses that we have written */
    uint32_t pushed;   /* responses that the other end was shown */
    bool broken;
};

/* Takes up a ring where the page says that it stands: requests that an end before us has taken and not answered come
 * again. -EPROTO: the page makes no sense. */
int ring_server_attach(struct ring_server *, void *page, size_t slot_size) MUST_CHECK;
/* The same with a ring of several pages. */
int ring_server_attach_pages(struct ring_server *, void *pages, size_t n, size_t slot_size) MUST_CHECK;
/* Copies out the next request: 1, 0 = there is none, -EPROTO = the ring is broken. */
int ring_server_take(struct ring_server *, void *ret, size_t len) MUST_CHECK;
/* Answers one of the requests taken; there must be one. */
void ring_server_answer(struct ring_server *, const void *response, size_t len);
/* Shows the answers to the other end. True if it wants to be kicked. */
bool ring_server_push(struct ring_server *) MUST_CHECK;
/* Asks to be kicked for the next request. True if one has come meanwhile: then there may be no kick. */
bool ring_server_more(struct ring_server *) MUST_CHECK;

/* The end that asks. */
struct ring_client {
    uint8_t *page;
    uint32_t slot_size, slots;
    uint32_t asked;  /* requests that we have written */
    uint32_t pushed; /* requests that the other end was shown */
    uint32_t taken;  /* responses that we have taken */
    bool broken;
};

/* A fresh ring in a page of ours. */
void ring_client_init(struct ring_client *, void *page, size_t slot_size);
void ring_client_init_pages(struct ring_client *, void *pages, size_t n, size_t slot_size);
/* -ENOSPC: as many requests as there are slots wait for answers; -EPROTO. */
int ring_client_ask(struct ring_client *, const void *request, size_t len) MUST_CHECK;
bool ring_client_push(struct ring_client *) MUST_CHECK;
/* As ring_server_take(), for a response. */
int ring_client_take(struct ring_client *, void *ret, size_t len) MUST_CHECK;
bool ring_client_more(struct ring_client *) MUST_CHECK;
/* Requests that wait for an answer. */
uint32_t ring_client_open(const struct ring_client *);

#endif
