/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How both ends of a device walk to Connected, and to Closed: one pure, total
 * table for all kinds. What was read goes in, what to do comes out; nothing
 * here reads the store, a clock, or remembers.
 */
#ifndef DOMO_DEV_HANDSHAKE_H
#define DOMO_DEV_HANDSHAKE_H

#include <stdbool.h>

#include "dev/dev.h"

enum { XENBUS_STATES = 9 };

/* What is being waited for. */
enum hs_phase {
    HS_ACCEPT,  /* the back end has taken the device and its hotplug is done; the guest may still be paused */
    HS_CONNECT, /* both ends are Connected */
    HS_CLOSE,   /* the back end has let go */
    HS_PHASES
};

/* Where the device's hotplug stands. */
enum hs_hotplug {
    HS_PLUG_DONE,   /* done, or the kind needs none */
    HS_PLUG_OURS,   /* still to be done, by us */
    HS_PLUG_THEIRS, /* still to be done, by the toolstack of the driver domain */
    HS_PLUG_ERROR,  /* hotplug-status says error or busy */
    HS_PLUGS
};

enum hs_verdict {
    HS_DONE,         /* the phase's goal is reached */
    HS_PLUG,         /* do the hotplug now, then look again */
    HS_WAIT_BACK,    /* the next move is the back end's */
    HS_WAIT_FRONT,   /* the next move is the guest's */
    HS_WAIT_HOTPLUG, /* the next move is the driver domain's toolstack's */
    HS_ASK_ERRORS,  /* the front end closes: whoever left an error node failed; if nobody did, it is the guest's move */
    HS_FAIL_BACK,   /* the back end has passed the goal, or is gone */
    HS_FAIL_HOTPLUG /* hotplug failed */
};

/* The verdict of one cell. */
enum hs_verdict handshake_step(enum hs_phase, enum xenbus_state back, enum xenbus_state front, enum hs_hotplug);

/* Nobody on the guest's side uses the device: taking its nodes away harms nothing, and asking would get no answer. */
bool handshake_idle(enum xenbus_state back, enum xenbus_state front);

/* The text of a state node, which may be the guest's: one digit, anything else (and NULL) is Unknown. */
enum xenbus_state xenbus_state_parse(const char *text);

#endif
