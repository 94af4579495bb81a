/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The fake host put together: its clock, its hypervisor, its whole world as
 * text.
 */
#include "fake_host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fake *fake_of(struct host *h)
{
    return h->impl;
}

int fake_call(struct host *h, struct domo_err *err, const char *what)
{
    struct fake *f = fake_of(h);

    if (++f->calls != f->fail_call)
        return 0;
    f->failing_done = true;
    return err_sys(err, DOMO_E_IO, EIO, "made to fail: %s", what);
}

/* ---- time ---- */

static int64_t e_now_ms(struct host *h)
{
    return fake_of(h)->now_ms;
}

static int64_t e_now_us(struct host *h)
{
    return fake_of(h)->now_ms * 1000;
}

static void e_wall(struct host *h, int64_t *ret_sec, unsigned *ret_centi)
{
    *ret_sec = 1700000000 + fake_of(h)->now_ms / 1000;
    *ret_centi = 0;
}

static int e_random(struct host *h, void *bytes, size_t len, struct domo_err *err)
{
    if (fake_call(h, err, "env.random"))
        return -1;
    for (size_t i = 0; i < len; i++)
        ((unsigned char *)bytes)[i] = (unsigned char)(i + 1);
    return 0;
}

/* Somebody waits: the others move, a millisecond a move, until there is an event or it is time. A wait that nothing
 * would end is a bug in what is tested. */
static int e_wait(struct host *h, struct pollfd *fds, size_t n, int64_t deadline_ms, struct domo_err *err)
{
    struct fake *f = fake_of(h);
    int64_t next_ms;

    (void)fds;
    for (;;) {
        if (h->cancelled && *h->cancelled)
            return err_set(err, DOMO_E_CANCELLED, "interrupted");
        if (n && f->events.len)
            return 1;
        if (deadline_ms >= 0 && f->now_ms >= deadline_ms)
            return 0;
        if (f->script_running && f->now_ms >= f->script_ends_ms)
            return 1;
        if (fake_kernel_step(f, &next_ms)) {
            f->now_ms++;
            continue;
        }
        if (f->script_running && (next_ms < 0 || f->script_ends_ms < next_ms))
            next_ms = f->script_ends_ms;
        if (next_ms <= f->now_ms && deadline_ms < 0)
            return err_set(err, DOMO_E_INTERNAL, "nothing will ever end this wait");
        if (next_ms > f->now_ms && (deadline_ms < 0 || next_ms < deadline_ms))
            f->now_ms = next_ms;
        else
            f->now_ms = deadline_ms;
    }
}

static const struct env_ops fake_env_ops = {
    .now_ms = e_now_ms,
    .now_us = e_now_us,
    .wall = e_wall,
    .random = e_random,
    .wait = e_wait,
};

/* ---- hypervisor ---- */

static struct fake_domain *find_domain(struct host *h, uint32_t domid)
{
    struct fake *f = fake_of(h);

    for (size_t i = 0; i < f->domains.len; i++) {
        if (f->domains.at[i].info.domid == domid)
            return &f->domains.at[i];
    }
    return NULL;
}

static int need_domain(struct host *h, uint32_t domid, struct fake_domain **ret, struct domo_err *err)
{
    if (fake_call(h, err, "hyp"))
        return -1;
    *ret = find_domain(h, domid);
    return *ret ? 0 : err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "there is no domain %u", domid);
}

static int h_host_info(struct host *h, struct hyp_host_info *ret, struct domo_err *err)
{
    if (fake_call(h, err, "hyp.host_info"))
        return -1;
    *ret = (struct hyp_host_info){.cpus = 2,
                                  .nodes = 1,
                                  .total_kib = 8 << 20,
                                  .free_kib = 4 << 20,
                                  .xen_major = 4,
                                  .xen_minor = 17,
                                  .has_hap = fake_of(h)->has_hvm,
                                  .has_hvm = fake_of(h)->has_hvm,
                                  .has_iommu = true};
    return 0;
}

static int h_create(struct host *h, const struct hyp_domain_new *d, uint32_t *ret_domid, struct domo_err *err)
{
    struct fake *f = fake_of(h);
    struct fake_domain *slot;

    if (fake_call(h, err, "hyp.create"))
        return -1;
    slot = FAKE_PUSH(&f->domains);
    slot->info.domid = f->next_domid++;
    slot->info.is_paused = true;
    slot->info.is_hvm = d->container != HYP_CONTAINER_PV;
    memcpy(slot->info.uuid, d->uuid, sizeof slot->info.uuid);
    *ret_domid = slot->info.domid;
    return 0;
}

static int h_setup(struct host *h, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    struct fake_domain *d;

    if (need_domain(h, domid, &d, err))
        return -1;
    d->info.max_mem_kib = s->max_mem_kib;
    d->info.vcpus_max = s->max_vcpus;
    return 0;
}

static int h_evtchn_alloc(struct host *h, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *err)
{
    struct fake_domain *d;

    (void)remote;
    if (need_domain(h, domid, &d, err))
        return -1;
    *ret_port = fake_of(h)->next_port++;
    return 0;
}

static int h_build_pv(struct host *h, uint32_t domid, const struct hyp_image *image, struct hyp_built *ret,
                      hyp_progress progress, void *arg, struct domo_err *err)
{
    struct fake_domain *d;

    (void)progress;
    (void)arg;
    if (need_domain(h, domid, &d, err))
        return -1;
    d->info.mem_kib = image->mem_kib;
    *ret = (struct hyp_built){.store_gfn = 1001, .console_gfn = 1002, .guest_type = "xen-3.0-x86_64"};
    return 0;
}

static int h_unpack_kernel(struct host *h, const void *kernel, size_t len, void **ret, size_t *ret_len,
                           struct domo_err *err)
{
    (void)kernel;
    (void)len;
    if (fake_call(h, err, "hyp.unpack_kernel"))
        return -1;
    *ret = NULL;
    *ret_len = 0;
    return 0;
}

static int set_paused(struct host *h, uint32_t domid, bool paused, struct domo_err *err)
{
    struct fake_domain *d;

    if (need_domain(h, domid, &d, err))
        return -1;
    d->info.is_paused = paused;
    return 0;
}

static int h_pause(struct host *h, uint32_t domid, struct domo_err *err)
{
    return set_paused(h, domid, true, err);
}

static int h_unpause(struct host *h, uint32_t domid, struct domo_err *err)
{
    return set_paused(h, domid, false, err);
}

static int h_dump_core(struct host *h, uint32_t domid, int fd, struct domo_err *err)
{
    struct fake_domain *d;

    if (need_domain(h, domid, &d, err))
        return -1;
    return write(fd, "core", 4) == 4 ? 0 : err_sys(err, DOMO_E_IO, errno, "write a core");
}

static int h_resume(struct host *h, uint32_t domid, struct domo_err *err)
{
    struct fake_domain *d;

    if (need_domain(h, domid, &d, err))
        return -1;
    d->info.is_shutdown = false;
    return 0;
}

static int h_set_uuid(struct host *h, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN], struct domo_err *err)
{
    struct fake_domain *d;

    if (need_domain(h, domid, &d, err) || !d)
        return -1;
    memcpy(d->info.uuid, uuid, sizeof d->info.uuid);
    return 0;
}

static int h_trigger(struct host *h, uint32_t domid, enum hyp_trigger which, uint32_t vcpu, struct domo_err *err)
{
    struct fake_domain *d;

    (void)which;
    (void)vcpu;
    return need_domain(h, domid, &d, err);
}

static int h_destroy(struct host *h, uint32_t domid, struct domo_err *err)
{
    struct fake *f = fake_of(h);
    struct fake_domain *d;

    if (need_domain(h, domid, &d, err))
        return -1;
    VEC_REMOVE(&f->domains, (size_t)(d - f->domains.at));
    return 0;
}

static int h_info(struct host *h, uint32_t domid, struct hyp_info *ret, struct domo_err *err)
{
    struct fake_domain *d;

    if (need_domain(h, domid, &d, err))
        return -1;
    *ret = d->info;
    return 0;
}

static int h_sched(struct host *h, uint32_t domid, struct hyp_sched *ret, struct domo_err *err)
{
    (void)domid;
    if (fake_call(h, err, "hyp.sched"))
        return -1;
    *ret = (struct hyp_sched){.scheduler = "credit2", .has_weight = true, .weight = 256};
    return 0;
}

static int h_list(struct host *h, uint32_t first, struct hyp_info *ret, size_t max, size_t *ret_n, struct domo_err *err)
{
    const struct fake *f = fake_of(h);
    size_t n = 0;

    if (fake_call(h, err, "hyp.list"))
        return -1;
    for (size_t i = 0; i < f->domains.len && n < max; i++) {
        if (f->domains.at[i].info.domid >= first)
            ret[n++] = f->domains.at[i].info;
    }
    *ret_n = n;
    return 0;
}

static int h_build_pvh(struct host *h, uint32_t domid, const struct hyp_image *image, struct hyp_built *ret,
                       hyp_progress progress, void *arg, struct domo_err *err)
{
    if (h_build_pv(h, domid, image, ret, progress, arg, err))
        return -1;
    (void)snprintf(ret->guest_type, sizeof ret->guest_type, "hvm-3.0-x86_32");
    return 0;
}

/* This host has no device models; those that really run are in tests/hvm. */
static int h_build_hvm(struct host *h, uint32_t domid, const struct hyp_hvm *b, struct hyp_built *ret,
                       struct domo_err *err)
{
    (void)domid;
    (void)b;
    (void)ret;
    if (fake_call(h, err, "hyp.build_hvm"))
        return -1;
    return err_set(err, DOMO_E_UNSUPPORTED, "no HVM guests here");
}

static int h_dm_machine(struct host *h, struct hyp_dm *ret, struct domo_err *err)
{
    (void)ret;
    if (fake_call(h, err, "hyp.dm_machine"))
        return -1;
    return err_set(err, DOMO_E_UNSUPPORTED, "no device models here");
}

static int h_dm_backends(struct host *h, struct hyp_dm *ret, struct domo_err *err)
{
    if (fake_call(h, err, "hyp.dm_backends"))
        return -1;
    *ret = (struct hyp_dm){.program = NULL};
    return 0;
}

const struct hyp_ops fake_hyp_ops = {
    .host_info = h_host_info,
    .create = h_create,
    .setup = h_setup,
    .evtchn_alloc = h_evtchn_alloc,
    .build_pv = h_build_pv,
    .build_pvh = h_build_pvh,
    .build_hvm = h_build_hvm,
    .dm_machine = h_dm_machine,
    .dm_backends = h_dm_backends,
    .unpack_kernel = h_unpack_kernel,
    .pause = h_pause,
    .unpause = h_unpause,
    .destroy = h_destroy,
    .info = h_info,
    .sched = h_sched,
    .list = h_list,
    .dump_core = h_dump_core,
    .resume = h_resume,
    .set_uuid = h_set_uuid,
    .trigger = h_trigger,
};

/* ---- the world ---- */

static void add_domain(struct fake *f, uint32_t domid, uint8_t uuid_byte)
{
    struct fake_domain *d = FAKE_PUSH(&f->domains);

    d->info.domid = domid;
    memset(d->info.uuid, uuid_byte, sizeof d->info.uuid);
}

void fake_add_guest(struct fake *f, uint32_t domid, const char *name, uint8_t uuid_byte)
{
    const struct store_perm read_only[2] = {{.domid = 0, .rights = 0}, {.domid = domid, .rights = STORE_READ}};
    char path[64];

    add_domain(f, domid, uuid_byte);
    (void)snprintf(path, sizeof path, "/libxl/%u/device", domid);
    fake_write(f, path, "");
    (void)snprintf(path, sizeof path, "/local/domain/%u", domid);
    fake_write(f, path, "");
    (void)fake_store_ops.set_perms(&f->host, 0, path, read_only, 2, NULL);
    (void)snprintf(path, sizeof path, "/local/domain/%u/device", domid);
    fake_write(f, path, "");
    (void)snprintf(path, sizeof path, "/local/domain/%u/name", domid);
    fake_write(f, path, name);
}

struct fake *fake_new(void)
{
    struct fake *f = fake_need(calloc(1, sizeof *f));

    f->now_ms = 1000;
    f->next_domid = 1;
    f->next_port = 1;
    f->has_hvm = true;
    f->kernel.has_vbd = true;
    f->kernel.has_vif = true;
    f->host.hyp = &fake_hyp_ops;
    f->host.store = &fake_store_ops;
    f->host.os = &fake_os_ops;
    f->host.env = &fake_env_ops;
    f->host.impl = f;
    (void)snprintf(f->host.uri, sizeof f->host.uri, "fake:");
    (void)snprintf(f->host.paths.scripts, sizeof f->host.paths.scripts, "/etc/xen/scripts");
    add_domain(f, 0, 0);
    fake_write(f, "/local/domain/0/name", "Domain-0");
    return f;
}

struct fake *fake_free(struct fake *f)
{
    fake_tree_fini(&f->tree);
    fake_tree_fini(&f->txn_tree);
    VEC_FINI(&f->backs);
    for (size_t i = 0; i < f->watches.len; i++) {
        free(f->watches.at[i].path);
        free(f->watches.at[i].token);
    }
    for (size_t i = 0; i < f->events.len; i++)
        store_event_fini(&f->events.at[i]);
    for (size_t i = 0; i < f->files.len; i++)
        free(f->files.at[i].path);
    VEC_FINI(&f->watches);
    VEC_FINI(&f->events);
    VEC_FINI(&f->files);
    VEC_FINI(&f->ifaces);
    VEC_FINI(&f->users);
    VEC_FINI(&f->domains);
    str_fini(&f->script_log);
    free(f);
    return NULL;
}

char *fake_world(const struct fake *f)
{
    struct str out = STR_INIT;
    char *AUTO_FREE store = fake_dump(f, "");

    str_add(&out, store);
    for (size_t i = 0; i < FAKE_LOOPS; i++) {
        if (f->loops[i].configured)
            str_addf(&out, "loop%zu %s%s\n", i, f->loops[i].loop.tag, f->loops[i].loop.read_only ? " ro" : "");
    }
    for (size_t i = 0; i < f->ifaces.len; i++)
        str_addf(&out, "iface %s\n", f->ifaces.at[i].name);
    for (size_t i = 0; i < f->watches.len; i++)
        str_addf(&out, "watch %s\n", f->watches.at[i].path);
    return str_steal(&out);
}
