/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "guard.h"

#include "base/clock.h"
#include "server.h"

void guard_start(struct conn *c)
{
    struct guard *g = &c->ds->guard;

    if (!c->who.privileged || !g->conflicts || c->conflicts < g->conflicts || g->by)
        return;
    g->by = c;
    g->until_ms = clock_now_ms() + GUARD_MS;
}

/* Those who waited go on. */
static void release(struct domostore *ds)
{
    struct conn *c;

    ds->guard.by = NULL;
    for (c = ds->conns; c; c = c->next)
        if (c->paused && !c->dead)
            server_want_flush(c);
}

void guard_end(struct conn *c, bool conflict)
{
    c->conflicts = conflict ? c->conflicts + 1 : 0;
    guard_drop(c);
}

void guard_drop(const struct conn *c)
{
    if (c->ds->guard.by == c)
        release(c->ds);
}

bool guard_holds(const struct conn *c)
{
    return c->ds->guard.by && !c->who.privileged;
}

int guard_check(struct domostore *ds)
{
    int left;

    if (!ds->guard.by)
        return -1;
    left = clock_left_ms(ds->guard.until_ms, clock_now_ms());
    if (left == 0)
        release(ds);
    return left;
}
