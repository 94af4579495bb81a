/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/sched.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "dom/names.h"
#include "dom/pool.h"

/* ---- telling ---- */

static void add_share(struct json *row, const struct hyp_rtds *p)
{
    json_set_uint(row, "period_us", p->period_us);
    json_set_uint(row, "budget_us", p->budget_us);
    json_set_bool(row, "extratime", p->extratime);
}

static struct json *new_row(struct json *list, uint32_t domid, const char *name)
{
    struct json *row = json_add_object(list);

    json_set_str(row, "name", name ? name : "(null)");
    json_set_uint(row, "domid", domid);
    return row;
}

static int add_vcpus(struct host *h, const struct hyp_info *d, const char *name, struct json *list,
                     struct domo_err *err)
{
    for (uint32_t i = 0; i < d->vcpus_max; i++) {
        struct hyp_rtds share;
        struct json *row;

        if (h->hyp->rtds(h, d->domid, i, &share, err))
            return -1;
        row = new_row(list, d->domid, name);
        json_set_uint(row, "vcpu", i);
        add_share(row, &share);
    }
    return 0;
}

static int add_domain(struct host *h, const struct hyp_info *d, bool vcpus, struct json *list, struct domo_err *err)
{
    char *AUTO_FREE name = NULL;
    struct hyp_sched s = {.weight = 0};
    struct json *row;

    if (names_of(h, d->domid, &name, err) || h->hyp->sched(h, d->domid, &s, err))
        return -1;
    if (vcpus && s.has_rtds)
        return add_vcpus(h, d, name, list, err);
    row = new_row(list, d->domid, name);
    if (s.has_weight) {
        json_set_uint(row, "weight", s.weight);
        json_set_uint(row, "cap", s.cap);
    }
    if (s.has_rtds)
        add_share(row, &s.rtds);
    return 0;
}

static int add_params(struct host *h, const struct hyp_pool *p, struct json *row, struct domo_err *err)
{
    struct hyp_sched_params params = {.ratelimit_us = 0};
    struct json *to;

    if (!str_eq(p->scheduler, "credit") && !str_eq(p->scheduler, "credit2"))
        return 0;
    if (h->hyp->sched_params(h, p->id, &params, err))
        return -1;
    to = json_set_object(row, "params");
    if (str_eq(p->scheduler, "credit")) {
        json_set_uint(to, "tslice_ms", params.tslice_ms);
        json_set_uint(to, "migration_delay_us", params.migration_delay_us);
    }
    json_set_uint(to, "ratelimit_us", params.ratelimit_us);
    return 0;
}

struct asked {
    const struct hyp_info *domains;
    size_t domain_count;
    bool vcpus;
};

static int add_pool(struct host *h, const struct hyp_pool *p, const struct asked *a, struct json *list,
                    struct domo_err *err)
{
    char *AUTO_FREE name = NULL;
    struct json *row, *domains;

    if (pool_name(h, p->id, &name, err))
        return -1;
    row = json_add_object(list);
    json_set_uint(row, "pool_id", p->id);
    json_set_str(row, "pool", name);
    json_set_str(row, "scheduler", p->scheduler);
    if (add_params(h, p, row, err))
        return -1;
    domains = json_set_array(row, "domains");
    for (size_t i = 0; i < a->domain_count; i++) {
        struct domo_err e = DOMO_ERR_INIT;

        /* One that goes meanwhile is left out. */
        if (a->domains[i].cpupool != p->id || add_domain(h, &a->domains[i], a->vcpus, domains, &e) == 0 ||
            e.code == DOMO_E_DOMAIN_NOT_FOUND)
            continue;
        if (err)
            *err = e;
        return -1;
    }
    return 0;
}

static int other_scheduler(const char *what, const char *has, const char *wanted, struct domo_err *err)
{
    (void)err_set(err, DOMO_E_UNSUPPORTED, "%s is scheduled by %s, not by %s", what, has, wanted);
    return err_hint(err, "domo sched-%s", has);
}

static int pools(struct host *h, const char *scheduler, const char *pool, struct hyp_pool **ret, size_t *ret_n,
                 struct domo_err *err)
{
    struct hyp_pool *one;

    if (!pool)
        return pool_load(h, ret, ret_n, err);
    one = malloc(sizeof *one);
    if (!one)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (pool_find(h, pool, one, err) ||
        (!str_eq(one->scheduler, scheduler) && other_scheduler(pool, one->scheduler, scheduler, err))) {
        free(one);
        return -1;
    }
    *ret = one;
    *ret_n = 1;
    return 0;
}

static int done(struct json **list, struct json **ret, struct domo_err *err)
{
    *ret = json_done(*list);
    *list = NULL;
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

int sched_list(struct host *h, const char *scheduler, const char *pool, bool vcpus, struct json **ret,
               struct domo_err *err)
{
    struct json *AUTO_JSON list = json_new_array();
    struct hyp_info *AUTO_FREE domains = NULL;
    struct hyp_pool *AUTO_FREE all = NULL;
    struct asked a = {.vcpus = vcpus};
    size_t n = 0;

    if (pools(h, scheduler, pool, &all, &n, err) || names_list_domains(h, &domains, &a.domain_count, err))
        return -1;
    a.domains = domains;
    for (size_t i = 0; i < n; i++)
        if (str_eq(all[i].scheduler, scheduler) && add_pool(h, &all[i], &a, list, err))
            return -1;
    return done(&list, ret, err);
}

/* How the domain is scheduled, if by that scheduler. */
static int look(struct host *h, const char *scheduler, uint32_t domid, struct hyp_sched *ret, struct domo_err *err)
{
    char what[32];

    if (h->hyp->sched(h, domid, ret, err))
        return -1;
    (void)snprintf(what, sizeof what, "domain %" PRIu32, domid);
    return str_eq(ret->scheduler, scheduler) ? 0 : other_scheduler(what, ret->scheduler, scheduler, err);
}

int sched_rows(struct host *h, const char *scheduler, uint32_t domid, bool vcpus, struct json **ret,
               struct domo_err *err)
{
    struct json *AUTO_JSON list = json_new_array();
    struct hyp_sched s = {.weight = 0};
    struct hyp_info info;

    if (h->hyp->info(h, domid, &info, err) || look(h, scheduler, domid, &s, err) ||
        add_domain(h, &info, vcpus, list, err))
        return -1;
    return done(&list, ret, err);
}

/* ---- setting ---- */

static uint32_t pick(int64_t wanted, uint32_t now)
{
    return wanted >= 0 ? (uint32_t)wanted : now;
}

static void change_share(struct hyp_rtds *p, const struct sched_change *c)
{
    p->period_us = pick(c->period_us, p->period_us);
    p->budget_us = pick(c->budget_us, p->budget_us);
    p->extratime = pick(c->extratime, p->extratime) != 0;
}

/* The hypervisor says no more than that it will not. */
static int explain_refusal(struct domo_err *err, const char *why)
{
    if (err && err->sys == EINVAL)
        (void)err_hint(err, "%s", why);
    return -1;
}

static int set_vcpu(struct host *h, uint32_t domid, const struct sched_change *c, struct domo_err *err)
{
    struct hyp_rtds share = {.period_us = 0};

    if (h->hyp->rtds(h, domid, (uint32_t)c->vcpu, &share, err))
        return -1;
    change_share(&share, c);
    return h->hyp->rtds_set(h, domid, (uint32_t)c->vcpu, &share, err);
}

int sched_set(struct host *h, const char *scheduler, uint32_t domid, const struct sched_change *c, struct domo_err *err)
{
    static const char share_why[] = "the budget is at least 10 us, and at most the period";
    static const char weight_why[] = "a weight is 1 to 65535, a cap at most 100 for each vcpu";
    struct hyp_sched s = {.weight = 0};

    if (look(h, scheduler, domid, &s, err))
        return -1;
    if (c->weight == 0 || c->weight > UINT16_MAX || c->cap > UINT16_MAX)
        return err_set(err, DOMO_E_CONFIG_VALUE, "%s", weight_why);
    if (c->vcpu >= 0)
        return set_vcpu(h, domid, c, err) ? explain_refusal(err, share_why) : 0;
    s.weight = pick(c->weight, s.weight);
    s.cap = pick(c->cap, s.cap);
    change_share(&s.rtds, c);
    return h->hyp->sched_set(h, domid, &s, err) ? explain_refusal(err, s.has_rtds ? share_why : weight_why) : 0;
}

int sched_set_params(struct host *h, const char *scheduler, const char *pool, const struct sched_params *c,
                     struct domo_err *err)
{
    struct hyp_sched_params p = {.ratelimit_us = 0};
    struct hyp_pool *AUTO_FREE one = NULL;
    size_t n = 0;

    if (pools(h, scheduler, pool ? pool : "0", &one, &n, err) || !one || h->hyp->sched_params(h, one->id, &p, err))
        return -1;
    p.tslice_ms = pick(c->tslice_ms, p.tslice_ms);
    p.ratelimit_us = pick(c->ratelimit_us, p.ratelimit_us);
    p.migration_delay_us = pick(c->migration_delay_us, p.migration_delay_us);
    if (h->hyp->sched_params_set(h, one->id, &p, err))
        return explain_refusal(err,
                               "a time slice is 1 to 1000 ms, a rate limit 100 to 500000 us and no longer than that, "
                               "a migration delay at most 100000 us");
    return 0;
}
