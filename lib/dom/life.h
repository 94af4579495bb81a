/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Stopping a guest and letting it go on: in the hypervisor, and in its device
 * model where that runs its processors.
 */
#ifndef DOMO_DOM_LIFE_H
#define DOMO_DOM_LIFE_H

#include "host/host.h"

/* DOMAIN_NOT_FOUND, DOMAIN_STATE, HYPERVISOR; DEVICE_MODEL if it has ended: pausing has stopped all that there is left
 * to stop, unpausing has changed nothing. */
int life_pause(struct host *, uint32_t domid, struct domo_err *) MUST_CHECK;
int life_unpause(struct host *, uint32_t domid, struct domo_err *) MUST_CHECK;
/* Lets one that has suspended itself go on. DOMAIN_NOT_FOUND, DOMAIN_STATE, HYPERVISOR. */
int life_resume(struct host *, uint32_t domid, struct domo_err *) MUST_CHECK;

#endif
