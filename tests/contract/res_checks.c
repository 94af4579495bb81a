/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: what a domain may have of the machine can be changed while it is
 * there, and is told as it is.
 */
#include <errno.h>

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

void check_resources(struct contract *c, uint32_t domid, bool is_pv)
{
    check_memory(c, domid, is_pv);
    check_vcpus(c, domid);
}

void check_no_resources(struct contract *c, uint32_t domid)
{
    const struct hyp_ops *hyp = c->h->hyp;

    OK(c, failed_with(c, hyp->mem_limit(c->h, domid, 4096, &c->err), DOMO_E_DOMAIN_NOT_FOUND),
       "a domain that is gone has no limit");
}
