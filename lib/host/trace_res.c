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
