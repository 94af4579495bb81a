/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a domain may use. One row a limit; control, GET_QUOTA, SET_QUOTA,
 * dump and tests read the rows. A limit is the highest allowed amount; 0 means
 * no limit. Limits bind unprivileged domains only, and only growth: what is
 * there when a limit shrinks stays.
 */
#ifndef DOMO_STORE_QUOTA_H
#define DOMO_STORE_QUOTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

enum quota_kind {
#define QUOTA(id, name, initial, doc) QUOTA_##id,
#include "quotas.def"
#undef QUOTA
    QUOTA_COUNT
};

struct quota_row {
    const char *name, *doc;
    uint32_t initial;
};

extern const struct quota_row quota_rows[QUOTA_COUNT];

/* One domain's own limits; the others come from the store's defaults. */
struct quota_set {
    uint32_t limit[QUOTA_COUNT];
    bool own[QUOTA_COUNT];
};

/* The compiled-in defaults. */
void quota_defaults(uint32_t limit[QUOTA_COUNT]);
/* Row by name, -EINVAL if there is none. */
int quota_find(const char *name, enum quota_kind *ret) MUST_CHECK;

#endif
