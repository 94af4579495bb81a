/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What guests have of the machine of the host that answers from memory.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "domo.h"

static struct domo_value *parse(const char *text)
{
    struct json *j = NULL;

    return json_parse(text, strlen(text), &j, NULL) == 0 ? (struct domo_value *)j : NULL;
}

static struct domo_value *memory(uint32_t domid, uint64_t target, uint64_t limit)
{
    char *AUTO_FREE text =
        str_format("{\"domid\":%u,\"name\":\"web\",\"target_kib\":%llu,\"before_kib\":524288,\"limit_kib\":%llu,"
                   "\"memory_kib\":524288}",
                   domid, (unsigned long long)target, (unsigned long long)limit);

    return parse(text);
}

int domo_mem_set(struct domo_ctx *ctx, uint32_t domid, uint64_t kib, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    if (kib > 1024 * 1024) {
        (void)err_set(err, DOMO_E_CONFIG_VALUE, "%llu MiB are more than 'web' can have: 1024 MiB",
                      (unsigned long long)kib / 1024);
        return err_hint(err, "a guest is built for the maximum that maxmem= names");
    }
    *ret = memory(domid, kib, kib + 1024);
    return 0;
}

int domo_mem_max(struct domo_ctx *ctx, uint32_t domid, uint64_t kib, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    *ret = memory(domid, 524288, kib + 1024);
    return 0;
}
