/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "dev/uuid_text.h"
#include "dom/admit.h"
#include "dom/create_impl.h"
#include "dom/fresh.h"
#include "dom/life.h"
#include "dom/names.h"
#include "dom/pool.h"
#include "dom/skeleton.h"
#include "dom/stored.h"
#include "dom/userdata.h"

enum {
    PV_SLACK_KIB = 1024,       /* what libxl lets a guest own beyond its memory */
    CONNECT_TIMEOUT_MS = 60000 /* a guest that boots needs longer than one that runs */
};

static struct skeleton skeleton_of(const struct create *c)
{
    struct skeleton s = {
        .spec = c->spec,
        .domid = c->domid,
        .uuid = c->uuid,
        .store_port = c->store_port,
        .store_gfn = c->built.store_gfn,
        .found_cmdline = c->boot.cmdline,
    };

    c->op.host->env->wall(c->op.host, &s.start_s, &s.start_centi);
    return s;
}

/* ---- check: everything that can be known to fail before anything is touched ---- */

static int add_devices(struct create *c, struct domo_err *err)
{
    struct spec *s = c->spec;
    size_t i;

    for (i = 0; i < s->disks.len; i++)
        if (devset_add_disk(c->devs, &s->disks.at[i], err))
            return -1;
    for (i = 0; i < s->vifs.len; i++) {
        if (!s->vifs.at[i].has_devid) {
            s->vifs.at[i].has_devid = true;
            s->vifs.at[i].devid = (uint32_t)i;
        }
        if (devset_add_vif(c->devs, &s->vifs.at[i], err))
            return -1;
    }
    for (i = 0; i < s->devices.len; i++)
        if (devset_add_spec(c->devs, &s->devices.at[i], err))
            return -1;
    return devset_add_console(c->devs, err);
}

static int make_devset(struct create *c, struct domo_err *err)
{
    struct dev_timeouts timeouts = DEV_TIMEOUTS_DEFAULT;
    struct dev_guest guest = {
        .name = c->spec->name,
        .uuid_text = c->uuid,
        .is_pv = c->spec->type == SPEC_TYPE_PV,
        .emulates = c->spec->type == SPEC_TYPE_HVM,
    };

    timeouts.connect_ms = c->opt->connect_timeout_ms ? c->opt->connect_timeout_ms : CONNECT_TIMEOUT_MS;
    if (c->opt->backend_ms)
        timeouts.backend_ms = c->opt->backend_ms;
    if (dev_timeouts_set(&timeouts, c->opt->timeouts, err))
        return -1;
    c->devs = devset_new(c->op.host, &guest, &timeouts);
    if (!c->devs)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return add_devices(c, err);
}

static int run_check(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);

    if (admit_type(op->host, c->spec, &c->dm, err))
        return -1;
    if (c->uuid_given &&
        (uuid_lock(op->host, c->spec->uuid, &c->uuid_lock, err) || names_check_uuid(op->host, c->spec->uuid, err)))
        return -1;
    if (admit_sizes(op->host, c->spec, err) || (create_has_bootloader(op) && boot_check(op->host, c->spec, err)))
        return -1;
    return create_find_shim(c, err) || make_devset(c, err) || create_choose_dm(c, err) ? -1 : 0;
}

static int undo_check(struct op *op, struct domo_err *err)
{
    (void)err;
    self(op)->devs = devset_free(self(op)->devs);
    return 0;
}

static int preview_check(struct op *op, struct json *lines, struct domo_err *err)
{
    struct create *c = self(op);

    if (admit_type(op->host, c->spec, &c->dm, err) || create_find_shim(c, err) || make_devset(c, err) ||
        create_choose_dm(c, err))
        return -1;
    create_line(lines, "check that the host has %" PRIu64 " MiB free", admit_need_kib(c->spec) / 1024);
    return 0;
}

/* ---- journal ---- */

static struct json *about_of(const struct op *op)
{
    const struct create *c = cself(op);
    struct json *about = json_new_object();

    if (c->domid)
        json_set_uint(about, "domid", c->domid);
    json_set_str(about, "uuid", c->uuid);
    json_set_str(about, "name", c->spec->name);
    return about;
}

static int run_journal(struct op *op, struct domo_err *err)
{
    struct json *AUTO_JSON about = about_of(op);

    return journal_open(op->host->paths.own_run, "create", about, &op->journal, err);
}

static int undo_journal(struct op *op, struct domo_err *err)
{
    (void)err;
    if (op->undo_failed)
        journal_leave(op->journal);
    else
        journal_close(op->journal);
    op->journal = NULL;
    return 0;
}

/* ---- what the devices hold on this host ---- */

static int run_prepare(struct op *op, struct domo_err *err)
{
    return devset_prepare(self(op)->devs, err);
}

static int undo_prepare(struct op *op, struct domo_err *err)
{
    return devset_unprepare(self(op)->devs, err);
}

/* ---- the domain ---- */

static bool has_assigned(const struct op *op)
{
    return cself(op)->devs && devset_has_assigned(cself(op)->devs);
}
static const struct {
    enum hyp_container container;
    const char *name;
} types[] = {
    [SPEC_TYPE_PV] = {HYP_CONTAINER_PV, "PV"},
    [SPEC_TYPE_PVH] = {HYP_CONTAINER_PVH, "PVH"},
    [SPEC_TYPE_HVM] = {HYP_CONTAINER_HVM, "HVM"},
};

static void domain_new_of(const struct create *c, struct hyp_domain_new *d)
{
    *d = (struct hyp_domain_new){
        .container = types[c->spec->type].container,
        .max_vcpus = c->spec->max_vcpus,
        .max_evtchn_port = c->spec->max_event_channels,
        .max_grant_frames = c->spec->max_grant_frames,
        .max_maptrack_frames = c->spec->max_maptrack_frames,
        .max_grant_version = c->spec->max_grant_version,
        .iommu = has_assigned(&c->op) || c->spec->passthrough > SPEC_PASSTHROUGH_DISABLED,
    };
    create_set_new(c, d);
    memcpy(d->uuid, c->spec->uuid, sizeof d->uuid);
}

static int choose_pool(struct host *h, const struct spec *s, uint32_t *ret, struct domo_err *err)
{
    struct hyp_pool pool = {.id = 0};

    if (s->pool && pool_find(h, s->pool, &pool, err))
        return -1;
    *ret = pool.id;
    return 0;
}

static int run_domain(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);
    struct hyp_domain_new d;

    domain_new_of(c, &d);
    if (choose_pool(op->host, c->spec, &d.cpupool, err))
        return -1;
    if (fresh_domain(op->host, &d, &c->domid, err))
        return -1;
    /* From here on the hypervisor tells others of the UUID. */
    name_unlock(&c->uuid_lock);
    devset_set_domid(c->devs, c->domid);
    return journal_note(op->journal, "domid", json_new_int(c->domid), err);
}

static int undo_domain(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);

    if (!c->domid)
        return 0;
    if (op->host->hyp->destroy(op->host, c->domid, err))
        return -1;
    IGNORE(domid_mark_recent(op->host, c->domid, NULL));
    c->domid = 0;
    return 0;
}

static int preview_domain(struct op *op, struct json *lines, struct domo_err *err)
{
    const struct spec *s = self(op)->spec;

    (void)err;
    create_line(lines, "xc_domain_create: %s, uuid %s, max_vcpus %u, max_evtchn_port %u", types[s->type].name,
                self(op)->uuid, s->max_vcpus, s->max_event_channels);
    return 0;
}

/* ---- limits and event channels ---- */

static int server_domid(struct host *h, const char *path, uint32_t *ret, struct domo_err *err)
{
    char *AUTO_FREE text = NULL;

    if (store_read_opt(h, 0, path, &text, err))
        return -1;
    *ret = 0;
    if (text && str_to_u32(text, ret))
        return err_set(err, DOMO_E_BAD_STATE_FILE, "%s holds '%s', which is no domid", path, text);
    return 0;
}

static int run_setup(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);
    const struct spec *s = c->spec;
    struct host *h = op->host;
    struct hyp_setup setup = {
        .max_vcpus = s->max_vcpus,
        .max_mem_kib = s->mem_kib + PV_SLACK_KIB,
        .memmap_limit_kib = is_pv(op) ? s->max_mem_kib + PV_SLACK_KIB : 0,
        .tsc_mode = (enum hyp_tsc_mode)s->tsc_mode,
        .invariant_tsc = s->nomigrate || s->tsc_mode == HYP_TSC_ALWAYS_EMULATE,
        .time_offset_s = s->rtc_timeoffset_s,
        .hard_affinity = s->hard_affinity,
        .soft_affinity = s->soft_affinity,
        .cpu_words = s->cpu_words,
        .sched_weight = s->cpu_weight,
        .sched_cap = s->cap,
    };

    if (create_set_hvm(c, &setup, err) || h->hyp->setup(h, c->domid, &setup, err) ||
        server_domid(h, "/tool/xenstored/domid", &c->store_domid, err) ||
        server_domid(h, "/tool/xenconsoled/domid", &c->console_domid, err) ||
        h->hyp->evtchn_alloc(h, c->domid, c->store_domid, &c->store_port, err))
        return -1;
    return h->hyp->evtchn_alloc(h, c->domid, c->console_domid, &c->console_port, err);
}

static int preview_setup(struct op *op, struct json *lines, struct domo_err *err)
{
    const struct spec *s = self(op)->spec;

    (void)err;
    create_line(lines, "xc_domain_max_vcpus %u", s->max_vcpus);
    create_line(lines, "xc_domain_setmaxmem %" PRIu64 " KiB", s->mem_kib + PV_SLACK_KIB);
    create_line(lines, "xc_evtchn_alloc_unbound: the store's and the console's");
    return 0;
}

/* ---- first transaction: the guest and its devices ---- */

static int body_declare(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    struct create *c = arg;
    struct skeleton s = skeleton_of(c);

    /* The skeleton first: it touches /local/domain, which makes the look at other names safe against newcomers. */
    if (skeleton_write(h, txn, &s, err) || names_check_free(h, txn, c->spec->name, c->domid, err))
        return -1;
    return devset_write(c->devs, txn, true, err);
}

static int run_declare(struct op *op, struct domo_err *err)
{
    struct name_lock lock = NAME_LOCK_INIT;
    struct create *c = self(op);
    int r;

    if (is_pv(op) && devset_set_protocol(c->devs, "x86_64-abi"))
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (name_lock(op->host, c->spec->name, &lock, err))
        return -1;
    r = store_transact(op->host, body_declare, c, err);
    name_unlock(&lock);
    return r;
}

static int body_retract(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    struct create *c = arg;

    if (devset_remove_nodes(c->devs, txn, err))
        return -1;
    return skeleton_remove(h, txn, c->domid, c->uuid, err);
}

static enum plan_wait wait_closed(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_closed_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

static enum plan_wait wait_released(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_release_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

/* Back ends may be at work on the nodes already: they get told to close first, so that they let go of disks and memory.
 */
static int undo_declare(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);
    int r = devset_watch(c->devs, err);

    if (!r)
        r = devset_close(c->devs, DEV_CLOSE_FORCE, err);
    if (!r)
        r = plan_drive(op, wait_closed, err);
    if (devset_release(c->devs, err) || plan_drive(op, wait_released, err))
        r = -1;
    IGNORE(devset_unwatch(c->devs, NULL));
    if (store_transact(op->host, body_retract, c, err))
        r = -1;
    return r;
}

static int preview_declare(struct op *op, struct json *lines, struct domo_err *err)
{
    struct skeleton s = skeleton_of(self(op));

    create_line(lines, "one store transaction:");
    if (skeleton_preview(&s, lines, err))
        return -1;
    return devset_preview(self(op)->devs, true, lines, err);
}

/* ---- second transaction: what only the build tells ---- */

static int body_rings(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    struct create *c = arg;
    struct skeleton s = skeleton_of(c);

    if (skeleton_write_rings(h, txn, &s, err))
        return -1;
    return devset_write(c->devs, txn, false, err);
}

static int run_rings(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);

    if (store_transact(op->host, body_rings, c, err))
        return -1;
    return op->host->store->introduce(op->host, c->domid, c->built.store_gfn, c->store_port, err);
}

static int preview_rings(struct op *op, struct json *lines, struct domo_err *err)
{
    create_line(lines, "one store transaction:");
    create_line(lines, "write /local/domain/$DOMID/store/ring-ref = …");
    if (devset_preview(self(op)->devs, false, lines, err))
        return -1;
    create_line(lines, "xs_introduce_domain");
    return 0;
}

/* ---- back ends and console ---- */

static int run_backends(struct op *op, struct domo_err *err)
{
    return devset_watch(self(op)->devs, err);
}

static enum plan_wait wait_backends(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_backends_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

/* ---- stored config ---- */

static int run_config(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);
    struct json *AUTO_JSON config = stored_of_spec(c->spec);

    if (!config)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (userdata_write_config(op->host, c->domid, c->uuid, config, err))
        return -1;
    names_remember(op->host, c->spec->name, c->domid, c->spec->uuid);
    return 0;
}

static int undo_config(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);

    names_forget(op->host, c->spec->name, c->domid, c->spec->uuid);
    return userdata_remove(op->host, c->domid, c->uuid, err);
}

/* ---- devices of this machine ---- */

static int run_hand_over(struct op *op, struct domo_err *err)
{
    return devset_hand_over(self(op)->devs, err);
}

static int undo_hand_over(struct op *op, struct domo_err *err)
{
    return devset_take_back(self(op)->devs, err);
}

/* ---- go ---- */

static bool starts_running(const struct op *op)
{
    return !cself(op)->opt->paused;
}

static int run_unpause(struct op *op, struct domo_err *err)
{
    /* The guest is complete. From here on a sweep must not take it for one that died half-way. */
    journal_close(op->journal);
    op->journal = NULL;
    if (boots_kernel(op))
        return op->host->hyp->unpause(op->host, self(op)->domid, err);
    return life_unpause(op->host, self(op)->domid, err);
}

static bool waits_for_guest(const struct op *op)
{
    const struct create *c = cself(op);

    /* What boots from BIOS may never have PV drivers. */
    return boots_kernel(op) && starts_running(op) && !c->opt->no_wait && c->spec->disks.len + c->spec->vifs.len > 0;
}

static const struct step steps[] = {
    {.name = "await-backends",
     .summary = "wait for the back end domains",
     .run = create_await,
     .undo = create_await_undo,
     .wait = create_await_wait,
     .applies = create_awaits},
    {.name = "check",
     .summary = "check the guest against the host",
     .run = run_check,
     .undo = undo_check,
     .preview = preview_check},
    {.name = "journal", .summary = "note the operation for a sweep", .run = run_journal, .undo = undo_journal},
    {.name = "run-bootloader",
     .summary = "take the kernel out of the guest's disk",
     .run = create_run_bootloader,
     .undo = create_undo_bootloader,
     .preview = create_preview_bootloader,
     .wait = create_wait_bootloader,
     .applies = create_has_bootloader},
    {.name = "load-kernel",
     .summary = "load the kernel",
     .run = create_load_kernel,
     .undo = create_drop_kernel,
     .preview = create_preview_kernel,
     .applies = boots_kernel},
    {.name = "prepare-devices",
     .summary = "prepare the devices on this host",
     .run = run_prepare,
     .undo = undo_prepare},
    {.name = "make-domain",
     .summary = "make the domain",
     .run = run_domain,
     .undo = undo_domain,
     .preview = preview_domain},
    {.name = "set-limits", .summary = "set limits and event channels", .run = run_setup, .preview = preview_setup},
    {.name = "declare",
     .summary = "write the guest and its devices into the store",
     .run = run_declare,
     .undo = undo_declare,
     .preview = preview_declare},
    {.name = "assign-devices",
     .summary = "let the guest use its devices of this machine",
     .run = run_hand_over,
     .undo = undo_hand_over,
     .applies = has_assigned},
    {.name = "build-image",
     .summary = "build the kernel into the guest's memory",
     .run = create_build,
     .preview = create_preview_build,
     .applies = boots_kernel},
    {.name = "lay-out-memory",
     .summary = "lay out the guest's memory",
     .run = create_lay_out,
     .preview = create_preview_lay_out,
     .applies = is_hvm},
    {.name = "introduce", .summary = "introduce the guest to the store", .run = run_rings, .preview = preview_rings},
    {.name = "start-device-model",
     .summary = "start the device model",
     .run = create_start_dm,
     .undo = create_stop_dm,
     .preview = create_preview_dm,
     .applies = create_runs_dm},
    {.name = "connect-backends", .summary = "wait for the back ends", .run = run_backends, .wait = wait_backends},
    {.name = "open-console",
     .summary = "wait for the console",
     .run = create_open_console,
     .undo = create_console_undo,
     .wait = create_console_wait,
     .applies = boots_kernel},
    {.name = "store-config", .summary = "store the guest's config", .run = run_config, .undo = undo_config},
    {.name = "unpause", .summary = "start the guest", .run = run_unpause, .applies = starts_running, .commits = true},
    {.name = "connect-guest",
     .summary = "wait for the guest's front ends",
     .run = create_watch_guest,
     .wait = create_wait_guest,
     .applies = waits_for_guest},
    {.name = "look", .summary = "look at the guest's devices", .run = create_look},
};

static const struct plan create_plan = {.name = "create", .steps = steps, .n = ARRAY_LEN(steps), .about = about_of};

static int begin(struct create *c, struct host *h, struct spec *s, const struct create_options *opt,
                 struct domo_err *err)
{
    *c = (struct create){
        .op = {.host = h, .on_step = opt->on_step, .on_step_arg = opt->on_step_arg},
        .spec = s,
        .opt = opt,
        .uuid_given = s->has_uuid,
        .uuid_lock = NAME_LOCK_INIT,
        .boot = BOOT_INIT,
    };
    (void)snprintf(c->op.subject, sizeof c->op.subject, "'%s'", s->name);
    if (!s->has_uuid) {
        if (uuid_random(h, s->uuid, err))
            return -1;
        s->has_uuid = true;
    }
    uuid_to_text(s->uuid, c->uuid);
    return 0;
}

static struct json *result_of(struct create *c)
{
    struct json *j = json_new_object();

    json_set_int(j, "domid", c->domid);
    json_set_str(j, "name", c->spec->name);
    json_set_str(j, "uuid", c->uuid);
    json_set_bool(j, "paused", c->opt->paused);
    json_set_str(j, "console", c->tty);
    json_set(j, "devices", c->rows ? c->rows : devset_rows(c->devs, false, NULL));
    c->rows = NULL;
    json_set(j, "timing", plan_timing(&c->op));
    return json_done(j);
}

static void end(struct create *c)
{
    if (c->devs)
        IGNORE(devset_unwatch(c->devs, NULL));
    c->devs = devset_free(c->devs);
    await_fini(&c->await);
    kernel_fini(&c->kernel);
    free(c->shim_path);
    free(c->shim_cmdline);
    boot_fini(c->op.host, &c->boot);
    journal_close(c->op.journal);
    name_unlock(&c->uuid_lock);
    (void)json_free(c->rows);
    free(c->tty);
}

/* Who makes a guest twice is told that, and not that its disk is in use. */
static void name_the_twin(struct host *h, const struct spec *s, struct domo_err *err)
{
    struct domo_err e = DOMO_ERR_INIT;

    if (names_check_free(h, 0, s->name, UINT32_MAX, &e) == 0 || e.code != DOMO_E_DOMAIN_EXISTS)
        return;
    (void)err_wrap(&e, "create '%s'", s->name);
    *err = e;
}

int create_run(struct host *h, struct spec *s, const struct create_options *opt, struct json **ret,
               struct domo_err *err)
{
    struct create c;
    struct json *j;
    int r;

    if (begin(&c, h, s, opt, err))
        return err_wrap(err, "create '%s'", s->name);
    r = plan_run(&create_plan, &c.op, err);
    if (r == 0 || c.op.committed) {
        j = result_of(&c);
        if (j)
            *ret = j;
        else if (!r)
            r = err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    end(&c);
    if (r && err && err->code == DOMO_E_DISK_SHARED)
        name_the_twin(h, s, err);
    return r;
}

int create_preview(struct host *h, struct spec *s, const struct create_options *opt, struct json **ret,
                   struct domo_err *err)
{
    struct create c;
    int r;

    if (begin(&c, h, s, opt, err))
        return -1;
    r = plan_preview(&create_plan, &c.op, ret, err);
    if (r)
        (void)err_wrap(err, "plan %s", c.op.subject);
    end(&c);
    return r;
}
