/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Destroying a guest: its devices, its nodes, its files, the domain.
 */
#ifndef DOMO_DOM_DESTROY_H
#define DOMO_DOM_DESTROY_H

#include "base/json.h"
#include "plan/plan.h"

struct destroy_options {
    int64_t close_timeout_ms; /* for the back ends; 0 = the default */
    const char *timeouts;     /* as dev_timeouts_set() takes them; NULL = the defaults */
    void (*on_step)(void *arg, const struct op *, size_t index, size_t total, const struct step *);
    void *on_step_arg;
};

/* Refuses domain 0. Goes on as far as it can: what could not be given back is told in the error, and the rest is gone
 * all the same. *ret: {"domid","name","timing"}. DOMAIN_NOT_FOUND, DOMAIN_PROTECTED, DOMAIN_ZOMBIE. */
int destroy_run(struct host *, uint32_t domid, const struct destroy_options *, struct json **ret,
                struct domo_err *) MUST_CHECK;

#endif
