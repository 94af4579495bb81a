/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Asking both ends to let go of devices, and waiting until the back end has.
 */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

static int write_back(const struct dev *d, store_txn t, const char *name, const char *value, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, paths.back, name);
    return store_write(d->set->host, t, path, value, err);
}

static int read_state(const struct dev *d, store_txn t, bool of_front, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, of_front ? paths.front : paths.back, "state");
    return store_read_opt(d->set->host, t, path, ret, err);
}

static int remove_front(const struct dev *d, store_txn t, struct domo_err *err)
{
    struct dev_paths paths;

    dev_paths(d, &paths);
    return store_rm(d->set->host, t, paths.front, err);
}

/* Taking the device by force from a back end that is not there, has not even begun, or has had its front end taken away
 * before, is not answered: our kernel's drivers let go of a device when its front end loses its state. */
static bool will_not_answer(const struct dev *d, enum xenbus_state back, enum xenbus_state front)
{
    struct host *h = d->set->host;

    if (dev_server_is_gone(d))
        return true;
    if (d->set->close_mode != DEV_CLOSE_FORCE)
        return false;
    if (!dev_is_kernel_served(d) || back == XENBUS_INITIALISING || (dev_is_ours(d) && front == XENBUS_UNKNOWN))
        return true;
    return dev_is_ours(d) && !h->os->has_backend(h, d->back_name);
}

static int close_dev(struct dev *d, store_txn t, struct domo_err *err)
{
    bool force = d->set->close_mode == DEV_CLOSE_FORCE;
    char *AUTO_FREE back_text = NULL;
    char *AUTO_FREE front_text = NULL;
    enum xenbus_state back, front;

    d->was_open = false;
    d->done[HS_CLOSE] = false;
    if (read_state(d, t, false, &back_text, err) || read_state(d, t, true, &front_text, err))
        return -1;
    back = xenbus_state_parse(back_text);
    front = xenbus_state_parse(front_text);
    if ((force || handshake_idle(back, front)) && remove_front(d, t, err))
        return -1;
    d->before = back;
    d->nobody_answers = !back_text || will_not_answer(d, back, front);
    if (!back_text)
        return 0;
    if (write_back(d, t, "online", "0", err))
        return -1;
    if (back == XENBUS_CLOSED)
        return 0;
    d->was_open = true;
    return write_back(d, t, "state", "5", err);
}

/* Is there somebody at both ends to ask? */
static bool has_ends(const struct dev *d)
{
    return d->kind->has_handshake && d->has_back;
}

static int close_all(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    struct devset *set = arg;

    (void)h;
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];

        if (has_ends(d) && close_dev(d, t, err))
            return err_wrap(err, "%s", d->label);
    }
    return 0;
}

int devset_close(struct devset *set, enum dev_close mode, struct domo_err *err)
{
    bool any = false;

    set->close_mode = mode;
    set->waiting = SET_WAIT_NONE;
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];

        dev_script_abort(d);
        d->nobody_answers = !has_ends(d);
        any = any || !d->nobody_answers;
    }
    return any ? store_transact(set->host, close_all, set, err) : 0;
}

static enum plan_wait too_late(const struct dev *d, const struct hs_look *look, enum hs_verdict verdict,
                               struct domo_err *err)
{
    const struct dev_fate fate = {.d = d, .look = *look, .verdict = verdict, .limit_ms = d->set->timeouts.close_ms};

    if (d->set->close_mode == DEV_CLOSE_FORCE) {
        log_line(d->set->host->log, LOG_LEVEL_DEBUG, "%s: %s did not let go within %" PRId64 " ms, going on", d->label,
                 handshake_mover(verdict), fate.limit_ms);
        return PLAN_DONE;
    }
    dev_say_fate(&fate, err);
    return PLAN_FAILED;
}

/* A driver domain that has ended answers no more; a guest that has can't be waited for. */
static int look_at_domains(const struct dev *d, struct hs_look *look, struct domo_err *err)
{
    if (dev_is_ours(d))
        return 0;
    return dev_domain_event(d, &look->event, err);
}

static enum plan_wait look_at(struct dev *d, int64_t now_ms, int64_t *deadline_ms, struct domo_err *err)
{
    struct hs_look look = {.phase = HS_CLOSE, .hotplug = HS_PLUG_DONE, .front = XENBUS_UNKNOWN};
    int64_t due = d->set->began + d->set->timeouts.close_ms;

    if (d->nobody_answers)
        return PLAN_DONE;
    if (dev_state(d, false, &look.back, err) || look_at_domains(d, &look, err))
        return PLAN_FAILED;
    if (handshake_step(&look) == HS_DONE)
        return PLAN_DONE;
    if (now_ms < due) {
        deadline_min(deadline_ms, due);
        return PLAN_AGAIN;
    }
    /* Only who is to blame depends on the guest's end. */
    if ((look.event != HS_GUEST_GONE && dev_state(d, true, &look.front, err)))
        return PLAN_FAILED;
    look.event = HS_LATE;
    return too_late(d, &look, handshake_step(&look), err);
}

enum plan_wait devset_closed_wait(struct devset *set, struct op *op, int64_t now_ms, int64_t *ret_deadline_ms,
                                  struct domo_err *err)
{
    bool all_done = true;

    *ret_deadline_ms = -1;
    if (devset_wait_begin(set, HS_CLOSE, op, now_ms, err))
        return PLAN_FAILED;
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];
        enum plan_wait r;

        if (d->done[HS_CLOSE])
            continue;
        r = look_at(d, now_ms, ret_deadline_ms, err);
        if (r == PLAN_FAILED) {
            (void)err_wrap(err, "%s", d->label);
            return PLAN_FAILED;
        }
        d->done[HS_CLOSE] = r == PLAN_DONE;
        all_done = all_done && r == PLAN_DONE;
    }
    return all_done ? PLAN_DONE : PLAN_AGAIN;
}

/* Only if nothing has happened since: the back end still shows our Closing, and the guest is still connected. Then both
 * drivers never left Connected, and the old text is the truth. A guest that has begun to close may finish later; with
 * online=0 its back end then goes away, and the next detach finds it Closed. */
static int reopen_dev(struct dev *d, store_txn t, bool *ret_open, struct domo_err *err)
{
    char *AUTO_FREE back_text = NULL;
    char *AUTO_FREE front_text = NULL;
    char before[2] = {(char)('0' + d->before), '\0'};

    if (!d->was_open)
        return 0;
    *ret_open = false;
    if (d->done[HS_CLOSE])
        return 0;
    if (read_state(d, t, false, &back_text, err) || read_state(d, t, true, &front_text, err))
        return -1;
    if (xenbus_state_parse(back_text) != XENBUS_CLOSING || xenbus_state_parse(front_text) != XENBUS_CONNECTED)
        return 0;
    *ret_open = true;
    return write_back(d, t, "online", "1", err) || write_back(d, t, "state", before, err) ? -1 : 0;
}

struct reopening {
    struct devset *set;
    bool all_open;
};

static int reopen_all(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    struct reopening *r = arg;

    (void)h;
    r->all_open = true;
    for (size_t i = 0; i < r->set->devs.len; i++) {
        struct dev *d = r->set->devs.at[i];
        bool is_open = true;

        if (reopen_dev(d, t, &is_open, err))
            return err_wrap(err, "%s", d->label);
        r->all_open = r->all_open && is_open;
    }
    return 0;
}

int devset_reopen(struct devset *set, bool *ret_all_open, struct domo_err *err)
{
    struct reopening r = {.set = set, .all_open = true};

    if (set->devs.len && store_transact(set->host, reopen_all, &r, err))
        return -1;
    *ret_all_open = r.all_open;
    return 0;
}
