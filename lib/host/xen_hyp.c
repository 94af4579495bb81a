/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The hypervisor's operations on libxenctrl: making, looking at, pausing and
 * ending domains. Setting up and building have files of their own.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/xen_conn.h"

enum { PAGE_KIB = 4, LIST_BATCH = 1024 };

static int hyp_host_info(struct host *h, struct hyp_host_info *ret, struct domo_err *err)
{
    xc_interface *xc;
    xc_physinfo_t p = {0};
    int version;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_physinfo(xc, &p) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask the hypervisor about the machine");
    version = xc_version(xc, XENVER_version, NULL);
    if (version < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask the hypervisor for its version");
    *ret = (struct hyp_host_info){
        .cpus = p.nr_cpus,
        .nodes = p.nr_nodes,
        .total_kib = p.total_pages * PAGE_KIB,
        .free_kib = (p.free_pages + p.scrub_pages) * PAGE_KIB,
        .xen_major = (uint32_t)version >> 16,
        .xen_minor = (uint32_t)version & 0xffff,
        .has_hap = p.capabilities & XEN_SYSCTL_PHYSCAP_hap,
        .has_hvm = p.capabilities & XEN_SYSCTL_PHYSCAP_hvm,
        .has_iommu = p.capabilities & XEN_SYSCTL_PHYSCAP_directio,
    };
    return 0;
}

/* Grant table version for a new domain: what was asked, else the newest that this Xen has. */
static uint32_t grant_version(const xc_physinfo_t *p, int32_t wanted)
{
    if (wanted >= 0)
        return (uint32_t)wanted;
    return p->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v2 ? 2 : p->capabilities & XEN_SYSCTL_PHYSCAP_gnttab_v1 ? 1 : 0;
}

/* What kind of domain: how its page tables are made, what the hypervisor emulates for it. */
static int set_container(const xc_physinfo_t *p, const struct hyp_domain_new *d, struct xen_domctl_createdomain *c,
                         struct domo_err *err)
{
    static const uint32_t emulated[] = {[HYP_CONTAINER_PV] = 0,
                                        [HYP_CONTAINER_HVM] = XEN_X86_EMU_ALL & ~XEN_X86_EMU_VPCI,
                                        [HYP_CONTAINER_PVH] = XEN_X86_EMU_LAPIC};
    bool hap = p->capabilities & XEN_SYSCTL_PHYSCAP_hap && !d->no_hap;

    if (d->container == HYP_CONTAINER_PV)
        return 0;
    if (!hap && !(p->capabilities & XEN_SYSCTL_PHYSCAP_shadow)) {
        (void)err_set(err, DOMO_E_UNSUPPORTED, "this hypervisor has no shadow paging%s",
                      d->no_hap ? "" : ", and the processor none of its own");
        return err_hint(err, d->no_hap ? "leave hap = 0 out" : "create a pv guest");
    }
    c->flags |= XEN_DOMCTL_CDF_hvm | (hap ? XEN_DOMCTL_CDF_hap : 0) | (d->oos_off ? XEN_DOMCTL_CDF_oos_off : 0) |
                (d->nested ? XEN_DOMCTL_CDF_nested_virt : 0);
    c->arch.emulation_flags = emulated[d->container];
    return 0;
}

static int create_failed(struct host *h, const struct hyp_domain_new *d, struct domo_err *err)
{
    int sys = errno;

    if (sys == EEXIST)
        return xen_fail(h, err, DOMO_E_DOMAIN_EXISTS, sys, "domain %u exists already", d->domid);
    (void)xen_fail(h, err, DOMO_E_HYPERVISOR, sys, "the hypervisor did not create a domain%s",
                   sys == EINVAL && d->nested ? " with virtualisation inside (nestedhvm=)"
                   : sys == EINVAL && d->vpmu ? " with performance counters (vpmu=): Xen has to be booted with vpmu=1"
                                              : "");
    /* Even an empty domain takes some pages of Xen's own. */
    return sys == ENOMEM ? xen_memory_facts(h, err, 1024) : -1;
}

static int hyp_create(struct host *h, const struct hyp_domain_new *d, uint32_t *ret_domid, struct domo_err *err)
{
    struct xen_domctl_createdomain c = {
        .ssidref = d->ssidref,
        .max_vcpus = d->max_vcpus,
        .max_evtchn_port = d->max_evtchn_port,
        .max_grant_frames = d->max_grant_frames,
        .max_maptrack_frames = d->max_maptrack_frames,
        .cpupool_id = d->cpupool,
        .flags = (d->vpmu ? XEN_DOMCTL_CDF_vpmu : 0) | (d->iommu ? XEN_DOMCTL_CDF_iommu : 0),
        .arch.misc_flags = d->msr_relaxed ? XEN_X86_MSR_RELAXED : 0,
    };
    uint32_t domid = d->domid;
    xc_physinfo_t p = {0};
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_physinfo(xc, &p) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask the hypervisor about the machine");
    if (set_container(&p, d, &c, err) < 0)
        return -1;
    c.grant_opts = XEN_DOMCTL_GRANT_version(grant_version(&p, d->max_grant_version));
    memcpy(c.handle, d->uuid, sizeof c.handle);
    if (xc_domain_create(xc, &domid, &c) < 0)
        return create_failed(h, d, err);
    *ret_domid = domid;
    return 0;
}

static int hyp_evtchn_alloc(struct host *h, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *err)
{
    xc_interface *xc;
    int port;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    port = xc_evtchn_alloc_unbound(xc, domid, remote);
    if (port < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't make an event channel of domain %u for domain %u",
                        domid, remote);
    *ret_port = (uint32_t)port;
    return 0;
}

static int hyp_pause(struct host *h, uint32_t domid, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_domain_pause(xc, domid) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't pause domain %u", domid);
    return 0;
}

static int hyp_unpause(struct host *h, uint32_t domid, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_domain_unpause(xc, domid) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't unpause domain %u", domid);
    return 0;
}

static int hyp_destroy(struct host *h, uint32_t domid, struct domo_err *err)
{
    xc_interface *xc;

    if (domid == 0)
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 can't be destroyed");
    if (xen_xc(h, &xc, err) < 0)
        return -1;
    /* A big guest is torn down in slices: the hypervisor says "again" and libxenctrl repeats the call. */
    if (xc_domain_destroy(xc, domid) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't destroy domain %u", domid);
    return 0;
}

static void info_from(const xc_domaininfo_t *d, struct hyp_info *ret)
{
    *ret = (struct hyp_info){
        .domid = d->domain,
        .is_hvm = d->flags & XEN_DOMINF_hvm_guest,
        .is_running = d->flags & XEN_DOMINF_running,
        .is_blocked = d->flags & XEN_DOMINF_blocked,
        .is_paused = d->flags & XEN_DOMINF_paused,
        .is_shutdown = d->flags & XEN_DOMINF_shutdown,
        .is_dying = d->flags & XEN_DOMINF_dying,
        .shutdown_reason = (d->flags >> XEN_DOMINF_shutdownshift) & XEN_DOMINF_shutdownmask,
        .mem_kib = d->tot_pages * PAGE_KIB,
        .outstanding_kib = d->outstanding_pages * PAGE_KIB,
        .max_mem_kib = d->max_pages * PAGE_KIB,
        .vcpus_online = d->nr_online_vcpus,
        .vcpus_max = d->max_vcpu_id == XEN_INVALID_MAX_VCPU_ID ? 0 : d->max_vcpu_id + 1,
        .cpu_time_ns = d->cpu_time,
        .ssidref = d->ssidref,
        .cpupool = d->cpupool,
    };
    memcpy(ret->uuid, d->handle, sizeof ret->uuid);
}

static int hyp_info(struct host *h, uint32_t domid, struct hyp_info *ret, struct domo_err *err)
{
    xc_domaininfo_t d = {0};
    xc_interface *xc;
    int n;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    n = xc_domain_getinfolist(xc, domid, 1, &d);
    if (n < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask the hypervisor about domain %u", domid);
    /* The call answers with the next domain when the asked one is gone. */
    if (n == 0 || d.domain != domid)
        return err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "there is no domain %u", domid);
    info_from(&d, ret);
    return 0;
}

static int hyp_list(struct host *h, uint32_t first, struct hyp_info *ret, size_t max, size_t *ret_n,
                    struct domo_err *err)
{
    xc_domaininfo_t *AUTO_FREE batch = NULL;
    size_t done = 0, want;
    xc_interface *xc;
    int n;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    batch = calloc(LIST_BATCH, sizeof *batch);
    if (!batch)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    while (done < max) {
        want = max - done < LIST_BATCH ? max - done : LIST_BATCH;
        n = xc_domain_getinfolist(xc, first, (unsigned)want, batch);
        if (n < 0)
            return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't list the domains");
        for (int i = 0; i < n; i++)
            info_from(&batch[i], &ret[done++]);
        if ((size_t)n < want)
            break;
        first = batch[n - 1].domain + 1;
    }
    *ret_n = done;
    return 0;
}

const struct hyp_ops xen_hyp_ops = {
    .host_info = hyp_host_info,
    .create = hyp_create,
    .setup = xen_setup,
    .evtchn_alloc = hyp_evtchn_alloc,
    .build_pv = xen_build_pv,
    .build_pvh = xen_build_pvh,
    .build_hvm = xen_build_hvm,
    .dm_machine = xen_dm_machine,
    .dm_backends = xen_dm_backends,
    .unpack_kernel = xen_unpack_kernel,
    .pause = hyp_pause,
    .unpause = hyp_unpause,
    .destroy = hyp_destroy,
    .info = hyp_info,
    .sched = xen_get_sched,
    .dump_core = xen_dump_core,
    .resume = xen_resume,
    .set_uuid = xen_set_uuid,
    .trigger = xen_trigger,
    .list = hyp_list,
    .pci_assign = xen_pci_assign,
    .pci_deassign = xen_pci_deassign,
    .io_access = xen_io_access,
    .mem_limit = xen_mem_limit,
    .pod_target = xen_pod_target,
    .cpus = xen_cpus,
    .vcpu = xen_vcpu,
    .vcpu_pin = xen_vcpu_pin,
    .sched_set = xen_sched_set,
    .rtds = xen_rtds,
    .rtds_set = xen_rtds_set,
    .sched_params = xen_sched_params,
    .sched_params_set = xen_sched_params_set,
    .pool = xen_pool,
    .pool_free = xen_pool_free,
    .pool_create = xen_pool_create,
    .pool_destroy = xen_pool_destroy,
    .pool_cpu = xen_pool_cpu,
    .pool_move = xen_pool_move,
};
