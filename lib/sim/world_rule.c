/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a world says of one guest, and how it is set up.
 */
#include <fnmatch.h>

#include "base/str.h"
#include "sim/node.h"
#include "sim/world.h"

bool world_serves(const struct world_guest *g, const char *name)
{
    return (g->serves_vbd && str_eq(name, "vbd")) || (g->serves_vif && str_eq(name, "vif"));
}

int world_bridge(const struct world *w, struct node *node)
{
    int r = 0;

    for (size_t i = 0; r == 0 && i < w->bridge_count; i++)
        r = node_iface_add(node, w->bridges[i], true, NULL);
    return r;
}

/* ---- rules ---- */

static bool fits(const char *pattern, const char *text)
{
    return !pattern || fnmatch(pattern, text ? text : "", 0) == 0;
}

const struct world_guest *world_rule(const struct world *w, const char *name, const char *kernel, uint32_t order)
{
    static const struct world_guest well_behaved = {.manner = GUEST_NORMAL};

    for (size_t i = 0; i < w->guest_count; i++) {
        const struct world_guest *g = &w->guests[i];

        if (fits(g->name, name) && fits(g->kernel, kernel) && (!g->order || g->order == order))
            return g;
    }
    return &well_behaved;
}
