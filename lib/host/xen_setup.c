/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Everything that a new domain is told between its creation and its build:
 * virtual CPUs, limits, clock, placement, scheduling, CPU features.
 */
#include <errno.h>
#include <string.h>

#include "host/xen_conn.h"
#include "host/xen_guest.h"

#include <xen/hvm/params.h>

/* Copies our words of CPU bits into libxenctrl's byte map, which has the host's size. */
static void cpumap_fill(xc_cpumap_t map, size_t map_len, const uint64_t *words, size_t n)
{
    for (size_t byte = 0; byte < map_len; byte++)
        map[byte] = byte / 8 < n ? (uint8_t)(words[byte / 8] >> (byte % 8 * 8)) : 0;
}

static int set_affinity(struct host *h, xc_interface *xc, uint32_t domid, const struct hyp_setup *s, bool hard,
                        struct domo_err *err)
{
    const uint64_t *words = hard ? s->hard_affinity : s->soft_affinity;
    xc_cpumap_t AUTO_FREE map = NULL;
    int size = xc_get_cpumap_size(xc), r;

    if (!words)
        return 0;
    map = xc_cpumap_alloc(xc);
    if (!map || size <= 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't make a CPU map");
    for (uint32_t v = 0; v < s->max_vcpus; v++) {
        /* The call writes the affinity in effect back: fill it again for each. */
        cpumap_fill(map, (size_t)size, words, s->cpu_words);
        r = xc_vcpu_setaffinity(xc, domid, (int)v, hard ? map : NULL, hard ? NULL : map,
                                hard ? XEN_VCPUAFFINITY_HARD : XEN_VCPUAFFINITY_SOFT);
        if (r < 0)
            return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't set the %s CPU affinity of vcpu %u",
                            hard ? "hard" : "soft", v);
    }
    return 0;
}

static int set_cpuid(struct host *h, xc_interface *xc, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    int r;

    if (xen_guest_load(err) < 0)
        return -1;
#ifdef HAVE_XC_CPUID_POLICY_MSR
    r = xen_guest.cpuid_apply_policy(xc, domid, false, NULL, 0, !s->no_pae, s->invariant_tsc, s->nested, NULL, NULL);
#else
    r = xen_guest.cpuid_apply_policy(xc, domid, false, NULL, 0, !s->no_pae, s->invariant_tsc, s->nested, NULL);
#endif
    /* Unlike the other calls this one returns the negative errno. */
    if (r)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, r < -1 ? -r : errno, "can't set the domain's CPU features");
    return 0;
}

static uint32_t tsc_number(enum hyp_tsc_mode mode)
{
    switch (mode) {
    case HYP_TSC_DEFAULT:
        return 0;
    case HYP_TSC_ALWAYS_EMULATE:
        return 1;
    case HYP_TSC_NATIVE:
        return 2;
    }
    return 0;
}

static int set_limits(struct host *h, xc_interface *xc, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    if (xc_domain_max_vcpus(xc, domid, s->max_vcpus) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't give the domain %u vcpus", s->max_vcpus);
    if (xc_domain_setmaxmem(xc, domid, s->max_mem_kib) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't set the domain's memory limit");
    if (s->memmap_limit_kib && xc_domain_set_memmap_limit(xc, domid, s->memmap_limit_kib) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't set the limit of the domain's memory map");
    return 0;
}

static uint64_t timer_number(enum hyp_timer_mode mode)
{
    switch (mode) {
    case HYP_TIMER_DELAY_FOR_MISSED:
        return HVMPTM_delay_for_missed_ticks;
    case HYP_TIMER_NO_DELAY_FOR_MISSED:
        return HVMPTM_no_delay_for_missed_ticks;
    case HYP_TIMER_NO_MISSED_PENDING:
        return HVMPTM_no_missed_ticks_pending;
    case HYP_TIMER_ONE_MISSED_PENDING:
        return HVMPTM_one_missed_tick_pending;
    }
    return HVMPTM_no_delay_for_missed_ticks;
}

/* The timers of a PC, and what Windows takes for its hypervisor. */
static int set_pc(struct host *h, xc_interface *xc, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    if (!s->emulates_timers)
        return 0;
    if (xc_hvm_param_set(xc, domid, HVM_PARAM_HPET_ENABLED, s->hpet) < 0 ||
        xc_hvm_param_set(xc, domid, HVM_PARAM_VPT_ALIGN, s->vpt_align) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't set up the domain's emulated timers");
    if (s->viridian && xc_hvm_param_set(xc, domid, HVM_PARAM_VIRIDIAN, s->viridian) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't show the domain Hyper-V's interfaces (viridian=)");
    return 0;
}

/* What only guests have that the processor virtualises. */
static int set_hvm(struct host *h, xc_interface *xc, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    if (!s->paging_kib)
        return 0;
    if (xc_hvm_param_set(xc, domid, HVM_PARAM_TIMER_MODE, timer_number(s->timer_mode)) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't set the domain's timer mode");
    if (s->altp2m && xc_hvm_param_set(xc, domid, HVM_PARAM_ALTP2M, s->altp2m) < 0) {
        (void)xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't let the domain have alternate memory views (altp2m=)");
        return err_hint(err, "Xen has to be booted with altp2m=1, on a processor that can");
    }
    if (xc_set_paging_mempool_size(xc, domid, s->paging_kib << 10) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't set %llu KiB aside for the domain's page tables",
                        (unsigned long long)s->paging_kib);
    return 0;
}

static int set_clock(struct host *h, xc_interface *xc, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    if (xc_domain_set_tsc_info(xc, domid, tsc_number(s->tsc_mode), 0, 0, 0) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't set the domain's TSC mode");
    if (s->time_offset_s && xc_domain_set_time_offset(xc, domid, s->time_offset_s) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't set the domain's time offset");
    return 0;
}

int xen_setup(struct host *h, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (set_limits(h, xc, domid, s, err) < 0 || set_hvm(h, xc, domid, s, err) < 0 || set_pc(h, xc, domid, s, err) < 0 ||
        set_clock(h, xc, domid, s, err) < 0 || set_affinity(h, xc, domid, s, true, err) < 0 ||
        set_affinity(h, xc, domid, s, false, err) < 0 || xen_set_sched(h, xc, domid, s, err) < 0 ||
        set_cpuid(h, xc, domid, s, err) < 0)
        return -1;
    return 0;
}
