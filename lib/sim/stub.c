/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Stand-ins for the parts of domain 0 and of the guests that are not there:
 * weak, so that the real ones take their places when they are linked.
 */
#include "sim/sim.h"

#define WEAK __attribute__((weak))

static char nothing;

WEAK struct guests *guests_new(struct sim *s)
{
    (void)s;
    return (struct guests *)&nothing;
}

WEAK struct guests *guests_free(struct guests *g)
{
    (void)g;
    return NULL;
}

WEAK bool guests_turn(struct guests *g)
{
    (void)g;
    return false;
}

WEAK struct consoles *consoles_new(struct sim *s)
{
    (void)s;
    return (struct consoles *)&nothing;
}

WEAK struct consoles *consoles_free(struct consoles *c)
{
    (void)c;
    return NULL;
}

WEAK bool consoles_turn(struct consoles *c)
{
    (void)c;
    return false;
}

WEAK int consoles_fd(const struct consoles *c)
{
    (void)c;
    return -1;
}
