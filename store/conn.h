/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A connection: who is at the other end, bytes in, bytes out, its watches and
 * transactions. How bytes travel is the transport's matter.
 *
 * The output queue always has room for one error reply, so that a request that
 * was carried out is always answered. Events that a reader is too slow for are
 * not queued without end: the watch remembers that it lost some, and when the
 * queue has drained one event for the watch's own path says "look again".
 */
#ifndef DOMO_STORE_CONN_H
#define DOMO_STORE_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "perm.h"
#include "proto.h"
#include "store.h"
#include "txn.h"

struct domostore;
struct conn;
struct record_writer;

struct transport {
    const char *kind;
    /* Takes bytes: their number (0 = no room now), or a negative errno when the other end is gone. */
    ssize_t (*write)(struct conn *c, const void *bytes, size_t len);
    /* Tells the transport whether output waits for room. May be NULL. */
    void (*want_write)(struct conn *c, bool want);
    /* The connection is being freed. */
    void (*close)(struct conn *c);
    /* Adds what a dump has to keep to the record of the connection. May be NULL. */
    void (*save)(const struct conn *c, struct record_writer *w);
    /* Asked for by server_again(). May be NULL. */
    void (*again)(struct conn *c);
    /* Bytes may not be taken in at present; called again with false when they may. May be NULL. */
    void (*pause)(struct conn *c, bool paused);
};

struct bytes {
    char *p;
    size_t head, tail, cap; /* content is p[head..tail) */
};

struct conn {
    struct domostore *ds;
    struct conn *next, **link; /* all connections */
    uint64_t id;
    struct who who;
    struct domain *dom; /* who is charged */
    const struct transport *transport;
    void *transport_data;
    int fd;        /* of sockets, -1 else */
    bool dead;     /* to be freed at the end of the turn */
    bool paused;   /* input waits until output has drained */
    bool blocked;  /* the transport had no room */
    bool lost;     /* a watch lost events */
    bool flushing; /* in the list of those to flush */
    bool again;    /* the transport has more input */
    struct conn *next_flush;
    struct watch *watches;
    struct txn *txns;
    uint32_t last_tx_id;
    uint32_t conflicts; /* transactions that ended with -EAGAIN in a row */
    uint32_t unsent;    /* in the queue: replies, and events that own requests caused */
    uint64_t sent;      /* bytes taken by the transport so far */
    struct bytes in;    /* part of a message, or input that waits */
    struct bytes out;
};

/* A request being served. */
struct req {
    struct proto_head head;
    const char *payload;
    struct txn *tx; /* NULL without */
};

/* A new connection, in the list of the server; NULL when out of memory. "dom" is charged (may be NULL). */
struct conn *conn_new(struct domostore *ds, const struct transport *transport, void *data, const struct who *who,
                      struct domain *dom);
/* Frees it at once: watches, transactions, queues. Only the server calls this. */
void conn_free(struct conn *c);
/* Marks it for freeing at the end of the turn; nothing more is sent. */
void conn_kill(struct conn *c);
/* Back to how it was when new: watches, transactions, partial input, queued output are dropped. */
void conn_reset(struct conn *c);

/* Takes bytes from the transport and serves all complete messages in them. -E2BIG: a header with an impossible
 * length, -ENOMEM; the connection is useless then. */
int conn_input(struct conn *c, const char *bytes, size_t len) MUST_CHECK;
/* Serves input that was left while the connection was paused. Results as conn_input(). */
int conn_resume(struct conn *c) MUST_CHECK;
/* Puts back what a dump had in its queues. -ENOMEM. */
int conn_restore(struct conn *c, const char *in, size_t in_len, const char *out, size_t out_len) MUST_CHECK;
/* Hands queued bytes to the transport. */
void conn_flush(struct conn *c);
static inline size_t conn_queued(const struct conn *c)
{
    return c->out.tail - c->out.head;
}

/* Bytes of a message that has not arrived completely (or that waits). */
static inline size_t conn_has(const struct conn *c)
{
    return c->in.tail - c->in.head;
}

/* Replies. conn_reply_room() returns where to put "len" bytes of payload, or NULL when out of memory. */
char *conn_reply_room(struct conn *c, const struct req *q, size_t len);
int conn_reply(struct conn *c, const struct req *q, const void *payload, size_t len) MUST_CHECK;
int conn_reply_ok(struct conn *c, const struct req *q) MUST_CHECK;
int conn_reply_text(struct conn *c, const struct req *q, const char *text) MUST_CHECK; /* with its NUL */
void conn_reply_error(struct conn *c, const struct req *q, int err);

/* Queues an event for a watch of this connection. */
void conn_event(struct conn *c, struct watch *w, const char *path, size_t len);
/* Adds a watch, whatever the limits. -EEXIST, -ENOMEM. */
int conn_add_watch(struct conn *c, const struct path *p, const char *token, int32_t depth,
                   struct watch **ret) MUST_CHECK;
void conn_drop_watch(struct conn *c, struct watch *w);

#endif
