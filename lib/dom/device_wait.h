/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Waiting until a guest's device, or all of them, are in a state: for scripts
 * that would otherwise look again and again.
 */
#ifndef DOMO_DOM_DEVICE_WAIT_H
#define DOMO_DOM_DEVICE_WAIT_H

#include "base/json.h"
#include "dev/dev.h"
#include "host/host.h"

struct device_wait {
    uint32_t domid;
    const char *which;  /* vdev, devid, MAC, or KIND/DEVID; NULL = all devices that have two ends */
    const char *state;  /* "connected", "closed", "gone", or the name of the back end's state in small letters */
    int64_t timeout_ms; /* 0 = none */
};

/* Blocks. *ret: {"domid","device","state","waited_ms"}. TIMEOUT names both ends' states; USAGE if there is no such
 * state; DOMAIN_NOT_FOUND if the guest goes while something else than its going is waited for. A device that does not
 * exist yet is waited for. */
int device_wait_run(struct host *, const struct device_wait *, struct json **ret, struct domo_err *) MUST_CHECK;

/* Is a device in that state? False also if there is no such state. */
bool device_wait_is_reached(const char *state, bool exists, enum xenbus_state back, enum xenbus_state front);

#endif
