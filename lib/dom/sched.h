/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How guests are scheduled: weights, caps, shares of time, and what a pool's
 * scheduler does for all.
 */
#ifndef DOMO_DOM_SCHED_H
#define DOMO_DOM_SCHED_H

#include "base/json.h"
#include "host/host.h"

/* What domo_sched_list() says, of the pools with that scheduler (or of the one that is named). "vcpus": a row for each
 * vcpu, of schedulers that have them. UNSUPPORTED: the pool that is named has another scheduler. */
int sched_list(struct host *, const char *scheduler, const char *pool, bool vcpus, struct json **ret,
               struct domo_err *) MUST_CHECK;
/* The rows of one domain. UNSUPPORTED: it has another scheduler. */
int sched_rows(struct host *, const char *scheduler, uint32_t domid, bool vcpus, struct json **ret,
               struct domo_err *) MUST_CHECK;

/* -1 = as it is. */
struct sched_change {
    int64_t weight, cap;
    int64_t period_us, budget_us, extratime;
    int64_t vcpu; /* -1 = the domain, and so all of its vcpus */
};
int sched_set(struct host *, const char *scheduler, uint32_t domid, const struct sched_change *,
              struct domo_err *) MUST_CHECK;

/* -1 = as it is. */
struct sched_params {
    int64_t tslice_ms, ratelimit_us, migration_delay_us;
};
/* Of a pool ("pool" NULL: pool 0). */
int sched_set_params(struct host *, const char *scheduler, const char *pool, const struct sched_params *,
                     struct domo_err *) MUST_CHECK;

#endif
