/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A PV guest inside a PVH domain (pvshim=1): a small Xen, xen-shim, is the
 * kernel that the domain boots, and the guest's own kernel with its command
 * line is what that Xen boots in turn (facts: xl.md 3.6; xl.cfg(5)).
 */
#ifndef DOMO_DOM_SHIM_H
#define DOMO_DOM_SHIM_H

#include "dom/spec.h"
#include "host/host.h"

/* The shim's file, as the config or the host names it: *ret for the caller to free. UNSUPPORTED if this host has none.
 */
int shim_find(struct host *, const struct spec *, char **ret, struct domo_err *) MUST_CHECK;
/* Its own command line; NULL when out of memory. The caller frees it. */
char *shim_cmdline(const struct spec *);

#endif
