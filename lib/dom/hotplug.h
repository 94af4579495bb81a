/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices of a running guest: attach and detach. One plan for each, whatever
 * the device's kind.
 */
#ifndef DOMO_DOM_HOTPLUG_H
#define DOMO_DOM_HOTPLUG_H

#include "base/json.h"
#include "dev/dev_spec.h"
#include "dev/disk_spec.h"
#include "dev/vif_spec.h"
#include "plan/plan.h"

struct hotplug_options {
    bool no_wait;         /* attach: do not wait for the guest */
    bool force;           /* detach: without the guest's consent */
    bool graceful;        /* detach: ask the guest, and take the device without its consent when the time is up */
    int64_t timeout_ms;   /* for the guest; 0 = the default */
    int64_t backend_ms;   /* attach: wait so long for the back end domain and its back end; 0 = it must be there */
    const char *timeouts; /* as dev_timeouts_set() takes them; NULL = the defaults */
    void (*on_step)(void *arg, const struct op *, size_t index, size_t total, const struct step *);
    void *on_step_arg;
};

/* Exactly one of them is set. */
struct hotplug_device {
    struct disk_spec *disk;
    struct vif_spec *vif;
    struct dev_spec *spec; /* a kind with a grammar */
};

/* Attaches; succeeds when both ends are Connected (or no_wait). A failure leaves the world as it was. *ret: the
 * device's row. */
int hotplug_attach(struct host *, uint32_t domid, const struct hotplug_device *, const struct hotplug_options *,
                   struct json **ret, struct domo_err *) MUST_CHECK;

/* Detaches. Without force the guest must agree: if it does not in time, DEVICE_IN_USE and the device stays. */
int hotplug_detach(struct host *, uint32_t domid, const char *kind, const char *which, const struct hotplug_options *,
                   struct json **ret, struct domo_err *) MUST_CHECK;

#endif
