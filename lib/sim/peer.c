/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim/peer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/vec.h"

enum { DOM0 = 0 };

struct peer_page {
    uint32_t ref;
    uint64_t gfn; /* of a shared one */
    void *bytes;
};

/* Pages that were mapped or shared in one call. */
struct peer_area {
    uint32_t id, domid;
    bool is_map;
    bool is_ended; /* shared, taken back, but still mapped at the other end */
    struct link_notify notify;
    size_t n;
    struct peer_page *pages;
};

struct peer_port {
    struct peer *peer;
    uint32_t port;
    bool pending, masked;
};

struct peer {
    struct machine *machine;
    uint32_t last_id;
    VEC(struct peer_area) areas;
    VEC(struct peer_port *) ports; /* the machine holds pointers to them */
    int events_fd;                 /* -1 = nobody has asked */
    int fds[HOST_LINK_PAGES_MAX];
    size_t fd_count;
};

/* ---- descriptors for the reply ---- */

static int add_fd(struct peer *p, int fd)
{
    int copy = fd < 0 ? fd : fcntl(fd, F_DUPFD_CLOEXEC, 0);

    if (copy < 0)
        return fd < 0 ? fd : -errno;
    p->fds[p->fd_count++] = copy;
    return 0;
}

size_t peer_take_fds(struct peer *p, int *ret)
{
    size_t n = p->fd_count;

    memcpy(ret, p->fds, n * sizeof *ret);
    p->fd_count = 0;
    return n;
}

void peer_drop_fds(struct peer *p)
{
    while (p->fd_count)
        (void)close(p->fds[--p->fd_count]);
}

/* ---- pages ---- */

/* A page that is let go tells the other end so. */
static void notify(const struct peer *p, const struct peer_area *a)
{
    if (a->n && a->notify.clears)
        ((uint8_t *)a->pages[0].bytes)[a->notify.byte] = 0;
    if (a->notify.kicks)
        IGNORE(machine_evtchn_send(p->machine, DOM0, a->notify.port));
}

/* Gives back the first n pages. False: the other end still has some of them, which it must not lose. */
static bool give_back(const struct peer *p, const struct peer_area *a, size_t n)
{
    bool all = true;

    for (size_t i = 0; i < n; i++) {
        if (a->is_map)
            IGNORE(machine_unmap(p->machine, DOM0, a->domid, a->pages[i].ref));
        else if (machine_ungrant(p->machine, DOM0, a->pages[i].ref) == -EBUSY)
            all = false;
        else
            machine_give_page(p->machine, DOM0, a->pages[i].gfn);
    }
    return all;
}

/* Shared pages that the other end has let go of meanwhile. */
static void collect(struct peer *p)
{
    for (size_t i = p->areas.len; i-- > 0;) {
        struct peer_area *a = &p->areas.at[i];

        if (a->is_ended && give_back(p, a, a->n)) {
            free(a->pages);
            VEC_REMOVE(&p->areas, i);
        }
    }
}

static int map_page(struct peer *p, const struct link_map *m, size_t i, struct peer_page *ret)
{
    int r = machine_map(p->machine, DOM0, m->domid, m->refs[i], m->write, &ret->bytes);

    if (r < 0)
        return r;
    ret->ref = m->refs[i];
    r = add_fd(p, machine_map_fd(p->machine, DOM0, m->domid, m->refs[i]));
    if (r < 0)
        IGNORE(machine_unmap(p->machine, DOM0, m->domid, m->refs[i]));
    return r;
}

static int share_page(struct peer *p, const struct link_share *s, struct peer_page *ret)
{
    int64_t gfn = machine_take_page(p->machine, DOM0);
    int ref, r;

    if (gfn < 0)
        return (int)gfn;
    ref = machine_grant(p->machine, DOM0, s->domid, (uint64_t)gfn, !s->write);
    r = ref < 0 ? ref : add_fd(p, machine_page_fd(p->machine, DOM0, (uint64_t)gfn));
    if (r < 0) {
        if (ref >= 0)
            IGNORE(machine_ungrant(p->machine, DOM0, (uint32_t)ref));
        machine_give_page(p->machine, DOM0, (uint64_t)gfn);
        return r;
    }
    *ret = (struct peer_page){
        .ref = (uint32_t)ref, .gfn = (uint64_t)gfn, .bytes = machine_page(p->machine, DOM0, (uint64_t)gfn)};
    memset(ret->bytes, 0, MACHINE_PAGE_SIZE);
    return 0;
}

static bool is_sane(size_t n, const struct link_notify *notify)
{
    return n >= 1 && n <= HOST_LINK_PAGES_MAX && (n == 1 || (!notify->clears && !notify->kicks)) &&
           notify->byte < MACHINE_PAGE_SIZE;
}

static struct peer_area *new_area(struct peer *p, uint32_t domid, size_t n, const struct link_notify *notify)
{
    struct peer_page *pages = calloc(n, sizeof *pages);
    struct peer_area *a = pages ? VEC_PUSH(&p->areas) : NULL;

    if (!a) {
        free(pages);
        return NULL;
    }
    *a = (struct peer_area){.id = ++p->last_id, .domid = domid, .notify = *notify, .n = n, .pages = pages};
    return a;
}

static int drop_new_area(struct peer *p, struct peer_area *a, size_t done, int r)
{
    IGNORE(give_back(p, a, done));
    free(a->pages);
    p->areas.len--;
    peer_drop_fds(p);
    return r;
}

int peer_map(struct peer *p, const struct link_map *m, uint32_t *ret_id)
{
    struct peer_area *a;

    if (!is_sane(m->n, &m->notify))
        return -EINVAL;
    a = new_area(p, m->domid, m->n, &m->notify);
    if (!a)
        return -ENOMEM;
    a->is_map = true;
    for (size_t i = 0; i < m->n; i++) {
        int r = map_page(p, m, i, &a->pages[i]);

        if (r < 0)
            return drop_new_area(p, a, i, r);
    }
    *ret_id = a->id;
    return 0;
}

int peer_share(struct peer *p, const struct link_share *s, uint32_t *ret_refs, uint32_t *ret_id)
{
    struct peer_area *a;

    if (!is_sane(s->n, &s->notify))
        return -EINVAL;
    collect(p);
    a = new_area(p, s->domid, s->n, &s->notify);
    if (!a)
        return -ENOMEM;
    for (size_t i = 0; i < s->n; i++) {
        int r = share_page(p, s, &a->pages[i]);

        if (r < 0)
            return drop_new_area(p, a, i, r);
        ret_refs[i] = a->pages[i].ref;
    }
    *ret_id = a->id;
    return 0;
}

static struct peer_area *find_area(const struct peer *p, uint32_t id, bool is_map)
{
    for (size_t i = 0; i < p->areas.len; i++)
        if (p->areas.at[i].id == id && p->areas.at[i].is_map == is_map && !p->areas.at[i].is_ended)
            return &p->areas.at[i];
    return NULL;
}

int peer_unmap(struct peer *p, uint32_t id)
{
    struct peer_area *a = find_area(p, id, true);

    if (!a)
        return -EINVAL;
    notify(p, a);
    IGNORE(give_back(p, a, a->n));
    free(a->pages);
    VEC_REMOVE(&p->areas, (size_t)(a - p->areas.at));
    return 0;
}

int peer_unshare(struct peer *p, uint32_t id)
{
    struct peer_area *a = find_area(p, id, false);

    if (!a)
        return -EINVAL;
    notify(p, a);
    a->is_ended = true;
    collect(p);
    return 0;
}

/* ---- ports ---- */

static void kicked(void *arg)
{
    struct peer_port *port = arg;

    port->pending = true;
    if (!port->masked && port->peer->events_fd >= 0)
        (void)eventfd_write(port->peer->events_fd, 1);
}

static int add_port(struct peer *p, int port)
{
    struct peer_port **slot, *new;
    int r = port < 0 ? port : -ENOMEM;

    if (port < 0)
        return r;
    slot = VEC_PUSH(&p->ports);
    new = slot ? calloc(1, sizeof *new) : NULL;
    if (new) {
        *new = (struct peer_port){.peer = p, .port = (uint32_t)port};
        *slot = new;
        r = machine_evtchn_listen(p->machine, DOM0, (uint32_t)port, kicked, new);
    }
    if (r < 0) {
        free(new);
        p->ports.len -= slot ? 1 : 0;
        IGNORE(machine_evtchn_close(p->machine, DOM0, (uint32_t)port));
        return r;
    }
    return port;
}

int peer_port_alloc(struct peer *p, uint32_t domid)
{
    return add_port(p, machine_evtchn_alloc(p->machine, DOM0, domid));
}

int peer_port_bind(struct peer *p, uint32_t domid, uint32_t remote)
{
    return add_port(p, machine_evtchn_bind(p->machine, DOM0, domid, remote));
}

static struct peer_port **find_port(const struct peer *p, uint32_t port)
{
    for (size_t i = 0; i < p->ports.len; i++)
        if (p->ports.at[i]->port == port)
            return &p->ports.at[i];
    return NULL;
}

static void close_port(struct peer *p, struct peer_port **slot)
{
    IGNORE(machine_evtchn_listen(p->machine, DOM0, (*slot)->port, NULL, NULL));
    IGNORE(machine_evtchn_close(p->machine, DOM0, (*slot)->port));
    free(*slot);
    VEC_REMOVE(&p->ports, (size_t)(slot - p->ports.at));
}

int peer_port_close(struct peer *p, uint32_t port)
{
    struct peer_port **slot = find_port(p, port);

    if (!slot)
        return -EINVAL;
    close_port(p, slot);
    return 0;
}

int peer_port_kick(struct peer *p, uint32_t port)
{
    return find_port(p, port) ? machine_evtchn_send(p->machine, DOM0, port) : -EINVAL;
}

int peer_port_unmask(struct peer *p, uint32_t port)
{
    struct peer_port **slot = find_port(p, port);

    if (!slot)
        return -EINVAL;
    (*slot)->masked = false;
    if ((*slot)->pending)
        kicked(*slot);
    return 0;
}

int peer_events_fd(struct peer *p)
{
    if (p->events_fd < 0)
        p->events_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->events_fd < 0)
        return -errno;
    /* What came before there was anybody to tell. */
    for (size_t i = 0; i < p->ports.len; i++)
        if (p->ports.at[i]->pending && !p->ports.at[i]->masked)
            kicked(p->ports.at[i]);
    return add_fd(p, p->events_fd);
}

bool peer_next_port(struct peer *p, uint32_t *ret)
{
    for (size_t i = 0; i < p->ports.len; i++) {
        struct peer_port *port = p->ports.at[i];

        if (!port->pending || port->masked)
            continue;
        port->pending = false;
        port->masked = true;
        *ret = port->port;
        return true;
    }
    return false;
}

/* ---- the whole ---- */

struct peer *peer_new(struct machine *m)
{
    struct peer *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->machine = m;
    p->events_fd = -1;
    return p;
}

struct peer *peer_free(struct peer *p)
{
    if (!p)
        return NULL;
    for (size_t i = 0; i < p->areas.len; i++) {
        struct peer_area *a = &p->areas.at[i];

        if (!a->is_ended)
            notify(p, a);
        IGNORE(give_back(p, a, a->n));
        free(a->pages);
    }
    while (p->ports.len)
        close_port(p, &p->ports.at[p->ports.len - 1]);
    if (p->events_fd >= 0)
        (void)close(p->events_fd);
    peer_drop_fds(p);
    VEC_FINI(&p->areas);
    VEC_FINI(&p->ports);
    free(p);
    return NULL;
}
