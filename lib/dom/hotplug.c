/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/hotplug.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "dev/dev.h"
#include "dev/kind.h"
#include "dom/await.h"
#include "dom/dm.h"
#include "dom/guest.h"
#include "dom/lifecycle.h"
#include "dom/part.h"
#include "dom/stored.h"
#include "dom/userdata.h"
#include "plan/history.h"

enum {
    ATTACH_TIMEOUT_MS = 10000, /* a guest that runs answers in well under a second */
    LOCK_TIMEOUT_MS = 60000    /* another attach may hold the lock for a script's 40 s */
};

struct hotplug {
    struct op op; /* first: steps get this */
    const struct hotplug_options *opt;
    struct hotplug_device what;
    const char *kind, *which; /* detach: which one */
    struct guest guest;
    struct await await;
    struct userdata_lock lock;
    struct json *old_config; /* to put back; NULL = none was stored */
    struct devset *devs;
    struct json *row; /* the device as it was found */
    struct hyp_dm dm; /* the device model that serves the device; program NULL = none */
    int64_t dm_log;   /* where its words about the device begin in the log */
    bool dm_is_ours;  /* this operation has started it */
    bool written;     /* its nodes are ours to remove */
    bool half_closed; /* it was asked to let go, and can't be had back */
    bool forced;      /* detach: the guest was not asked, or did not let go */
};

static struct hotplug *self(struct op *op)
{
    return (struct hotplug *)op;
}

/* ---- shared by both plans ---- */

/* libxl's lock on the guest's stored config: its hot-plug and ours exclude each other per guest, never host-wide. */
static int run_lock(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);
    int64_t deadline_ms = op->host->env->now_ms(op->host) + LOCK_TIMEOUT_MS;

    return userdata_lock(op->host, p->guest.info.domid, p->guest.uuid, deadline_ms, &p->lock, err);
}

static int undo_lock(struct op *op, struct domo_err *err)
{
    (void)err;
    userdata_unlock(&self(op)->lock);
    return 0;
}

static struct json *about_of(const struct op *op)
{
    const struct hotplug *p = (const struct hotplug *)op;
    struct json *about = history_of(p->guest.info.domid, p->guest.name, p->guest.uuid);

    json_set_str(about, "kind", p->kind);
    json_set_str(about, "which", p->which);
    json_set_bool(about, "force", p->opt->force);
    if (p->what.disk)
        json_set_str(about, "identity", p->what.disk->target);
    if (p->what.vif) {
        char mac[MAC_TEXT_MAX];

        mac_print(p->what.vif->mac, mac);
        json_set_str(about, "identity", mac);
    }
    return about;
}

static int open_journal(struct hotplug *p, const char *what, struct domo_err *err)
{
    struct json *AUTO_JSON about = about_of(&p->op);

    return journal_open(p->op.host->paths.own_run, what, about, &p->op.journal, err);
}

static int undo_journal(struct op *op, struct domo_err *err)
{
    (void)err;
    if (self(op)->half_closed || op->undo_failed)
        journal_leave(op->journal);
    else
        journal_close(op->journal);
    op->journal = NULL;
    return 0;
}

static int read_row(struct hotplug *p, struct domo_err *err)
{
    struct json *AUTO_JSON rows = devset_rows(p->devs, false, err);

    if (!rows)
        return -1;
    p->row = json_copy(json_at(rows, 0, NULL));
    return p->row ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

static enum plan_wait wait_closed(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_closed_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

/* The guest was asked and has not let go in time: now it is no longer asked. */
static enum plan_wait wait_closed_or_force(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms,
                                           struct domo_err *err)
{
    struct domo_err e = DOMO_ERR_INIT;
    struct hotplug *p = self(op);
    enum plan_wait r = devset_closed_wait(p->devs, op, now_ms, ret_deadline_ms, &e);

    if (r != PLAN_FAILED || !p->opt->graceful || p->forced) {
        if (r == PLAN_FAILED && err)
            *err = e;
        return r;
    }
    log_line(op->host->log, LOG_LEVEL_INFO, "%s: %s; it is taken by force", e.ctx, e.msg);
    p->forced = true;
    *ret_deadline_ms = now_ms;
    return devset_close(p->devs, DEV_CLOSE_FORCE, err) ? PLAN_FAILED : PLAN_AGAIN;
}

static enum plan_wait wait_released(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_release_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

static int body_remove(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    (void)h;
    return devset_remove_nodes(((struct hotplug *)arg)->devs, txn, err);
}

static int make_set(struct hotplug *p, struct domo_err *err)
{
    struct dev_timeouts timeouts = DEV_TIMEOUTS_DEFAULT;

    timeouts.connect_ms = p->opt->timeout_ms ? p->opt->timeout_ms : ATTACH_TIMEOUT_MS;
    if (p->opt->timeout_ms)
        timeouts.close_ms = p->opt->timeout_ms;
    if (p->opt->backend_ms)
        timeouts.backend_ms = p->opt->backend_ms;
    if (dev_timeouts_set(&timeouts, p->opt->timeouts, err))
        return -1;
    p->devs = guest_devset(p->op.host, &p->guest, &timeouts);
    return p->devs ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

/* ---- the stored config ---- */

static const char *config_list(const struct hotplug *p)
{
    const struct devkind *kind = devkind_find(p->kind);

    if (kind && kind->grammar)
        return kind->grammar->json_list;
    return str_eq(p->kind, "vif") ? "nics" : "disks";
}

static int read_config(struct hotplug *p, struct domo_err *err)
{
    return userdata_read_config(p->op.host, p->guest.info.domid, p->guest.uuid, &p->old_config, err);
}

static int write_config(struct hotplug *p, struct json *config, struct domo_err *err)
{
    config = json_done(config);
    if (!config)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return userdata_write_config(p->op.host, p->guest.info.domid, p->guest.uuid, config, err);
}

static struct json *stored_of_wanted(const struct hotplug *p)
{
    if (p->what.disk)
        return disk_spec_to_libxl(p->what.disk);
    return p->what.vif ? stored_of_vif(p->what.vif) : dev_spec_to_libxl(p->what.spec);
}

/* Do both elements of the stored list have one place in the guest? */
static bool is_same_place(const struct hotplug *p, const struct json *a, const struct json *b)
{
    uint32_t of_a, of_b;

    if (!str_eq(config_list(p), "disks"))
        return json_get(a, "devid") && json_get_int(a, "devid", -1) == json_get_int(b, "devid", -2);
    return vdev_to_devid(json_get_str(a, "vdev", ""), &of_a) == 0 &&
           vdev_to_devid(json_get_str(b, "vdev", ""), &of_b) == 0 && of_a == of_b;
}

/* Another tool may have detached what was stored there, and left it in the list: what is attached takes its place. */
static void drop_stale(const struct hotplug *p, struct json *list, const struct json *wanted)
{
    for (size_t i = json_len(list); i > 0; i--)
        if (is_same_place(p, json_at(list, i - 1, NULL), wanted))
            json_remove_at(list, i - 1);
}

static int run_store_added(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);
    struct json *config, *list, *wanted;
    int r;

    /* A guest without a stored config was made by something that keeps none: then there is nothing to keep in step. */
    if (!p->old_config)
        return 0;
    config = json_copy(p->old_config);
    list = json_get(config, config_list(p));
    if (!list)
        list = json_set_array(config, config_list(p));
    wanted = stored_of_wanted(p);
    drop_stale(p, list, wanted);
    json_add(list, wanted);
    r = write_config(p, config, err);
    (void)json_free(config);
    return r;
}

static int undo_store(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);

    if (!p->old_config)
        return 0;
    return userdata_write_config(op->host, p->guest.info.domid, p->guest.uuid, p->old_config, err);
}

/* Does an element of the stored list name the device of "row"? */
static bool is_device(const struct hotplug *p, const struct json *element)
{
    const struct devkind *kind = devkind_find(p->kind);
    uint32_t devid;

    if (str_eq(p->kind, "vif"))
        return str_eq(json_get_str(element, "mac", ""), json_get_str(p->row, "mac", "-"));
    if (kind && kind->grammar)
        return json_get_int(element, "devid", -1) == json_get_int(p->row, "devid", -2);
    return vdev_to_devid(json_get_str(element, "vdev", ""), &devid) == 0 &&
           (int64_t)devid == json_get_int(p->row, "devid", -1);
}

static int run_store_removed(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);
    struct json *config, *list;
    size_t i;
    int r;

    if (!p->old_config)
        return 0;
    config = json_copy(p->old_config);
    list = json_get(config, config_list(p));
    for (i = json_len(list); i > 0; i--)
        if (is_device(p, json_at(list, i - 1, NULL)))
            json_remove_at(list, i - 1);
    r = write_config(p, config, err);
    (void)json_free(config);
    return r;
}

/* ---- attach ---- */

static int check_guest(const struct guest *g, struct domo_err *err)
{
    return life_may_info(&g->info, LIFE_ON_ATTACH, err);
}

static bool awaits_backend(const struct op *op)
{
    return ((const struct hotplug *)op)->opt->backend_ms > 0;
}

static int run_await(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);

    if (p->what.disk)
        await_disk(&p->await, p->what.disk);
    if (p->what.vif)
        await_vif(&p->await, p->what.vif);
    if (p->what.spec)
        await_spec(&p->await, p->what.spec);
    return await_run(op, &p->await, err);
}

static enum plan_wait wait_await(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct hotplug *p = self(op);

    return await_wait(op, &p->await, p->opt->backend_ms, now_ms, ret_deadline_ms, err);
}

static int undo_await(struct op *op, struct domo_err *err)
{
    (void)err;
    await_end(op, &self(op)->await);
    return 0;
}

static int add_wanted(struct hotplug *p, struct domo_err *err)
{
    if (p->what.disk)
        return devset_add_disk(p->devs, p->what.disk, err);
    if (p->what.vif)
        return devset_add_vif(p->devs, p->what.vif, err);
    return devset_add_spec(p->devs, p->what.spec, err);
}

static int run_attach_check(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);

    if (check_guest(&p->guest, err) || read_config(p, err) || make_set(p, err) || add_wanted(p, err))
        return -1;
    if (p->guest.info.is_hvm || !devset_needs_dm(p->devs))
        return 0;
    return op->host->hyp->dm_backends(op->host, &p->dm, err);
}

static int run_attach_journal(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);
    char devid[16];

    (void)snprintf(devid, sizeof devid, "%u",
                   p->what.disk  ? p->what.disk->devid
                   : p->what.vif ? p->what.vif->devid
                                 : p->what.spec->devid);
    p->which = devid;
    if (open_journal(p, "attach", err)) {
        p->which = NULL;
        return -1;
    }
    p->which = NULL;
    return 0;
}

static int run_prepare(struct op *op, struct domo_err *err)
{
    return devset_prepare(self(op)->devs, err);
}

static int undo_prepare(struct op *op, struct domo_err *err)
{
    return devset_unprepare(self(op)->devs, err);
}

static int body_write(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    (void)h;
    return devset_write(((struct hotplug *)arg)->devs, txn, true, err);
}

static int run_write(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);

    p->dm_log = dm_log_size(op->host, p->guest.name);
    if (store_transact(op->host, body_write, p, err))
        return -1;
    p->written = true;
    return 0;
}

/* Must not touch the nodes of a device that was there before: only what this operation wrote. */
static int undo_write(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);
    int r;

    if (!p->written)
        return 0;
    r = devset_watch(p->devs, err);
    if (!r)
        r = devset_close(p->devs, DEV_CLOSE_FORCE, err);
    if (!r)
        r = plan_drive(op, wait_closed, err);
    if (devset_release(p->devs, err) || plan_drive(op, wait_released, err))
        r = -1;
    IGNORE(devset_unwatch(p->devs, NULL));
    if (store_transact(op->host, body_remove, p, err))
        r = -1;
    return r;
}

/* ---- the device model: it serves the device, and is started if the guest has none yet ---- */

static bool is_dm_served(const struct op *op)
{
    return ((const struct hotplug *)op)->dm.program != NULL;
}

static int check_device(void *arg, const char *back_name, uint32_t devid, struct domo_err *err)
{
    struct hotplug *p = arg;

    return dm_check_device(p->op.host, p->guest.uuid, p->guest.name, p->dm_log, back_name, devid, err);
}

static int run_dm(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);
    const struct dm_guest g = {
        .name = p->guest.name, .uuid = p->guest.uuid, .host = &p->dm, .domid = p->guest.info.domid};
    char *AUTO_FREE tty = NULL;
    struct qmp *q = NULL;
    int r;

    devset_set_dm_check(p->devs, check_device, p);
    if (str_eq(dm_state(op->host, p->guest.uuid), "running"))
        return 0;
    p->dm_is_ours = true;
    p->dm_log = 0;
    r = dm_remove_nodes(op->host, 0, g.domid, err) || dm_start(op->host, &g, &q, err) ? -1 : 0;
    if (r == 0)
        r = dm_write_nodes(op->host, g.domid, &g, q, &tty, err);
    (void)qmp_close(q);
    return r;
}

static int body_no_dm(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    return dm_remove_nodes(h, txn, ((struct hotplug *)arg)->guest.info.domid, err);
}

static int undo_dm(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);
    int r;

    if (!p->dm_is_ours)
        return 0;
    r = dm_stop(op->host, p->guest.uuid, err);
    return store_transact(op->host, body_no_dm, p, err) || r ? -1 : 0;
}

static int run_watch(struct op *op, struct domo_err *err)
{
    return devset_watch(self(op)->devs, err);
}

static enum plan_wait wait_backends(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_backends_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

/* A step, so that who is told of a failure finds no device. A row shows what can be read; whether there was anything to
 * read from is asked last. */
static int run_look(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);
    struct hyp_info now;

    if (devset_unwatch(p->devs, err) || read_row(p, err))
        return -1;
    return op->host->hyp->info(op->host, p->guest.info.domid, &now, err);
}

static bool waits(const struct op *op)
{
    return !((const struct hotplug *)op)->opt->no_wait;
}

static enum plan_wait wait_connected(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_connected_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

static const struct step attach_steps[] = {
    {.name = "await-backend",
     .summary = "wait for the back end domain",
     .run = run_await,
     .undo = undo_await,
     .wait = wait_await,
     .applies = awaits_backend},
    {.name = "lock", .summary = "lock the guest's config", .run = run_lock, .undo = undo_lock},
    {.name = "check", .summary = "check the device", .run = run_attach_check},
    {.name = "journal", .summary = "note the operation for a sweep", .run = run_attach_journal, .undo = undo_journal},
    {.name = "prepare-device", .summary = "prepare the device on this host", .run = run_prepare, .undo = undo_prepare},
    {.name = "write-nodes", .summary = "write both ends into the store", .run = run_write, .undo = undo_write},
    {.name = "start-device-model",
     .summary = "have a device model serve the device",
     .run = run_dm,
     .undo = undo_dm,
     .applies = is_dm_served},
    {.name = "connect-backend", .summary = "wait for the back end", .run = run_watch, .wait = wait_backends},
    {.name = "store-config", .summary = "store the guest's config", .run = run_store_added, .undo = undo_store},
    {.name = "connect-guest", .summary = "wait for the guest's front end", .wait = wait_connected, .applies = waits},
    {.name = "look", .summary = "look at the device as it is now", .run = run_look},
};

static const struct plan attach_plan = {
    .name = "attach", .steps = attach_steps, .n = ARRAY_LEN(attach_steps), .about = about_of};

/* ---- detach ---- */

/* Without it only what a person calls lost can be taken away: nobody would be asked to let go. */
static int check_has_backend(const struct hotplug *p, struct domo_err *err)
{
    if (p->opt->force || json_get_int(p->row, "back_domid", -1) >= 0)
        return 0;
    (void)err_set(err, DOMO_E_STORE_NOT_FOUND, "the store does not say which back end serves the device");
    return err_hint(err, "--force removes what there is of it");
}

static int run_find(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);

    if (make_set(p, err) || read_config(p, err) || devset_load(p->devs, p->kind, p->which, err) || read_row(p, err))
        return -1;
    return check_has_backend(p, err);
}

static int run_detach_journal(struct op *op, struct domo_err *err)
{
    return open_journal(self(op), "detach", err);
}

static int run_close(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);

    if (devset_watch(p->devs, err))
        return -1;
    p->forced = p->opt->force;
    return devset_close(p->devs, p->forced ? DEV_CLOSE_FORCE : DEV_CLOSE_SAFE, err);
}

/* A guest that has begun to let go does not come back: what is left of the device is then a sweep's to detach. */
static int undo_close(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);
    bool is_open = false;
    int r = 0;

    if (p->forced)
        return 0;
    r = devset_reopen(p->devs, &is_open, err);
    p->half_closed = !is_open;
    return r;
}

static int run_release(struct op *op, struct domo_err *err)
{
    return devset_release(self(op)->devs, err);
}

static int run_remove(struct op *op, struct domo_err *err)
{
    struct hotplug *p = self(op);

    if (devset_unwatch(p->devs, err))
        return -1;
    return store_transact(op->host, body_remove, p, err);
}

static const struct step detach_steps[] = {
    {.name = "lock", .summary = "lock the guest's config", .run = run_lock, .undo = undo_lock},
    {.name = "find", .summary = "find the device", .run = run_find},
    {.name = "journal", .summary = "note the operation for a sweep", .run = run_detach_journal, .undo = undo_journal},
    {.name = "close-device",
     .summary = "wait until the guest lets go",
     .run = run_close,
     .undo = undo_close,
     .wait = wait_closed_or_force,
     /* From here on the guest has no device any more: going back is not possible, only forward (by a sweep). */
     .commits = true},
    {.name = "release-device", .summary = "give back what the device holds", .run = run_release, .wait = wait_released},
    {.name = "remove-nodes", .summary = "remove both ends from the store", .run = run_remove},
    {.name = "store-config", .summary = "store the guest's config", .run = run_store_removed},
};

static const struct plan detach_plan = {
    .name = "detach", .steps = detach_steps, .n = ARRAY_LEN(detach_steps), .about = about_of};

/* ---- both ---- */

static void end(struct hotplug *p, bool finished)
{
    if (p->devs)
        IGNORE(devset_unwatch(p->devs, NULL));
    p->devs = devset_free(p->devs);
    if (finished)
        journal_close(p->op.journal);
    else
        journal_leave(p->op.journal);
    userdata_unlock(&p->lock);
    (void)json_free(p->old_config);
    (void)json_free(p->row);
    await_fini(&p->await);
    guest_fini(&p->guest);
}

static int begin(struct hotplug *p, struct host *h, uint32_t domid, const struct hotplug_options *opt,
                 struct domo_err *err)
{
    p->op.host = h;
    p->op.on_step = opt->on_step;
    p->op.on_step_arg = opt->on_step_arg;
    p->opt = opt;
    p->lock.fd = -1;
    if (guest_load(h, domid, &p->guest, err))
        return err_wrap(err, "%s domain %" PRIu32, p->which ? "detach a device from" : "attach a device to", domid);
    return 0;
}

/* Hands the row out. */
static void give_row(struct hotplug *p, struct json **ret)
{
    json_set(p->row, "timing", plan_timing(&p->op));
    *ret = p->row;
    p->row = NULL;
}

static const char *noun_of(const char *kind)
{
    const struct devkind *row = devkind_find(kind);

    if (row && row->grammar)
        return row->grammar->noun;
    return str_eq(kind, "vif") ? "network interface" : "disk";
}

static int refuse_fixed(const struct devkind *kind, struct domo_err *err)
{
    (void)err_set(err, DOMO_E_UNSUPPORTED, "a %s can't be attached or detached while the guest runs",
                  kind->grammar ? kind->grammar->noun : kind->name);
    return err_hint(err, "change the guest's config and create it anew");
}

int hotplug_attach(struct host *h, uint32_t domid, const struct hotplug_device *what, const struct hotplug_options *opt,
                   struct json **ret, struct domo_err *err)
{
    const struct devkind *kind = what->spec ? devkind_of(what->spec->grammar) : NULL;
    struct hotplug p = {.what = *what, .kind = kind ? kind->name : what->disk ? "vbd" : "vif"};
    int r;

    if (kind && kind->is_fixed)
        return refuse_fixed(kind, err);
    if (kind && kind->parts)
        return part_attach(h, domid, what->spec, opt, ret, err);

    if (begin(&p, h, domid, opt, err))
        return -1;
    if (what->disk)
        (void)snprintf(p.op.subject, sizeof p.op.subject, "disk %s to '%s'", what->disk->vdev, p.guest.name);
    else
        (void)snprintf(p.op.subject, sizeof p.op.subject, "a %s to '%s'", noun_of(p.kind), p.guest.name);
    r = plan_run(&attach_plan, &p.op, err);
    if (!r)
        give_row(&p, ret);
    end(&p, true);
    return r;
}

int hotplug_detach(struct host *h, uint32_t domid, const char *kind, const char *which,
                   const struct hotplug_options *opt, struct json **ret, struct domo_err *err)
{
    struct hotplug p = {.kind = kind, .which = which};
    const struct devkind *row = devkind_find(kind);
    bool finished;
    int r;

    if (row && row->is_fixed)
        return refuse_fixed(row, err);
    if (row && row->parts)
        return part_detach(h, domid, row, which, opt, ret, err);

    if (begin(&p, h, domid, opt, err))
        return -1;
    (void)snprintf(p.op.subject, sizeof p.op.subject, "%s %s from '%s'", noun_of(kind), which, p.guest.name);
    r = plan_run(&detach_plan, &p.op, err);
    finished = r == 0 || !p.op.committed;
    /* By force it went on; but that is no success. */
    if (!r && devset_released(p.devs, err))
        r = err_wrap(err, "detach %s (it is gone)", p.op.subject);
    if (!r) {
        json_set_bool(p.row, "forced", p.forced);
        give_row(&p, ret);
    }
    end(&p, finished);
    return r;
}
