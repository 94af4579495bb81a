/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A domain's weight and cap, under the schedulers that have them.
 */
#include <errno.h>
#include <stdio.h>

#include "host/xen_conn.h"

static int set_credit(xc_interface *xc, uint32_t domid, const struct hyp_setup *s)
{
    struct xen_domctl_sched_credit p = {0};

    if (xc_sched_credit_domain_get(xc, domid, &p) < 0)
        return -1;
    if (s->sched_weight)
        p.weight = (uint16_t)s->sched_weight;
    if (s->sched_cap >= 0)
        p.cap = (uint16_t)s->sched_cap;
    return xc_sched_credit_domain_set(xc, domid, &p);
}

static int set_credit2(xc_interface *xc, uint32_t domid, const struct hyp_setup *s)
{
    struct xen_domctl_sched_credit2 p = {0};

    if (xc_sched_credit2_domain_get(xc, domid, &p) < 0)
        return -1;
    if (s->sched_weight)
        p.weight = (uint16_t)s->sched_weight;
    if (s->sched_cap >= 0)
        p.cap = (uint16_t)s->sched_cap;
    return xc_sched_credit2_domain_set(xc, domid, &p);
}

int xen_set_sched(struct host *h, xc_interface *xc, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    int id = -1, r;

    if (!s->sched_weight && s->sched_cap < 0)
        return 0;
    if (xc_sched_id(xc, &id) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask which scheduler is in use");
    if (id == XEN_SCHEDULER_CREDIT)
        r = set_credit(xc, domid, s);
    else if (id == XEN_SCHEDULER_CREDIT2)
        r = set_credit2(xc, domid, s);
    else
        return err_set(err, DOMO_E_UNSUPPORTED, "the host's scheduler has no weight and no cap (scheduler %d)", id);
    if (r < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't set the domain's scheduling weight or cap");
    return 0;
}

static int get_credit(xc_interface *xc, uint32_t domid, struct hyp_sched *ret)
{
    struct xen_domctl_sched_credit p = {0};

    if (xc_sched_credit_domain_get(xc, domid, &p) < 0)
        return -1;
    ret->weight = p.weight;
    ret->cap = p.cap;
    return 0;
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

int xen_get_sched(struct host *h, uint32_t domid, struct hyp_sched *ret, struct domo_err *err)
{
    static const struct {
        int id;
        const char *name;
        int (*get)(xc_interface *, uint32_t domid, struct hyp_sched *);
    } schedulers[] = {
        {XEN_SCHEDULER_CREDIT, "credit", get_credit}, {XEN_SCHEDULER_CREDIT2, "credit2", get_credit2},
        {XEN_SCHEDULER_RTDS, "rtds", NULL},           {XEN_SCHEDULER_ARINC653, "arinc653", NULL},
        {XEN_SCHEDULER_NULL, "null", NULL},
    };
    struct hyp_sched s = {.scheduler = "unknown"};
    xc_interface *xc;
    int id = -1;

    if (xen_xc(h, &xc, err))
        return -1;
    if (xc_sched_id(xc, &id) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask which scheduler is in use");
    for (size_t i = 0; i < ARRAY_LEN(schedulers); i++) {
        if (schedulers[i].id != id)
            continue;
        (void)snprintf(s.scheduler, sizeof s.scheduler, "%s", schedulers[i].name);
        s.has_weight = schedulers[i].get != NULL;
        if (s.has_weight && schedulers[i].get(xc, domid, &s) < 0)
            return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't read how domain %u is scheduled", domid);
    }
    *ret = s;
    return 0;
}
