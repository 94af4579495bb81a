/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_stored.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PORT_DEATHS = 1, PORT_FIRST = 2, OWN_REMOTE = 10 };

struct stored {
    int fd;
};

struct fake_hv fake_hv;

void fake_stored_setup(void)
{
    memset(&fake_hv, 0, sizeof fake_hv);
    fake_hv.fd = -1;
    fake_hv.memory = memfd_create("domains", MFD_CLOEXEC);
    if (fake_hv.memory < 0 || ftruncate(fake_hv.memory, (off_t)FAKE_DOMS * FAKE_PAGE) < 0)
        abort();
    fake_stored_add(0);
    memset(fake_hv.dom[0].page, 0, FAKE_PAGE); /* a kernel's page is clean */
}

void fake_stored_teardown(void)
{
    int i;

    for (i = 0; i < FAKE_DOMS; i++)
        if (fake_hv.dom[i].page)
            (void)munmap(fake_hv.dom[i].page, FAKE_PAGE);
    (void)close(fake_hv.memory);
}

/* Each mapping has an address of its own, and is gone when it is unmapped. */
static uint8_t *map_page(uint16_t domid)
{
    void *p = mmap(NULL, FAKE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fake_hv.memory, (off_t)domid * FAKE_PAGE);

    if (p == MAP_FAILED)
        abort();
    return p;
}

void fake_stored_add(uint16_t domid)
{
    struct fake_dom *d = &fake_hv.dom[domid];

    d->there = true;
    d->waiting = 10U + domid;
    if (!d->page)
        d->page = map_page(domid);
    memset(d->page, 0xa5, FAKE_PAGE);
}

static void fire(struct fake_port *p)
{
    uint64_t one = 1;

    p->pending = true;
    if (write(fake_hv.fd, &one, sizeof one) != sizeof one)
        abort();
}

void fake_stored_kick(uint16_t domid)
{
    int i;

    for (i = PORT_FIRST; i < FAKE_PORTS; i++)
        if (fake_hv.port[i].bound && fake_hv.port[i].domid == domid)
            fire(&fake_hv.port[i]);
}

void fake_stored_deaths(void)
{
    fire(&fake_hv.port[PORT_DEATHS]);
}

unsigned fake_stored_bound(void)
{
    unsigned n = 0;
    int i;

    for (i = PORT_FIRST; i < FAKE_PORTS; i++)
        n += fake_hv.port[i].bound;
    return n;
}

static int fake_open(int events_fd, struct stored **ret)
{
    struct stored *x = calloc(1, sizeof *x);

    if (!x)
        return -ENOMEM;
    fake_hv.fd = x->fd = events_fd >= 0 ? events_fd : eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    *ret = x;
    return 0;
}

static void fake_close(struct stored *x)
{
    if (!fake_hv.replaced) {
        (void)close(x->fd);
        memset(fake_hv.port, 0, sizeof fake_hv.port);
    }
    free(x);
}

static int fake_events_fd(struct stored *x)
{
    return x->fd;
}

static int fake_take(struct stored *x, uint32_t *ret_ports, size_t max)
{
    uint64_t count;
    size_t n = 0;
    int i;

    if (read(x->fd, &count, sizeof count) != sizeof count)
        return 0;
    for (i = PORT_DEATHS; i < FAKE_PORTS && n < max; i++) {
        if (fake_hv.port[i].bound && fake_hv.port[i].pending)
            ret_ports[n++] = (uint32_t)i;
        fake_hv.port[i].pending = false;
    }
    return (int)n;
}

static int fake_bind(struct stored *x, uint16_t domid, uint32_t remote, uint32_t *ret_port)
{
    int i, free_port = 0;

    (void)x;
    if (domid >= FAKE_DOMS || !fake_hv.dom[domid].there)
        return -ESRCH;
    for (i = FAKE_PORTS - 1; i >= PORT_FIRST; i--) {
        const struct fake_port *p = &fake_hv.port[i];

        if (!p->bound)
            free_port = i;
        else if (p->domid == domid && p->remote == remote)
            return -EINVAL; /* it is connected, not waiting */
    }
    if (fake_hv.dom[domid].waiting != remote)
        return -EINVAL;
    fake_hv.port[free_port] = (struct fake_port){.bound = true, .domid = domid, .remote = remote};
    *ret_port = (uint32_t)free_port;
    return 0;
}

static int fake_bind_deaths(struct stored *x, uint32_t *ret_port)
{
    (void)x;
    if (fake_hv.port[PORT_DEATHS].bound)
        return -EEXIST;
    fake_hv.port[PORT_DEATHS].bound = true;
    *ret_port = PORT_DEATHS;
    return 0;
}

static void fake_unbind(struct stored *x, uint32_t port)
{
    (void)x;
    if (!fake_hv.replaced)
        fake_hv.port[port].bound = false;
}

static void fake_notify(struct stored *x, uint32_t port)
{
    (void)x;
    fake_hv.dom[fake_hv.port[port].domid].kicks++;
}

static int fake_map(struct stored *x, uint16_t domid, uint64_t gfn, struct stored_map *ret)
{
    (void)x;
    (void)gfn;
    if (domid >= FAKE_DOMS || !fake_hv.dom[domid].there || fake_hv.dom[domid].no_page)
        return -ENOENT;
    fake_hv.maps++;
    *ret = (struct stored_map){.page = map_page(domid), .how = domid};
    return 0;
}

static int fake_map_own(struct stored *x, struct stored_map *ret, uint32_t *ret_remote)
{
    *ret_remote = OWN_REMOTE;
    return fake_map(x, 0, 0, ret);
}

static void fake_unmap(struct stored *x, const struct stored_map *map)
{
    (void)x;
    if (munmap(map->page, FAKE_PAGE) < 0)
        abort();
    fake_hv.maps--;
}

static int fake_list(struct stored *x, uint16_t first, struct stored_dom *ret, size_t max)
{
    size_t n = 0, i;

    (void)x;
    fake_hv.lists++;
    if (fake_hv.list_fails)
        return -EPERM;
    for (i = first; i < FAKE_DOMS && n < max; i++)
        if (fake_hv.dom[i].there)
            ret[n++] = (struct stored_dom){
                .domid = (uint16_t)i, .is_dying = fake_hv.dom[i].dying, .is_shutdown = fake_hv.dom[i].shutdown};
    return (int)n;
}

const struct stored_ops fake_stored_ops = {
    .open = fake_open,
    .close = fake_close,
    .events_fd = fake_events_fd,
    .take_events = fake_take,
    .bind = fake_bind,
    .bind_deaths = fake_bind_deaths,
    .unbind = fake_unbind,
    .notify = fake_notify,
    .map = fake_map,
    .map_own = fake_map_own,
    .unmap = fake_unmap,
    .list = fake_list,
};
