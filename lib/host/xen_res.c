/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a domain that exists may have of the machine: memory,
 * processors.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "host/xen_conn.h"

enum { PAGE_KIB = 4 };

int xen_mem_limit(struct host *h, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_domain_setmaxmem(xc, domid, kib) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't limit the memory of domain %u to %llu KiB", domid,
                        (unsigned long long)kib);
    return 0;
}

int xen_pod_target(struct host *h, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_domain_set_pod_target(xc, domid, kib / PAGE_KIB, NULL, NULL, NULL) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno,
                        "can't change the memory that domain %u is populated with on demand to %llu KiB", domid,
                        (unsigned long long)kib);
    return 0;
}

/* ---- processors ---- */

static int topology_failed(struct host *h, struct domo_err *err)
{
    return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask the hypervisor for the machine's processors");
}

int xen_cpus(struct host *h, struct hyp_cpu *ret, size_t max, size_t *ret_n, struct domo_err *err)
{
    xc_cputopo_t *AUTO_FREE all = NULL;
    unsigned n = 0;
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_cputopoinfo(xc, &n, NULL) < 0)
        return topology_failed(h, err);
    all = calloc(n ? n : 1, sizeof *all);
    if (!all)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (xc_cputopoinfo(xc, &n, all) < 0)
        return topology_failed(h, err);
    for (unsigned i = 0; i < n && i < max; i++)
        ret[i] = (struct hyp_cpu){.is_online = all[i].core != XEN_INVALID_CORE_ID,
                                  .node = all[i].node,
                                  .socket = all[i].socket,
                                  .core = all[i].core};
    *ret_n = n < max ? n : max;
    return 0;
}

/* The hypervisor's bitmaps are bytes, of a length that it tells. */
static void words_from(uint64_t words[HYP_CPU_WORDS], const uint8_t *bytes, size_t n)
{
    memset(words, 0, HYP_CPU_WORDS * sizeof *words);
    for (size_t i = 0; i < n && i < HYP_CPUS_MAX / 8; i++)
        words[i / 8] |= (uint64_t)bytes[i] << i % 8 * 8;
}

static void words_to(uint8_t *bytes, size_t n, const uint64_t words[HYP_CPU_WORDS])
{
    for (size_t i = 0; i < n && i < HYP_CPUS_MAX / 8; i++)
        bytes[i] = (uint8_t)(words[i / 8] >> i % 8 * 8);
}

struct maps {
    xc_cpumap_t hard, soft;
    size_t bytes;
};

static void maps_fini(struct maps *m)
{
    free(m->hard);
    free(m->soft);
}

static int maps_init(struct host *h, xc_interface *xc, struct maps *m, struct domo_err *err)
{
    int size = xc_get_cpumap_size(xc);

    *m = (struct maps){.bytes = size > 0 ? (size_t)size : 0};
    if (size <= 0)
        return topology_failed(h, err);
    m->hard = xc_cpumap_alloc(xc);
    m->soft = xc_cpumap_alloc(xc);
    return m->hard && m->soft ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

static int vcpu_failed(struct host *h, uint32_t domid, uint32_t vcpu, struct domo_err *err)
{
    return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask the hypervisor about vcpu %u of domain %u", vcpu,
                    domid);
}

int xen_vcpu(struct host *h, uint32_t domid, uint32_t vcpu, struct hyp_vcpu *ret, struct domo_err *err)
{
    xc_vcpuinfo_t info = {0};
    struct maps maps;
    xc_interface *xc;
    int r;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_vcpu_getinfo(xc, domid, vcpu, &info) < 0)
        return vcpu_failed(h, domid, vcpu, err);
    r = maps_init(h, xc, &maps, err);
    if (r == 0 && xc_vcpu_getaffinity(xc, domid, (int)vcpu, maps.hard, maps.soft,
                                      XEN_VCPUAFFINITY_HARD | XEN_VCPUAFFINITY_SOFT) < 0)
        r = vcpu_failed(h, domid, vcpu, err);
    if (r == 0) {
        *ret = (struct hyp_vcpu){.is_online = info.online,
                                 .is_blocked = info.blocked,
                                 .is_running = info.running,
                                 .cpu = info.cpu,
                                 .cpu_time_ns = info.cpu_time};
        words_from(ret->hard, maps.hard, maps.bytes);
        words_from(ret->soft, maps.soft, maps.bytes);
    }
    maps_fini(&maps);
    return r;
}

int xen_vcpu_pin(struct host *h, uint32_t domid, uint32_t vcpu, const struct hyp_pin *pin, struct domo_err *err)
{
    uint32_t flags = (pin->hard ? XEN_VCPUAFFINITY_HARD : 0) | (pin->soft ? XEN_VCPUAFFINITY_SOFT : 0) |
                     (pin->force ? XEN_VCPUAFFINITY_FORCE : 0);
    struct maps maps;
    xc_interface *xc;
    int r;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    r = maps_init(h, xc, &maps, err);
    if (r == 0) {
        if (pin->hard)
            words_to(maps.hard, maps.bytes, pin->hard);
        if (pin->soft)
            words_to(maps.soft, maps.bytes, pin->soft);
        if (xc_vcpu_setaffinity(xc, domid, (int)vcpu, maps.hard, maps.soft, flags) < 0)
            r = xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't pin vcpu %u of domain %u", vcpu, domid);
    }
    maps_fini(&maps);
    return r;
}
