/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

enum {
    OUT_INITIAL = 256,
    ERROR_ROOM = 64,         /* always kept free in the queue, for one short reply */
    KEEP_OUT = 8 << 10,      /* an empty queue larger than this is given back; the longest reply fits */
    EVENTS_GUEST = 32 << 10, /* bytes queued above which a guest's events are not queued any more */
    EVENTS_PRIV = 16 << 20,  /* the same for privileged connections */
    PAUSE_GUEST = 16 << 10,  /* bytes queued above which no more requests are served */
    PAUSE_PRIV = 1 << 20,
};

/* --- byte queues --- */

static void charge(struct conn *c, int64_t bytes)
{
    if (c->dom)
        c->dom->other_bytes += bytes;
}

/* Room for "n" more bytes at the tail. */
static int bytes_reserve(struct conn *c, struct bytes *b, size_t n)
{
    size_t len = b->tail - b->head, cap = b->cap;
    char *p;

    if (b->cap - b->tail >= n)
        return 0;
    if (b->cap - len >= n && b->head >= len) {
        memcpy(b->p, b->p + b->head, len);
        b->head = 0;
        b->tail = len;
        return 0;
    }
    while (cap < len + n)
        cap = cap ? cap * 2 : OUT_INITIAL;
    p = malloc(cap);
    if (!p)
        return -ENOMEM;
    if (len)
        memcpy(p, b->p + b->head, len);
    free(b->p);
    charge(c, (int64_t)cap - (int64_t)b->cap);
    b->p = p;
    b->cap = cap;
    b->head = 0;
    b->tail = len;
    return 0;
}

static void bytes_fini(struct conn *c, struct bytes *b)
{
    charge(c, -(int64_t)b->cap);
    free(b->p);
    memset(b, 0, sizeof *b);
}

/* --- life --- */

struct conn *conn_new(struct domostore *ds, const struct transport *transport, void *data, const struct who *who,
                      struct domain *dom)
{
    struct conn *c = calloc(1, sizeof *c);

    if (!c)
        return NULL;
    c->ds = ds;
    c->transport = transport;
    c->transport_data = data;
    c->who = *who;
    c->dom = dom;
    c->fd = -1;
    if (bytes_reserve(c, &c->out, OUT_INITIAL) < 0) {
        free(c);
        return NULL;
    }
    server_link(ds, c);
    return c;
}

void conn_reset(struct conn *c)
{
    while (c->watches)
        conn_drop_watch(c, c->watches);
    while (c->txns)
        txn_abort(server_store(c->ds), c->txns);
    bytes_fini(c, &c->in);
    c->sent += conn_queued(c);
    c->out.head = c->out.tail = 0;
    c->unsent = 0;
    c->lost = c->paused = c->blocked = false;
}

void conn_free(struct conn *c)
{
    guard_drop(c);
    conn_reset(c);
    bytes_fini(c, &c->out);
    if (c->transport->close)
        c->transport->close(c);
    server_unlink(c->ds, c);
    free(c);
}

void conn_kill(struct conn *c)
{
    c->dead = true;
    server_note_dead(c->ds);
}

/* --- output --- */

int conn_add_watch(struct conn *c, const struct path *p, const char *token, int32_t depth, struct watch **ret)
{
    struct watch *w;
    int rc = watches_add(&server_store(c->ds)->watches, c, &c->watches, p->s, p->len, token, &w);

    if (rc < 0)
        return rc;
    w->depth = depth;
    w->prefix = (uint16_t)p->prefix;
    charge(c, (int64_t)watch_charge(p->len, w->token_len));
    if (c->dom)
        c->dom->watches++;
    *ret = w;
    return 0;
}

void conn_drop_watch(struct conn *c, struct watch *w)
{
    charge(c, -(int64_t)watch_charge(w->path_len, w->token_len));
    if (c->dom)
        c->dom->watches--;
    watches_remove(&server_store(c->ds)->watches, w);
}

static void put_head(struct conn *c, uint32_t type, uint32_t req_id, uint32_t tx_id, size_t len)
{
    struct proto_head head = {.type = type, .req_id = req_id, .tx_id = tx_id, .len = (uint32_t)len};

    proto_encode(c->out.p + c->out.tail, &head);
    c->out.tail += PROTO_HEAD_SIZE;
    server_want_flush(c);
}

char *conn_reply_room(struct conn *c, const struct req *q, size_t len)
{
    char *room;

    if (bytes_reserve(c, &c->out, PROTO_HEAD_SIZE + len) < 0)
        return NULL;
    put_head(c, q->head.type, q->head.req_id, q->head.tx_id, len);
    room = c->out.p + c->out.tail;
    c->out.tail += len;
    c->unsent++;
    return room;
}

int conn_reply(struct conn *c, const struct req *q, const void *payload, size_t len)
{
    char *room;

    if (len > PROTO_PAYLOAD_MAX)
        return -E2BIG;
    room = conn_reply_room(c, q, len);
    if (!room)
        return -ENOMEM;
    if (len)
        memcpy(room, payload, len);
    return 0;
}

int conn_reply_text(struct conn *c, const struct req *q, const char *text)
{
    return conn_reply(c, q, text, strlen(text) + 1);
}

int conn_reply_ok(struct conn *c, const struct req *q)
{
    return conn_reply(c, q, "OK", 3);
}

void conn_reply_error(struct conn *c, const struct req *q, int err)
{
    struct req e = *q;

    e.head.type = PROTO_ERROR;
    if (conn_reply_text(c, &e, proto_error(err)) < 0)
        conn_kill(c);
}

/* Is the last event queued for this watch the same and still all in the queue? */
static bool is_queued(const struct conn *c, const struct watch *w, const char *path, size_t len)
{
    const char *msg;
    struct proto_head head;

    if (!w->last_event || w->last_event - 1 < c->sent || path[0] == '@')
        return false;
    msg = c->out.p + c->out.head + (w->last_event - 1 - c->sent);
    memcpy(&head, msg, sizeof head);
    return head.len == len + 1 + w->token_len + 1U && memcmp(msg + PROTO_HEAD_SIZE, path, len) == 0;
}

static void queue_event(struct conn *c, struct watch *w, const char *path, size_t len)
{
    size_t payload = len + 1 + w->token_len + 1U;
    char *p;

    if (c->ds->trace.on)
        trace_event(c, path, len, w->token);
    /* Of its own making: counts as what it has not taken. What others caused does
     * not, or a busy neighbour could keep it from being served. */
    if (c->ds->serving == c)
        c->unsent++;
    w->last_event = c->sent + conn_queued(c) + 1;
    put_head(c, PROTO_WATCH_EVENT, 0, 0, payload);
    p = c->out.p + c->out.tail;
    memcpy(p, path, len);
    p[len] = '\0';
    memcpy(p + len + 1, w->token, w->token_len + 1U);
    c->out.tail += payload;
}

void conn_event(struct conn *c, struct watch *w, const char *path, size_t len)
{
    size_t limit = c->who.privileged ? EVENTS_PRIV : EVENTS_GUEST, payload;

    if (path[0] != '@') {
        path += w->prefix;
        len -= w->prefix;
    }
    payload = len + 1 + w->token_len + 1U;
    if (c->dead || payload > PROTO_PAYLOAD_MAX || is_queued(c, w, path, len))
        return;
    if (conn_queued(c) > limit || bytes_reserve(c, &c->out, PROTO_HEAD_SIZE + payload + ERROR_ROOM) < 0) {
        w->lost = true;
        c->lost = true;
        return;
    }
    queue_event(c, w, path, len);
}

/* Once the queue is empty: one event for each watch that lost some. */
static void tell_lost(struct conn *c)
{
    char path[PATH_ABS_MAX + 2];
    struct watch *w;

    c->lost = false;
    for (w = c->watches; w; w = w->next_mine) {
        if (!w->lost)
            continue;
        w->lost = false;
        conn_event(c, w, path, watch_path(w, path));
    }
}

/* Everything was taken. */
static void drained(struct conn *c)
{
    c->out.head = c->out.tail = 0;
    c->unsent = 0;
    if (c->out.cap > KEEP_OUT) {
        char *p = malloc(OUT_INITIAL);

        if (p) {
            bytes_fini(c, &c->out);
            c->out.p = p;
            c->out.cap = OUT_INITIAL;
            charge(c, OUT_INITIAL);
        }
    }
    if (c->lost)
        tell_lost(c);
}

void conn_flush(struct conn *c)
{
    bool blocked = false;

    while (!c->dead && conn_queued(c) > 0) {
        ssize_t n = c->transport->write(c, c->out.p + c->out.head, conn_queued(c));

        if (n < 0) {
            conn_kill(c);
            return;
        }
        c->out.head += (size_t)n;
        c->sent += (size_t)n;
        if (conn_queued(c) == 0) {
            drained(c);
        } else if (n == 0) {
            blocked = true;
            break;
        }
    }
    if (blocked != c->blocked && c->transport->want_write)
        c->transport->want_write(c, blocked);
    c->blocked = blocked;
}

/* --- input --- */

static bool should_pause(const struct conn *c)
{
    uint32_t limit;

    if (guard_holds(c))
        return true;
    if (c->who.privileged || !c->dom)
        return conn_queued(c) > PAUSE_PRIV;
    limit = domain_limit(&server_store(c->ds)->domains, c->dom, QUOTA_OUTSTANDING);
    return conn_queued(c) > PAUSE_GUEST || (limit && c->unsent >= limit);
}

/* Serves complete messages; *ret_used is what they took. */
static int serve(struct conn *c, const char *bytes, size_t len, size_t *ret_used)
{
    size_t used = 0;
    int rc = 0;

    while (!c->dead && len - used >= PROTO_HEAD_SIZE) {
        struct req q = {.payload = bytes + used + PROTO_HEAD_SIZE};

        rc = proto_decode(bytes + used, &q.head);
        if (rc < 0 || len - used - PROTO_HEAD_SIZE < q.head.len)
            break;
        if (should_pause(c)) {
            conn_flush(c);
            if (should_pause(c)) {
                c->paused = true;
                break;
            }
        }
        rc = bytes_reserve(c, &c->out, ERROR_ROOM);
        if (rc < 0)
            break;
        server_serve(c, &q);
        used += PROTO_HEAD_SIZE + q.head.len;
    }
    *ret_used = used;
    return rc;
}

static int keep(struct conn *c, const char *bytes, size_t len)
{
    if (bytes_reserve(c, &c->in, len) < 0)
        return -ENOMEM;
    memcpy(c->in.p + c->in.tail, bytes, len);
    c->in.tail += len;
    return 0;
}

int conn_restore(struct conn *c, const char *in, size_t in_len, const char *out, size_t out_len)
{
    if (in_len && keep(c, in, in_len) < 0)
        return -ENOMEM;
    if (bytes_reserve(c, &c->out, out_len + ERROR_ROOM) < 0)
        return -ENOMEM;
    memcpy(c->out.p + c->out.tail, out, out_len);
    c->out.tail += out_len;
    /* Complete requests that waited are served when the output has gone. */
    c->paused = in_len > 0;
    server_want_flush(c);
    return 0;
}

int conn_resume(struct conn *c)
{
    size_t used;
    int rc;

    c->paused = false;
    rc = serve(c, c->in.p + c->in.head, c->in.tail - c->in.head, &used);
    if (c->dead || !c->in.p)
        return rc;
    c->in.head += used;
    if (c->in.head < c->in.tail)
        return rc;
    if (c->in.cap > OUT_INITIAL)
        bytes_fini(c, &c->in);
    else
        c->in.head = c->in.tail = 0; /* a client that sends in pieces does so always */
    return rc;
}

int conn_input(struct conn *c, const char *bytes, size_t len)
{
    size_t used = 0;
    int rc;

    if (c->in.tail > c->in.head) {
        rc = keep(c, bytes, len);
        return rc < 0 || c->paused ? rc : conn_resume(c);
    }
    rc = c->paused ? 0 : serve(c, bytes, len, &used);
    if (rc < 0 || c->dead || used == len)
        return rc;
    return keep(c, bytes + used, len - used);
}
