/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Waiting until devices are accepted and connected. Each call looks at every
 * device that is not there yet, asks the table, and does what it says; all
 * devices move at the same time.
 */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

static const char WATCH_TOKEN[] = "domo-dev";

int dev_state(const struct dev *d, bool of_front, enum xenbus_state *ret, struct domo_err *err)
{
    char *AUTO_FREE text = NULL;
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, of_front ? paths.front : paths.back, "state");
    if (store_read_opt(d->set->host, 0, path, &text, err))
        return -1;
    *ret = xenbus_state_parse(text);
    return 0;
}

void deadline_min(int64_t *deadline, int64_t other)
{
    if (*deadline < 0 || (other >= 0 && other < *deadline))
        *deadline = other;
}

/* What a hotplug that is not ours to do says only interests for devices of other domains. */
static bool watches_hotplug(const struct dev *d)
{
    return !dev_is_ours(d) && d->kind->default_script;
}

typedef int (*watch_call)(struct host *, const char *path, const char *token, struct domo_err *);

static int call_one(const struct dev *d, watch_call call, const char *dir, const char *name, struct domo_err *all)
{
    struct domo_err one = DOMO_ERR_INIT;
    char path[STORE_PATH_MAX];

    dev_join(path, dir, name);
    if (call(d->set->host, path, WATCH_TOKEN, &one) == 0 || one.code == DOMO_E_STORE_NOT_FOUND)
        return 0;
    err_collect(all, &one);
    return -1;
}

/* All are tried, so that a failure leaves as few as possible; a watch that is gone already is fine. */
static int each_watch(const struct dev *d, watch_call call, struct domo_err *all)
{
    struct dev_paths paths;
    int r = 0;

    if (!d->kind->has_handshake || !d->has_back)
        return 0;
    dev_paths(d, &paths);
    r |= call_one(d, call, paths.back, "state", all);
    r |= call_one(d, call, paths.front, "state", all);
    if (watches_hotplug(d))
        r |= call_one(d, call, paths.back, "hotplug-status", all);
    return r;
}

int devset_watch(struct devset *set, struct domo_err *err)
{
    while (set->watched < set->devs.len) {
        const struct dev *d = set->devs.at[set->watched];
        struct domo_err all = DOMO_ERR_INIT;

        set->watched++;
        if (each_watch(d, store_watch, &all) == 0)
            continue;
        if (err)
            *err = all;
        return err_wrap(err, "%s", d->label);
    }
    return 0;
}

int devset_unwatch(struct devset *set, struct domo_err *err)
{
    struct domo_err all = DOMO_ERR_INIT;
    int r = 0;

    for (size_t i = 0; i < set->watched; i++)
        r |= each_watch(set->devs.at[i], store_unwatch, &all);
    set->waiting = SET_WAIT_NONE;
    if (r == 0)
        set->watched = 0;
    else if (err)
        *err = all;
    return r;
}

int devset_wait_begin(struct devset *set, enum set_wait wait, struct op *op, int64_t now_ms, struct domo_err *err)
{
    op->n_fds = 0;
    if (set->waiting == wait)
        return 0;
    if (devset_watch(set, err))
        return -1;
    set->waiting = wait;
    set->began = now_ms;
    return 0;
}

static int hotplug_of(const struct dev *d, enum hs_hotplug *ret, struct domo_err *err)
{
    char *AUTO_FREE text = NULL;
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    *ret = HS_PLUG_DONE;
    if (dev_is_ours(d)) {
        if (!d->plugged && (d->is_custom || d->kind->plug))
            *ret = HS_PLUG_OURS;
        return 0;
    }
    if (!watches_hotplug(d))
        return 0;
    dev_paths(d, &paths);
    dev_join(path, paths.back, "hotplug-status");
    if (store_read_opt(d->set->host, 0, path, &text, err))
        return -1;
    if (str_eq(text, "error") || str_eq(text, "busy"))
        *ret = HS_PLUG_ERROR;
    else if (d->kind->has_hotplug_status && !str_eq(text, "connected"))
        *ret = HS_PLUG_THEIRS;
    return 0;
}

/* One look at one device. */
struct look {
    struct dev *d;
    enum hs_phase phase;
    struct op *op;
    int64_t now_ms, due_ms; /* due: when this phase has taken too long */
    int64_t *deadline_ms;
    enum xenbus_state back, front;
};

static enum plan_wait too_late(const struct look *l, enum hs_verdict verdict, struct domo_err *err)
{
    const char *goal = l->phase == HS_ACCEPT ? "accept the device" : "connect";
    int64_t seconds = (l->due_ms - l->d->set->began) / 1000;
    const struct dev *d = l->d;

    if (verdict == HS_WAIT_FRONT || verdict == HS_ASK_ERRORS) {
        (void)dev_fail(d, DOMO_E_DEVICE_GUEST_TIMEOUT, err,
                       "the guest's front end did not connect within %" PRId64 " s", seconds);
    } else if (verdict == HS_PLUG) {
        (void)dev_fail(d, DOMO_E_VIF_INTERFACE, err, "the back end made no interface within %" PRId64 " s", seconds);
    } else {
        (void)dev_fail(d, DOMO_E_DEVICE_BACKEND_TIMEOUT, err,
                       "%s in domain %" PRIu32 " did not %s within %" PRId64 " s",
                       verdict == HS_WAIT_HOTPLUG ? "the hotplug" : "the back end", d->back_domid, goal, seconds);
        if (!dev_is_ours(d))
            (void)err_hint(err, "is domain %" PRIu32 " up, and does its toolstack daemon (xl devd) run there?",
                           d->back_domid);
    }
    return PLAN_FAILED;
}

static enum plan_wait again(const struct look *l, enum hs_verdict verdict, struct domo_err *err)
{
    const struct devset *set = l->d->set;

    if (verdict == HS_WAIT_BACK && l->back != XENBUS_CONNECTED && set->dm_check && dev_is_dm_served(l->d)) {
        if (set->dm_check(set->dm_arg, l->d->back_name, l->d->devid, err))
            return PLAN_FAILED;
        deadline_min(l->deadline_ms, l->now_ms + DEV_ASK_DM_MS);
    }
    if (l->now_ms >= l->due_ms)
        return too_late(l, verdict, err);
    deadline_min(l->deadline_ms, l->due_ms);
    if (verdict == HS_PLUG)
        deadline_min(l->deadline_ms, l->now_ms + DEV_LOOK_AGAIN_MS);
    return PLAN_AGAIN;
}

static enum plan_wait back_failed(const struct look *l, struct domo_err *err)
{
    const struct devset *set = l->d->set;

    if (set->dm_check && dev_is_dm_served(l->d) && set->dm_check(set->dm_arg, l->d->back_name, l->d->devid, err))
        return PLAN_FAILED;
    if (l->back == XENBUS_UNKNOWN)
        (void)dev_fail(l->d, DOMO_E_DEVICE_BACKEND_FAILED, err, "the back end's nodes were taken away");
    else
        (void)dev_fail(l->d, DOMO_E_DEVICE_BACKEND_FAILED, err, "the back end refused the device and went to state %s",
                       xenbus_state_name(l->back));
    return PLAN_FAILED;
}

static enum plan_wait ask_errors(const struct look *l, struct domo_err *err)
{
    char text[DEV_TEXT_MAX];

    dev_error_text(l->d, false, text);
    if (text[0])
        return back_failed(l, err);
    dev_error_text(l->d, true, text);
    if (!text[0])
        return again(l, HS_ASK_ERRORS, err);
    (void)dev_fail(l->d, DOMO_E_DEVICE_GUEST_FAILED, err, "the guest's front end gave up: %s", text);
    return PLAN_FAILED;
}

static enum plan_wait finish_script(const struct look *l, struct domo_err *err)
{
    enum plan_wait r = dev_script_step(l->d, l->op, l->now_ms, l->deadline_ms, err);

    if (r != PLAN_DONE)
        return r;
    if (l->d->kind->confirm && l->d->kind->confirm(l->d, err))
        return PLAN_FAILED;
    l->d->plugged = true;
    return PLAN_DONE;
}

static enum plan_wait plug_by_script(const struct look *l, struct domo_err *err)
{
    /* The end of a running one makes the room. */
    if (l->op->n_fds + 2 > (size_t)DEV_SCRIPTS_AT_ONCE * 2)
        return PLAN_AGAIN;
    return dev_script_start(l->d, true, err) ? PLAN_FAILED : finish_script(l, err);
}

/* PLAN_DONE: plugged, look again. */
static enum plan_wait plug(const struct look *l, struct domo_err *err)
{
    enum plan_wait r;

    if (l->d->is_custom)
        return plug_by_script(l, err);
    r = l->d->kind->plug(l->d, err);
    if (r == PLAN_AGAIN)
        return again(l, HS_PLUG, err);
    l->d->plugged = r == PLAN_DONE;
    return r;
}

static enum plan_wait act(struct look *l, enum hs_verdict verdict, struct domo_err *err)
{
    switch (verdict) {
    case HS_DONE:
        l->d->done[l->phase] = true;
        return PLAN_DONE;
    case HS_PLUG:
        return plug(l, err);
    case HS_WAIT_BACK:
    case HS_WAIT_FRONT:
    case HS_WAIT_HOTPLUG:
        return again(l, verdict, err);
    case HS_ASK_ERRORS:
        return ask_errors(l, err);
    case HS_FAIL_BACK:
        return back_failed(l, err);
    case HS_FAIL_HOTPLUG:
        (void)dev_fail(l->d, DOMO_E_DEVICE_BACKEND_FAILED, err, "hotplug failed in domain %" PRIu32, l->d->back_domid);
        return PLAN_FAILED;
    }
    return PLAN_FAILED;
}

static enum plan_wait look_at(struct look *l, struct domo_err *err)
{
    enum hs_hotplug hotplug;
    enum hs_verdict verdict;
    enum plan_wait r;

    if (l->d->run_state == DEV_SCRIPT_RUNNING) {
        r = finish_script(l, err);
        if (r != PLAN_DONE)
            return r;
    }
    /* The guest may be paused until all back ends have accepted, so its end is not asked before. */
    l->front = XENBUS_INITIALISING;
    if (dev_state(l->d, false, &l->back, err) || (l->phase == HS_CONNECT && dev_state(l->d, true, &l->front, err)))
        return PLAN_FAILED;
    do {
        if (hotplug_of(l->d, &hotplug, err))
            return PLAN_FAILED;
        verdict = handshake_step(l->phase, l->back, l->front, hotplug);
        r = act(l, verdict, err);
    } while (verdict == HS_PLUG && r == PLAN_DONE);
    return r;
}

static enum plan_wait wait_all(struct devset *set, enum set_wait wait, enum hs_phase phase, struct op *op,
                               int64_t now_ms, int64_t *deadline_ms, struct domo_err *err)
{
    int64_t limit = phase == HS_ACCEPT ? set->timeouts.backend_ms : set->timeouts.connect_ms;
    bool all_done = true;

    *deadline_ms = -1;
    if (devset_wait_begin(set, wait, op, now_ms, err))
        return PLAN_FAILED;
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];
        struct look l = {.d = d, .phase = phase, .op = op, .now_ms = now_ms, .due_ms = set->began + limit};
        enum plan_wait r;

        l.deadline_ms = deadline_ms;
        if (!d->kind->has_handshake || d->done[phase])
            continue;
        r = look_at(&l, err);
        if (r == PLAN_FAILED) {
            (void)err_wrap(err, "%s", d->label);
            return PLAN_FAILED;
        }
        all_done = all_done && r == PLAN_DONE;
    }
    return all_done ? PLAN_DONE : PLAN_AGAIN;
}

enum plan_wait devset_backends_wait(struct devset *set, struct op *op, int64_t now_ms, int64_t *ret_deadline_ms,
                                    struct domo_err *err)
{
    return wait_all(set, SET_WAIT_ACCEPT, HS_ACCEPT, op, now_ms, ret_deadline_ms, err);
}

enum plan_wait devset_connected_wait(struct devset *set, struct op *op, int64_t now_ms, int64_t *ret_deadline_ms,
                                     struct domo_err *err)
{
    return wait_all(set, SET_WAIT_CONNECT, HS_CONNECT, op, now_ms, ret_deadline_ms, err);
}
