/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pools of processors: which processor is in which, whose domains run there, and
 * what their schedulers know of them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "sim/machine_impl.h"

enum { RTDS_PERIOD_US = 10000, RTDS_BUDGET_US = 4000, RTDS_LEAST_US = 10, TSLICE_MS = 30, RATELIMIT_US = 1000 };

static const struct {
    const char *name;
    bool has_weight, has_rtds;
    struct hyp_sched_params params;
} schedulers[] = {
    {"credit2", true, false, {.ratelimit_us = RATELIMIT_US}},
    {"credit", true, false, {.tslice_ms = TSLICE_MS, .ratelimit_us = RATELIMIT_US}},
    {"rtds", false, true, {.ratelimit_us = 0}},
    {"null", false, false, {.ratelimit_us = 0}},
};

static struct pool *find(const struct machine *m, uint32_t id)
{
    for (size_t i = 0; i < m->pools.len; i++)
        if (m->pools.at[i].id == id)
            return &m->pools.at[i];
    return NULL;
}

bool pool_exists(const struct machine *m, uint32_t id)
{
    return find(m, id) != NULL;
}

static bool has(const uint64_t words[HYP_CPU_WORDS], uint32_t cpu)
{
    return words[cpu / 64] >> cpu % 64 & 1;
}

static uint32_t domains_in(const struct machine *m, uint32_t id)
{
    uint32_t n = 0;

    for (size_t i = 0; i < m->domains.len; i++)
        n += m->domains.at[i]->made.cpupool == id;
    return n;
}

static uint32_t cpus_in(const struct machine *m, const struct pool *p)
{
    uint32_t n = 0;

    for (uint32_t cpu = 0; cpu < m->size.cpus; cpu++)
        n += has(p->cpus, cpu);
    return n;
}

int pools_init(struct machine *m)
{
    uint32_t id;
    int r = machine_pool_create(m, schedulers[0].name, &id);

    for (uint32_t cpu = 0; r == 0 && cpu < m->size.cpus && cpu < HYP_CPUS_MAX; cpu++)
        r = machine_pool_cpu(m, id, cpu, true);
    return r;
}

/* ---- pools ---- */

int machine_pool(const struct machine *m, uint32_t first, struct hyp_pool *ret)
{
    const struct pool *best = NULL;

    for (size_t i = 0; i < m->pools.len; i++) {
        const struct pool *p = &m->pools.at[i];

        if (p->id >= first && (!best || p->id < best->id))
            best = p;
    }
    if (!best)
        return -ENOENT;
    *ret = (struct hyp_pool){.id = best->id, .domains = domains_in(m, best->id)};
    (void)snprintf(ret->scheduler, sizeof ret->scheduler, "%s", schedulers[best->scheduler].name);
    memcpy(ret->cpus, best->cpus, sizeof ret->cpus);
    return 0;
}

void machine_pool_free(const struct machine *m, uint64_t ret[HYP_CPU_WORDS])
{
    memset(ret, 0, HYP_CPU_WORDS * sizeof *ret);
    for (uint32_t cpu = 0; cpu < m->size.cpus && cpu < HYP_CPUS_MAX; cpu++) {
        bool taken = false;

        for (size_t i = 0; i < m->pools.len; i++)
            taken = taken || has(m->pools.at[i].cpus, cpu);
        if (!taken)
            ret[cpu / 64] |= (uint64_t)1 << cpu % 64;
    }
}

int machine_pool_create(struct machine *m, const char *scheduler, uint32_t *ret)
{
    struct pool *p;
    uint32_t id = 0;
    size_t i;

    for (i = 0; i < ARRAY_LEN(schedulers) && strcmp(schedulers[i].name, scheduler) != 0; i++)
        ;
    if (i == ARRAY_LEN(schedulers))
        return -EINVAL;
    while (find(m, id))
        id++;
    p = VEC_PUSH(&m->pools);
    if (!p)
        return -ENOMEM;
    *p = (struct pool){.id = id, .scheduler = i, .params = schedulers[i].params};
    *ret = id;
    return 0;
}

int machine_pool_destroy(struct machine *m, uint32_t id)
{
    struct pool *p = find(m, id);

    if (!p)
        return -ENOENT;
    if (id == 0 || cpus_in(m, p) || domains_in(m, id))
        return -EBUSY;
    VEC_REMOVE(&m->pools, (size_t)(p - m->pools.at));
    return 0;
}

int machine_pool_cpu(struct machine *m, uint32_t id, uint32_t cpu, bool add)
{
    uint64_t free_ones[HYP_CPU_WORDS];
    struct pool *p = find(m, id);

    if (!p)
        return -ENOENT;
    if (cpu >= m->size.cpus)
        return -EINVAL;
    machine_pool_free(m, free_ones);
    if (add && !has(free_ones, cpu))
        return -EBUSY;
    if (!add && !has(p->cpus, cpu))
        return -EINVAL;
    if (!add && cpus_in(m, p) == 1 && domains_in(m, id))
        return -EBUSY;
    p->cpus[cpu / 64] ^= (uint64_t)1 << cpu % 64;
    return 0;
}

int machine_pool_move(struct machine *m, uint32_t id, uint32_t domid)
{
    struct domain *d = machine_find(m, domid);
    const struct pool *p = find(m, id);

    if (!d)
        return -ESRCH;
    if (!p)
        return -ENOENT;
    /* Whoever asks runs in domain 0, and no domain moves itself. */
    if (domid == 0)
        return -EPERM;
    if (!cpus_in(m, p))
        return -EINVAL;
    d->made.cpupool = id;
    return 0;
}

/* ---- schedulers ---- */

void rtds_init(struct hyp_rtds *p)
{
    *p = (struct hyp_rtds){.period_us = RTDS_PERIOD_US, .budget_us = RTDS_BUDGET_US, .extratime = true};
}

/* NULL: there is no such domain. */
static const struct pool *pool_of(const struct machine *m, uint32_t domid, struct domain **ret)
{
    *ret = machine_find(m, domid);
    return *ret ? find(m, (*ret)->made.cpupool) : NULL;
}

int machine_sched(const struct machine *m, uint32_t domid, struct hyp_sched *ret)
{
    struct domain *d;
    const struct pool *p = pool_of(m, domid, &d);

    if (!p)
        return -ESRCH;
    *ret = (struct hyp_sched){.has_weight = schedulers[p->scheduler].has_weight,
                              .has_rtds = schedulers[p->scheduler].has_rtds};
    (void)snprintf(ret->scheduler, sizeof ret->scheduler, "%s", schedulers[p->scheduler].name);
    if (ret->has_weight) {
        ret->weight = d->weight;
        ret->cap = d->cap;
    }
    if (ret->has_rtds)
        rtds_init(&ret->rtds);
    return 0;
}

static bool is_sane(const struct hyp_rtds *p)
{
    return p->budget_us >= RTDS_LEAST_US && p->period_us >= p->budget_us;
}

int machine_sched_set(struct machine *m, uint32_t domid, const struct hyp_sched *s)
{
    struct domain *d;
    const struct pool *p = pool_of(m, domid, &d);

    if (!p)
        return -ESRCH;
    if (schedulers[p->scheduler].has_rtds) {
        if (!is_sane(&s->rtds))
            return -EINVAL;
        for (uint32_t i = 0; i < d->vcpus; i++)
            d->vcpu[i].rtds = s->rtds;
        return 0;
    }
    if (!schedulers[p->scheduler].has_weight)
        return -EOPNOTSUPP;
    if (!s->weight || s->weight > UINT16_MAX || s->cap > d->vcpus * 100)
        return -EINVAL;
    d->weight = s->weight;
    d->cap = s->cap;
    return 0;
}

static int find_vcpu(const struct machine *m, uint32_t domid, uint32_t vcpu, struct hyp_rtds **ret)
{
    struct domain *d;
    const struct pool *p = pool_of(m, domid, &d);

    if (!p)
        return -ESRCH;
    if (!schedulers[p->scheduler].has_rtds || vcpu >= d->vcpus)
        return -EINVAL;
    *ret = &d->vcpu[vcpu].rtds;
    return 0;
}

int machine_rtds(const struct machine *m, uint32_t domid, uint32_t vcpu, struct hyp_rtds *ret)
{
    struct hyp_rtds *its;
    int r = find_vcpu(m, domid, vcpu, &its);

    if (r == 0)
        *ret = *its;
    return r;
}

int machine_rtds_set(struct machine *m, uint32_t domid, uint32_t vcpu, const struct hyp_rtds *p)
{
    struct hyp_rtds *its;
    int r = find_vcpu(m, domid, vcpu, &its);

    if (r == 0 && !is_sane(p))
        r = -EINVAL;
    if (r == 0)
        *its = *p;
    return r;
}

int machine_sched_params(const struct machine *m, uint32_t pool, struct hyp_sched_params *ret)
{
    const struct pool *p = find(m, pool);

    if (!p)
        return -ENOENT;
    if (!schedulers[p->scheduler].has_weight)
        return -EOPNOTSUPP;
    *ret = p->params;
    return 0;
}

int machine_sched_params_set(struct machine *m, uint32_t pool, const struct hyp_sched_params *params)
{
    enum { TSLICE_MOST_MS = 1000, RATELIMIT_LEAST_US = 100, RATELIMIT_MOST_US = 500000, MIGRATION_MOST_US = 100000 };
    struct pool *p = find(m, pool);
    bool has_slice;

    if (!p)
        return -ENOENT;
    if (!schedulers[p->scheduler].has_weight)
        return -EOPNOTSUPP;
    has_slice = schedulers[p->scheduler].params.tslice_ms != 0;
    if (params->ratelimit_us && (params->ratelimit_us < RATELIMIT_LEAST_US || params->ratelimit_us > RATELIMIT_MOST_US))
        return -EINVAL;
    if (has_slice &&
        (!params->tslice_ms || params->tslice_ms > TSLICE_MOST_MS || params->ratelimit_us > params->tslice_ms * 1000 ||
         params->migration_delay_us > MIGRATION_MOST_US))
        return -EINVAL;
    p->params = *params;
    return 0;
}
