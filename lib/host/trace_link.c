/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "base/str.h"
#include "host/trace.h"

static int trace_map(struct host *h, const struct link_map *m, void **ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "link.map %u n=%zu ref=%u %s", m->domid, m->n, m->n ? m->refs[0] : 0, m->write ? "rw" : "r");
    r = inner->link->map(inner, m, ret, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_unmap(struct host *h, void *pages, size_t n, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "link.unmap n=%zu", n);
    r = inner->link->unmap(inner, pages, n, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_share(struct host *h, const struct link_share *s, void **ret, uint32_t *ret_refs, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "link.share %u n=%zu %s", s->domid, s->n, s->write ? "rw" : "r");
    r = inner->link->share(inner, s, ret, ret_refs, err);
    return trace_result(h, r, err, call, "%u", r ? 0 : ret_refs[0]);
}

static int trace_unshare(struct host *h, void *pages, size_t n, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "link.unshare n=%zu", n);
    r = inner->link->unshare(inner, pages, n, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_port_alloc(struct host *h, uint32_t domid, uint32_t *ret_port, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "link.port_alloc %u", domid);
    r = inner->link->port_alloc(inner, domid, ret_port, err);
    return trace_result(h, r, err, call, "%u", r ? 0 : *ret_port);
}

static int trace_port_bind(struct host *h, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "link.port_bind %u remote=%u", domid, remote);
    r = inner->link->port_bind(inner, domid, remote, ret_port, err);
    return trace_result(h, r, err, call, "%u", r ? 0 : *ret_port);
}

static int trace_port_close(struct host *h, uint32_t port, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "link.port_close %u", port);
    r = inner->link->port_close(inner, port, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_port_kick(struct host *h, uint32_t port, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "link.port_kick %u", port);
    r = inner->link->port_kick(inner, port, err);
    return trace_result(h, r, err, call, "%s", "");
}

/* Neither a descriptor's number nor how often it was looked at is the same in two runs. */
static int trace_fd(struct host *h, int *ret, struct domo_err *err)
{
    struct host *inner = trace_inner(h);

    return inner->link->fd(inner, ret, err);
}

static int trace_next_port(struct host *h, uint32_t *ret_port, bool *ret_any, struct domo_err *err)
{
    struct host *inner = trace_inner(h);

    return inner->link->next_port(inner, ret_port, ret_any, err);
}

static int trace_port_unmask(struct host *h, uint32_t port, struct domo_err *err)
{
    struct host *inner = trace_inner(h);

    return inner->link->port_unmask(inner, port, err);
}

const struct link_ops trace_link_ops = {
    .map = trace_map,
    .unmap = trace_unmap,
    .share = trace_share,
    .unshare = trace_unshare,
    .port_alloc = trace_port_alloc,
    .port_bind = trace_port_bind,
    .port_close = trace_port_close,
    .port_kick = trace_port_kick,
    .fd = trace_fd,
    .next_port = trace_next_port,
    .port_unmask = trace_port_unmask,
};
