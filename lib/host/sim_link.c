/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Shared pages and event channels of the simulated host: pages come as memfds
 * and are real shared memory, wake-ups as an eventfd, all else is asked.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>

#include "base/vec.h"
#include "host/sim.h"

struct area {
    void *pages;
    size_t n;
    uint32_t id; /* as domo-simd calls it */
    bool is_map;
};

struct sim_link {
    int events_fd; /* -1 = not asked for yet */
    VEC(struct area) areas;
    VEC(uint32_t) ports; /* that had events, and were not told yet */
};

void sim_drop_fds(struct sim_host *s)
{
    for (size_t i = 0; i < s->fd_count; i++)
        if (s->fds[i] >= 0)
            (void)close(s->fds[i]);
    s->fd_count = 0;
}

static struct sim_host *sim_of(struct host *h)
{
    h->stats.hyp_calls++;
    return h->impl;
}

static struct sim_link *link_of(struct host *h, struct domo_err *err)
{
    struct sim_host *s = h->impl;

    if (!s->link) {
        s->link = calloc(1, sizeof *s->link);
        if (s->link)
            s->link->events_fd = -1;
        else
            (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    return s->link;
}

void sim_link_close(struct host *h)
{
    struct sim_host *s = h->impl;
    struct sim_link *l = s->link;

    if (!l)
        return;
    for (size_t i = 0; i < l->areas.len; i++)
        (void)munmap(l->areas.at[i].pages, l->areas.at[i].n * HOST_PAGE_SIZE);
    if (l->events_fd >= 0)
        (void)close(l->events_fd);
    VEC_FINI(&l->areas);
    VEC_FINI(&l->ports);
    free(l);
    s->link = NULL;
}

/* ---- pages ---- */

/* The pages that came with the reply, one behind the other. NULL: errno. */
static void *place_pages(struct sim_host *s, size_t n, int prot)
{
    size_t size = n * HOST_PAGE_SIZE;
    uint8_t *at;

    if (s->fd_count != n) {
        errno = EPROTO;
        return NULL;
    }
    at = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (mmap(at + i * HOST_PAGE_SIZE, HOST_PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED, s->fds[i], 0) == MAP_FAILED) {
            int sys = errno;

            (void)munmap(at, size);
            errno = sys;
            return NULL;
        }
    sim_drop_fds(s);
    return at;
}

static int let_go(struct sim_host *s, const char *op, uint32_t id, struct domo_err *err)
{
    struct json *request = sim_request(op);

    json_set_uint(request, "id", id);
    return sim_ask(s, request, NULL, err);
}

static int keep_area(struct host *h, const struct area *new, int prot, void **ret, struct domo_err *err)
{
    struct sim_host *s = h->impl;
    struct area *slot = VEC_PUSH(&s->link->areas);
    void *pages = slot ? place_pages(s, new->n, prot) : NULL;

    if (!pages) {
        int sys = slot ? errno : ENOMEM;

        s->link->areas.len -= slot ? 1 : 0;
        IGNORE(let_go(s, new->is_map ? "unmap" : "unshare", new->id, NULL));
        return err_sys(err, DOMO_E_NO_MEMORY, sys, "can't map shared pages");
    }
    *slot = *new;
    slot->pages = pages;
    *ret = pages;
    return 0;
}

static void add_notify(struct json *request, const struct link_notify *n)
{
    if (n->clears)
        json_set_uint(request, "byte", n->byte);
    if (n->kicks)
        json_set_uint(request, "notify", n->port);
}

static int link_map(struct host *h, const struct link_map *m, void **ret, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    struct area area = {.n = m->n, .is_map = true};
    struct json *request, *refs;
    int r;

    /* Before the references are read: there may be none of that number. */
    if (m->n < 1 || m->n > HOST_LINK_PAGES_MAX)
        return err_sys(err, DOMO_E_HYPERVISOR, EINVAL, "%zu pages can't be mapped at once", m->n);
    request = sim_request("map");
    refs = json_set_array(request, "refs");
    json_set_uint(request, "domid", m->domid);
    for (size_t i = 0; i < m->n; i++)
        json_add(refs, json_new_uint(m->refs[i]));
    json_set_bool(request, "write", m->write);
    add_notify(request, &m->notify);
    if (!link_of(h, err)) {
        (void)json_free(request);
        return -1;
    }
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't map %zu page%s of domain %u (grant reference %u%s)", m->n,
                            m->n > 1 ? "s" : "", m->domid, m->refs[0], m->n > 1 ? " …" : "");
    area.id = (uint32_t)json_get_int(reply, "id", 0);
    return keep_area(h, &area, m->write ? PROT_READ | PROT_WRITE : PROT_READ, ret, err);
}

static int link_share(struct host *h, const struct link_share *share, void **ret, uint32_t *ret_refs,
                      struct domo_err *err)
{
    struct json *request = sim_request("share");
    struct json *reply AUTO_JSON = NULL;
    struct area area = {.n = share->n};
    int r;

    json_set_uint(request, "domid", share->domid);
    json_set_uint(request, "n", share->n);
    json_set_bool(request, "write", share->write);
    add_notify(request, &share->notify);
    if (!link_of(h, err)) {
        (void)json_free(request);
        return -1;
    }
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't share %zu page%s with domain %u", share->n,
                            share->n > 1 ? "s" : "", share->domid);
    area.id = (uint32_t)json_get_int(reply, "id", 0);
    if (keep_area(h, &area, PROT_READ | PROT_WRITE, ret, err) < 0)
        return -1;
    for (size_t i = 0; i < share->n; i++)
        ret_refs[i] = (uint32_t)json_uint(json_at(json_get(reply, "refs"), i, NULL), 0);
    return 0;
}

static int drop_area(struct host *h, void *pages, size_t n, bool is_map, struct domo_err *err)
{
    struct sim_link *l = link_of(h, err);

    for (size_t i = 0; l && i < l->areas.len; i++) {
        struct area a = l->areas.at[i];
        int r;

        if (a.pages != pages || a.n != n || a.is_map != is_map)
            continue;
        VEC_REMOVE(&l->areas, i);
        (void)munmap(a.pages, a.n * HOST_PAGE_SIZE);
        r = let_go(sim_of(h), is_map ? "unmap" : "unshare", a.id, err);
        return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't let shared pages go") : 0;
    }
    return l ? err_sys(err, DOMO_E_HYPERVISOR, EINVAL, "can't let pages go that are not %s",
                       is_map ? "mapped" : "shared")
             : -1;
}

static int link_unmap(struct host *h, void *pages, size_t n, struct domo_err *err)
{
    return drop_area(h, pages, n, true, err);
}

static int link_unshare(struct host *h, void *pages, size_t n, struct domo_err *err)
{
    return drop_area(h, pages, n, false, err);
}

/* ---- ports ---- */

static int link_port_alloc(struct host *h, uint32_t domid, uint32_t *ret_port, struct domo_err *err)
{
    struct json *request = sim_request("port_alloc");
    struct json *reply AUTO_JSON = NULL;
    int r;

    json_set_uint(request, "domid", domid);
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't make an event channel for domain %u", domid);
    *ret_port = (uint32_t)json_get_int(reply, "port", 0);
    return 0;
}

static int link_port_bind(struct host *h, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *err)
{
    struct json *request = sim_request("port_bind");
    struct json *reply AUTO_JSON = NULL;
    int r;

    json_set_uint(request, "domid", domid);
    json_set_uint(request, "remote", remote);
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't bind event channel %u of domain %u", remote, domid);
    *ret_port = (uint32_t)json_get_int(reply, "port", 0);
    return 0;
}

static int about_port(struct host *h, const char *op, uint32_t port, const char *what, struct domo_err *err)
{
    struct json *request = sim_request(op);
    int r;

    json_set_uint(request, "port", port);
    r = sim_ask(sim_of(h), request, NULL, err);
    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't %s event channel %u", what, port) : 0;
}

static int link_port_close(struct host *h, uint32_t port, struct domo_err *err)
{
    struct sim_link *l = link_of(h, err);

    for (size_t i = 0; l && i < l->ports.len; i++)
        if (l->ports.at[i] == port) {
            VEC_REMOVE(&l->ports, i);
            break;
        }
    return l ? about_port(h, "port_close", port, "close", err) : -1;
}

static int link_port_kick(struct host *h, uint32_t port, struct domo_err *err)
{
    return about_port(h, "port_kick", port, "kick", err);
}

static int link_port_unmask(struct host *h, uint32_t port, struct domo_err *err)
{
    return about_port(h, "port_unmask", port, "listen to", err);
}

static int link_fd(struct host *h, int *ret, struct domo_err *err)
{
    struct sim_link *l = link_of(h, err);
    struct sim_host *s = sim_of(h);
    int r;

    if (!l)
        return -1;
    if (l->events_fd < 0) {
        r = sim_ask(s, sim_request("ports_fd"), NULL, err);
        if (r < 0 || s->fd_count != 1)
            return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r < 0 ? r : -EPROTO, "can't listen to event channels");
        l->events_fd = s->fds[0];
        s->fd_count = 0;
    }
    *ret = l->events_fd;
    return 0;
}

/* Asks which ports have events, if the eventfd says that some have. */
static int fetch_ports(struct host *h, struct sim_link *l, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    const struct json *list;
    eventfd_t count;
    int fd = -1, r;

    if (link_fd(h, &fd, err) < 0)
        return -1;
    if (eventfd_read(fd, &count) < 0)
        return 0;
    r = sim_ask(sim_of(h), sim_request("ports_take"), &reply, err);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't ask for events");
    list = json_get(reply, "ports");
    for (size_t i = 0; i < json_len(list); i++) {
        uint32_t *slot = VEC_PUSH(&l->ports);

        if (!slot)
            return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        *slot = (uint32_t)json_uint(json_at(list, i, NULL), 0);
    }
    return 0;
}

static int link_next_port(struct host *h, uint32_t *ret_port, bool *ret_any, struct domo_err *err)
{
    struct sim_link *l = link_of(h, err);

    if (!l || (!l->ports.len && fetch_ports(h, l, err) < 0))
        return -1;
    *ret_any = l->ports.len > 0;
    if (*ret_any) {
        *ret_port = l->ports.at[0];
        VEC_REMOVE(&l->ports, 0);
    }
    return 0;
}

const struct link_ops sim_link_ops = {
    .map = link_map,
    .unmap = link_unmap,
    .share = link_share,
    .unshare = link_unshare,
    .port_alloc = link_port_alloc,
    .port_bind = link_port_bind,
    .port_close = link_port_close,
    .port_kick = link_port_kick,
    .fd = link_fd,
    .next_port = link_next_port,
    .port_unmask = link_port_unmask,
};
