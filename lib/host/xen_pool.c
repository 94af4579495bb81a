/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pools of processors, each with a scheduler of its own.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/xen_conn.h"

static void describe(struct hyp_pool *to, const xc_cpupoolinfo_t *from, size_t bytes)
{
    const char *name = xen_sched_name((int)from->sched_id);

    *to = (struct hyp_pool){.id = from->cpupool_id, .domains = from->n_dom};
    (void)snprintf(to->scheduler, sizeof to->scheduler, "%s", name ? name : "unknown");
    for (size_t i = 0; i < bytes && i < HYP_CPUS_MAX / 8; i++)
        to->cpus[i / 8] |= (uint64_t)from->cpumap[i] << i % 8 * 8;
}

int xen_pool(struct host *h, uint32_t first, struct hyp_pool *ret, bool *ret_found, struct domo_err *err)
{
    xc_cpupoolinfo_t *info;
    xc_interface *xc;
    int size;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    size = xc_get_cpumap_size(xc);
    info = size > 0 ? xc_cpupool_getinfo(xc, first) : NULL;
    if (!info && errno != ENOENT)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't list the cpu pools");
    *ret_found = info != NULL;
    if (info) {
        describe(ret, info, (size_t)size);
        xc_cpupool_infofree(xc, info);
    }
    return 0;
}

int xen_pool_free(struct host *h, uint64_t ret[HYP_CPU_WORDS], struct domo_err *err)
{
    xc_interface *xc;
    xc_cpumap_t map;
    int size;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    size = xc_get_cpumap_size(xc);
    map = size > 0 ? xc_cpupool_freeinfo(xc) : NULL;
    if (!map)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask which processors are in no cpu pool");
    memset(ret, 0, HYP_CPU_WORDS * sizeof *ret);
    for (size_t i = 0; i < (size_t)size && i < HYP_CPUS_MAX / 8; i++)
        ret[i / 8] |= (uint64_t)map[i] << i % 8 * 8;
    free(map);
    return 0;
}

int xen_pool_create(struct host *h, const char *scheduler, uint32_t *ret, struct domo_err *err)
{
    uint32_t id = XC_CPUPOOL_POOLID_ANY;
    xc_interface *xc;
    int sched;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    sched = xen_sched_id(scheduler);
    if (sched < 0)
        return err_sys(err, DOMO_E_HYPERVISOR, EINVAL, "there is no scheduler '%s'", scheduler);
    if (xc_cpupool_create(xc, &id, (uint32_t)sched) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "the hypervisor did not make a cpu pool with scheduler '%s'",
                        scheduler);
    *ret = id;
    return 0;
}

int xen_pool_destroy(struct host *h, uint32_t pool, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_cpupool_destroy(xc, pool) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "the hypervisor keeps cpu pool %u", pool);
    return 0;
}

int xen_pool_cpu(struct host *h, uint32_t pool, uint32_t cpu, bool add, struct domo_err *err)
{
    xc_interface *xc;
    int r;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    r = add ? xc_cpupool_addcpu(xc, pool, (int)cpu) : xc_cpupool_removecpu(xc, pool, (int)cpu);
    if (r < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't %s processor %u %s cpu pool %u",
                        add ? "add" : "remove", cpu, add ? "to" : "from", pool);
    return 0;
}

int xen_pool_move(struct host *h, uint32_t pool, uint32_t domid, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_cpupool_movedomain(xc, pool, domid) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't move domain %u to cpu pool %u", domid, pool);
    return 0;
}
