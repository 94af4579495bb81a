/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Creating a guest: the plan and what goes in and out of it.
 */
#ifndef DOMO_DOM_CREATE_H
#define DOMO_DOM_CREATE_H

#include "base/json.h"
#include "dom/spec.h"
#include "plan/plan.h"

struct create_options {
    bool paused, no_wait, no_cache;
    int64_t connect_timeout_ms; /* 0 = the default */
    int64_t backend_ms;         /* wait so long for back end domains and their back ends; 0 = they must be there */
    const char *timeouts;       /* as dev_timeouts_set() takes them; NULL = the defaults */
    void (*on_console)(void *arg, uint32_t domid, const char *tty);
    void *on_console_arg;
    void (*on_step)(void *arg, const struct op *, size_t index, size_t total, const struct step *);
    void *on_step_arg;
};

/* Creates the guest, all or nothing up to the unpause. "spec" gets generated values (UUID, MACs). *ret:
 * {"domid","name","uuid", "console","devices","timing"}; also set when the wait for the guest's front ends failed after
 * the unpause. */
int create_run(struct host *, struct spec *, const struct create_options *, struct json **ret,
               struct domo_err *) MUST_CHECK;

/* What create_run would do. */
int create_preview(struct host *, struct spec *, const struct create_options *, struct json **ret,
                   struct domo_err *) MUST_CHECK;

#endif
