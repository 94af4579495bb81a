/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What belongs to one connection: its watches and its transactions.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "server.h"

/* Depth: decimal, at most what an int32 holds. */
static int parse_depth(const char *text, int32_t *ret)
{
    uint32_t depth;

    if (str_to_u32(text, &depth) < 0 || depth > INT32_MAX)
        return -EINVAL;
    *ret = (int32_t)depth;
    return 0;
}

static int check_watch_quota(struct conn *c, size_t bytes)
{
    const struct domains *d = &server_store(c->ds)->domains;

    if (c->who.privileged || !c->dom)
        return 0;
    if (domain_over(d, c->dom, QUOTA_WATCHES, c->dom->watches, 1))
        return -ENOSPC;
    return domain_over(d, c->dom, QUOTA_MEMORY, domain_bytes(c->dom), (int64_t)bytes) ? -ENOMEM : 0;
}

static int add_watch(struct conn *c, const struct path *p, const char *token, int32_t depth, struct watch **ret)
{
    int rc;

    if (watches_find(&server_store(c->ds)->watches, c, p->s, p->len, token))
        return -EEXIST;
    rc = check_watch_quota(c, watch_charge(p->len, strlen(token)));
    return rc < 0 ? rc : conn_add_watch(c, p, token, depth, ret);
}

int watch_serve(struct conn *c, struct req *q)
{
    const char *args[3];
    struct path p;
    struct watch *w;
    int32_t depth = -1;
    int n = proto_strings(q->payload, q->head.len, args, 3), rc;

    if (n != 2 && n != 3)
        return -EINVAL;
    if (n == 3 && parse_depth(args[2], &depth) < 0)
        return -EINVAL;
    rc = server_path(c, args[0], &p);
    if (rc == 0)
        rc = add_watch(c, &p, args[1], depth, &w);
    if (rc == 0)
        rc = conn_reply_ok(c, q);
    if (rc == 0)
        conn_event(c, w, p.s, p.len);
    return rc;
}

int unwatch_serve(struct conn *c, struct req *q)
{
    const char *args[2];
    struct path p;
    struct watch *w;
    int rc;

    if (proto_strings(q->payload, q->head.len, args, 2) != 2)
        return -EINVAL;
    rc = server_path(c, args[0], &p);
    if (rc < 0)
        return rc;
    w = watches_find(&server_store(c->ds)->watches, c, p.s, p.len, args[1]);
    if (!w)
        return -ENOENT;
    conn_drop_watch(c, w);
    return conn_reply_ok(c, q);
}

int reset_watches_serve(struct conn *c, struct req *q)
{
    while (c->watches)
        conn_drop_watch(c, c->watches);
    while (c->txns)
        txn_abort(server_store(c->ds), c->txns);
    q->tx = NULL;
    return conn_reply_ok(c, q);
}

int txn_start_serve(struct conn *c, struct req *q)
{
    char text[16];
    struct txn *tx;
    uint32_t id = c->last_tx_id;
    int rc;

    if (q->tx)
        return -EBUSY;
    do
        id++;
    while (id == 0 || txn_find(c->txns, id));
    rc = txn_start(server_store(c->ds), &c->who, &c->txns, id, &tx);
    if (rc < 0)
        return rc;
    c->last_tx_id = id;
    guard_start(c);
    (void)snprintf(text, sizeof text, "%u", (unsigned)id);
    return conn_reply_text(c, q, text);
}

int txn_end_serve(struct conn *c, struct req *q)
{
    struct txn *tx = q->tx;
    int rc = 0;

    if (strcmp(q->payload, "T") != 0 && strcmp(q->payload, "F") != 0)
        return -EINVAL;
    if (!tx)
        return -ENOENT;
    q->tx = NULL;
    if (q->payload[0] == 'T')
        rc = txn_commit(server_store(c->ds), tx);
    else
        txn_abort(server_store(c->ds), tx);
    guard_end(c, rc == -EAGAIN);
    return rc < 0 ? rc : conn_reply_ok(c, q);
}
