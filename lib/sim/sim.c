/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The simulated host: its parts wired together, its timers, its step.
 *
 * The store maps a guest's ring as a real one does: through the grant that the
 * builder made, and through an event channel that it binds.
 */
#include "sim/sim.h"

#include <errno.h>
#include <string.h>

#include "base/vec.h"
#include "sim/bus.h"
#include "sim/guest.h"
#include "sim/node.h"
#include "sim/world.h"
#include "sim/xs.h"

enum { GRANT_OF_STORE = 1, TURNS_MAX = 100000 };

struct timer {
    int64_t at_ms, id;
    void (*due)(void *arg);
    void *arg;
};

/* Domain 0's end of a guest's store ring. */
struct ring {
    struct sim *sim;
    uint32_t domid, port; /* the port is domain 0's */
};

struct sim {
    struct world *world;
    struct machine *machine;
    struct domostore *store;
    struct node *node;
    struct bus *bus;
    struct backs *backs;
    struct guests *guests;
    struct consoles *consoles;
    int64_t now_ms, last_timer;
    VEC(struct timer) timers; /* a heap: the first is due first */
    VEC(struct ring *) rings; /* by domid */
};

/* ---- timers ---- */

static bool sooner(const struct timer *a, const struct timer *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->id < b->id;
}

static void swap(struct sim *s, size_t a, size_t b)
{
    struct timer t = s->timers.at[a];

    s->timers.at[a] = s->timers.at[b];
    s->timers.at[b] = t;
}

static size_t sift_up(struct sim *s, size_t i)
{
    for (; i > 0 && sooner(&s->timers.at[i], &s->timers.at[(i - 1) / 2]); i = (i - 1) / 2)
        swap(s, i, (i - 1) / 2);
    return i;
}

static void sift_down(struct sim *s, size_t i)
{
    for (;;) {
        size_t least = i;

        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < s->timers.len; child++)
            if (sooner(&s->timers.at[child], &s->timers.at[least]))
                least = child;
        if (least == i)
            return;
        swap(s, i, least);
        i = least;
    }
}

static struct timer take_timer(struct sim *s, size_t i)
{
    struct timer t = s->timers.at[i];

    s->timers.at[i] = s->timers.at[s->timers.len - 1];
    s->timers.len--;
    if (i < s->timers.len)
        sift_down(s, sift_up(s, i));
    return t;
}

int64_t sim_at(struct sim *s, int64_t at_ms, void (*due)(void *arg), void *arg)
{
    struct timer *slot = VEC_PUSH(&s->timers);

    if (!slot)
        return -ENOMEM;
    *slot = (struct timer){.at_ms = at_ms, .id = ++s->last_timer, .due = due, .arg = arg};
    (void)sift_up(s, s->timers.len - 1);
    return s->last_timer;
}

void sim_cancel(struct sim *s, int64_t timer)
{
    for (size_t i = 0; i < s->timers.len; i++)
        if (s->timers.at[i].id == timer) {
            (void)take_timer(s, i);
            return;
        }
}

/* Timers that are due now; not those that they set, which wait for the next turn. */
static bool timers_turn(struct sim *s)
{
    int64_t newest = s->last_timer;
    bool any = false;

    while (s->timers.len && s->timers.at[0].at_ms <= s->now_ms && s->timers.at[0].id <= newest) {
        struct timer t = take_timer(s, 0);

        t.due(t.arg);
        any = true;
    }
    return any;
}

/* ---- the store's rings ---- */

static size_t ring_position(const struct sim *s, uint32_t domid)
{
    size_t low = 0, high = s->rings.len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->rings.at[middle]->domid < domid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct ring *find_ring(const struct sim *s, uint32_t domid)
{
    size_t i = ring_position(s, domid);

    return i < s->rings.len && s->rings.at[i]->domid == domid ? s->rings.at[i] : NULL;
}

static void ring_kicked(void *arg)
{
    const struct ring *ring = arg;

    domostore_ring_event(ring->sim->store, (uint16_t)ring->domid);
}

static int bind_ring(struct ring *ring, uint32_t port)
{
    int mine = machine_evtchn_bind(ring->sim->machine, 0, ring->domid, port);

    if (mine < 0)
        return mine;
    ring->port = (uint32_t)mine;
    return machine_evtchn_listen(ring->sim->machine, 0, ring->port, ring_kicked, ring);
}

static int add_ring(struct sim *s, uint32_t domid, struct ring **ret)
{
    size_t i = ring_position(s, domid);
    struct ring *ring = calloc(1, sizeof *ring);

    if (!ring || !VEC_PUSH(&s->rings)) {
        free(ring);
        return -ENOMEM;
    }
    *ring = (struct ring){.sim = s, .domid = domid};
    memmove(&s->rings.at[i + 1], &s->rings.at[i], (s->rings.len - 1 - i) * sizeof *s->rings.at);
    s->rings.at[i] = ring;
    *ret = ring;
    return 0;
}

static void drop_ring(struct sim *s, uint32_t domid)
{
    size_t i = ring_position(s, domid);
    struct ring *ring = find_ring(s, domid);

    if (!ring)
        return;
    if (ring->port)
        IGNORE(machine_evtchn_close(s->machine, 0, ring->port));
    VEC_REMOVE(&s->rings, i);
    free(ring);
}

static bool on_domain_exists(void *arg, uint16_t domid)
{
    struct hyp_info info;

    return machine_domain(((struct sim *)arg)->machine, domid, &info) == 0;
}

static int on_ring_map(void *arg, uint16_t domid, uint64_t gfn, uint32_t port, void **ret_page)
{
    struct sim *s = arg;
    struct ring *ring;
    int r;

    (void)gfn; /* the grant says which page; a toolstack may not know it better */
    r = machine_map(s->machine, 0, domid, GRANT_OF_STORE, true, ret_page);
    if (r < 0)
        return r == -ESRCH ? -ENOENT : -EINVAL;
    r = add_ring(s, domid, &ring);
    if (r == 0)
        r = bind_ring(ring, port);
    if (r < 0) {
        drop_ring(s, domid);
        IGNORE(machine_unmap(s->machine, 0, domid, GRANT_OF_STORE));
        return r == -ESRCH ? -ENOENT : r;
    }
    return 0;
}

static int on_ring_rebind(void *arg, uint16_t domid, uint64_t gfn, uint32_t port)
{
    struct sim *s = arg;
    struct ring *ring = find_ring(s, domid);

    (void)gfn;
    if (!ring)
        return -ENOENT;
    if (ring->port)
        IGNORE(machine_evtchn_close(s->machine, 0, ring->port));
    ring->port = 0;
    return bind_ring(ring, port);
}

static void on_ring_unmap(void *arg, uint16_t domid, void *page)
{
    struct sim *s = arg;

    (void)page;
    drop_ring(s, domid);
    IGNORE(machine_unmap(s->machine, 0, domid, GRANT_OF_STORE));
}

static void on_ring_notify(void *arg, uint16_t domid)
{
    struct sim *s = arg;
    const struct ring *ring = find_ring(s, domid);

    if (ring && ring->port)
        IGNORE(machine_evtchn_send(s->machine, 0, ring->port));
}

/* As a store daemon hears it of the hypervisor: a domain that is dying has lost its place in the store. */
static void on_change(void *arg, uint32_t domid, enum machine_change what)
{
    struct sim *s = arg;

    switch (what) {
    case MACHINE_SHUTDOWN:
        domostore_domain_shutdown(s->store, (uint16_t)domid);
        break;
    case MACHINE_DYING:
        domostore_domain_destroyed(s->store, (uint16_t)domid);
        break;
    case MACHINE_STARTED:
    case MACHINE_GONE:
        break;
    }
}

/* ---- making ---- */

static int set_quotas(struct sim *s)
{
    for (size_t i = 0; i < s->world->quota_count; i++) {
        int r = domostore_set_quota(s->store, s->world->quotas[i].name, s->world->quotas[i].value);

        if (r < 0)
            return r;
    }
    return 0;
}

/* What xen-init-dom0 writes when a Xen host boots. */
static int name_dom0(struct sim *s)
{
    static const char home[] = "/local/domain/0";
    struct xsc *xs = xsc_new(s->store, 0);
    int r = xs ? xsc_write(xs, 0, home, "domid", "0") : -ENOMEM;

    if (r == 0)
        r = xsc_write(xs, 0, home, "name", "Domain-0");
    (void)xsc_free(xs);
    return r;
}

static int make_parts(struct sim *s)
{
    static const struct domostore_ops ops = {
        .domain_exists = on_domain_exists,
        .ring_map = on_ring_map,
        .ring_rebind = on_ring_rebind,
        .ring_unmap = on_ring_unmap,
        .ring_notify = on_ring_notify,
    };

    s->machine = machine_new(&s->world->size);
    s->store = s->machine ? domostore_new(&ops, s) : NULL;
    s->node = s->store ? node_open() : NULL;
    s->bus = s->node ? bus_new(s->world, s->machine) : NULL;
    if (!s->bus || world_bridge(s->world, s->node) < 0 || set_quotas(s) < 0 ||
        machine_on_change(s->machine, on_change, s) < 0 || name_dom0(s) < 0)
        return -ENOMEM;
    if (s->world->has_loop_limit)
        node_loop_limit(s->node, s->world->loop_limit);
    s->backs = backs_new(s, 0, s->node, NULL);
    s->consoles = s->backs ? consoles_new(s) : NULL;
    s->guests = s->consoles ? guests_new(s) : NULL;
    return s->guests ? 0 : -ENOMEM;
}

struct sim *sim_new(struct world *world)
{
    struct sim *s = calloc(1, sizeof *s);

    if (!s)
        return NULL;
    s->world = world;
    if (make_parts(s) < 0) {
        /* The world stays the caller's. */
        s->world = NULL;
        return sim_free(s);
    }
    return s;
}

struct sim *sim_free(struct sim *s)
{
    if (!s)
        return NULL;
    if (s->guests)
        s->guests = guests_free(s->guests);
    if (s->consoles)
        s->consoles = consoles_free(s->consoles);
    if (s->backs)
        s->backs = backs_free(s->backs);
    s->store = domostore_free(s->store);
    while (s->rings.len)
        drop_ring(s, s->rings.at[0]->domid);
    s->node = node_close(s->node);
    s->bus = bus_free(s->bus);
    s->machine = machine_free(s->machine);
    VEC_FINI(&s->timers);
    VEC_FINI(&s->rings);
    (void)world_free(s->world);
    free(s);
    return NULL;
}

/* ---- stepping ---- */

static bool turn(struct sim *s)
{
    bool any = machine_turn(s->machine);

    any |= !domostore_turn(s->store);
    any |= backs_turn(s->backs);
    any |= consoles_turn(s->consoles);
    any |= guests_turn(s->guests);
    any |= timers_turn(s);
    return any;
}

int64_t sim_step(struct sim *s, int64_t now_ms)
{
    if (now_ms > s->now_ms)
        s->now_ms = now_ms;
    machine_set_time(s->machine, s->now_ms);
    /* Two parts that never leave each other alone must not keep whoever steps from its sockets. */
    for (int turns = 0; turn(s); turns++)
        if (turns == TURNS_MAX)
            return s->now_ms;
    return s->timers.len ? s->timers.at[0].at_ms : -1;
}

int64_t sim_now_ms(const struct sim *s)
{
    return s->now_ms;
}

struct machine *sim_machine(struct sim *s)
{
    return s->machine;
}

struct domostore *sim_store(struct sim *s)
{
    return s->store;
}

struct world *sim_world(struct sim *s)
{
    return s->world;
}

struct bus *sim_bus(struct sim *s)
{
    return s->bus;
}

struct node *sim_node(struct sim *s)
{
    return s->node;
}

struct node *sim_node_of(struct sim *s, uint32_t domid)
{
    const struct guest *g = domid ? guests_driver(s->guests, domid) : NULL;

    if (!domid)
        return s->node;
    return g ? g->node : NULL;
}

const struct world_guest *sim_driver(struct sim *s, uint32_t domid)
{
    const struct guest *g = guests_driver(s->guests, domid);

    return g ? g->rule : NULL;
}

uint32_t sim_next_driver(struct sim *s, uint32_t after)
{
    return guests_next_driver(s->guests, after);
}

struct consoles *sim_consoles(struct sim *s)
{
    return s->consoles;
}
