/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Starting the supervisor when a guest is made that it is to watch and nobody
 * has started it: it ends again when there is no guest left to watch.
 */
#ifndef DOMO_DOM_SUPERVISE_H
#define DOMO_DOM_SUPERVISE_H

#include "host/host.h"

/* $DOMO_SUPERVISOR: "none" starts nothing, a path is the program; else it is domod, beside this program or installed.
 * Called once the guest is written down (ward.h): one that ends just now either sees it, or has let its lock go.
 * *ret_started: false when one watches already, or none is wanted. IO, DEVICE_MODEL (it can't be run). */
int supervise_start(struct host *, bool *ret_started, struct domo_err *) MUST_CHECK;

#endif
