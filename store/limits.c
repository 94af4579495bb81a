/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Requests about quotas and features.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "server.h"

/* A domain named in a request; it need not be introduced. */
static int named_domain(struct conn *c, const char *text, struct domain **ret)
{
    unsigned domid;

    if (path_domid(text, &domid) < 0)
        return -EINVAL;
    *ret = store_domain(server_store(c->ds), domid);
    return *ret ? 0 : -ENOENT;
}

static int reply_number(struct conn *c, const struct req *q, uint32_t n)
{
    char text[16];

    (void)snprintf(text, sizeof text, "%u", (unsigned)n);
    return conn_reply_text(c, q, text);
}

static int reply_names(struct conn *c, const struct req *q)
{
    char text[512];
    size_t len = 0;
    int i;

    for (i = 0; i < QUOTA_COUNT; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? " " : "", quota_rows[i].name);
    return conn_reply_text(c, q, text);
}

/* Strings of a payload that may be empty. */
static int optional_strings(const struct req *q, const char *args[], size_t max)
{
    return q->head.len == 0 ? 0 : proto_strings(q->payload, q->head.len, args, max);
}

int quota_get_serve(struct conn *c, struct req *q)
{
    const struct domains *d = &server_store(c->ds)->domains;
    struct domain *dom = NULL;
    enum quota_kind kind;
    const char *args[2];
    int n = optional_strings(q, args, 2), rc = 0;

    if (n == 0)
        return reply_names(c, q);
    if (n < 0 || n > 2)
        return -EINVAL;
    if (n == 2)
        rc = named_domain(c, args[0], &dom);
    if (rc == 0)
        rc = quota_find(args[n - 1], &kind);
    if (rc < 0)
        return rc;
    return reply_number(c, q, dom ? domain_limit(d, dom, kind) : d->limit[kind]);
}

int quota_set_serve(struct conn *c, struct req *q)
{
    struct domains *d = &server_store(c->ds)->domains;
    struct domain *dom = NULL;
    enum quota_kind kind;
    const char *args[3];
    uint32_t value;
    int n = optional_strings(q, args, 3), rc = 0;

    if (n != 2 && n != 3)
        return -EINVAL;
    if (n == 3)
        rc = named_domain(c, args[0], &dom);
    if (rc == 0)
        rc = quota_find(args[n - 2], &kind);
    if (rc < 0)
        return rc;
    if (str_to_u32(args[n - 1], &value) < 0)
        return -EINVAL;
    if (dom) {
        dom->quota.limit[kind] = value;
        dom->quota.own[kind] = true;
    } else {
        d->limit[kind] = value;
    }
    return conn_reply_ok(c, q);
}

int feature_get_serve(struct conn *c, struct req *q)
{
    struct domain *dom;
    const char *args[1];
    int n = optional_strings(q, args, 1), rc;

    if (n == 0)
        return reply_number(c, q,
                            c->dom && c->dom->has_features && !c->who.privileged ? c->dom->features : ring_features());
    if (!c->who.privileged)
        return -EACCES;
    if (n != 1)
        return -EINVAL;
    rc = named_domain(c, args[0], &dom);
    return rc < 0 ? rc : reply_number(c, q, dom->has_features ? dom->features : ring_features());
}

int feature_set_serve(struct conn *c, struct req *q)
{
    struct domain *dom;
    const char *args[2];
    uint32_t value;
    int rc;

    if (optional_strings(q, args, 2) != 2)
        return -EINVAL;
    rc = named_domain(c, args[0], &dom);
    if (rc < 0)
        return rc;
    if (str_to_u32(args[1], &value) < 0 || (value & ~ring_features()))
        return -EINVAL;
    if (dom->introduced)
        return -EBUSY;
    dom->features = value;
    dom->has_features = true;
    return conn_reply_ok(c, q);
}
