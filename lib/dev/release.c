/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Giving back what closed devices held on this host: loop devices, interfaces,
 * whatever a script made. Devices of a driver domain are given back by its own
 * toolstack, which then removes the back end's directory.
 */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

/* What the wait knows; NULL op in the first, immediate round. */
struct turn {
    struct op *op;
    int64_t now_ms;
    int64_t *deadline_ms;
};

static bool owes_script(const struct dev *d)
{
    bool ran_off = d->run_state != DEV_SCRIPT_IDLE && !d->run_adding;

    return d->is_custom && (d->loaded || d->script_was_run) && !ran_off;
}

static enum plan_wait release_by_script(struct dev *d, const struct turn *turn, struct domo_err *err)
{
    if (owes_script(d) && dev_script_start(d, false, err))
        return PLAN_FAILED;
    if (d->run_state != DEV_SCRIPT_RUNNING)
        return PLAN_DONE;
    return turn->op ? dev_script_step(d, turn->op, turn->now_ms, turn->deadline_ms, err) : PLAN_AGAIN;
}

/* A device of a driver domain: its toolstack takes the directory away when it is finished. */
static enum plan_wait release_elsewhere(struct dev *d, struct domo_err *err)
{
    enum xenbus_state state;

    if (d->nobody_answers)
        return PLAN_DONE;
    if (dev_state(d, false, &state, err))
        return PLAN_FAILED;
    return state == XENBUS_UNKNOWN ? PLAN_DONE : PLAN_AGAIN;
}

/* Something of this host's. A device whose back end nobody knows (any more) may have it, too. */
static bool may_hold(const struct dev *d)
{
    return d->has_back ? dev_is_ours(d) : d->kind->finds_own;
}

static enum plan_wait release_dev(struct dev *d, const struct turn *turn, struct domo_err *err)
{
    int64_t limit = may_hold(d) ? DEV_LET_GO_MS : d->set->timeouts.close_ms;
    enum plan_wait r = PLAN_DONE;

    if (!d->kind->has_handshake || (!d->has_back && !may_hold(d)))
        return PLAN_DONE;
    if (!may_hold(d)) {
        r = release_elsewhere(d, err);
    } else if (d->is_custom && d->has_back) {
        r = release_by_script(d, turn, err);
        if (r != PLAN_DONE)
            return r; /* scripts have their own limit */
    }
    if (r == PLAN_DONE && may_hold(d) && d->kind->release)
        r = d->kind->release(d, err);
    if (r != PLAN_AGAIN || !turn->op)
        return r;
    if (turn->now_ms >= d->set->began + limit) {
        log_line(d->set->host->log, LOG_LEVEL_DEBUG, "%s: still held after %" PRId64 " ms, going on", d->label, limit);
        return PLAN_DONE;
    }
    deadline_min(turn->deadline_ms, d->set->began + limit);
    if (may_hold(d))
        deadline_min(turn->deadline_ms, turn->now_ms + DEV_LOOK_AGAIN_MS);
    return PLAN_AGAIN;
}

/* One round over all that is not released yet. Everything is tried; what fails is kept in the set. */
static bool release_round(struct devset *set, const struct turn *turn)
{
    bool all_done = true;

    for (size_t i = set->devs.len; i-- > 0;) {
        struct domo_err one = DOMO_ERR_INIT;
        struct dev *d = set->devs.at[i];
        enum plan_wait r;

        if (d->released)
            continue;
        r = release_dev(d, turn, &one);
        if (r == PLAN_FAILED) {
            (void)err_wrap(&one, "%s", d->label);
            err_collect(&set->release_err, &one);
        }
        d->released = r != PLAN_AGAIN;
        all_done = all_done && d->released;
    }
    return all_done;
}

/* Taking by force goes on whatever happens. */
static int verdict(const struct devset *set, struct domo_err *err)
{
    return set->close_mode == DEV_CLOSE_FORCE ? 0 : devset_released(set, err);
}

int devset_released(const struct devset *set, struct domo_err *err)
{
    if (set->release_err.code == DOMO_E_OK)
        return 0;
    if (err)
        *err = set->release_err;
    return -1;
}

int devset_release(struct devset *set, struct domo_err *err)
{
    const struct turn first = {.op = NULL};

    err_clear(&set->release_err);
    set->waiting = SET_WAIT_NONE;
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];

        d->released = false;
        d->let_go = false;
        if (d->run_adding)
            dev_script_abort(d);
    }
    (void)release_round(set, &first);
    return verdict(set, err);
}

enum plan_wait devset_release_wait(struct devset *set, struct op *op, int64_t now_ms, int64_t *ret_deadline_ms,
                                   struct domo_err *err)
{
    const struct turn turn = {.op = op, .now_ms = now_ms, .deadline_ms = ret_deadline_ms};

    *ret_deadline_ms = -1;
    if (devset_wait_begin(set, SET_WAIT_RELEASE, op, now_ms, err))
        return PLAN_FAILED;
    if (!release_round(set, &turn))
        return PLAN_AGAIN;
    return verdict(set, err) ? PLAN_FAILED : PLAN_DONE;
}
