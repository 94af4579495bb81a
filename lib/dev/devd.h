/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The toolstack of a driver domain: watches the back ends of its own domain and
 * does the hotplug of those that domain 0's toolstack, ours or another, makes
 * there. It reads nothing but its own tree, needs no hypervisor, and keeps no
 * state of its own: what was done stands in the store and in the kernel, so
 * that one that is killed goes on where it was when it starts again.
 */
#ifndef DOMO_DEV_DEVD_H
#define DOMO_DEV_DEVD_H

#include "base/json.h"
#include "host/host.h"

struct devd_options {
    int64_t iface_ms;  /* how long the kernel may take to make an interface; 0 = the default */
    int64_t script_ms; /* one hotplug script; 0 = the default */
    /* What happened, for people and machines: {"event":"ready"}, or {"event":"plugged" | "adopted" | "failed" |
     * "released","device":"disk xvda","kind","domid","devid","path","error":{…}}. The json is the caller's of devd.
     * May be NULL. */
    void (*on_event)(void *arg, const struct json *);
    void *on_event_arg;
};

/* Serves until host->cancelled is set: 0 then, and the devices stay as they are. -1: the store is gone, or this is
 * domain 0 (UNSUPPORTED), whose devices are plugged by the commands that make them. */
int devd_run(struct host *, const struct devd_options *, struct domo_err *) MUST_CHECK;

#endif
