/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Can this host take the guest? What can be known before anything is touched.
 */
#ifndef DOMO_DOM_ADMIT_H
#define DOMO_DOM_ADMIT_H

#include "dom/spec.h"
#include "host/host.h"

/* UNSUPPORTED for types that this host can't have. Of HVM guests also what dm_admit() refuses; *ret_dm is the host's
 * device model then. */
int admit_type(struct host *, const struct spec *, struct hyp_dm *ret_dm, struct domo_err *) MUST_CHECK;
/* What the guest needs of the host's memory, by libxl's rule (facts: xl.md 3.4). */
uint64_t admit_need_kib(const struct spec *);
/* Memory for the hypervisor's own tables about a PVH or HVM guest's memory: as told, or by libxl's rule. */
uint64_t admit_paging_kib(const struct spec *);
/* HOST_MEMORY if the host has less free; CONFIG_VALUE if an affinity names no processor of the host. Cuts affinities
 * down to the host's processors. */
int admit_sizes(struct host *, struct spec *, struct domo_err *) MUST_CHECK;

#endif
