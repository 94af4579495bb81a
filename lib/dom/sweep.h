/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The sweep: finds what died half-way, says why it thinks so, and removes it
 * on request. What it looks at: journals of operations whose process is gone,
 * loop devices with our tag that no device uses, store nodes and state files
 * of domains that the hypervisor does not have, domains that can't die.
 */
#ifndef DOMO_DOM_SWEEP_H
#define DOMO_DOM_SWEEP_H

#include "base/json.h"
#include "host/host.h"

/* *ret: rows as lib/domo.h documents domo_sweep(). Failing to remove one thing is told in its row, and the sweep goes
 * on. */
int sweep_run(struct host *, bool remove, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
