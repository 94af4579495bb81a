/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: what a domain may have of the machine can be changed while it is
 * there, and is told as it is.
 */
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

void check_resources(struct contract *c, uint32_t domid, bool is_pv)
{
    check_memory(c, domid, is_pv);
}

void check_no_resources(struct contract *c, uint32_t domid)
{
    const struct hyp_ops *hyp = c->h->hyp;

    OK(c, failed_with(c, hyp->mem_limit(c->h, domid, 4096, &c->err), DOMO_E_DOMAIN_NOT_FOUND),
       "a domain that is gone has no limit");
}
