/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim/line.h"

#include <errno.h>
#include <string.h>

void sim_line_init(struct sim_line *l, struct machine *m, uint32_t domid)
{
    memset(l, 0, sizeof *l);
    l->machine = m;
    l->domid = domid;
}

void sim_line_fini(struct sim_line *l)
{
    VEC_FINI(&l->offers);
}

/* Pages whose other end has unmapped them since are given back. */
static void collect(struct sim_line *l)
{
    for (size_t i = l->offers.len; i-- > 0;) {
        struct sim_offer *o = &l->offers.at[i];

        if (!o->withdrawn || machine_ungrant(l->machine, l->domid, o->ref) == -EBUSY)
            continue;
        machine_give_page(l->machine, l->domid, o->gfn);
        VEC_REMOVE(&l->offers, i);
    }
}

static int line_offer(void *arg, uint32_t remote, bool read_only, void **ret_page, uint32_t *ret_ref)
{
    struct sim_line *l = arg;
    struct sim_offer *o;
    int64_t gfn;
    int ref;

    collect(l);
    gfn = machine_take_page(l->machine, l->domid);
    if (gfn < 0)
        return (int)gfn;
    ref = machine_grant(l->machine, l->domid, remote, (uint64_t)gfn, read_only);
    o = ref >= 0 ? VEC_PUSH(&l->offers) : NULL;
    if (!o) {
        if (ref >= 0)
            IGNORE(machine_ungrant(l->machine, l->domid, (uint32_t)ref));
        machine_give_page(l->machine, l->domid, (uint64_t)gfn);
        return ref < 0 ? ref : -ENOMEM;
    }
    *o = (struct sim_offer){.ref = (uint32_t)ref, .gfn = (uint64_t)gfn};
    *ret_page = machine_page(l->machine, l->domid, (uint64_t)gfn);
    *ret_ref = (uint32_t)ref;
    memset(*ret_page, 0, MACHINE_PAGE_SIZE);
    return 0;
}

static void line_withdraw(void *arg, uint32_t ref)
{
    struct sim_line *l = arg;

    for (size_t i = 0; i < l->offers.len; i++) {
        if (l->offers.at[i].ref == ref)
            l->offers.at[i].withdrawn = true;
    }
    collect(l);
}

static int line_port_offer(void *arg, uint32_t remote)
{
    struct sim_line *l = arg;

    return machine_evtchn_alloc(l->machine, l->domid, remote);
}

static int line_map(void *arg, uint32_t domid, uint32_t ref, bool write, void **ret_page)
{
    struct sim_line *l = arg;

    return machine_map(l->machine, l->domid, domid, ref, write, ret_page);
}

static void line_unmap(void *arg, uint32_t domid, uint32_t ref, void *page)
{
    struct sim_line *l = arg;

    (void)page;
    IGNORE(machine_unmap(l->machine, l->domid, domid, ref));
}

static int line_port_bind(void *arg, uint32_t domid, uint32_t remote_port)
{
    struct sim_line *l = arg;

    return machine_evtchn_bind(l->machine, l->domid, domid, remote_port);
}

static int line_port_listen(void *arg, uint32_t port, void (*kicked)(void *owner), void *owner)
{
    struct sim_line *l = arg;

    return machine_evtchn_listen(l->machine, l->domid, port, kicked, owner);
}

static void line_port_kick(void *arg, uint32_t port)
{
    struct sim_line *l = arg;

    IGNORE(machine_evtchn_send(l->machine, l->domid, port));
}

static void line_port_close(void *arg, uint32_t port)
{
    struct sim_line *l = arg;

    IGNORE(machine_evtchn_close(l->machine, l->domid, port));
}

static const struct line_ops ops = {
    .offer = line_offer,
    .withdraw = line_withdraw,
    .port_offer = line_port_offer,
    .map = line_map,
    .unmap = line_unmap,
    .port_bind = line_port_bind,
    .port_listen = line_port_listen,
    .port_kick = line_port_kick,
    .port_close = line_port_close,
};

struct line sim_line(struct sim_line *l)
{
    return (struct line){&ops, l};
}
