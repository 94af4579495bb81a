/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * All guests: they come with the machine's word that a domain runs, and go
 * when it is destroyed.
 */
#include <stdlib.h>

#include "sim/guest.h"

static struct guest *find(struct guests *gs, uint32_t domid)
{
    struct guest *g;

    HASH_FIND(hh, gs->by_domid, &domid, sizeof domid, g);
    return g;
}

static void start(struct guests *gs, uint32_t domid)
{
    struct guest *g = guest_new(gs, domid);

    if (!g)
        return;
    HASH_ADD(hh, gs->by_domid, domid, sizeof g->domid, g);
    if (!HASH_ADDED(g))
        guest_free(g);
}

static void forget(struct guests *gs, struct guest *g)
{
    struct guest **at = &gs->ready;

    while (*at && *at != g)
        at = &(*at)->next_ready;
    if (*at)
        *at = g->next_ready;
    HASH_DEL(gs->by_domid, g);
    guest_free(g);
}

/* For good; a guest that has suspended itself may go on. */
static void stop(const struct guests *gs, struct guest *g)
{
    struct hyp_info info;

    g->stop_at = 0;
    g->is_stopped = machine_domain(sim_machine(gs->sim), g->domid, &info) || info.shutdown_reason != MACHINE_SUSPEND;
}

static void on_change(void *arg, uint32_t domid, enum machine_change what)
{
    struct guests *gs = arg;
    struct guest *g = find(gs, domid);

    switch (what) {
    case MACHINE_STARTED:
        if (!g)
            start(gs, domid);
        break;
    case MACHINE_SHUTDOWN:
        if (g)
            stop(gs, g);
        break;
    case MACHINE_DYING:
    case MACHINE_GONE:
        if (g)
            forget(gs, g);
        break;
    }
}

struct guest *guests_driver(struct guests *gs, uint32_t domid)
{
    struct guest *g = find(gs, domid);

    return g && g->backs ? g : NULL;
}

uint32_t guests_next_driver(struct guests *gs, uint32_t after)
{
    uint32_t next = 0;

    for (const struct guest *g = gs->drivers; g; g = g->next_driver)
        if (g->domid > after && (!next || g->domid < next))
            next = g->domid;
    return next;
}

/* The kernels of driver domains; one that is paused serves nobody. */
static bool drivers_turn(struct guests *gs)
{
    bool any = false;

    for (struct guest *g = gs->drivers; g; g = g->next_driver)
        if (!g->is_stopped && machine_runs(sim_machine(gs->sim), g->domid))
            any |= backs_turn(g->backs);
    return any;
}

bool guests_turn(struct guests *gs)
{
    struct guest *g = gs->ready;
    bool any = g != NULL;

    any |= drivers_turn(gs);
    gs->ready = NULL;
    while (g) {
        struct guest *next = g->next_ready;

        g->is_ready = false;
        guest_run(g);
        g = next;
    }
    return any;
}

struct guests *guests_new(struct sim *sim)
{
    struct guests *gs = calloc(1, sizeof *gs);

    if (!gs)
        return NULL;
    gs->sim = sim;
    gs->xs = xsc_new(sim_store(sim), 0);
    return gs->xs && machine_on_change(sim_machine(sim), on_change, gs) == 0 ? gs : guests_free(gs);
}

struct guests *guests_free(struct guests *gs)
{
    struct guest *g, *next;

    if (!gs)
        return NULL;
    for (g = gs->by_domid; g; g = next) {
        next = g->hh.next;
        forget(gs, g);
    }
    (void)xsc_free(gs->xs);
    free(gs);
    return NULL;
}
