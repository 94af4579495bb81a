/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/device_wait.h"

#include <ctype.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "dom/explain.h"
#include "dom/guest.h"

enum { STATES = XENBUS_RECONFIGURED + 1, NAME_MAX_LEN = 24 };

static const char TOKEN[] = "domo-wait";

/* ---- states ---- */

static bool both_connected(bool exists, enum xenbus_state back, enum xenbus_state front)
{
    return exists && back == XENBUS_CONNECTED && front == XENBUS_CONNECTED;
}

static bool closed(bool exists, enum xenbus_state back, enum xenbus_state front)
{
    (void)front;
    return !exists || back == XENBUS_CLOSED || back == XENBUS_UNKNOWN;
}

static bool gone(bool exists, enum xenbus_state back, enum xenbus_state front)
{
    (void)back;
    (void)front;
    return !exists;
}

/* What is about both ends; all other states are those of the back end. */
static const struct goal {
    const char *name;
    bool (*is)(bool exists, enum xenbus_state back, enum xenbus_state front);
    bool ends_with_guest; /* reached when the guest is gone */
} goals[] = {
    {"connected", both_connected, false},
    {"closed", closed, true},
    {"gone", gone, true},
};

static const struct goal *find_goal(const char *state)
{
    for (size_t i = 0; i < ARRAY_LEN(goals); i++)
        if (str_eq(goals[i].name, state))
            return &goals[i];
    return NULL;
}

static void small_name(enum xenbus_state state, char out[NAME_MAX_LEN])
{
    const char *name = xenbus_state_name(state);
    size_t i = 0;

    for (; i < NAME_MAX_LEN - 1 && name[i]; i++)
        out[i] = (char)tolower((unsigned char)name[i]);
    out[i] = '\0';
}

bool device_wait_is_reached(const char *state, bool exists, enum xenbus_state back, enum xenbus_state front)
{
    const struct goal *goal = find_goal(state);
    char name[NAME_MAX_LEN];

    small_name(back, name);
    return goal ? goal->is(exists, back, front) : exists && str_eq(name, state);
}

static int check_state(const char *state, struct domo_err *err)
{
    struct str AUTO_STR all = STR_INIT;
    bool is_known = false;

    for (size_t i = 0; i < ARRAY_LEN(goals) + STATES; i++) {
        char name[NAME_MAX_LEN];

        if (i < ARRAY_LEN(goals))
            (void)snprintf(name, sizeof name, "%s", goals[i].name);
        else
            small_name((enum xenbus_state)(i - ARRAY_LEN(goals)), name);
        is_known = is_known || str_eq(name, state);
        if (i < ARRAY_LEN(goals) || !find_goal(name))
            str_addf(&all, "%s%s", i ? ", " : "", name);
    }
    if (is_known)
        return 0;
    (void)err_set(err, DOMO_E_USAGE, "'%s' is no state to wait for", state);
    return err_hint(err, "states are %s", str_text(&all));
}

/* ---- looking ---- */

struct waiter {
    struct host *host;
    const struct device_wait *what;
    VEC(char *) watched;
    bool reached;
    char seen[160]; /* of the first device that is not there yet */
};

static int watch(struct waiter *w, const char *path, bool *ret_new, struct domo_err *err)
{
    char **slot = NULL, *copy;

    for (size_t i = 0; i < w->watched.len; i++)
        if (str_eq(w->watched.at[i], path))
            return 0;
    copy = strdup(path);
    if (copy)
        slot = VEC_PUSH(&w->watched);
    if (!slot) {
        free(copy);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    *slot = copy;
    *ret_new = true;
    return store_watch(w->host, path, TOKEN, err);
}

static int watch_guest(struct waiter *w, struct domo_err *err)
{
    static const char *const roots[] = {"/libxl", "/local/domain"};
    char path[STORE_PATH_MAX];
    bool is_new;

    for (size_t i = 0; i < ARRAY_LEN(roots); i++)
        if (store_path(path, err, "%s/%" PRIu32 "/device", roots[i], w->what->domid) || watch(w, path, &is_new, err))
            return -1;
    return watch(w, "@releaseDomain", &is_new, err);
}

static void unwatch_all(struct waiter *w)
{
    for (size_t i = 0; i < w->watched.len; i++) {
        IGNORE(store_unwatch(w->host, w->watched.at[i], TOKEN, NULL));
        free(w->watched.at[i]);
    }
    VEC_FINI(&w->watched);
}

static enum xenbus_state state_of(const struct json *row, const char *end)
{
    int64_t n = json_get_int(json_get(row, end), "state", 0);

    return n > 0 && n < STATES ? (enum xenbus_state)n : XENBUS_UNKNOWN;
}

/* Notes whether this device is where it is wanted, and what it looks like if it is not. */
static int look_at_row(struct waiter *w, const struct json *row, bool *ret_new, struct domo_err *err)
{
    enum xenbus_state back = state_of(row, "back"), front = state_of(row, "front");
    const char *path = json_get_str(json_get(row, "back"), "path", NULL);

    if (path && watch(w, path, ret_new, err))
        return -1;
    if (device_wait_is_reached(w->what->state, true, back, front))
        return 0;
    if (w->reached)
        (void)snprintf(w->seen, sizeof w->seen, "%s/%" PRId64 ": back end %s, front end %s",
                       json_get_str(row, "kind", "?"), json_get_int(row, "devid", -1), xenbus_state_name(back),
                       xenbus_state_name(front));
    w->reached = false;
    return 0;
}

static int look_at_rows(struct waiter *w, const struct devset *set, const struct json *rows, bool *ret_new,
                        struct domo_err *err)
{
    for (size_t i = 0; i < json_len(rows); i++)
        if ((w->what->which || devset_is_negotiated(set, i)) && look_at_row(w, json_at(rows, i, NULL), ret_new, err))
            return -1;
    return 0;
}

static int look_at_devices(struct waiter *w, const struct guest *g, bool *ret_new, struct domo_err *err)
{
    struct devset *set = guest_devset(w->host, g, &DEV_TIMEOUTS_DEFAULT);
    struct json *AUTO_JSON rows = NULL;
    struct domo_err e = DOMO_ERR_INIT;
    char kind[DEVICE_KIND_MAX];
    const char *word = device_word(w->what->which, kind);
    int r = 0;

    if (!set)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    w->reached = true;
    if (devset_load(set, kind[0] ? kind : NULL, word, &e)) {
        r = e.code == DOMO_E_DEVICE_NOT_FOUND ? 0 : -1;
        w->reached = r == 0 && device_wait_is_reached(w->what->state, false, XENBUS_UNKNOWN, XENBUS_UNKNOWN);
        (void)snprintf(w->seen, sizeof w->seen, "there is no such device");
        if (r && err)
            *err = e;
    } else {
        rows = devset_rows(set, false, err);
        r = rows ? look_at_rows(w, set, rows, ret_new, err) : -1;
    }
    (void)devset_free(set);
    return r;
}

static int look(struct waiter *w, bool *ret_new, struct domo_err *err)
{
    const struct goal *goal = find_goal(w->what->state);
    struct domo_err e = DOMO_ERR_INIT;
    struct guest g = {.name = NULL};
    int r;

    *ret_new = false;
    if (guest_load(w->host, w->what->domid, &g, &e)) {
        w->reached = e.code == DOMO_E_DOMAIN_NOT_FOUND && goal && goal->ends_with_guest;
        if (!w->reached && err)
            *err = e;
        return w->reached ? 0 : -1;
    }
    r = look_at_devices(w, &g, ret_new, err);
    guest_fini(&g);
    return r;
}

/* ---- waiting ---- */

static int drain(struct host *h, struct domo_err *err)
{
    bool any = true;

    while (any) {
        struct store_event e = {NULL, NULL};

        if (store_next_event(h, &e, &any, err))
            return -1;
        store_event_fini(&e);
    }
    return 0;
}

static int too_late(const struct waiter *w, struct domo_err *err)
{
    const struct device_wait *a = w->what;

    (void)err_set(err, DOMO_E_TIMEOUT, "not %s within %g s: %s", a->state, (double)a->timeout_ms / 1000, w->seen);
    return err_hint(err, "domo explain %" PRIu32 "%s%s says why", a->domid, a->which ? " " : "",
                    a->which ? a->which : "");
}

static int wait_for(struct waiter *w, int64_t deadline_ms, struct domo_err *err)
{
    struct host *h = w->host;
    bool is_new = false;

    if (watch_guest(w, err))
        return -1;
    for (;;) {
        struct pollfd fd = {.fd = h->store->fd(h), .events = POLLIN};

        if (look(w, &is_new, err))
            return -1;
        if (w->reached)
            return 0;
        if (is_new)
            continue; /* what changed before the watch was there was not told */
        if (deadline_ms >= 0 && h->env->now_ms(h) >= deadline_ms)
            return too_late(w, err);
        if (h->env->wait(h, &fd, 1, deadline_ms, err) < 0 || drain(h, err))
            return -1;
    }
}

int device_wait_run(struct host *h, const struct device_wait *what, struct json **ret, struct domo_err *err)
{
    struct waiter w = {.host = h, .what = what};
    int64_t began = h->env->now_ms(h);
    struct json *j;
    int r;

    if (check_state(what->state, err))
        return -1;
    r = wait_for(&w, what->timeout_ms ? began + what->timeout_ms : -1, err);
    unwatch_all(&w);
    if (r)
        return -1;
    j = json_new_object();
    json_set_int(j, "domid", what->domid);
    json_set_str(j, "device", what->which);
    json_set_str(j, "state", what->state);
    json_set_int(j, "waited_ms", h->env->now_ms(h) - began);
    *ret = json_done(j);
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}
