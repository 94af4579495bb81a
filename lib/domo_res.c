/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public calls about what guests have of the machine.
 */
#include "dom/memory.h"
#include "domo_ctx.h"

int domo_mem_set(struct domo_ctx *ctx, uint32_t domid, uint64_t kib, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(memory_set(h, domid, kib, &j, err), &j, ret) : -1;
}

int domo_mem_max(struct domo_ctx *ctx, uint32_t domid, uint64_t kib, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(memory_set_max(h, domid, kib, &j, err), &j, ret) : -1;
}
