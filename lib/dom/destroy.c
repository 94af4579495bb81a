/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/destroy.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "dev/dev.h"
#include "dom/dm.h"
#include "dom/guest.h"
#include "dom/names.h"
#include "dom/skeleton.h"
#include "dom/userdata.h"
#include "plan/history.h"

struct destroy {
    struct op op; /* first: steps get this */
    const struct destroy_options *opt;
    struct dev_timeouts timeouts;
    struct guest guest;
    struct devset *devs;
    bool had_dm;
    struct domo_err first; /* what went wrong first in a step that goes on regardless */
};

static struct destroy *self(struct op *op)
{
    return (struct destroy *)op;
}

/* Destroying does not stop at what fails: the first cause is kept for the end. */
static int keep_going(struct destroy *d, int r, const struct domo_err *e)
{
    if (r && d->first.code == DOMO_E_OK)
        d->first = *e;
    return 0;
}

static struct json *about_of(const struct op *op)
{
    const struct destroy *d = (const struct destroy *)op;

    return history_of(d->guest.info.domid, d->guest.name, d->guest.uuid);
}

static int run_journal(struct op *op, struct domo_err *err)
{
    struct json *AUTO_JSON about = about_of(op);

    return journal_open(op->host->paths.own_run, "destroy", about, &op->journal, err);
}

static int run_pause(struct op *op, struct domo_err *err)
{
    struct destroy *d = self(op);

    /* A guest that runs on could connect its devices again while they are taken away. One that is dying can't. */
    if (d->guest.info.is_dying || (d->opt->aside && d->guest.info.is_shutdown))
        return 0;
    return op->host->hyp->pause(op->host, d->guest.info.domid, err);
}

/* To the hypervisor PVH guests are HVM guests. */
static bool has_dm(const struct op *op)
{
    const struct destroy *d = (const struct destroy *)op;
    const struct guest *g = &d->guest;

    return (g->info.is_hvm && !str_eq(g->type, "pvh")) || dm_exists(op->host, g->uuid);
}

/* It holds the disks, so it goes before they are given back. */
static int run_stop_dm(struct op *op, struct domo_err *err)
{
    struct destroy *d = self(op);
    struct domo_err e = DOMO_ERR_INIT;

    (void)err;
    d->had_dm = true;
    return keep_going(d, dm_end(op->host, d->guest.info.domid, d->guest.uuid, &e), &e);
}

static int run_close(struct op *op, struct domo_err *err)
{
    struct destroy *d = self(op);

    d->devs = guest_devset(op->host, &d->guest, &d->timeouts);
    if (!d->devs)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (devset_load(d->devs, NULL, NULL, err) || devset_watch(d->devs, err))
        return -1;
    return devset_close(d->devs, DEV_CLOSE_FORCE, err);
}

static enum plan_wait wait_close(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct domo_err e = DOMO_ERR_INIT;
    enum plan_wait w = devset_closed_wait(self(op)->devs, op, now_ms, ret_deadline_ms, &e);

    (void)err;
    if (w != PLAN_FAILED)
        return w;
    (void)keep_going(self(op), -1, &e);
    return PLAN_DONE;
}

static int run_release(struct op *op, struct domo_err *err)
{
    struct domo_err e = DOMO_ERR_INIT;

    (void)err;
    return keep_going(self(op), devset_release(self(op)->devs, &e), &e);
}

static enum plan_wait wait_release(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct domo_err e = DOMO_ERR_INIT;
    enum plan_wait w = devset_release_wait(self(op)->devs, op, now_ms, ret_deadline_ms, &e);

    (void)err;
    if (w == PLAN_AGAIN)
        return w;
    (void)keep_going(self(op), w == PLAN_FAILED ? -1 : devset_released(self(op)->devs, &e), &e);
    return PLAN_DONE;
}

static int body_remove(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    struct destroy *d = arg;

    /* The guest's own directories go as a whole. */
    if (devset_remove_all_backs(d->devs, txn, err))
        return -1;
    if (d->had_dm && dm_remove_nodes(h, txn, d->guest.info.domid, err))
        return -1;
    return skeleton_remove(h, txn, d->guest.info.domid, d->guest.uuid, err);
}

static int run_remove(struct op *op, struct domo_err *err)
{
    struct destroy *d = self(op);
    struct domo_err e = DOMO_ERR_INIT;

    (void)keep_going(d, devset_unwatch(d->devs, &e), &e);
    return store_transact(op->host, body_remove, d, err);
}

static int run_destroy(struct op *op, struct domo_err *err)
{
    const struct destroy *d = self(op);
    struct domo_err e = DOMO_ERR_INIT;

    if (domid_mark_recent(op->host, d->guest.info.domid, &e))
        log_line(op->host->log, LOG_LEVEL_DEBUG, "destroy: %s", e.msg);
    if (op->host->hyp->destroy(op->host, d->guest.info.domid, &e) == 0 || e.code == DOMO_E_DOMAIN_NOT_FOUND)
        return 0;
    if (err)
        *err = e;
    return -1;
}

static int run_forget(struct op *op, struct domo_err *err)
{
    const struct destroy *d = self(op);

    names_forget(op->host, d->guest.name, d->guest.info.domid, d->guest.info.uuid);
    return userdata_remove(op->host, d->guest.info.domid, d->guest.uuid, err);
}

/* ---- set aside instead ---- */

static bool is_set_aside(const struct op *op)
{
    return ((const struct destroy *)op)->opt->aside != NULL;
}

static bool is_destroyed(const struct op *op)
{
    return !is_set_aside(op);
}

/* The old UUID's directory is the next guest's. */
static int body_aside(struct host *h, store_txn txn, void *arg, struct domo_err *err)
{
    const struct destroy *d = arg;
    const struct destroy_aside *a = d->opt->aside;
    char path[STORE_PATH_MAX], vm[STORE_PATH_MAX], uuid[UUID_TEXT_MAX];
    uint32_t domid = d->guest.info.domid;

    uuid_to_text(a->uuid, uuid);
    if (devset_remove_nodes(d->devs, txn, err) || (d->had_dm && dm_remove_nodes(h, txn, domid, err)))
        return -1;
    if (store_path(path, err, "/vm/%s", d->guest.uuid) || store_rm(h, txn, path, err))
        return -1;
    if (store_path(vm, err, "/vm/%s", uuid) || store_path(path, err, "%s/uuid", vm) ||
        store_write(h, txn, path, uuid, err) || store_path(path, err, "%s/name", vm) ||
        store_write(h, txn, path, a->name, err))
        return -1;
    if (store_path(path, err, "/local/domain/%" PRIu32 "/vm", domid) || store_write(h, txn, path, vm, err))
        return -1;
    if (store_path(path, err, "/local/domain/%" PRIu32 "/name", domid))
        return -1;
    return store_write(h, txn, path, a->name, err);
}

static int move_config(struct op *op, struct domo_err *err)
{
    const struct destroy *d = self(op);
    const struct destroy_aside *a = d->opt->aside;
    struct json *AUTO_JSON config = NULL;
    char uuid[UUID_TEXT_MAX];

    uuid_to_text(a->uuid, uuid);
    if (userdata_read_config(op->host, d->guest.info.domid, d->guest.uuid, &config, err))
        return -1;
    if (!config)
        return 0;
    json_set_str(json_get(config, "c_info"), "name", a->name);
    json_set_str(json_get(config, "c_info"), "uuid", uuid);
    if (userdata_write_config(op->host, d->guest.info.domid, uuid, config, err))
        return -1;
    return userdata_remove(op->host, d->guest.info.domid, d->guest.uuid, err);
}

static int run_aside(struct op *op, struct domo_err *err)
{
    struct destroy *d = self(op);
    const struct destroy_aside *a = d->opt->aside;
    struct domo_err e = DOMO_ERR_INIT;

    (void)keep_going(d, devset_unwatch(d->devs, &e), &e);
    if (store_transact(op->host, body_aside, d, err) || move_config(op, err))
        return -1;
    names_forget(op->host, a->was_name, d->guest.info.domid, d->guest.info.uuid);
    names_remember(op->host, a->name, d->guest.info.domid, a->uuid);
    return op->host->hyp->set_uuid(op->host, d->guest.info.domid, a->uuid, err);
}

/* No step has an undo: a destroy that was begun is finished by the next destroy, or by a sweep. */
static const struct step steps[] = {
    {.name = "journal", .summary = "note the operation for a sweep", .run = run_journal, .applies = is_destroyed},
    {.name = "pause", .summary = "pause the guest", .run = run_pause},
    {.name = "stop-device-model", .summary = "stop the device model", .run = run_stop_dm, .applies = has_dm},
    {.name = "close-devices", .summary = "close the devices", .run = run_close, .wait = wait_close},
    {.name = "release-devices", .summary = "give back what the devices hold", .run = run_release, .wait = wait_release},
    {.name = "remove-nodes", .summary = "remove the guest from the store", .run = run_remove, .applies = is_destroyed},
    {.name = "destroy-domain", .summary = "destroy the domain", .run = run_destroy, .applies = is_destroyed},
    {.name = "forget", .summary = "remove the guest's files", .run = run_forget, .applies = is_destroyed},
    {.name = "set-aside", .summary = "give it another name and UUID", .run = run_aside, .applies = is_set_aside},
};

static const struct plan destroy_plan = {.name = "destroy", .steps = steps, .n = ARRAY_LEN(steps), .about = about_of};
static const struct plan aside_plan = {.name = "set-aside", .steps = steps, .n = ARRAY_LEN(steps), .about = about_of};

static struct json *result_of(const struct destroy *d)
{
    struct json *j = json_new_object();

    json_set_int(j, "domid", d->guest.info.domid);
    json_set_str(j, "name", d->guest.name);
    json_set_str(j, "uuid", d->guest.uuid);
    json_set(j, "timing", plan_timing(&d->op));
    return json_done(j);
}

/* A destroy that failed keeps its journal, so that a sweep can tell it from a guest that is merely paused. */
static void end(struct destroy *d, bool finished)
{
    if (finished)
        journal_close(d->op.journal);
    else
        journal_leave(d->op.journal);
    d->devs = devset_free(d->devs);
    guest_fini(&d->guest);
}

int destroy_run(struct host *h, uint32_t domid, const struct destroy_options *opt, struct json **ret,
                struct domo_err *err)
{
    struct destroy d = {.op = {.host = h, .on_step = opt->on_step, .on_step_arg = opt->on_step_arg},
                        .opt = opt,
                        .timeouts = DEV_TIMEOUTS_DEFAULT};
    struct json *j;
    int r;

    if (domid == 0)
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 is the host itself: it can't be destroyed");
    if (opt->close_timeout_ms)
        d.timeouts.close_ms = opt->close_timeout_ms;
    if (dev_timeouts_set(&d.timeouts, opt->timeouts, err))
        return -1;
    if (guest_load(h, domid, &d.guest, err))
        return err_wrap(err, "destroy domain %" PRIu32, domid);
    (void)snprintf(d.op.subject, sizeof d.op.subject, "'%s'", d.guest.name);
    r = plan_run(opt->aside ? &aside_plan : &destroy_plan, &d.op, err);
    if (!r && d.first.code != DOMO_E_OK) {
        /* The guest is gone, but something of it was not given back in order: that is not a success. */
        if (err)
            *err = d.first;
        r = err_wrap(err, "destroy '%s' (the guest is gone)", d.guest.name);
        end(&d, true);
        return r;
    }
    j = r ? NULL : result_of(&d);
    if (!r && !j)
        r = err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    end(&d, r == 0);
    if (!r)
        *ret = j;
    return r;
}
