/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Why a guest does not run, or a device of its is not connected: the guest's
 * own state, and the diagnosis of each device (dev/explain.h).
 */
#ifndef DOMO_DOM_EXPLAIN_H
#define DOMO_DOM_EXPLAIN_H

#include "base/json.h"
#include "host/host.h"

/* "which": vdev, devid, MAC, or KIND/DEVID; NULL = all devices. *ret: {"domid","name","uuid","healthy","cause","side",
 * "what","advice","devices":[…as devset_explain…]}. DOMAIN_NOT_FOUND, DEVICE_NOT_FOUND. */
int explain_guest(struct host *, uint32_t domid, const char *which, struct json **ret, struct domo_err *) MUST_CHECK;

/* Parts "KIND/DEVID"; any other text is a device of any kind: then *ret_kind is empty. The result points into "which".
 */
enum { DEVICE_KIND_MAX = 32 };
const char *device_word(const char *which, char ret_kind[DEVICE_KIND_MAX]);

#endif
