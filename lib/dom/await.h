/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Waiting for back end domains: a guest that is created, or a device that is
 * attached, when the driver domain is still to come. Nothing is held and
 * nothing is changed while this waits.
 */
#ifndef DOMO_DOM_AWAIT_H
#define DOMO_DOM_AWAIT_H

#include "base/vec.h"
#include "dev/dev_spec.h"
#include "dev/disk_spec.h"
#include "dev/vif_spec.h"
#include "plan/plan.h"

struct await {
    VEC(const char *) names; /* as the config has them; the spec's */
    int64_t deadline_ms;     /* 0 = the wait has not begun */
    bool is_watching, failed;
};

/* What is waited for; a device of our own domain needs no wait. */
void await_disk(struct await *, const struct disk_spec *);
void await_vif(struct await *, const struct vif_spec *);
void await_spec(struct await *, const struct dev_spec *);
void await_fini(struct await *);

/* For a step: run, wait for up to "limit_ms", and undo. DOMAIN_NOT_FOUND names who has not come. */
int await_run(struct op *, struct await *, struct domo_err *) MUST_CHECK;
enum plan_wait await_wait(struct op *, struct await *, int64_t limit_ms, int64_t now_ms, int64_t *ret_deadline_ms,
                          struct domo_err *);
void await_end(struct op *, struct await *);

#endif
