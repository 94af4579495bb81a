/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public calls about what guests have of the machine.
 */
#include "dom/memory.h"
#include "dom/metrics.h"
#include "dom/vcpu.h"
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

int domo_vcpu_list(struct domo_ctx *ctx, const uint32_t *domids, size_t n, struct domo_value **ret,
                   struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(vcpu_list(h, domids, n, &j, err), &j, ret) : -1;
}

int domo_vcpu_set(struct domo_ctx *ctx, uint32_t domid, uint32_t n, unsigned flags, struct domo_value **ret,
                  struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(vcpu_set(h, domid, n, flags & DOMO_VCPU_OVERCOMMIT, &j, err), &j, ret) : -1;
}

int domo_vcpu_pin(struct domo_ctx *ctx, uint32_t domid, const uint32_t *vcpu, const char *hard, const char *soft,
                  unsigned flags, struct domo_value **ret, struct domo_err *err)
{
    const struct vcpu_pin how = {
        .all = !vcpu, .vcpu = vcpu ? *vcpu : 0, .hard = hard, .soft = soft, .force = (flags & DOMO_VCPU_FORCE) != 0};
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(vcpu_pin(h, domid, &how, &j, err), &j, ret) : -1;
}

int domo_metrics(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(metrics_take(h, &j, err), &j, ret) : -1;
}
