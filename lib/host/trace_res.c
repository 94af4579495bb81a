/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "host/trace.h"

int trace_mem_limit(struct host *h, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.mem_limit %u %llu", domid, (unsigned long long)kib);
    r = inner->hyp->mem_limit(inner, domid, kib, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_pod_target(struct host *h, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.pod_target %u %llu", domid, (unsigned long long)kib);
    r = inner->hyp->pod_target(inner, domid, kib, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_cpus(struct host *h, struct hyp_cpu *ret, size_t max, size_t *ret_n, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.cpus");
    r = inner->hyp->cpus(inner, ret, max, ret_n, err);
    return trace_result(h, r, err, call, "%zu cpus", r ? 0 : *ret_n);
}

int trace_vcpu(struct host *h, uint32_t domid, uint32_t vcpu, struct hyp_vcpu *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.vcpu %u %u", domid, vcpu);
    r = inner->hyp->vcpu(inner, domid, vcpu, ret, err);
    return trace_result(h, r, err, call, "%s", r ? "" : ret->is_online ? "online" : "offline");
}

int trace_vcpu_pin(struct host *h, uint32_t domid, uint32_t vcpu, const struct hyp_pin *pin, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.vcpu_pin %u %u%s%s%s", domid, vcpu, pin->hard ? " hard" : "", pin->soft ? " soft" : "",
                pin->force ? " force" : "");
    r = inner->hyp->vcpu_pin(inner, domid, vcpu, pin, err);
    return trace_result(h, r, err, call, "%s", "");
}
