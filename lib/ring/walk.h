/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a back end does when the other end's state changes, as one total table.
 * Pure: bus.c acts.
 */
#ifndef DOMO_RING_WALK_H
#define DOMO_RING_WALK_H

#include <stdbool.h>

/* Numbers as in the nodes "state" of both ends (Xen's public header io/xenbus.h). */
enum walk_state {
    WALK_UNKNOWN,
    WALK_INITIALISING,
    WALK_INIT_WAIT,
    WALK_INITIALISED,
    WALK_CONNECTED,
    WALK_CLOSING,
    WALK_CLOSED,
    WALK_RECONFIGURING,
    WALK_RECONFIGURED,
    WALK_NONSENSE, /* the node holds something else */
    WALK_STATES
};

enum walk_action {
    WALK_STAY,
    WALK_CONNECT, /* take up what the guest has published, then Connected */
    WALK_CLOSE,   /* Closing: the guest is on its way out */
    WALK_END,     /* let go of all that is shared, then Closed */
    WALK_REOPEN,  /* InitWait: the guest begins anew */
    WALK_REFUSE,  /* the guest's state makes no sense: say so, let go, Closing */
};

/* "own": InitWait, Connected, Closing or Closed, the only ones that a back end of ours stands in. "online": the
 * toolstack wants the device. */
enum walk_action walk_step(enum walk_state own, enum walk_state front, bool online);

/* The text of a node "state"; NULL (no node) is WALK_UNKNOWN. */
enum walk_state walk_parse(const char *text);

#endif
