/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How domains are scheduled: their weight and cap, or their share of time, under
 * the schedulers that have them; and what the scheduler of a pool has for all.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/xen_conn.h"

/* ---- one domain ---- */

static int get_credit(xc_interface *xc, uint32_t domid, struct hyp_sched *ret)
{
    struct xen_domctl_sched_credit p = {0};

    if (xc_sched_credit_domain_get(xc, domid, &p) < 0)
        return -1;
    ret->weight = p.weight;
    ret->cap = p.cap;
    return 0;
}

static int set_credit(xc_interface *xc, uint32_t domid, const struct hyp_sched *s)
{
    struct xen_domctl_sched_credit p = {.weight = (uint16_t)s->weight, .cap = (uint16_t)s->cap};

    return xc_sched_credit_domain_set(xc, domid, &p);
}

static int get_credit2(xc_interface *xc, uint32_t domid, struct hyp_sched *ret)
{
    struct xen_domctl_sched_credit2 p = {0};

    if (xc_sched_credit2_domain_get(xc, domid, &p) < 0)
        return -1;
    ret->weight = p.weight;
    ret->cap = p.cap;
    return 0;
}

static int set_credit2(xc_interface *xc, uint32_t domid, const struct hyp_sched *s)
{
    struct xen_domctl_sched_credit2 p = {.weight = (uint16_t)s->weight, .cap = (uint16_t)s->cap};

    return xc_sched_credit2_domain_set(xc, domid, &p);
}

static struct hyp_rtds rtds_from(const struct xen_domctl_sched_rtds *p)
{
    return (struct hyp_rtds){
        .period_us = p->period, .budget_us = p->budget, .extratime = p->flags & XEN_DOMCTL_SCHEDRT_extra};
}

static struct xen_domctl_sched_rtds rtds_to(const struct hyp_rtds *r)
{
    return (struct xen_domctl_sched_rtds){
        .period = r->period_us, .budget = r->budget_us, .flags = r->extratime ? XEN_DOMCTL_SCHEDRT_extra : 0};
}

static int get_rtds(xc_interface *xc, uint32_t domid, struct hyp_sched *ret)
{
    struct xen_domctl_sched_rtds p = {0};

    if (xc_sched_rtds_domain_get(xc, domid, &p) < 0)
        return -1;
    ret->rtds = rtds_from(&p);
    return 0;
}

static int set_rtds(xc_interface *xc, uint32_t domid, const struct hyp_sched *s)
{
    struct xen_domctl_sched_rtds p = rtds_to(&s->rtds);

    return xc_sched_rtds_domain_set(xc, domid, &p);
}

static const struct scheduler {
    int id;
    const char *name;
    bool has_weight, has_rtds;
    int (*get)(xc_interface *, uint32_t domid, struct hyp_sched *);
    int (*set)(xc_interface *, uint32_t domid, const struct hyp_sched *);
} schedulers[] = {
    {XEN_SCHEDULER_CREDIT, "credit", true, false, get_credit, set_credit},
    {XEN_SCHEDULER_CREDIT2, "credit2", true, false, get_credit2, set_credit2},
    {XEN_SCHEDULER_RTDS, "rtds", false, true, get_rtds, set_rtds},
    {XEN_SCHEDULER_ARINC653, "arinc653", false, false, NULL, NULL},
    {XEN_SCHEDULER_NULL, "null", false, false, NULL, NULL},
};
static const struct scheduler unknown = {.id = -1, .name = "unknown"};

static const struct scheduler *by_id(int id)
{
    for (size_t i = 0; i < ARRAY_LEN(schedulers); i++)
        if (schedulers[i].id == id)
            return &schedulers[i];
    return &unknown;
}

const char *xen_sched_name(int id)
{
    const struct scheduler *s = by_id(id);

    return s == &unknown ? NULL : s->name;
}

int xen_sched_id(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(schedulers); i++)
        if (strcmp(schedulers[i].name, name) == 0)
            return schedulers[i].id;
    return -1;
}

/* That of a pool: each has its own. */
static int scheduler_of_pool(struct host *h, xc_interface *xc, uint32_t pool, const struct scheduler **ret,
                             struct domo_err *err)
{
    xc_cpupoolinfo_t *info = xc_cpupool_getinfo(xc, pool);
    bool found;

    if (!info && errno != ENOENT)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask which scheduler cpu pool %u has", pool);
    if (!info)
        return err_sys(err, DOMO_E_HYPERVISOR, ENOENT, "there is no cpu pool %u", pool);
    found = info->cpupool_id == pool;
    *ret = by_id((int)info->sched_id);
    xc_cpupool_infofree(xc, info);
    return found ? 0 : err_sys(err, DOMO_E_HYPERVISOR, ENOENT, "there is no cpu pool %u", pool);
}

static int scheduler_of(struct host *h, xc_interface *xc, uint32_t domid, const struct scheduler **ret,
                        struct domo_err *err)
{
    xc_domaininfo_t d = {0};
    int n = xc_domain_getinfolist(xc, domid, 1, &d);

    if (n < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask the hypervisor about domain %u", domid);
    if (n == 0 || d.domain != domid)
        return err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "there is no domain %u", domid);
    return scheduler_of_pool(h, xc, d.cpupool, ret, err);
}

static int get(struct host *h, xc_interface *xc, uint32_t domid, const struct scheduler *how, struct hyp_sched *ret,
               struct domo_err *err)
{
    struct hyp_sched s = {.has_weight = how->has_weight, .has_rtds = how->has_rtds};

    (void)snprintf(s.scheduler, sizeof s.scheduler, "%s", how->name);
    if (how->get && how->get(xc, domid, &s) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't read how domain %u is scheduled", domid);
    *ret = s;
    return 0;
}

static int set(struct host *h, xc_interface *xc, uint32_t domid, const struct scheduler *how, const struct hyp_sched *s,
               struct domo_err *err)
{
    if (!how->set)
        return err_set(err, DOMO_E_UNSUPPORTED, "the scheduler '%s' has nothing to set for a domain", how->name);
    if (how->set(xc, domid, s) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't change how domain %u is scheduled", domid);
    return 0;
}

int xen_get_sched(struct host *h, uint32_t domid, struct hyp_sched *ret, struct domo_err *err)
{
    const struct scheduler *how = &unknown;
    xc_interface *xc;

    if (xen_xc(h, &xc, err) || scheduler_of(h, xc, domid, &how, err))
        return -1;
    return get(h, xc, domid, how, ret, err);
}

int xen_sched_set(struct host *h, uint32_t domid, const struct hyp_sched *s, struct domo_err *err)
{
    const struct scheduler *how = &unknown;
    xc_interface *xc;

    if (xen_xc(h, &xc, err) || scheduler_of(h, xc, domid, &how, err))
        return -1;
    return set(h, xc, domid, how, s, err);
}

int xen_set_sched(struct host *h, xc_interface *xc, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    const struct scheduler *how = &unknown;
    struct hyp_sched p = {.weight = 0};

    if (!s->sched_weight && s->sched_cap < 0)
        return 0;
    if (scheduler_of(h, xc, domid, &how, err))
        return -1;
    if (!how->has_weight)
        return err_set(err, DOMO_E_UNSUPPORTED, "the host's scheduler has no weight and no cap (%s)", how->name);
    if (get(h, xc, domid, how, &p, err))
        return -1;
    if (s->sched_weight)
        p.weight = s->sched_weight;
    if (s->sched_cap >= 0)
        p.cap = (uint32_t)s->sched_cap;
    return set(h, xc, domid, how, &p, err);
}

/* ---- one vcpu, under rtds ---- */

int xen_rtds(struct host *h, uint32_t domid, uint32_t vcpu, struct hyp_rtds *ret, struct domo_err *err)
{
    struct xen_domctl_schedparam_vcpu p = {.vcpuid = vcpu};
    xc_interface *xc;

    if (xen_xc(h, &xc, err))
        return -1;
    if (xc_sched_rtds_vcpu_get(xc, domid, &p, 1) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't read how vcpu %u of domain %u is scheduled", vcpu,
                        domid);
    *ret = rtds_from(&p.u.rtds);
    return 0;
}

int xen_rtds_set(struct host *h, uint32_t domid, uint32_t vcpu, const struct hyp_rtds *r, struct domo_err *err)
{
    struct xen_domctl_schedparam_vcpu p = {.vcpuid = vcpu, .u.rtds = rtds_to(r)};
    xc_interface *xc;

    if (xen_xc(h, &xc, err))
        return -1;
    if (xc_sched_rtds_vcpu_set(xc, domid, &p, 1) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't change how vcpu %u of domain %u is scheduled", vcpu,
                        domid);
    return 0;
}

/* ---- one pool ---- */

static int params_failed(struct host *h, uint32_t pool, const char *doing, struct domo_err *err)
{
    return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't %s what the scheduler of cpu pool %u does", doing, pool);
}

int xen_sched_params(struct host *h, uint32_t pool, struct hyp_sched_params *ret, struct domo_err *err)
{
    struct xen_sysctl_credit2_schedule two = {0};
    struct xen_sysctl_credit_schedule one = {0};
    const struct scheduler *how = &unknown;
    xc_interface *xc;

    if (xen_xc(h, &xc, err) || scheduler_of_pool(h, xc, pool, &how, err))
        return -1;
    if (!how->has_weight)
        return err_set(err, DOMO_E_UNSUPPORTED, "the scheduler '%s' has nothing to set for its pool", how->name);
    if ((how->id == XEN_SCHEDULER_CREDIT ? xc_sched_credit_params_get(xc, pool, &one)
                                         : xc_sched_credit2_params_get(xc, pool, &two)) < 0)
        return params_failed(h, pool, "read", err);
    *ret =
        (struct hyp_sched_params){.tslice_ms = one.tslice_ms,
                                  .ratelimit_us = how->id == XEN_SCHEDULER_CREDIT ? one.ratelimit_us : two.ratelimit_us,
                                  .migration_delay_us = one.vcpu_migr_delay_us};
    return 0;
}

int xen_sched_params_set(struct host *h, uint32_t pool, const struct hyp_sched_params *p, struct domo_err *err)
{
    struct xen_sysctl_credit_schedule one = {
        .tslice_ms = p->tslice_ms, .ratelimit_us = p->ratelimit_us, .vcpu_migr_delay_us = p->migration_delay_us};
    struct xen_sysctl_credit2_schedule two = {.ratelimit_us = p->ratelimit_us};
    const struct scheduler *how = &unknown;
    xc_interface *xc;

    if (xen_xc(h, &xc, err) || scheduler_of_pool(h, xc, pool, &how, err))
        return -1;
    if (!how->has_weight)
        return err_set(err, DOMO_E_UNSUPPORTED, "the scheduler '%s' has nothing to set for its pool", how->name);
    if ((how->id == XEN_SCHEDULER_CREDIT ? xc_sched_credit_params_set(xc, pool, &one)
                                         : xc_sched_credit2_params_set(xc, pool, &two)) < 0)
        return params_failed(h, pool, "change", err);
    return 0;
}
