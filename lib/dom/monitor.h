/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A line for the monitor of a guest's device model that people use.
 */
#ifndef DOMO_DOM_MONITOR_H
#define DOMO_DOM_MONITOR_H

#include "host/host.h"

/* What it said, the caller's; "" for nothing. A command that it does not know is told in the text, too: it makes no
 * difference there. DOMAIN_NOT_FOUND, DEVICE_MODEL (none, or it has ended), QMP, TIMEOUT. */
int monitor_command(struct host *, uint32_t domid, const char *line, char **ret, struct domo_err *) MUST_CHECK;

#endif
