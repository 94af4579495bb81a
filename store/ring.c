/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's ring as a transport. The page is shared with a guest that may do
 * anything to it at any time: every index is read once into a local, checked
 * before use, and our own indices are kept here and only ever written to the
 * page. A guest that breaks the rules is not listened to any more; its domain
 * stays known until it is destroyed.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "server.h"

enum { RING_SIZE = 1024 };

enum ring_error { RING_ERROR_NONE, RING_ERROR_COMM, RING_ERROR_INDEX, RING_ERROR_PROTO };

enum ring_feature {
    FEATURE_RECONNECT = 1,
    FEATURE_ERROR = 2,
    FEATURE_DEPTH = 4,
};

/* The page, as laid down by the protocol. */
struct page {
    char req[RING_SIZE]; /* guest to store */
    char rsp[RING_SIZE];
    uint32_t req_cons, req_prod;
    uint32_t rsp_cons, rsp_prod;
    uint32_t server_features;
    uint32_t connection; /* 1: the guest asks to start over */
    uint32_t error;
    uint32_t evtchn_port;
};

struct ring {
    struct page *page;
    uint16_t domid;
    uint32_t req_cons, rsp_prod; /* ours; the page has copies */
    bool deaf;                   /* broke the rules */
    bool notify;                 /* progress was made that the guest has not been told of */
};

_Static_assert(offsetof(struct page, evtchn_port) == 2076, "layout of the shared page");

uint32_t ring_features(void)
{
    return FEATURE_RECONNECT | FEATURE_ERROR | FEATURE_DEPTH;
}

static uint32_t peek(const uint32_t *field)
{
    return __atomic_load_n(field, __ATOMIC_ACQUIRE);
}

static void poke(uint32_t *field, uint32_t value)
{
    __atomic_store_n(field, value, __ATOMIC_RELEASE);
}

static void notify(struct conn *c)
{
    struct ring *r = c->transport_data;

    r->notify = false;
    if (c->ds->ops.ring_notify)
        c->ds->ops.ring_notify(c->ds->ops_arg, r->domid);
}

static void go_deaf(struct conn *c, enum ring_error why)
{
    struct ring *r = c->transport_data;

    server_log(c->ds, 1, "domain %u: ring broken (%d), not served any more", (unsigned)r->domid, (int)why);
    conn_reset(c);
    r->deaf = true;
    poke(&r->page->error, why);
    notify(c);
}

/* Copies out of or into a ring with a wrap. */
static void copy_out(char *to, const char *ring, uint32_t from, size_t n)
{
    size_t at = from % RING_SIZE, first = n < RING_SIZE - at ? n : RING_SIZE - at;

    memcpy(to, ring + at, first);
    memcpy(to + first, ring, n - first);
}

static void copy_in(char *ring, uint32_t to, const char *from, size_t n)
{
    size_t at = to % RING_SIZE, first = n < RING_SIZE - at ? n : RING_SIZE - at;

    memcpy(ring + at, from, first);
    memcpy(ring, from + first, n - first);
}

static ssize_t ring_write(struct conn *c, const void *bytes, size_t len)
{
    struct ring *r = c->transport_data;
    uint32_t used = r->rsp_prod - peek(&r->page->rsp_cons);
    size_t n;

    if (r->deaf)
        return (ssize_t)len; /* nobody reads it */
    if (used > RING_SIZE) {
        go_deaf(c, RING_ERROR_INDEX);
        return 0;
    }
    n = RING_SIZE - used < len ? RING_SIZE - used : len;
    if (n == 0)
        return 0;
    copy_in(r->page->rsp, r->rsp_prod, bytes, n);
    r->rsp_prod += (uint32_t)n;
    poke(&r->page->rsp_prod, r->rsp_prod);
    r->notify = true;
    if (n == len || used + n == RING_SIZE)
        notify(c);
    return (ssize_t)n;
}

/* What the guest has sent; false when there is nothing more. */
static bool take(struct conn *c)
{
    struct ring *r = c->transport_data;
    uint32_t n = peek(&r->page->req_prod) - r->req_cons;
    char bytes[RING_SIZE];
    int rc;

    if (n > RING_SIZE) {
        go_deaf(c, RING_ERROR_INDEX);
        return false;
    }
    if (n == 0)
        return false;
    copy_out(bytes, r->page->req, r->req_cons, n);
    r->req_cons += n;
    poke(&r->page->req_cons, r->req_cons);
    r->notify = true;
    rc = conn_input(c, bytes, n);
    if (rc < 0)
        go_deaf(c, rc == -E2BIG ? RING_ERROR_PROTO : RING_ERROR_COMM);
    return rc == 0 && !c->paused;
}

void ring_restart(struct conn *c)
{
    struct ring *r = c->transport_data;

    conn_reset(c);
    r->deaf = false;
    r->req_cons = r->rsp_prod = 0;
    poke(&r->page->req_cons, 0);
    poke(&r->page->req_prod, 0);
    poke(&r->page->rsp_cons, 0);
    poke(&r->page->rsp_prod, 0);
    poke(&r->page->error, RING_ERROR_NONE);
    if (peek(&r->page->connection) == 1) {
        poke(&r->page->connection, 0);
        notify(c);
    }
}

void ring_event(struct conn *c)
{
    struct ring *r = c->transport_data;
    int rounds;

    if (c->dead)
        return;
    if (peek(&r->page->connection) == 1) {
        ring_restart(c);
        return;
    }
    if (r->deaf)
        return;
    conn_flush(c);
    if (c->paused && !c->blocked)
        server_want_flush(c);
    /* Bounded, so that a guest that keeps its ring full shares the turn with
     * the others; its next kick (or our notification's answer) goes on. */
    for (rounds = 0; rounds < 16 && !c->paused && !r->deaf && take(c);)
        rounds++;
    if (rounds == 16)
        server_again(c);
    if (!r->deaf)
        conn_flush(c);
    if (r->notify)
        notify(c);
}

static void ring_pause(struct conn *c, bool paused)
{
    if (!paused)
        server_again(c);
}

static void ring_close(struct conn *c)
{
    struct ring *r = c->transport_data;

    if (c->ds->ops.ring_unmap)
        c->ds->ops.ring_unmap(c->ds->ops_arg, r->domid, r->page);
    free(r);
}

static void ring_save(const struct conn *c, struct record_writer *w)
{
    const struct ring *r = c->transport_data;

    record_num(w, "req-cons", r->req_cons);
    record_num(w, "rsp-prod", r->rsp_prod);
    record_num(w, "deaf", r->deaf);
}

int ring_restore(struct conn *c, const struct record *rec)
{
    struct ring *r = c->transport_data;
    int64_t req_cons, rsp_prod, deaf;

    if (record_get_num(rec, "req-cons", &req_cons) < 0 || record_get_num(rec, "rsp-prod", &rsp_prod) < 0 ||
        record_get_num(rec, "deaf", &deaf) < 0)
        return -EINVAL;
    r->req_cons = (uint32_t)req_cons;
    r->rsp_prod = (uint32_t)rsp_prod;
    r->deaf = deaf != 0;
    server_again(c); /* requests may have come meanwhile */
    return 0;
}

static const struct transport ring_transport = {
    .kind = "ring",
    .write = ring_write,
    .close = ring_close,
    .pause = ring_pause,
    .again = ring_event,
    .save = ring_save,
};

/* The control domain's kernel laid its page out before there was a server, and may have asked something already. */
static void adopt(struct conn *c)
{
    struct ring *r = c->transport_data;

    r->req_cons = peek(&r->page->req_cons);
    r->rsp_prod = peek(&r->page->rsp_prod);
    server_again(c);
}

struct conn *ring_connect(struct domostore *ds, struct domain *dom, void *page, bool live)
{
    struct who who = {.domid = dom->domid, .privileged = dom->domid == 0, .target = dom->target};
    struct ring *r = calloc(1, sizeof *r);
    struct conn *c;

    if (!r)
        return NULL;
    r->page = page;
    r->domid = dom->domid;
    c = conn_new(ds, &ring_transport, r, &who, dom);
    if (!c) {
        free(r);
        return NULL;
    }
    if (live)
        return c;
    poke(&r->page->server_features, dom->has_features ? dom->features : ring_features());
    if (dom->domid == 0)
        adopt(c);
    else
        ring_restart(c);
    return c;
}
