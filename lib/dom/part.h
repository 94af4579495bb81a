/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Attaching and detaching devices that are parts of a carrier (a PCI function,
 * a USB device) while the guest runs.
 */
#ifndef DOMO_DOM_PART_H
#define DOMO_DOM_PART_H

#include "dev/kind.h"
#include "dom/hotplug.h"

/* As hotplug_attach and hotplug_detach, which call them. */
int part_attach(struct host *, uint32_t domid, struct dev_spec *, const struct hotplug_options *, struct json **ret,
                struct domo_err *) MUST_CHECK;
int part_detach(struct host *, uint32_t domid, const struct devkind *, const char *which,
                const struct hotplug_options *, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
