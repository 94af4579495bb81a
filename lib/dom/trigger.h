/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a person could do to a machine from outside: its buttons, a reset, an
 * NMI. The hypervisor does it, or the guest's device model where that is it
 * that has the processors, or the button.
 */
#ifndef DOMO_DOM_TRIGGER_H
#define DOMO_DOM_TRIGGER_H

#include "host/host.h"

/* "nmi", "reset", "init", "power", "sleep", "s3resume". "vcpu" matters for nmi and init. USAGE if there is no such word
 * or processor; UNSUPPORTED if it can't be done to this guest; DOMAIN_STATE. */
int trigger_send(struct host *, uint32_t domid, const char *what, uint32_t vcpu, struct domo_err *) MUST_CHECK;

/* The same of a guest that was looked at already, and in a state to be sent one. */
struct guest;
int trigger_guest(struct host *, const struct guest *, const char *what, uint32_t vcpu, struct domo_err *) MUST_CHECK;

#endif
