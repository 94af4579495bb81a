/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How long domains have been running.
 */
#ifndef DOMO_DOM_UPTIME_H
#define DOMO_DOM_UPTIME_H

#include "base/json.h"
#include "host/host.h"

/* Of the domains "domids"; n 0: of all. Domain 0's is this machine's, a guest's counts from the time that its creator
 * wrote down. *ret: [{"domid","name","seconds" (null = nobody has written it down)}]. DOMAIN_NOT_FOUND. */
int uptime_list(struct host *, const uint32_t *domids, size_t n, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
