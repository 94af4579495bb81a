/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Inside of the driver domain's daemon: one device that it serves.
 */
#ifndef DOMO_DEV_DEVD_IMPL_H
#define DOMO_DEV_DEVD_IMPL_H

#include "dev/devd.h"
#include "dev/device.h"
#include "dev/serve.h"

struct devd {
    struct host *host;
    const struct devd_options *opt;
    struct op op; /* descriptors of scripts */
    VEC(struct served *) devices;
    bool rescan; /* something above the devices changed */
};

struct served {
    struct devd *all;
    struct devset *set; /* with one device */
    struct dev *d;
    char back_name[DEV_KIND_MAX]; /* "vbd": as in the store */
    uint32_t domid, devid;
    enum serve_stand stand;
    bool look; /* something of it changed */
    int64_t began;
};

/* A device of the domain's tree; NULL when out of memory. It is in devd->devices from then on. */
struct served *served_new(struct devd *, const char *back_name, uint32_t domid, uint32_t devid);
void served_free(struct served *);
/* Looks at it and does what is to be done. PLAN_DONE: nothing more for now; PLAN_AGAIN: something of it runs, look
 * again at "deadline"; PLAN_FAILED: forget it. A store that does not answer is an error in *err. */
int served_step(struct served *, int64_t now_ms, int64_t *deadline_ms, enum plan_wait *ret,
                struct domo_err *) MUST_CHECK;
/* Tells on_event; "why" NULL: it went well. */
void served_tell(const struct served *, const char *event, const struct domo_err *why);

#endif
