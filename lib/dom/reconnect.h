/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices whose driver domain has ended get a new back end in the domain that
 * has its name now. Which name that is stands in the guest's stored config, as
 * whoever made the device wrote it.
 */
#ifndef DOMO_DOM_RECONNECT_H
#define DOMO_DOM_RECONNECT_H

#include "dom/hotplug.h"

/* All such devices of one guest, one after another; each keeps its number and MAC. *ret, also on failure, is [{"kind",
 * "devid","device","backend","done", and, where it is not, "error"}]. A device that could not be given back stays in
 * the guest's config, and the next call tries it again. The first failure is *err. */
int reconnect_guest(struct host *, uint32_t domid, const struct hotplug_options *, struct json **ret,
                    struct domo_err *) MUST_CHECK;

#endif
