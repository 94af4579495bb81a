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

/* ---- pools and schedulers ---- */

int trace_pool(struct host *h, uint32_t first, struct hyp_pool *ret, bool *ret_found, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.pool %u", first);
    r = inner->hyp->pool(inner, first, ret, ret_found, err);
    return trace_result(h, r, err, call, "%s", r ? "" : *ret_found ? ret->scheduler : "none");
}

int trace_pool_free(struct host *h, uint64_t ret[HYP_CPU_WORDS], struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.pool_free");
    r = inner->hyp->pool_free(inner, ret, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_pool_create(struct host *h, const char *scheduler, uint32_t *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.pool_create %s", scheduler);
    r = inner->hyp->pool_create(inner, scheduler, ret, err);
    return trace_result(h, r, err, call, "%u", r ? 0 : *ret);
}

int trace_pool_destroy(struct host *h, uint32_t pool, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.pool_destroy %u", pool);
    r = inner->hyp->pool_destroy(inner, pool, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_pool_cpu(struct host *h, uint32_t pool, uint32_t cpu, bool add, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.pool_cpu %u %s %u", pool, add ? "add" : "remove", cpu);
    r = inner->hyp->pool_cpu(inner, pool, cpu, add, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_pool_move(struct host *h, uint32_t pool, uint32_t domid, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.pool_move %u domain=%u", pool, domid);
    r = inner->hyp->pool_move(inner, pool, domid, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_sched_set(struct host *h, uint32_t domid, const struct hyp_sched *s, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.sched_set %u weight=%u cap=%u period=%u budget=%u", domid, s->weight, s->cap,
                s->rtds.period_us, s->rtds.budget_us);
    r = inner->hyp->sched_set(inner, domid, s, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_rtds(struct host *h, uint32_t domid, uint32_t vcpu, struct hyp_rtds *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.rtds %u %u", domid, vcpu);
    r = inner->hyp->rtds(inner, domid, vcpu, ret, err);
    return trace_result(h, r, err, call, "%u/%u", r ? 0 : ret->budget_us, r ? 0 : ret->period_us);
}

int trace_rtds_set(struct host *h, uint32_t domid, uint32_t vcpu, const struct hyp_rtds *p, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.rtds_set %u %u %u/%u", domid, vcpu, p->budget_us, p->period_us);
    r = inner->hyp->rtds_set(inner, domid, vcpu, p, err);
    return trace_result(h, r, err, call, "%s", "");
}

int trace_sched_params(struct host *h, uint32_t pool, struct hyp_sched_params *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.sched_params %u", pool);
    r = inner->hyp->sched_params(inner, pool, ret, err);
    return trace_result(h, r, err, call, "%u us", r ? 0 : ret->ratelimit_us);
}

int trace_sched_params_set(struct host *h, uint32_t pool, const struct hyp_sched_params *p, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.sched_params_set %u tslice=%u ratelimit=%u migration=%u", pool, p->tslice_ms,
                p->ratelimit_us, p->migration_delay_us);
    r = inner->hyp->sched_params_set(inner, pool, p, err);
    return trace_result(h, r, err, call, "%s", "");
}
