/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public functions on shared pages, event channels and rings.
 */
#include <errno.h>
#include <stdlib.h>

#include "domo_ctx.h"
#include "ring/ring.h"

_Static_assert((int)DOMO_PAGE_SIZE == (int)RING_PAGE_SIZE, "the public header's number");
_Static_assert((int)DOMO_PAGES_MAX == (int)HOST_LINK_PAGES_MAX, "the public header's number");

/* ---- pages ---- */

int domo_map(struct domo_ctx *ctx, uint32_t domid, const uint32_t *refs, size_t n, unsigned flags, void **ret,
             struct domo_err *err)
{
    const struct link_map map = {.domid = domid, .refs = refs, .n = n, .write = flags & DOMO_MAP_WRITE};
    struct host *h = host_of(ctx, err);

    return h ? h->link->map(h, &map, ret, err) : -1;
}

int domo_unmap(struct domo_ctx *ctx, void *pages, size_t n, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? h->link->unmap(h, pages, n, err) : -1;
}

int domo_share(struct domo_ctx *ctx, uint32_t domid, size_t n, unsigned flags, void **ret, uint32_t *ret_refs,
               struct domo_err *err)
{
    const struct link_share share = {.domid = domid, .n = n, .write = flags & DOMO_MAP_WRITE};
    struct host *h = host_of(ctx, err);

    return h ? h->link->share(h, &share, ret, ret_refs, err) : -1;
}

int domo_unshare(struct domo_ctx *ctx, void *pages, size_t n, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? h->link->unshare(h, pages, n, err) : -1;
}

/* ---- ports ---- */

int domo_port_alloc(struct domo_ctx *ctx, uint32_t domid, uint32_t *ret_port, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? h->link->port_alloc(h, domid, ret_port, err) : -1;
}

int domo_port_bind(struct domo_ctx *ctx, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? h->link->port_bind(h, domid, remote, ret_port, err) : -1;
}

int domo_port_close(struct domo_ctx *ctx, uint32_t port, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? h->link->port_close(h, port, err) : -1;
}

int domo_port_kick(struct domo_ctx *ctx, uint32_t port, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? h->link->port_kick(h, port, err) : -1;
}

int domo_port_fd(struct domo_ctx *ctx, int *ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? h->link->fd(h, ret, err) : -1;
}

int domo_port_next(struct domo_ctx *ctx, uint32_t *ret_port, bool *ret_any, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? h->link->next_port(h, ret_port, ret_any, err) : -1;
}

int domo_port_unmask(struct domo_ctx *ctx, uint32_t port, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? h->link->port_unmask(h, port, err) : -1;
}

/* ---- rings ---- */

struct domo_ring {
    bool asks;
    struct ring_server server;
    struct ring_client client;
};

/* NULL with the error filled. */
static struct domo_ring *new_ring(size_t n, size_t slot_size, struct domo_err *err)
{
    struct domo_ring *r;

    if (n < 1 || n > DOMO_PAGES_MAX || slot_size < 1 || slot_size > n * RING_PAGE_SIZE || !ring_slots(n, slot_size)) {
        (void)err_set(err, DOMO_E_USAGE, "no ring of %zu pages can have slots of %zu bytes", n, slot_size);
        return NULL;
    }
    r = calloc(1, sizeof *r);
    if (!r)
        (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return r;
}

static int broken(struct domo_err *err)
{
    return err_set(err, DOMO_E_DEVICE_RING, "the other end's indices in the ring make no sense");
}

int domo_ring_serve(void *pages, size_t n, size_t slot_size, struct domo_ring **ret, struct domo_err *err)
{
    struct domo_ring *r = new_ring(n, slot_size, err);

    if (!r)
        return -1;
    if (ring_server_attach_pages(&r->server, pages, n, slot_size)) {
        free(r);
        return broken(err);
    }
    *ret = r;
    return 0;
}

int domo_ring_ask(void *pages, size_t n, size_t slot_size, struct domo_ring **ret, struct domo_err *err)
{
    struct domo_ring *r = new_ring(n, slot_size, err);

    if (!r)
        return -1;
    r->asks = true;
    ring_client_init_pages(&r->client, pages, n, slot_size);
    *ret = r;
    return 0;
}

void domo_ring_free(struct domo_ring *r)
{
    free(r);
}

int domo_ring_take(struct domo_ring *r, void *ret, size_t len, struct domo_err *err)
{
    int rc = r->asks ? ring_client_take(&r->client, ret, len) : ring_server_take(&r->server, ret, len);

    return rc < 0 ? broken(err) : rc;
}

int domo_ring_put(struct domo_ring *r, const void *slot, size_t len, struct domo_err *err)
{
    int rc;

    if (r->asks) {
        rc = ring_client_ask(&r->client, slot, len);
        if (rc == -ENOSPC)
            return err_sys(err, DOMO_E_USAGE, ENOSPC, "all slots of the ring hold requests that wait for answers");
        return rc < 0 ? broken(err) : 0;
    }
    if (r->server.broken)
        return broken(err);
    if (r->server.answered == r->server.taken)
        return err_set(err, DOMO_E_USAGE, "no request waits for an answer");
    ring_server_answer(&r->server, slot, len);
    return 0;
}

bool domo_ring_push(struct domo_ring *r)
{
    return r->asks ? ring_client_push(&r->client) : ring_server_push(&r->server);
}

bool domo_ring_more(struct domo_ring *r)
{
    return r->asks ? ring_client_more(&r->client) : ring_server_more(&r->server);
}
