/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The supervisor: one for all guests of a host. It sees guests end and does
 * what their configs say: on_poweroff, on_reboot, on_crash, … What it is about
 * to do is in files (dom/ward.h), so that it can die and come back.
 */
#ifndef DOMO_SUP_SUP_H
#define DOMO_SUP_SUP_H

#include "host/host.h"
#include "sup/policy.h"

/* Watches until the host's "cancelled" is set (0), with "until_idle" until there is no guest left to watch (0), or the
 * host is lost (-1). Tells what it does through the host's log, at level info, and what went wrong at level warn.
 * DOMAIN_BUSY if another one watches. */
int sup_run(struct host *, const struct sup_limits *, bool until_idle, struct domo_err *) MUST_CHECK;

#endif
