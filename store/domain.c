/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "domain.h"

#include <errno.h>
#include <stdlib.h>

int domains_init(struct domains *d)
{
    d->at = calloc(DOMID_COUNT, sizeof(struct domain *));
    d->count = 0;
    d->top = 0;
    quota_defaults(d->limit);
    return d->at ? 0 : -ENOMEM;
}

void domains_fini(struct domains *d)
{
    unsigned i;

    for (i = 0; d->at && d->count && i < d->top; i++)
        domain_drop(d, (uint16_t)i);
    free(d->at);
    d->at = NULL;
}

struct domain *domain_add(struct domains *d, uint16_t domid, uint64_t gen)
{
    struct domain *dom = d->at[domid];

    if (dom)
        return dom;
    dom = calloc(1, sizeof *dom);
    if (!dom)
        return NULL;
    dom->domid = domid;
    dom->target = -1;
    dom->birth = gen;
    d->at[domid] = dom;
    if (domid >= d->top)
        d->top = domid + 1U;
    d->count++;
    return dom;
}

void domain_drop(struct domains *d, uint16_t domid)
{
    if (!d->at[domid])
        return;
    free(d->at[domid]);
    d->at[domid] = NULL;
    d->count--;
}

struct domain *domain_next(const struct domains *d, unsigned *i)
{
    while (*i < d->top) {
        struct domain *dom = d->at[(*i)++];

        if (dom)
            return dom;
    }
    return NULL;
}

uint32_t domain_limit(const struct domains *d, const struct domain *dom, enum quota_kind kind)
{
    return dom->quota.own[kind] ? dom->quota.limit[kind] : d->limit[kind];
}

bool domain_over(const struct domains *d, const struct domain *dom, enum quota_kind kind, int64_t have, int64_t more)
{
    uint32_t limit = domain_limit(d, dom, kind);

    return limit && more > 0 && have + more > (int64_t)limit;
}

int64_t domain_bytes(const struct domain *dom)
{
    return dom->node_bytes + dom->other_bytes;
}
