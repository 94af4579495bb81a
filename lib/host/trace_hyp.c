/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "base/str.h"
#include "host/trace.h"

static const char *container_name(enum hyp_container c)
{
    static const char *const names[] = {
        [HYP_CONTAINER_PV] = "pv", [HYP_CONTAINER_HVM] = "hvm", [HYP_CONTAINER_PVH] = "pvh"};

    return names[c];
}

static const char *state_name(const struct hyp_info *i)
{
    return i->is_dying ? "dying" : i->is_shutdown ? "shutdown" : i->is_paused ? "paused" : "running";
}

static int trace_host_info(struct host *h, struct hyp_host_info *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.host_info");
    r = inner->hyp->host_info(inner, ret, err);
    return trace_result(h, r, err, call, "%u cpus, Xen %u.%u", r ? 0 : ret->cpus, r ? 0 : ret->xen_major,
                        r ? 0 : ret->xen_minor);
}

static int trace_create(struct host *h, const struct hyp_domain_new *d, uint32_t *ret_domid, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.create %s max_vcpus=%u", container_name(d->container), d->max_vcpus);
    r = inner->hyp->create(inner, d, ret_domid, err);
    return trace_result(h, r, err, call, "%u", r ? 0 : *ret_domid);
}

static int trace_setup(struct host *h, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.setup %u max_vcpus=%u max_mem=%llu", domid, s->max_vcpus,
                (unsigned long long)s->max_mem_kib);
    r = inner->hyp->setup(inner, domid, s, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_evtchn_alloc(struct host *h, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.evtchn_alloc %u remote=%u", domid, remote);
    r = inner->hyp->evtchn_alloc(inner, domid, remote, ret_port, err);
    return trace_result(h, r, err, call, "%u", r ? 0 : *ret_port);
}

static int trace_build_pv(struct host *h, uint32_t domid, const struct hyp_image *i, struct hyp_built *ret,
                          hyp_progress progress, void *arg, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.build_pv %u kernel=%s ramdisk=%s mem=%llu vcpus=%u", domid, i->kernel_path,
                i->ramdisk_path ? i->ramdisk_path : "none", (unsigned long long)i->mem_kib, i->max_vcpus);
    r = inner->hyp->build_pv(inner, domid, i, ret, progress, arg, err);
    return trace_result(h, r, err, call, "%s", r ? "" : ret->guest_type);
}

static int trace_build_pvh(struct host *h, uint32_t domid, const struct hyp_image *i, struct hyp_built *ret,
                           hyp_progress progress, void *arg, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.build_pvh %u kernel=%s%s%s ramdisk=%s mem=%llu vcpus=%u/%u%s", domid, i->kernel_path,
                i->inner_path ? " inner=" : "", i->inner_path ? i->inner_path : "",
                i->ramdisk_path ? i->ramdisk_path : "none", (unsigned long long)i->mem_kib, i->vcpus, i->max_vcpus,
                i->no_acpi ? " no_acpi" : "");
    r = inner->hyp->build_pvh(inner, domid, i, ret, progress, arg, err);
    return trace_result(h, r, err, call, "%s", r ? "" : ret->guest_type);
}

static int trace_build_hvm(struct host *h, uint32_t domid, const struct hyp_hvm *b, struct hyp_built *ret,
                           struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.build_hvm %u mem=%llu vcpus=%u", domid, (unsigned long long)b->mem_kib, b->max_vcpus);
    r = inner->hyp->build_hvm(inner, domid, b, ret, err);
    return trace_result(h, r, err, call, "%s", r ? "" : ret->guest_type);
}

static int trace_dm_machine(struct host *h, struct hyp_dm *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.dm_machine");
    r = inner->hyp->dm_machine(inner, ret, err);
    return trace_result(h, r, err, call, "%s", r ? "" : ret->program);
}

static int trace_dm_backends(struct host *h, struct hyp_dm *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.dm_backends");
    r = inner->hyp->dm_backends(inner, ret, err);
    return trace_result(h, r, err, call, "%s", r || !ret->program ? "" : ret->program);
}

static int trace_unpack_kernel(struct host *h, const void *kernel, size_t len, void **ret, size_t *ret_len,
                               struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.unpack_kernel %zu", len);
    r = inner->hyp->unpack_kernel(inner, kernel, len, ret, ret_len, err);
    return trace_result(h, r, err, call, "%zu", r ? 0 : *ret_len);
}

static int trace_pause(struct host *h, uint32_t domid, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.pause %u", domid);
    r = inner->hyp->pause(inner, domid, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_unpause(struct host *h, uint32_t domid, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.unpause %u", domid);
    r = inner->hyp->unpause(inner, domid, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_destroy(struct host *h, uint32_t domid, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.destroy %u", domid);
    r = inner->hyp->destroy(inner, domid, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_info(struct host *h, uint32_t domid, struct hyp_info *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.info %u", domid);
    r = inner->hyp->info(inner, domid, ret, err);
    return trace_result(h, r, err, call, "%s", r ? "" : state_name(ret));
}

static int trace_sched(struct host *h, uint32_t domid, struct hyp_sched *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.sched %u", domid);
    r = inner->hyp->sched(inner, domid, ret, err);
    return trace_result(h, r, err, call, "%s", r ? "" : ret->scheduler);
}

static int trace_dump_core(struct host *h, uint32_t domid, int fd, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.dump_core %u", domid);
    r = inner->hyp->dump_core(inner, domid, fd, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_resume(struct host *h, uint32_t domid, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.resume %u", domid);
    r = inner->hyp->resume(inner, domid, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_set_uuid(struct host *h, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN], struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.set_uuid %u", domid);
    r = inner->hyp->set_uuid(inner, domid, uuid, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_trigger(struct host *h, uint32_t domid, enum hyp_trigger which, uint32_t vcpu, struct domo_err *err)
{
    static const char *const names[] = {"nmi", "reset", "init", "power", "sleep", "wake"};

    TRACE_BEGIN(h, err, "hyp.trigger %u %s vcpu=%u", domid, names[which], vcpu);
    r = inner->hyp->trigger(inner, domid, which, vcpu, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_list(struct host *h, uint32_t first, struct hyp_info *ret, size_t max, size_t *ret_n,
                      struct domo_err *err)
{
    TRACE_BEGIN(h, err, "hyp.list first=%u", first);
    r = inner->hyp->list(inner, first, ret, max, ret_n, err);
    return trace_result(h, r, err, call, "%zu domains", r ? 0 : *ret_n);
}

const struct hyp_ops trace_hyp_ops = {
    .host_info = trace_host_info,
    .create = trace_create,
    .setup = trace_setup,
    .evtchn_alloc = trace_evtchn_alloc,
    .build_pv = trace_build_pv,
    .build_pvh = trace_build_pvh,
    .build_hvm = trace_build_hvm,
    .dm_machine = trace_dm_machine,
    .dm_backends = trace_dm_backends,
    .unpack_kernel = trace_unpack_kernel,
    .pause = trace_pause,
    .unpause = trace_unpause,
    .destroy = trace_destroy,
    .info = trace_info,
    .sched = trace_sched,
    .dump_core = trace_dump_core,
    .resume = trace_resume,
    .set_uuid = trace_set_uuid,
    .trigger = trace_trigger,
    .list = trace_list,
    .pci_assign = trace_pci_assign,
    .pci_deassign = trace_pci_deassign,
    .io_access = trace_io_access,
    .mem_limit = trace_mem_limit,
    .pod_target = trace_pod_target,
    .cpus = trace_cpus,
    .vcpu = trace_vcpu,
    .vcpu_pin = trace_vcpu_pin,
    .sched_set = trace_sched_set,
    .rtds = trace_rtds,
    .rtds_set = trace_rtds_set,
    .sched_params = trace_sched_params,
    .sched_params_set = trace_sched_params_set,
    .pool = trace_pool,
    .pool_free = trace_pool_free,
    .pool_create = trace_pool_create,
    .pool_destroy = trace_pool_destroy,
    .pool_cpu = trace_pool_cpu,
    .pool_move = trace_pool_move,
};
