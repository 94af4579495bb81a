/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Figures about host, pools, guests, devices and store, as monitoring wants
 * them: named families of samples with labels.
 */
#ifndef DOMO_DOM_METRICS_H
#define DOMO_DOM_METRICS_H

#include "base/json.h"
#include "host/host.h"

/* [{"name","type","help","samples":[{"labels":{…},"value":…}]}]. Names never change their meaning. */
int metrics_take(struct host *, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
