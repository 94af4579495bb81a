/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A new domain with a domid that nobody remembers.
 */
#ifndef DOMO_DOM_FRESH_H
#define DOMO_DOM_FRESH_H

#include "host/host.h"

/* Makes the domain. A domid that was given back less than a minute ago may still stand in somebody's nodes: then it is
 * passed over, as libxl does. */
int fresh_domain(struct host *, const struct hyp_domain_new *, uint32_t *ret_domid, struct domo_err *) MUST_CHECK;

#endif
