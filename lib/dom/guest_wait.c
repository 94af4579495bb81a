/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/guest_wait.h"

#include <string.h>

#include "base/str.h"
#include "dev/uuid_text.h"
#include "plan/plan.h"

/* Ends are told by the store; that somebody pauses a guest nobody tells. */
enum { LOOK_MS = 200 };

static const char token[] = "guest-wait", released[] = "@releaseDomain";

struct waiting {
    struct op op; /* first: waits get this */
    const struct guest_wait *w;
    uint8_t uuid[HOST_UUID_LEN];
    int64_t began_ms, took_ms;
};

/* Goals that are several states. */
static bool is_end(enum life_state s)
{
    return s == LIFE_POWEROFF || s == LIFE_REBOOT || s == LIFE_CRASH || s == LIFE_WATCHDOG || s == LIFE_SOFT_RESET ||
           s == LIFE_DYING || s == LIFE_ZOMBIE || s == LIFE_ABSENT;
}

bool guest_wait_is_reached(const char *goal, enum life_state s)
{
    if (str_eq(goal, "shutdown"))
        return is_end(s);
    if (str_eq(goal, "gone"))
        return s == LIFE_ABSENT;
    return str_eq(goal, life_state_name(s));
}

/* "absent" is called gone, and a guest that is being made or saved is not told from one that runs from here. */
bool guest_wait_knows(const char *goal)
{
    static const enum life_state seen[] = {LIFE_PAUSED, LIFE_RUNNING, LIFE_SUSPENDED, LIFE_POWEROFF,
                                           LIFE_REBOOT, LIFE_CRASH,   LIFE_WATCHDOG,  LIFE_SOFT_RESET};

    if (str_eq(goal, "shutdown") || str_eq(goal, "gone"))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(seen); i++)
        if (str_eq(goal, life_state_name(seen[i])))
            return true;
    return false;
}

static int look(struct waiting *x, enum life_state *ret, struct domo_err *err)
{
    struct domo_err e = DOMO_ERR_INIT;
    struct hyp_info info;
    struct host *h = x->op.host;

    *ret = LIFE_ABSENT;
    if (h->hyp->info(h, x->w->domid, &info, &e)) {
        if (e.code == DOMO_E_DOMAIN_NOT_FOUND)
            return 0;
        if (err)
            *err = e;
        return -1;
    }
    /* Its number may be another one's by now. */
    if (uuid_equal(info.uuid, x->uuid))
        *ret = life_state(&(struct life_facts){.info = &info, .has_nodes = true});
    return 0;
}

static enum plan_wait round_of(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct waiting *x = (struct waiting *)op;
    int64_t end_ms = x->w->timeout_ms ? x->began_ms + x->w->timeout_ms : INT64_MAX;
    enum life_state state;

    if (look(x, &state, err))
        return PLAN_FAILED;
    x->took_ms = now_ms - x->began_ms;
    if (guest_wait_is_reached(x->w->state, state))
        return PLAN_DONE;
    if (state == LIFE_ABSENT) {
        (void)err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "the guest has gone, and was not %s before", x->w->state);
        return PLAN_FAILED;
    }
    if (now_ms >= end_ms) {
        (void)err_set(err, DOMO_E_TIMEOUT, "the guest was not %s within %g s: it is %s", x->w->state,
                      (double)x->w->timeout_ms / 1000, life_state_name(state));
        return PLAN_FAILED;
    }
    *ret_deadline_ms = now_ms + LOOK_MS < end_ms ? now_ms + LOOK_MS : end_ms;
    return PLAN_AGAIN;
}

static struct json *result_of(const struct waiting *x)
{
    struct json *j = json_new_object();

    json_set_uint(j, "domid", x->w->domid);
    json_set(j, "device", json_new_null());
    json_set_str(j, "state", x->w->state);
    json_set_int(j, "waited_ms", x->took_ms);
    return json_done(j);
}

int guest_wait_run(struct host *h, const struct guest_wait *w, struct json **ret, struct domo_err *err)
{
    struct waiting x = {.op = {.host = h}, .w = w, .began_ms = h->env->now_ms(h)};
    struct hyp_info info;
    int r;

    if (!guest_wait_knows(w->state))
        return err_set(err, DOMO_E_USAGE, "'%s' is no state of a guest to wait for", w->state);
    if (h->hyp->info(h, w->domid, &info, err))
        return -1;
    memcpy(x.uuid, info.uuid, sizeof x.uuid);
    if (store_watch(h, released, token, err))
        return -1;
    r = plan_drive(&x.op, round_of, err);
    IGNORE(store_unwatch(h, released, token, NULL));
    if (r)
        return -1;
    *ret = result_of(&x);
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}
