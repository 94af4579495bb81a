/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Virtual processors of guests that run: which of them are used, and where they
 * may run.
 */
#ifndef DOMO_DOM_VCPU_H
#define DOMO_DOM_VCPU_H

#include "base/json.h"
#include "host/host.h"

/* Those of the domains that are named, or of all (n 0): a row each, as domo_vcpu_list() says. */
int vcpu_list(struct host *, const uint32_t *domids, size_t n, struct json **ret, struct domo_err *) MUST_CHECK;

/* Asks the guest to use the first "n". CONFIG_VALUE: none, more than it was made with, or, without "overcommit", more
 * than the host has. UNSUPPORTED: fewer in an HVM guest. *ret: {"domid","name","vcpus","vcpus_max"}. */
int vcpu_set(struct host *, uint32_t domid, uint32_t n, bool overcommit, struct json **ret,
             struct domo_err *) MUST_CHECK;

struct vcpu_pin {
    bool all; /* of its vcpus, else "vcpu" alone */
    uint32_t vcpu;
    const char *hard, *soft; /* lists as cpus= has them; NULL or "-": as it is */
    bool force;
};
/* *ret: the rows of the guest's vcpus afterwards. All or nothing. CONFIG_VALUE. */
int vcpu_pin(struct host *, uint32_t domid, const struct vcpu_pin *, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
