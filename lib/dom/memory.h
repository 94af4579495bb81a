/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How much memory a guest has, and may have, while it runs.
 */
#ifndef DOMO_DOM_MEMORY_H
#define DOMO_DOM_MEMORY_H

#include "base/json.h"
#include "host/host.h"

/* Asks the guest's balloon driver to own so much, and lets it own no more. The memory of an emulated graphics card
 * counts. CONFIG_VALUE: above the maximum that it was built for, or too little for domain 0. All or nothing.
 * *ret: {"domid","name","target_kib","before_kib","limit_kib","memory_kib"}. */
int memory_set(struct host *, uint32_t domid, uint64_t kib, struct json **ret, struct domo_err *) MUST_CHECK;

/* What it may own in all. CONFIG_VALUE: less than its target. *ret as above. */
int memory_set_max(struct host *, uint32_t domid, uint64_t kib, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
