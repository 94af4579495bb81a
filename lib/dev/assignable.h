/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * PCI functions of this host that are kept for guests, by pciback.
 */
#ifndef DOMO_DEV_ASSIGNABLE_H
#define DOMO_DEV_ASSIGNABLE_H

#include "base/json.h"
#include "host/host.h"

/* Those that no guest has: [{"addr","name","was_driver"}]. */
int assignable_list(struct host *, struct json **ret, struct domo_err *) MUST_CHECK;
/* Takes the function from its driver, which is noted, and keeps it for guests; fine if it is kept already. "name" NULL
 * = none. *ret: {"addr","name","was_driver","changed"}. DEVICE_NOT_FOUND, DEVICE_NOT_ASSIGNABLE, DEVICE_DRIVER. */
int assignable_add(struct host *, const char *bdf, const char *name, struct json **ret, struct domo_err *) MUST_CHECK;
/* The other way, by place or name; "to_driver": back to the driver that it was taken from. Fine if it is not kept.
 * DEVICE_ASSIGNED while a guest has it. */
int assignable_remove(struct host *, const char *which, bool to_driver, struct json **ret,
                      struct domo_err *) MUST_CHECK;

#endif
