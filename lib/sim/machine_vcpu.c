/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Virtual processors one by one: which of them the guest uses, and where they
 * may run.
 */
#include <errno.h>
#include <string.h>

#include "sim/machine_impl.h"

/* Two nodes of processors, if there are enough of them. */
enum { CPUS_OF_NODE = 64 };

bool machine_cpu(const struct machine *m, uint32_t i, struct hyp_cpu *ret)
{
    if (i >= m->size.cpus)
        return false;
    *ret = (struct hyp_cpu){
        .is_online = true, .node = i / CPUS_OF_NODE, .socket = i / CPUS_OF_NODE, .core = i % CPUS_OF_NODE};
    return true;
}

static void fill(const struct machine *m, uint64_t words[HYP_CPU_WORDS])
{
    memset(words, 0, HYP_CPU_WORDS * sizeof *words);
    for (uint32_t cpu = 0; cpu < m->size.cpus && cpu < HYP_CPUS_MAX; cpu++)
        words[cpu / 64] |= (uint64_t)1 << cpu % 64;
}

static void copy(const struct machine *m, uint64_t to[HYP_CPU_WORDS], const uint64_t *from, size_t n)
{
    fill(m, to);
    for (size_t i = 0; from && i < HYP_CPU_WORDS; i++)
        to[i] &= i < n ? from[i] : 0;
}

int vcpus_init(const struct machine *m, struct domain *d, uint32_t n, const struct hyp_setup *s)
{
    struct vcpu *all = calloc(n, sizeof *all);

    if (!all)
        return -ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        copy(m, all[i].hard, s ? s->hard_affinity : NULL, s ? s->cpu_words : 0);
        copy(m, all[i].soft, s ? s->soft_affinity : NULL, s ? s->cpu_words : 0);
        rtds_init(&all[i].rtds);
    }
    free(d->vcpu);
    d->vcpu = all;
    d->vcpus = n;
    return 0;
}

uint32_t vcpus_online(const struct domain *d)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < d->vcpus; i++)
        n += !d->vcpu[i].is_offline;
    return n;
}

static int find(const struct machine *m, uint32_t domid, uint32_t vcpu, struct domain **ret)
{
    *ret = machine_find(m, domid);
    if (!*ret)
        return -ESRCH;
    return vcpu < (*ret)->vcpus ? 0 : -EINVAL;
}

int machine_vcpu_online(struct machine *m, uint32_t domid, uint32_t vcpu, bool on)
{
    struct domain *d;
    int r = find(m, domid, vcpu, &d);

    if (r == 0)
        d->vcpu[vcpu].is_offline = !on;
    return r;
}

int machine_vcpu(const struct machine *m, uint32_t domid, uint32_t vcpu, struct hyp_vcpu *ret)
{
    struct hyp_info info;
    struct domain *d;
    int r = find(m, domid, vcpu, &d);

    if (r == 0)
        r = machine_domain(m, domid, &info);
    if (r < 0)
        return r;
    *ret = (struct hyp_vcpu){.is_online = vcpu < info.vcpus_online && !d->vcpu[vcpu].is_offline};
    if (d->started)
        ret->is_online = !d->vcpu[vcpu].is_offline;
    ret->is_running = ret->is_online && info.is_running && vcpu == 0;
    ret->is_blocked = ret->is_online && !ret->is_running && domain_runs(d);
    memcpy(ret->hard, d->vcpu[vcpu].hard, sizeof ret->hard);
    memcpy(ret->soft, d->vcpu[vcpu].soft, sizeof ret->soft);
    /* The first of those where it may run that follow its number. */
    ret->cpu = vcpu % m->size.cpus;
    while (!(ret->hard[ret->cpu / 64] >> ret->cpu % 64 & 1))
        ret->cpu = (ret->cpu + 1) % m->size.cpus;
    if (ret->is_online)
        ret->cpu_time_ns = info.cpu_time_ns / (info.vcpus_online ? info.vcpus_online : 1);
    return 0;
}

static bool is_empty(const uint64_t words[HYP_CPU_WORDS])
{
    for (size_t i = 0; i < HYP_CPU_WORDS; i++)
        if (words[i])
            return false;
    return true;
}

int machine_vcpu_pin(struct machine *m, uint32_t domid, uint32_t vcpu, const struct hyp_pin *pin)
{
    uint64_t hard[HYP_CPU_WORDS], soft[HYP_CPU_WORDS];
    struct domain *d;
    int r = find(m, domid, vcpu, &d);

    if (r < 0)
        return r;
    copy(m, hard, pin->hard, HYP_CPU_WORDS);
    copy(m, soft, pin->soft, HYP_CPU_WORDS);
    if (is_empty(hard) || is_empty(soft))
        return -EINVAL;
    if (pin->hard)
        memcpy(d->vcpu[vcpu].hard, hard, sizeof hard);
    if (pin->soft)
        memcpy(d->vcpu[vcpu].soft, soft, sizeof soft);
    return 0;
}
