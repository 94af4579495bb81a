/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How both ends of a device walk to Connected, and to Closed: one pure, total
 * table for all kinds: phase x event x hotplug x back end x front end. What was read goes in, what to do comes out;
 * nothing here reads the store, a clock, or remembers.
 */
#ifndef DOMO_DEV_HANDSHAKE_H
#define DOMO_DEV_HANDSHAKE_H

#include <stdbool.h>

#include "dev/dev.h"

enum { XENBUS_STATES = 9 };

/* What is being waited for. */
enum hs_phase {
    HS_ACCEPT,      /* the back end has taken the device and its hotplug is done; the guest may still be paused */
    HS_CONNECT,     /* both ends are Connected */
    HS_RECONFIGURE, /* both ends are Connected again, after the back end was told to reconfigure (pci) */
    HS_RECONNECT,   /* both ends are Connected again, after one of them closed or started anew */
    HS_CLOSE,       /* the back end has let go */
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

/* Why the device is looked at. The later ones win: a guest that has died is not late. */
enum hs_event {
    HS_LOOK,        /* something changed, or may have */
    HS_LATE,        /* the phase has had all its time */
    HS_GUEST_GONE,  /* the guest has shut down, crashed, is dying or gone */
    HS_SERVER_GONE, /* so has the driver domain */
    HS_EVENTS
};

enum hs_verdict {
    HS_DONE,         /* the phase's goal is reached */
    HS_PLUG,         /* do the hotplug now, then look again */
    HS_WAIT_BACK,    /* the next move is the back end's */
    HS_WAIT_FRONT,   /* the next move is the guest's */
    HS_WAIT_HOTPLUG, /* the next move is the driver domain's toolstack's */
    HS_ASK_FRONT,    /* an end closes: whoever left an error node failed; if nobody did, it is the guest's move */
    HS_ASK_BACK,     /* the same, but then it is the back end's */
    HS_FAIL_BACK,    /* the back end has passed the goal, or is gone */
    HS_FAIL_HOTPLUG, /* hotplug failed */
    HS_FAIL_GUEST,   /* the guest can't reach the goal any more */
    HS_FAIL_SERVER,  /* the driver domain can't */
    HS_LATE_PLUG,    /* time is up, and we could not plug: the kernel made nothing to plug */
    HS_LATE_BACK,    /* time is up; the back end should have moved */
    HS_LATE_FRONT,   /* time is up; the guest should have */
    HS_LATE_HOTPLUG, /* time is up; the driver domain's toolstack should have */
    HS_VERDICTS
};

/* One look at a device: a cell of the table. */
struct hs_look {
    enum hs_phase phase;
    enum hs_event event;
    enum hs_hotplug hotplug;
    enum xenbus_state back, front;
};

/* The verdict of one cell. */
enum hs_verdict handshake_step(const struct hs_look *);
/* After HS_ASK_FRONT or HS_ASK_BACK, when neither end left an error: whose move it is, or was. */
enum hs_verdict handshake_unblamed(enum hs_verdict asked, enum hs_event);

/* "accept", "connect", "reconfigure", "reconnect", "close": as in messages and in --timeout. */
const char *handshake_phase_name(enum hs_phase);
/* Whom a verdict waits for, or waited for: "the back end", "the guest's front end", …; NULL if for nobody. */
const char *handshake_mover(enum hs_verdict);

/* Nobody on the guest's side uses the device: taking its nodes away harms nothing, and asking would get no answer. */
bool handshake_idle(enum xenbus_state back, enum xenbus_state front);

/* The text of a state node, which may be the guest's: one digit, anything else (and NULL) is Unknown. */
enum xenbus_state xenbus_state_parse(const char *text);

#endif
