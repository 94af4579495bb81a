/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's config as it is stored beside it: the spec in libxl's form, plus
 * what libxl settles when it creates a guest; and what of it is overridden by
 * the living guest when somebody looks.
 */
#ifndef DOMO_DOM_STORED_H
#define DOMO_DOM_STORED_H

#include "base/json.h"
#include "dom/spec.h"
#include "host/host.h"

/* NULL when out of memory. */
struct json *stored_of_spec(const struct spec *);
/* One network interface as it stands in the stored list. */
struct json *stored_of_vif(const struct vif_spec *);
/* Name, memory, scheduling and devices as they are now. Devices that are gone are left out, as libxl does. */
int stored_merge_live(struct host *, const struct hyp_info *, struct json *config, struct domo_err *) MUST_CHECK;

#endif
