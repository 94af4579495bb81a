/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest that serves devices to others: once it has booted it has block and
 * network back ends of its own, and disks, bridges and interfaces that domain 0
 * knows nothing of. Hotplug in it is done by whoever runs there (domo devd).
 */
#include <stdlib.h>

#include "sim/guest.h"
#include "sim/node.h"

void driver_start(struct guest *g)
{
    struct sim *sim = g->all->sim;

    if (!g->rule->serves_vbd && !g->rule->serves_vif)
        return;
    g->node = node_open();
    if (g->node && world_bridge(sim_world(sim), g->node) == 0)
        g->backs = backs_new(sim, g->domid, g->node, g->rule);
    if (!g->backs) {
        driver_end(g);
        return;
    }
    g->next_driver = g->all->drivers;
    g->all->drivers = g;
}

void driver_end(struct guest *g)
{
    struct guest **at = &g->all->drivers;

    while (*at && *at != g)
        at = &(*at)->next_driver;
    if (*at)
        *at = g->next_driver;
    if (g->backs)
        g->backs = backs_free(g->backs);
    if (g->node)
        g->node = node_close(g->node);
}
