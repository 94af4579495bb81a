/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is to be done with a guest that has ended, and when: pure.
 */
#ifndef DOMO_SUP_POLICY_H
#define DOMO_SUP_POLICY_H

#include "dom/spec.h"

/* Why a domain ended: xen/sched.h, SHUTDOWN_*. */
enum sup_reason { SUP_POWEROFF, SUP_REBOOT, SUP_SUSPEND, SUP_CRASH, SUP_WATCHDOG, SUP_SOFT_RESET, SUP_REASONS };

/* What its config says of this reason. One that nobody knows counts as a crash; whoever suspended a guest goes on with
 * it: preserve. */
enum spec_action sup_action(const struct spec *, uint32_t reason);

/* A guest that ends soon after its start again and again is not restarted at once, and at last not at all. */
struct sup_limits {
    int64_t quick_ms;     /* ended sooner than this: quick */
    int64_t pause_ms;     /* before the restart after the second quick end in a row; doubles with each one more */
    int64_t pause_max_ms; /* but not above this */
    uint32_t quick_max;   /* so many quick ends in a row are too many */
};
extern const struct sup_limits SUP_LIMITS_DEFAULT;

/* After an end: how many quick ones in a row that makes. */
uint32_t sup_count_quick(const struct sup_limits *, uint32_t before, int64_t lived_ms);
/* How long to wait before the restart; -1 = do not restart it any more. */
int64_t sup_pause_ms(const struct sup_limits *, uint32_t quick);

#endif
