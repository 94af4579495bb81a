/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "quota.h"

#include <errno.h>
#include <string.h>

const struct quota_row quota_rows[QUOTA_COUNT] = {
#define QUOTA(id, quota_name, initial_limit, quota_doc)                                                                \
    [QUOTA_##id] = {.name = (quota_name), .doc = (quota_doc), .initial = (initial_limit)},
#include "quotas.def"
#undef QUOTA
};

void quota_defaults(uint32_t limit[QUOTA_COUNT])
{
    int i;

    for (i = 0; i < QUOTA_COUNT; i++)
        limit[i] = quota_rows[i].initial;
}

int quota_find(const char *name, enum quota_kind *ret)
{
    int i;

    for (i = 0; i < QUOTA_COUNT; i++) {
        if (strcmp(quota_rows[i].name, name) == 0) {
            *ret = (enum quota_kind)i;
            return 0;
        }
    }
    return -EINVAL;
}
