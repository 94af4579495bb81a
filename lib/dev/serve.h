/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a toolstack owes to devices that are served in its own domain though
 * another toolstack, in domain 0, made them: the part of a driver domain's
 * daemon that is pure. What was seen of a device goes in, what to do comes out.
 */
#ifndef DOMO_DEV_SERVE_H
#define DOMO_DEV_SERVE_H

/* What is seen of the back end's own directory. The front end's is never looked at. */
enum serve_seen {
    SERVE_SEEN_GONE,    /* there is no such directory (any more) */
    SERVE_SEEN_OVER,    /* Closed, and not online: to be taken away */
    SERVE_SEEN_WAITS,   /* in InitWait, without a word of hotplug */
    SERVE_SEEN_REFUSED, /* hotplug-status says error or busy */
    SERVE_SEEN_PLUGGED, /* the back end is open, and its hotplug was done */
    SERVE_SEEN_OTHER,   /* on its way: the next move is not ours */
    SERVE_SEENS
};

/* Where we are with it. */
enum serve_stand {
    SERVE_NEW,        /* nothing was done by this process */
    SERVE_PLUGGING,   /* its hotplug runs */
    SERVE_ON,         /* its hotplug was done: giving back is owed */
    SERVE_FAILED,     /* its hotplug failed, and that was said in its directory */
    SERVE_UNPLUGGING, /* what it held is being given back */
    SERVE_STANDS
};

enum serve_move {
    SERVE_NOTHING,
    SERVE_PLUG,   /* do its hotplug */
    SERVE_ADOPT,  /* an earlier daemon did its hotplug: giving back is owed */
    SERVE_GO_ON,  /* look after what runs */
    SERVE_UNPLUG, /* give back what it holds */
    SERVE_FORGET  /* nothing is held, nothing is left */
};

enum serve_move serve_decide(enum serve_stand, enum serve_seen);

#endif
