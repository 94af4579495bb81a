/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Domains coming and going, and the requests about them.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

static void log_failed_purge(struct domostore *ds, uint16_t domid)
{
    server_log(ds, 2, "domain %u: out of memory while removing its nodes, will go on", (unsigned)domid);
}

/* --- life --- */

/* "live": the guest is in the middle of a conversation. */
static int map_ring(struct domostore *ds, struct domain *dom, uint64_t gfn, uint32_t port, bool live)
{
    void *page = NULL;
    int rc = 0;

    if (ds->ops.ring_map)
        rc = ds->ops.ring_map(ds->ops_arg, dom->domid, gfn, port, &page);
    if (rc < 0 || !page)
        return rc;
    dom->conn = ring_connect(ds, dom, page, live);
    if (dom->conn)
        return 0;
    if (ds->ops.ring_unmap)
        ds->ops.ring_unmap(ds->ops_arg, dom->domid, page);
    return -ENOMEM;
}

int server_reconnect(struct domostore *ds, struct domain *dom)
{
    return map_ring(ds, dom, dom->gfn, dom->port, true);
}

static int introduce_again(struct domostore *ds, struct domain *dom, uint64_t gfn, uint32_t port, const struct conn *by)
{
    int rc = 0;

    if (ds->ops.ring_rebind)
        rc = ds->ops.ring_rebind(ds->ops_arg, dom->domid, gfn, port);
    /* A connection cannot be swept away under the request it is serving. */
    if (rc == 0 && dom->conn && dom->conn != by)
        ring_restart(dom->conn);
    return rc;
}

int server_introduce(struct domostore *ds, uint16_t domid, uint64_t gfn, uint32_t port, const struct conn *by)
{
    struct domain *dom = domain_get(&ds->s.domains, domid);
    bool known = dom != NULL;
    int rc;

    if (domid >= DOMID_FIRST_RESERVED || (dom && dom->dead))
        return -EINVAL;
    rc = store_domain_add(&ds->s, domid, &dom);
    if (rc < 0)
        return rc;
    if (dom->introduced && dom->conn) {
        rc = introduce_again(ds, dom, gfn, port, by);
    } else {
        rc = map_ring(ds, dom, gfn, port, false);
        if (rc < 0 && !known)
            domain_drop(&ds->s.domains, domid);
    }
    if (rc < 0)
        return rc;
    dom->gfn = gfn;
    dom->port = port;
    if (!dom->introduced)
        store_fire_special(&ds->s, SPECIAL_INTRODUCE, domid);
    dom->introduced = true;
    return 0;
}

/* Its connection goes at once, and with it all that is charged to it there. */
static void drop_connections(struct domostore *ds, struct domain *dom)
{
    struct conn *c;

    for (c = ds->conns; c; c = c->next) {
        if (c->who.target == dom->domid)
            c->who.target = -1;
        if (c->dom != dom || c->who.privileged)
            continue;
        conn_reset(c);
        c->dom = NULL;
        conn_kill(c);
    }
    dom->conn = NULL;
}

static void forget(struct domostore *ds, struct domain *dom)
{
    uint16_t domid = dom->domid;
    bool introduced = dom->introduced;

    drop_connections(ds, dom);
    dom->introduced = false;
    dom->dead = true;
    if (store_domain_purge(&ds->s, domid) < 0) {
        ds->purge_again = true;
        log_failed_purge(ds, domid);
    }
    if (introduced)
        store_fire_special(&ds->s, SPECIAL_RELEASE, domid);
}

bool server_purge(struct domostore *ds)
{
    struct domain *dom;
    unsigned i = 0;

    ds->purge_again = false;
    while ((dom = domain_next(&ds->s.domains, &i)))
        if (dom->dead && store_domain_purge(&ds->s, dom->domid) < 0)
            ds->purge_again = true;
    return !ds->purge_again;
}

static int find_introduced(struct domostore *ds, uint16_t domid, struct domain **ret)
{
    struct domain *dom = domain_get(&ds->s.domains, domid);

    if (domid == 0)
        return -EINVAL;
    if (!dom || !dom->introduced)
        return -ENOENT;
    *ret = dom;
    return 0;
}

int server_release(struct domostore *ds, uint16_t domid)
{
    struct domain *dom;
    int rc = find_introduced(ds, domid, &dom);

    if (rc == 0)
        forget(ds, dom);
    return rc;
}

int server_resume(struct domostore *ds, uint16_t domid)
{
    struct domain *dom;
    int rc = find_introduced(ds, domid, &dom);

    if (rc == 0)
        dom->shutdown = false;
    return rc;
}

/* --- for whoever embeds --- */

int domostore_introduce(struct domostore *ds, uint16_t domid, uint64_t gfn, uint32_t port)
{
    return server_introduce(ds, domid, gfn, port, NULL);
}

void domostore_ring_event(struct domostore *ds, uint16_t domid)
{
    struct domain *dom = domain_get(&ds->s.domains, domid);

    if (dom && dom->conn)
        ring_event(dom->conn);
}

void domostore_domain_shutdown(struct domostore *ds, uint16_t domid)
{
    struct domain *dom = domain_get(&ds->s.domains, domid);

    if (!dom || !dom->introduced || dom->shutdown)
        return;
    dom->shutdown = true;
    store_fire_special(&ds->s, SPECIAL_RELEASE, domid);
}

void domostore_domain_destroyed(struct domostore *ds, uint16_t domid)
{
    struct domain *dom = domain_get(&ds->s.domains, domid);

    if (domid != 0 && dom && !dom->dead)
        forget(ds, dom);
}

int domostore_next_domain(const struct domostore *ds, int after, bool *ret_introduced)
{
    unsigned i = (unsigned)(after + 1);
    const struct domain *dom = domain_next(&ds->s.domains, &i);

    while (dom && dom->dead)
        dom = domain_next(&ds->s.domains, &i);
    if (!dom)
        return -1;
    if (ret_introduced)
        *ret_introduced = dom->introduced;
    return dom->domid;
}

/* --- requests --- */

/* A number as INTRODUCE has it: decimal, perhaps signed (some clients print it so). */
static int parse_number(const char *text, int64_t *ret)
{
    char *end;

    if (!((*text >= '0' && *text <= '9') || (*text == '-' && text[1] >= '0' && text[1] <= '9')))
        return -EINVAL;
    errno = 0;
    *ret = *text == '-' ? strtoll(text, &end, 10) : (int64_t)strtoull(text, &end, 10);
    return errno || *end ? -EINVAL : 0;
}

int introduce_serve(struct conn *c, struct req *q)
{
    const char *args[3];
    unsigned domid;
    int64_t gfn, port;
    int rc;

    if (proto_strings(q->payload, q->head.len, args, 3) < 3)
        return -EINVAL;
    if (path_domid(args[0], &domid) < 0 || parse_number(args[1], &gfn) < 0 || parse_number(args[2], &port) < 0)
        return -EINVAL;
    if (port <= 0 || port > UINT32_MAX)
        return -EINVAL;
    rc = server_introduce(c->ds, (uint16_t)domid, (uint64_t)gfn, (uint32_t)port, c);
    return rc < 0 ? rc : conn_reply_ok(c, q);
}

static int one_domid(const struct req *q, uint16_t *ret)
{
    unsigned domid = 0;
    int rc = path_domid(q->payload, &domid);

    if (rc == 0)
        *ret = (uint16_t)domid;
    return rc;
}

static int act_on(struct conn *c, const struct req *q, int (*act)(struct domostore *ds, uint16_t domid))
{
    uint16_t domid = 0;
    int rc = one_domid(q, &domid);

    if (rc == 0)
        rc = act(c->ds, domid);
    return rc < 0 ? rc : conn_reply_ok(c, q);
}

int release_serve(struct conn *c, struct req *q)
{
    return act_on(c, q, server_release);
}

int resume_serve(struct conn *c, struct req *q)
{
    return act_on(c, q, server_resume);
}

int is_introduced_serve(struct conn *c, struct req *q)
{
    const struct domain *dom;
    uint16_t domid = 0;
    int rc = one_domid(q, &domid);

    if (rc < 0)
        return rc;
    dom = domain_get(&server_store(c->ds)->domains, domid);
    return conn_reply_text(c, q, domid == DOMID_SELF || domid == 0 || (dom && dom->introduced) ? "T" : "F");
}

int domain_path_serve(struct conn *c, struct req *q)
{
    char text[32];
    uint16_t domid = 0;
    int rc = one_domid(q, &domid);

    if (rc < 0)
        return rc;
    (void)snprintf(text, sizeof text, "/local/domain/%u", (unsigned)domid);
    return conn_reply_text(c, q, text);
}

static void set_target(struct domostore *ds, struct domain *dom, uint16_t target)
{
    struct conn *c;

    dom->target = target;
    for (c = ds->conns; c; c = c->next)
        if (c->dom == dom && !c->who.privileged)
            c->who.target = target;
}

int set_target_serve(struct conn *c, struct req *q)
{
    const char *args[2];
    unsigned domid, target;
    struct domain *dom, *other;
    int rc;

    if (proto_strings(q->payload, q->head.len, args, 2) < 2)
        return -EINVAL;
    if (path_domid(args[0], &domid) < 0 || path_domid(args[1], &target) < 0)
        return -EINVAL;
    rc = find_introduced(c->ds, (uint16_t)domid, &dom);
    if (rc == 0)
        rc = find_introduced(c->ds, (uint16_t)target, &other);
    if (rc < 0)
        return rc;
    set_target(c->ds, dom, (uint16_t)target);
    return conn_reply_ok(c, q);
}
