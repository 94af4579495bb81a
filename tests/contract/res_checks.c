/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: what a domain may have of the machine can be changed while it is
 * there, and is told as it is.
 */
#include <errno.h>

#include "base/str.h"
#include "contract.h"

static void check_memory(struct contract *c, uint32_t domid, bool is_pv)
{
    const struct hyp_ops *hyp = c->h->hyp;
    struct hyp_info before = {0}, info = {0};

    OK(c,
       hyp->info(c->h, domid, &before, &c->err) == 0 &&
           hyp->mem_limit(c->h, domid, before.max_mem_kib + 4096, &c->err) == 0 &&
           hyp->info(c->h, domid, &info, &c->err) == 0 && info.max_mem_kib == before.max_mem_kib + 4096 &&
           info.mem_kib == before.mem_kib,
       "the limit of its memory is raised to %llu KiB", (unsigned long long)info.max_mem_kib);
    OK(c,
       hyp->mem_limit(c->h, domid, before.mem_kib - 4096, &c->err) == 0 &&
           hyp->info(c->h, domid, &info, &c->err) == 0 && info.max_mem_kib == before.mem_kib - 4096 &&
           info.mem_kib == before.mem_kib,
       "and lowered below what it has: it keeps that");
    OK(c, hyp->mem_limit(c->h, domid, before.max_mem_kib, &c->err) == 0, "and put back");
    if (!is_pv)
        OK(c, hyp->pod_target(c->h, domid, before.mem_kib, &c->err) == 0, "nothing of it is populated on demand");
}

static void check_vcpus(struct contract *c, uint32_t domid)
{
    static const uint64_t first[HYP_CPU_WORDS] = {1}, none[HYP_CPU_WORDS];
    const struct hyp_ops *hyp = c->h->hyp;
    struct hyp_vcpu before = {0}, now = {0};
    struct hyp_cpu *cpus = calloc(HYP_CPUS_MAX, sizeof *cpus);
    size_t n = 0;

    OK(c, cpus && hyp->cpus(c->h, cpus, HYP_CPUS_MAX, &n, &c->err) == 0 && n > 0 && cpus[0].is_online,
       "the machine has %zu processors, the first is in node %u", n, n ? cpus[0].node : 0);
    free(cpus);
    OK(c, hyp->vcpu(c->h, domid, 0, &before, &c->err) == 0 && before.hard[0] & 1 && before.cpu < n,
       "the first vcpu is where it may be");
    OK(c,
       hyp->vcpu_pin(c->h, domid, 1, &(struct hyp_pin){.hard = first, .soft = first}, &c->err) == 0 &&
           hyp->vcpu(c->h, domid, 1, &now, &c->err) == 0 && now.hard[0] == 1 && now.soft[0] == 1,
       "the second is pinned to the first processor");
    OK(c,
       hyp->vcpu_pin(c->h, domid, 1, &(struct hyp_pin){.hard = before.hard}, &c->err) == 0 &&
           hyp->vcpu(c->h, domid, 1, &now, &c->err) == 0 && now.hard[0] == before.hard[0] && now.soft[0] == 1,
       "one of the two affinities alone is changed");
    OK(c,
       hyp->vcpu_pin(c->h, domid, 1, &(struct hyp_pin){.hard = none}, &c->err) < 0 && c->err.sys == EINVAL &&
           hyp->vcpu(c->h, domid, 1, &now, &c->err) == 0 && now.hard[0] == before.hard[0],
       "nowhere to run is refused");
    OK(c, hyp->vcpu(c->h, domid, 2, &now, &c->err) < 0, "there is no third one");
}

/* A pool without processors: this one may be all that the machine has. */
static void check_pools(struct contract *c, uint32_t domid)
{
    const struct hyp_ops *hyp = c->h->hyp;
    uint64_t free_ones[HYP_CPU_WORDS];
    struct hyp_pool pool = {0};
    bool found = false;
    uint32_t id = 0;

    OK(c,
       hyp->pool(c->h, 0, &pool, &found, &c->err) == 0 && found && pool.id == 0 && pool.cpus[0] & 1 &&
           pool.domains >= 2,
       "pool 0 has the first processor and %u domains, by scheduler %s", pool.domains, pool.scheduler);
    OK(c, hyp->pool_free(c->h, free_ones, &c->err) == 0 && !(free_ones[0] & 1), "that processor is not free");
    OK(c, hyp->pool_create(c->h, "credit", &id, &c->err) == 0 && id > 0, "a pool is made (%u)", id);
    OK(c,
       hyp->pool(c->h, id, &pool, &found, &c->err) == 0 && found && pool.id == id && !pool.cpus[0] && !pool.domains &&
           str_eq(pool.scheduler, "credit"),
       "it is empty, and has its own scheduler");
    OK(c, hyp->pool(c->h, id + 1, &pool, &found, &c->err) == 0 && !found, "it is the last one");
    OK(c, hyp->pool_move(c->h, id, domid, &c->err) < 0, "no domain can live there");
    OK(c, hyp->pool_cpu(c->h, id, 0, true, &c->err) < 0, "it can't have another pool's processor");
    OK(c, hyp->pool_destroy(c->h, 0, &c->err) < 0, "pool 0 stays");
    OK(c, hyp->pool_destroy(c->h, id, &c->err) == 0 && hyp->pool(c->h, id, &pool, &found, &c->err) == 0 && !found,
       "it is gone again");
    OK(c, hyp->pool_create(c->h, "nonsense", &id, &c->err) < 0, "there is no such scheduler");
}

static void check_sched(struct contract *c, uint32_t domid)
{
    const struct hyp_ops *hyp = c->h->hyp;
    struct hyp_sched_params params = {0}, now = {0};
    struct hyp_sched s = {.weight = 0};
    struct hyp_rtds share;

    OK(c, hyp->sched(c->h, domid, &s, &c->err) == 0 && s.has_weight && s.weight == 300 && s.cap == 0,
       "it has the weight that it was set up with, by %s", s.scheduler);
    s.weight = 512;
    s.cap = 50;
    OK(c,
       hyp->sched_set(c->h, domid, &s, &c->err) == 0 && hyp->sched(c->h, domid, &s, &c->err) == 0 && s.weight == 512 &&
           s.cap == 50,
       "weight and cap are set");
    s.cap = 0;
    OK(c, hyp->sched_set(c->h, domid, &s, &c->err) == 0, "and the cap taken away");
    OK(c, hyp->rtds(c->h, domid, 0, &share, &c->err) < 0, "it has no share of time under this scheduler");
    OK(c, hyp->sched_params(c->h, 0, &params, &c->err) == 0 && params.ratelimit_us > 0, "its pool switches every %u us",
       params.ratelimit_us);
    now = params;
    now.ratelimit_us = 2000;
    OK(c,
       hyp->sched_params_set(c->h, 0, &now, &c->err) == 0 && hyp->sched_params(c->h, 0, &now, &c->err) == 0 &&
           now.ratelimit_us == 2000,
       "that is set");
    now.ratelimit_us = 3;
    OK(c, hyp->sched_params_set(c->h, 0, &now, &c->err) < 0 && c->err.sys == EINVAL, "too often is refused");
    OK(c, hyp->sched_params_set(c->h, 0, &params, &c->err) == 0, "it is put back");
}

void check_resources(struct contract *c, uint32_t domid, bool is_pv)
{
    check_memory(c, domid, is_pv);
    check_vcpus(c, domid);
    if (!is_pv)
        return;
    check_pools(c, domid);
    check_sched(c, domid);
}

void check_no_resources(struct contract *c, uint32_t domid)
{
    const struct hyp_ops *hyp = c->h->hyp;

    OK(c, failed_with(c, hyp->mem_limit(c->h, domid, 4096, &c->err), DOMO_E_DOMAIN_NOT_FOUND),
       "a domain that is gone has no limit");
}
