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
/* Domains that shut down, crash, die or go: the store tells of all with one path, without saying which. */
static const char DOMAIN_ENDS[] = "@releaseDomain";

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
    struct domo_err one = DOMO_ERR_INIT;
    struct dev_paths paths;
    int r = 0;

    if (!d->kind->has_handshake || !d->has_back)
        return 0;
    dev_paths(d, &paths);
    r |= call_one(d, call, paths.back, "state", all);
    r |= call_one(d, call, paths.front, "state", all);
    if (watches_hotplug(d))
        r |= call_one(d, call, paths.back, "hotplug-status", all);
    if (dev_watch_server(d, call, &one)) {
        err_collect(all, &one);
        r = -1;
    }
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
    struct domo_err all = DOMO_ERR_INIT, one = DOMO_ERR_INIT;
    int r = 0;

    for (size_t i = 0; i < set->watched; i++)
        r |= each_watch(set->devs.at[i], store_unwatch, &all);
    if (set->watches_domains && store_unwatch(set->host, DOMAIN_ENDS, WATCH_TOKEN, &one) &&
        one.code != DOMO_E_STORE_NOT_FOUND) {
        err_collect(&all, &one);
        r = -1;
    }
    set->waiting = SET_WAIT_NONE;
    if (r == 0) {
        set->watched = 0;
        set->watches_domains = false;
    } else if (err) {
        *err = all;
    }
    return r;
}

/* While devices are to work, a guest that ends is an answer; while they close, only a driver domain's end is. */
static bool hears_of_domains(const struct devset *set, int waiting)
{
    bool any_elsewhere = false;

    for (size_t i = 0; i < set->devs.len; i++)
        any_elsewhere = any_elsewhere || (set->devs.at[i]->has_back && !dev_is_ours(set->devs.at[i]));
    return any_elsewhere || waiting == HS_CONNECT || waiting == HS_RECONFIGURE || waiting == HS_RECONNECT;
}

static int watch_domains(struct devset *set, struct domo_err *err)
{
    if (set->watches_domains)
        return 0;
    if (store_watch(set->host, DOMAIN_ENDS, WATCH_TOKEN, err))
        return -1;
    set->watches_domains = true;
    return 0;
}

int devset_wait_begin(struct devset *set, int waiting, struct op *op, int64_t now_ms, struct domo_err *err)
{
    op->n_fds = 0;
    if (set->waiting == waiting)
        return 0;
    if (devset_watch(set, err) || (hears_of_domains(set, waiting) && watch_domains(set, err)))
        return -1;
    set->waiting = waiting;
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

/* Has this domain ended, or begun to? */
static int has_ended(struct host *h, uint32_t domid, bool *ret, struct domo_err *err)
{
    struct domo_err e = DOMO_ERR_INIT;
    struct hyp_info info;

    if (h->hyp->info(h, domid, &info, &e) == 0) {
        *ret = info.is_dying || info.is_shutdown;
        return 0;
    }
    *ret = e.code == DOMO_E_DOMAIN_NOT_FOUND;
    if (*ret)
        return 0;
    if (err)
        *err = e;
    return -1;
}

int dev_domain_event(const struct dev *d, enum hs_event *ret, struct domo_err *err)
{
    struct host *h = d->set->host;
    bool is_gone = false;

    *ret = HS_LOOK;
    if (d->has_back && !dev_is_ours(d) && has_ended(h, d->back_domid, &is_gone, err))
        return -1;
    if (is_gone) {
        *ret = HS_SERVER_GONE;
        return 0;
    }
    if (has_ended(h, d->set->domid, &is_gone, err))
        return -1;
    *ret = is_gone ? HS_GUEST_GONE : HS_LOOK;
    return 0;
}

/* One look at one device. */
struct look {
    struct dev *d;
    struct hs_look at;
    struct op *op;
    int64_t now_ms, limit_ms;
    int64_t *deadline_ms;
};

static int64_t due_of(const struct look *l)
{
    return l->d->set->began + l->limit_ms;
}

static enum plan_wait again(const struct look *l, enum hs_verdict verdict)
{
    deadline_min(l->deadline_ms, due_of(l));
    if (verdict == HS_PLUG)
        deadline_min(l->deadline_ms, l->now_ms + DEV_LOOK_AGAIN_MS);
    return PLAN_AGAIN;
}

static enum plan_wait fail(const struct look *l, enum hs_verdict verdict, struct domo_err *err)
{
    const struct dev_fate fate = {.d = l->d, .look = l->at, .verdict = verdict, .limit_ms = l->limit_ms};
    const struct devset *set = l->d->set;

    if (set->dm_check && dev_is_dm_served(l->d) && set->dm_check(set->dm_arg, l->d->back_name, l->d->devid, err))
        return PLAN_FAILED;
    dev_say_fate(&fate, err);
    return PLAN_FAILED;
}

static enum plan_wait ask_errors(const struct look *l, enum hs_verdict asked, struct domo_err *err)
{
    char of_back[DEV_TEXT_MAX], of_front[DEV_TEXT_MAX];
    enum hs_verdict verdict;

    dev_error_text(l->d, false, of_back);
    if (of_back[0])
        return fail(l, HS_FAIL_BACK, err);
    dev_error_text(l->d, true, of_front);
    if (of_front[0])
        return fail(l, asked, err);
    verdict = handshake_unblamed(asked, l->at.event);
    return l->at.event == HS_LATE ? fail(l, verdict, err) : again(l, verdict);
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
        return l->now_ms < due_of(l) ? again(l, HS_PLUG) : fail(l, HS_LATE_PLUG, err);
    l->d->plugged = r == PLAN_DONE;
    return r;
}

/* A device model may say in its log what it does not show in the store. */
static enum plan_wait wait_for_back(struct look *l, struct domo_err *err)
{
    const struct devset *set = l->d->set;

    if (l->at.back != XENBUS_CONNECTED && set->dm_check && dev_is_dm_served(l->d)) {
        if (set->dm_check(set->dm_arg, l->d->back_name, l->d->devid, err))
            return PLAN_FAILED;
        deadline_min(l->deadline_ms, l->now_ms + DEV_ASK_DM_MS);
    }
    return again(l, HS_WAIT_BACK);
}

static enum plan_wait act(struct look *l, enum hs_verdict verdict, struct domo_err *err)
{
    switch (verdict) {
    case HS_DONE:
        l->d->done[l->at.phase] = true;
        return PLAN_DONE;
    case HS_PLUG:
        return plug(l, err);
    case HS_WAIT_BACK:
        return wait_for_back(l, err);
    case HS_WAIT_FRONT:
    case HS_WAIT_HOTPLUG:
        return again(l, verdict);
    case HS_ASK_FRONT:
    case HS_ASK_BACK:
        return ask_errors(l, verdict, err);
    case HS_FAIL_BACK:
    case HS_FAIL_HOTPLUG:
    case HS_FAIL_GUEST:
    case HS_FAIL_SERVER:
    case HS_LATE_PLUG:
    case HS_LATE_BACK:
    case HS_LATE_FRONT:
    case HS_LATE_HOTPLUG:
    case HS_VERDICTS:
        break;
    }
    return fail(l, verdict, err);
}

/* The look at which a phase's time is up is still one like the others, so that what it finds done is done, and plugging
 * has its own end: that of a script, or of a kernel that makes no interface. */
static enum hs_verdict decide(struct look *l, enum hs_event domains)
{
    enum hs_verdict verdict;

    l->at.event = domains;
    verdict = handshake_step(&l->at);
    if (domains != HS_LOOK || verdict == HS_PLUG || l->now_ms < due_of(l))
        return verdict;
    l->at.event = HS_LATE;
    return handshake_step(&l->at);
}

static enum plan_wait look_at(struct look *l, struct domo_err *err)
{
    /* The guest may be paused until all back ends have accepted, so its end is not asked before. */
    bool asks_guest = l->at.phase != HS_ACCEPT;
    enum hs_event domains = HS_LOOK;
    enum hs_verdict verdict;
    enum plan_wait r;

    if (l->d->run_state == DEV_SCRIPT_RUNNING) {
        r = finish_script(l, err);
        if (r != PLAN_DONE)
            return r;
    }
    l->at.front = XENBUS_INITIALISING;
    if (dev_state(l->d, false, &l->at.back, err) || (asks_guest && dev_state(l->d, true, &l->at.front, err)) ||
        ((asks_guest || !dev_is_ours(l->d)) && dev_domain_event(l->d, &domains, err)))
        return PLAN_FAILED;
    do {
        if (hotplug_of(l->d, &l->at.hotplug, err))
            return PLAN_FAILED;
        verdict = decide(l, domains);
        r = act(l, verdict, err);
    } while (verdict == HS_PLUG && r == PLAN_DONE);
    return r;
}

/* All devices move at the same time: each is looked at in each round. */
static enum plan_wait wait_all(struct devset *set, enum hs_phase phase, struct op *op, int64_t now_ms,
                               int64_t *deadline_ms, struct domo_err *err)
{
    bool all_done = true;

    *deadline_ms = -1;
    if (devset_wait_begin(set, (int)phase, op, now_ms, err))
        return PLAN_FAILED;
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];
        struct look l = {.d = d, .op = op, .now_ms = now_ms, .limit_ms = dev_timeout_of(&set->timeouts, phase)};
        enum plan_wait r;

        l.at.phase = phase;
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
    return wait_all(set, HS_ACCEPT, op, now_ms, ret_deadline_ms, err);
}

enum plan_wait devset_connected_wait(struct devset *set, struct op *op, int64_t now_ms, int64_t *ret_deadline_ms,
                                     struct domo_err *err)
{
    return wait_all(set, HS_CONNECT, op, now_ms, ret_deadline_ms, err);
}

enum plan_wait devset_reconfigured_wait(struct devset *set, struct op *op, int64_t now_ms, int64_t *ret_deadline_ms,
                                        struct domo_err *err)
{
    return wait_all(set, HS_RECONFIGURE, op, now_ms, ret_deadline_ms, err);
}

enum plan_wait devset_reconnected_wait(struct devset *set, struct op *op, int64_t now_ms, int64_t *ret_deadline_ms,
                                       struct domo_err *err)
{
    return wait_all(set, HS_RECONNECT, op, now_ms, ret_deadline_ms, err);
}
