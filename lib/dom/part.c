/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The first part of a kind comes with its carrier, which is attached like any
 * device; others change the carrier that is there. The last one leaves with
 * it. One plan each way; which of both happens is known after its first steps.
 */
#include "dom/part.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/dev.h"
#include "dom/guest.h"
#include "dom/lifecycle.h"
#include "dom/userdata.h"
#include "plan/history.h"

enum { PART_TIMEOUT_MS = 10000, LOCK_TIMEOUT_MS = 60000 };

struct part {
    struct op op; /* first: steps get this */
    const struct hotplug_options *opt;
    const struct devkind *kind;
    struct dev_spec *spec; /* attach */
    const char *which;     /* detach */
    struct guest guest;
    struct userdata_lock lock;
    struct json *old_config; /* NULL = none was stored */
    struct devset *devs;
    struct dev *carrier; /* that is changed; NULL: it comes, or goes, as a whole */
    struct json *row;
    bool written;
};

static struct part *self(struct op *op)
{
    return (struct part *)op;
}

/* ---- shared ---- */

static int run_lock(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);
    int64_t deadline_ms = op->host->env->now_ms(op->host) + LOCK_TIMEOUT_MS;

    return userdata_lock(op->host, p->guest.info.domid, p->guest.uuid, deadline_ms, &p->lock, err);
}

static int undo_lock(struct op *op, struct domo_err *err)
{
    (void)err;
    userdata_unlock(&self(op)->lock);
    return 0;
}

static int make_set(struct part *p, struct domo_err *err)
{
    struct dev_timeouts timeouts = DEV_TIMEOUTS_DEFAULT;

    timeouts.connect_ms = p->opt->timeout_ms ? p->opt->timeout_ms : PART_TIMEOUT_MS;
    timeouts.close_ms = timeouts.connect_ms;
    p->devs = guest_devset(p->op.host, &p->guest, &timeouts);
    if (!p->devs)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return userdata_read_config(p->op.host, p->guest.info.domid, p->guest.uuid, &p->old_config, err);
}

static struct json *about_of(const struct op *op)
{
    const struct part *p = (const struct part *)op;
    struct json *about = history_of(p->guest.info.domid, p->guest.name, p->guest.uuid);

    json_set_str(about, "kind", p->kind->name);
    json_set_str(about, "which", p->which);
    json_set_bool(about, "force", p->opt->force);
    return about;
}

static int open_journal(struct part *p, const char *what, struct domo_err *err)
{
    struct json *AUTO_JSON about = about_of(&p->op);

    return journal_open(p->op.host->paths.own_run, what, about, &p->op.journal, err);
}

static int undo_journal(struct op *op, struct domo_err *err)
{
    (void)err;
    journal_close(op->journal);
    op->journal = NULL;
    return 0;
}

static int write_config(struct part *p, struct json *config, struct domo_err *err)
{
    config = json_done(config);
    if (!config)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return userdata_write_config(p->op.host, p->guest.info.domid, p->guest.uuid, config, err);
}

static enum plan_wait wait_settled(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_part_wait(self(op)->devs, self(op)->carrier, op, now_ms, ret_deadline_ms, err);
}

static enum plan_wait wait_closed(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_closed_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

static enum plan_wait wait_released(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_release_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

static int body_retract(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    (void)h;
    return dev_part_retract(((struct part *)arg)->carrier, t, err);
}

static int body_drop(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    (void)h;
    return dev_part_drop(((struct part *)arg)->carrier, t, err);
}

static int body_remove(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    (void)h;
    return devset_remove_nodes(((struct part *)arg)->devs, t, err);
}

/* ---- attach ---- */

static int run_check(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);

    if (life_may_info(&p->guest.info, LIFE_ON_ATTACH, err))
        return -1;
    if (make_set(p, err) || devset_add_spec(p->devs, p->spec, err))
        return -1;
    p->carrier = devset_extended(p->devs);
    return 0;
}

/* The journal names what is attached as a detach would: one place, or all functions of a PCI device. */
static int run_attach_journal(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);
    struct json *AUTO_JSON row = dev_part_row(p->devs, p->carrier ? p->carrier : devset_at(p->devs, 0), err);
    const struct json *changed = json_get(row, "changed");
    const char *first = json_str(json_at(changed, 0, NULL), "");
    char which[64];
    int r;

    if (!row)
        return -1;
    (void)snprintf(which, sizeof which, "%s", first);
    if (json_len(changed) > 1)
        which[strlen(which) - 1] = '*';
    p->which = which;
    r = open_journal(p, "attach", err);
    p->which = NULL;
    return r;
}

static int run_prepare(struct op *op, struct domo_err *err)
{
    return devset_prepare(self(op)->devs, err);
}

static int undo_prepare(struct op *op, struct domo_err *err)
{
    return devset_unprepare(self(op)->devs, err);
}

static int run_hand_over(struct op *op, struct domo_err *err)
{
    return devset_hand_over(self(op)->devs, err);
}

static int undo_hand_over(struct op *op, struct domo_err *err)
{
    return devset_take_back(self(op)->devs, err);
}

static int body_write(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    struct part *p = arg;

    (void)h;
    return p->carrier ? dev_part_extend(p->carrier, t, err) : devset_write(p->devs, t, true, err);
}

static int run_write(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);

    if (store_transact(op->host, body_write, p, err))
        return -1;
    p->written = true;
    return 0;
}

static int undo_extend(struct part *p, struct domo_err *err)
{
    int r = store_transact(p->op.host, body_retract, p, err);

    /* Whether the guest follows or not: the toolstack's own keys must not stay. */
    if (!r)
        r = plan_drive(&p->op, wait_settled, err);
    return store_transact(p->op.host, body_drop, p, err) ? -1 : r;
}

static int undo_write(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);
    int r;

    if (!p->written)
        return 0;
    if (p->carrier)
        return undo_extend(p, err);
    r = devset_watch(p->devs, err);
    if (!r)
        r = devset_close(p->devs, DEV_CLOSE_FORCE, err);
    if (!r)
        r = plan_drive(op, wait_closed, err);
    if (devset_release(p->devs, err) || plan_drive(op, wait_released, err))
        r = -1;
    IGNORE(devset_unwatch(p->devs, NULL));
    return store_transact(op->host, body_remove, p, err) ? -1 : r;
}

static int run_watch(struct op *op, struct domo_err *err)
{
    return devset_watch(self(op)->devs, err);
}

static enum plan_wait wait_taken(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    if (self(op)->carrier)
        return wait_settled(op, now_ms, ret_deadline_ms, err);
    return devset_backends_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

static int run_store_added(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);
    struct json *config, *list;
    int r;

    if (!p->old_config)
        return 0;
    config = json_copy(p->old_config);
    list = json_get(config, p->spec->grammar->json_list);
    if (!list)
        list = json_set_array(config, p->spec->grammar->json_list);
    json_add(list, dev_spec_to_libxl(p->spec));
    r = write_config(p, config, err);
    (void)json_free(config);
    return r;
}

static int undo_store(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);

    if (!p->old_config)
        return 0;
    return userdata_write_config(op->host, p->guest.info.domid, p->guest.uuid, p->old_config, err);
}

static bool waits(const struct op *op)
{
    const struct part *p = (const struct part *)op;

    return !p->opt->no_wait && !p->carrier;
}

static enum plan_wait wait_connected(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_connected_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
}

static const struct step attach_steps[] = {
    {.name = "lock", .summary = "lock the guest's config", .run = run_lock, .undo = undo_lock},
    {.name = "check", .summary = "check the device", .run = run_check},
    {.name = "journal", .summary = "note the operation for a sweep", .run = run_attach_journal, .undo = undo_journal},
    {.name = "prepare-device", .summary = "take the device from this host", .run = run_prepare, .undo = undo_prepare},
    {.name = "assign-device", .summary = "let the guest use it", .run = run_hand_over, .undo = undo_hand_over},
    {.name = "write-nodes", .summary = "write both ends into the store", .run = run_write, .undo = undo_write},
    {.name = "connect-backend", .summary = "wait until it is taken in", .run = run_watch, .wait = wait_taken},
    {.name = "store-config", .summary = "store the guest's config", .run = run_store_added, .undo = undo_store},
    {.name = "connect-guest", .summary = "wait for the guest's front end", .wait = wait_connected, .applies = waits},
};

static const struct plan attach_plan = {
    .name = "attach", .steps = attach_steps, .n = ARRAY_LEN(attach_steps), .about = about_of};

/* ---- detach ---- */

static int run_find(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);
    bool is_last = false;
    struct dev *d = NULL;

    if (make_set(p, err) || devset_pick_part(p->devs, p->kind, p->which, &d, &is_last, err))
        return -1;
    p->row = dev_part_row(p->devs, d, err);
    p->carrier = is_last ? NULL : d;
    return p->row ? 0 : -1;
}

static int run_detach_journal(struct op *op, struct domo_err *err)
{
    return open_journal(self(op), "detach", err);
}

static int run_retract(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);

    if (devset_watch(p->devs, err))
        return -1;
    if (p->carrier)
        return store_transact(op->host, body_retract, p, err);
    return devset_close(p->devs, p->opt->force ? DEV_CLOSE_FORCE : DEV_CLOSE_SAFE, err);
}

static int undo_retract(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);
    bool is_open;

    return p->carrier || p->opt->force ? 0 : devset_reopen(p->devs, &is_open, err);
}

static enum plan_wait wait_gone(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct part *p = self(op);
    struct domo_err e = DOMO_ERR_INIT;
    enum plan_wait r;

    if (!p->carrier)
        return wait_closed(op, now_ms, ret_deadline_ms, err);
    r = wait_settled(op, now_ms, ret_deadline_ms, &e);
    if (r != PLAN_FAILED)
        return r;
    /* By force it goes whatever the guest does. */
    if (p->opt->force)
        return PLAN_DONE;
    *err = e;
    return r;
}

static int run_drop(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);

    if (!p->carrier)
        return devset_release(p->devs, err);
    if (dev_part_release(p->carrier, err))
        return -1;
    return store_transact(op->host, body_drop, p, err);
}

static enum plan_wait wait_dropped(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    *ret_deadline_ms = -1;
    return self(op)->carrier ? PLAN_DONE : wait_released(op, now_ms, ret_deadline_ms, err);
}

static int run_remove(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);

    if (devset_unwatch(p->devs, err))
        return -1;
    return p->carrier ? 0 : store_transact(op->host, body_remove, p, err);
}

static bool is_gone(const struct part *p, const struct json *element)
{
    return !p->carrier || dev_part_is_leaving(p->carrier, element);
}

static int run_store_removed(struct op *op, struct domo_err *err)
{
    struct part *p = self(op);
    struct json *config, *list;
    int r;

    if (!p->old_config)
        return 0;
    config = json_copy(p->old_config);
    list = json_get(config, p->kind->grammar->json_list);
    for (size_t i = json_len(list); i > 0; i--)
        if (is_gone(p, json_at(list, i - 1, NULL)))
            json_remove_at(list, i - 1);
    r = write_config(p, config, err);
    (void)json_free(config);
    return r;
}

static const struct step detach_steps[] = {
    {.name = "lock", .summary = "lock the guest's config", .run = run_lock, .undo = undo_lock},
    {.name = "find", .summary = "find the device", .run = run_find},
    {.name = "journal", .summary = "note the operation for a sweep", .run = run_detach_journal, .undo = undo_journal},
    {.name = "close-device",
     .summary = "wait until the guest lets go",
     .run = run_retract,
     .undo = undo_retract,
     .wait = wait_gone,
     .commits = true},
    {.name = "release-device", .summary = "give back what the device holds", .run = run_drop, .wait = wait_dropped},
    {.name = "remove-nodes", .summary = "remove both ends from the store", .run = run_remove},
    {.name = "store-config", .summary = "store the guest's config", .run = run_store_removed},
};

static const struct plan detach_plan = {
    .name = "detach", .steps = detach_steps, .n = ARRAY_LEN(detach_steps), .about = about_of};

/* ---- both ---- */

static int begin(struct part *p, struct host *h, uint32_t domid, const struct hotplug_options *opt,
                 struct domo_err *err)
{
    p->op.host = h;
    p->op.on_step = opt->on_step;
    p->op.on_step_arg = opt->on_step_arg;
    p->opt = opt;
    p->lock.fd = -1;
    return guest_load(h, domid, &p->guest, err);
}

static void end(struct part *p, bool finished)
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
    guest_fini(&p->guest);
}

int part_attach(struct host *h, uint32_t domid, struct dev_spec *spec, const struct hotplug_options *opt,
                struct json **ret, struct domo_err *err)
{
    struct part p = {.kind = devkind_of(spec->grammar), .spec = spec};
    int r;

    if (begin(&p, h, domid, opt, err))
        return -1;
    (void)snprintf(p.op.subject, sizeof p.op.subject, "a %s to '%s'", spec->grammar->noun, p.guest.name);
    r = plan_run(&attach_plan, &p.op, err);
    if (!r) {
        *ret = dev_part_row(p.devs, p.carrier ? p.carrier : devset_at(p.devs, 0), err);
        r = *ret ? 0 : -1;
        json_set(*ret, "timing", plan_timing(&p.op));
    }
    end(&p, true);
    return r;
}

int part_detach(struct host *h, uint32_t domid, const struct devkind *kind, const char *which,
                const struct hotplug_options *opt, struct json **ret, struct domo_err *err)
{
    struct part p = {.kind = kind, .which = which};
    int r;

    if (begin(&p, h, domid, opt, err))
        return -1;
    (void)snprintf(p.op.subject, sizeof p.op.subject, "%s %s from '%s'", kind->grammar->noun, which, p.guest.name);
    r = plan_run(&detach_plan, &p.op, err);
    if (!r) {
        json_set(p.row, "timing", plan_timing(&p.op));
        *ret = p.row;
        p.row = NULL;
    }
    end(&p, r == 0 || !p.op.committed);
    return r;
}
