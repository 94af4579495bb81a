/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Destroying a guest: its devices, its nodes, its files, the domain.
 */
#ifndef DOMO_DOM_DESTROY_H
#define DOMO_DOM_DESTROY_H

#include "base/json.h"
#include "plan/plan.h"

/* A domain that is kept for somebody to look at, while another one takes its place: its devices go, its memory stays.
 */
struct destroy_aside {
    const char *was_name, *name; /* before, and from now on */
    uint8_t uuid[HOST_UUID_LEN]; /* from now on */
};

struct destroy_options {
    const struct destroy_aside *aside; /* NULL: it is destroyed */
    int64_t close_timeout_ms;          /* for the back ends; 0 = the default */
    const char *timeouts;              /* as dev_timeouts_set() takes them; NULL = the defaults */
    void (*on_step)(void *arg, const struct op *, size_t index, size_t total, const struct step *);
    void *on_step_arg;
};

/* With "aside" the last thing that changes is the UUID in the hypervisor: until then it can be done again.
 * Refuses domain 0. Goes on as far as it can: what could not be given back is told in the error, and the rest is gone
 * all the same. *ret: {"domid","name","timing"}. DOMAIN_NOT_FOUND, DOMAIN_PROTECTED, DOMAIN_ZOMBIE. */
int destroy_run(struct host *, uint32_t domid, const struct destroy_options *, struct json **ret,
                struct domo_err *) MUST_CHECK;

#endif
