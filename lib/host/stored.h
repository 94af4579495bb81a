/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a store daemon asks of the hypervisor: pages shared with guests, event
 * channels, who is alive. It is apart from host.h because nothing else needs
 * it, and a daemon that all guests depend on should link no more than it uses.
 * No Xen header here: xen_stored.c is behind it, tests put a fake there.
 *
 * Functions return 0 or a negative errno unless they say otherwise.
 */
#ifndef DOMO_HOST_STORED_H
#define DOMO_HOST_STORED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct stored; /* open handles; whoever implements the operations defines it */

/* A page that is shared with a domain. */
struct stored_map {
    void *page; /* NULL: none */
    int how;    /* the implementation's */
};

struct stored_dom {
    uint16_t domid;
    bool is_dying;    /* being torn down, never to run again */
    bool is_shutdown; /* has stopped: powered off, crashed, suspended */
};

struct stored_ops {
    /* "events_fd": the descriptor of an earlier process's event channels, all still bound, or -1. It belongs to the
     * handle from then on. */
    int (*open)(int events_fd, struct stored **ret);
    /* Everything mapped or bound goes with it; NULL is fine. */
    void (*close)(struct stored *);

    /* A descriptor that is readable when an event has come; never blocks, closed by exec unless told otherwise. */
    int (*events_fd)(struct stored *);
    /* Takes up to "max" ports that events have come from; each may fire again from then on. Their number, or -errno. */
    int (*take_events)(struct stored *, uint32_t *ret_ports, size_t max);
    /* A port of our own, bound to the port "remote" of a domain. -EINVAL: it is not waiting for us there; -ESRCH. */
    int (*bind)(struct stored *, uint16_t domid, uint32_t remote, uint32_t *ret_port);
    /* A port that fires when any domain has stopped, is dying or is gone. -EEXIST: another process has it. */
    int (*bind_deaths)(struct stored *, uint32_t *ret_port);
    void (*unbind)(struct stored *, uint32_t port);
    void (*notify)(struct stored *, uint32_t port);

    /* The store ring of a guest: by the grant that every builder makes for it, else by its frame. -ENOENT: there is no
     * such page to be had; -EACCES, -ENOMEM. */
    int (*map)(struct stored *, uint16_t domid, uint64_t gfn, struct stored_map *ret);
    /* The ring that this domain's own kernel offers, and its port. -ENOENT: it offers none. */
    int (*map_own)(struct stored *, struct stored_map *ret, uint32_t *ret_remote);
    void (*unmap)(struct stored *, const struct stored_map *);

    /* Domains from "first" on, by number. Their count (below "max": these were the last), or -errno. */
    int (*list)(struct stored *, uint16_t first, struct stored_dom *ret, size_t max);
};

/* The real one. */
extern const struct stored_ops stored_xen_ops;

/* Is this a domain that may ask the hypervisor such things? */
bool stored_xen_is_here(void);

#endif
