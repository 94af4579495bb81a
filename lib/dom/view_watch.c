/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Watching nodes until enough has happened. A watch's token is its number
 * among the paths, so that two watches of one path are two.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "dom/view.h"

/* Events are taken in portions: a flood must not outlast the deadline or a wish to end. */
enum { TOKEN_MAX = 24, PORTION = 64, BEAT_MS = 2000 };

struct watching {
    struct host *h;
    const struct view_watch *v;
    bool *begun; /* of each path: its first event, which comes at once, has been here */
    uint64_t seen;
    bool ended;
};

static void token_of(char out[TOKEN_MAX], size_t i)
{
    (void)snprintf(out, TOKEN_MAX, "%zu", i);
}

/* What the node holds now: it may have changed again since the event. */
static int add_value(struct host *h, const char *path, struct json *row, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;
    char *AUTO_FREE value = NULL;
    size_t len = 0;

    if (path[0] == '@')
        return 0;
    if (store_read_bytes(h, 0, path, &value, &len, &local) == 0) {
        json_set_bool(row, "exists", true);
        view_set_value(row, value, len);
        return 0;
    }
    if (local.code == DOMO_E_STORE_NOT_FOUND || local.code == DOMO_E_PERMISSION) {
        json_set_bool(row, "exists", local.code == DOMO_E_PERMISSION);
        return 0;
    }
    if (err)
        *err = local;
    return -1;
}

static int tell(struct watching *w, const struct store_event *event, struct domo_err *err)
{
    struct json *AUTO_JSON row = NULL, *open = json_new_object();
    uint32_t i;

    if (str_to_u32(event->token, &i) < 0 || i >= w->v->n) {
        (void)json_free(open);
        return 0;
    }
    json_set_str(open, "path", event->path);
    json_set_str(open, "watch", w->v->paths[i]);
    json_set_bool(open, "initial", !w->begun[i]);
    w->begun[i] = true;
    if (w->v->values && add_value(w->h, event->path, open, err) < 0) {
        (void)json_free(open);
        return -1;
    }
    row = json_done(open);
    if (!row)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    w->seen++;
    w->ended = !w->v->event(w->v->arg, row) || w->seen == w->v->count;
    return 0;
}

/* A portion of what waits. */
static int drain(struct watching *w, struct domo_err *err)
{
    struct store_event event;
    bool any = true;
    int r = 0;

    for (int i = 0; i < PORTION && r == 0 && any && !w->ended; i++) {
        r = store_next_event(w->h, &event, &any, err);
        if (r < 0 || !any)
            break;
        r = tell(w, &event, err);
        store_event_fini(&event);
    }
    return r;
}

static int watch_all(struct watching *w, struct domo_err *err)
{
    char token[TOKEN_MAX];

    for (size_t i = 0; i < w->v->n; i++) {
        token_of(token, i);
        if (store_watch(w->h, w->v->paths[i], token, err) < 0)
            return -1;
    }
    return 0;
}

/* The watches are this call's own; whether they can be taken back is not worth a word. */
static void unwatch_all(const struct watching *w)
{
    char token[TOKEN_MAX];

    for (size_t i = 0; i < w->v->n; i++) {
        token_of(token, i);
        IGNORE(store_unwatch(w->h, w->v->paths[i], token, NULL));
    }
}

/* libxenstore does not tell a waiting program that its server is gone: a request now and then does. */
static int check_alive(struct host *h, struct domo_err *err)
{
    struct domo_err local = DOMO_ERR_INIT;
    char *AUTO_FREE value = NULL;

    if (store_read_opt(h, 0, "/", &value, &local) == 0 || local.code != DOMO_E_NO_STORE)
        return 0;
    return err_set(err, DOMO_E_NO_STORE, "the connection to XenStore has ended");
}

static int time_is_up(const struct watching *w, struct domo_err *err)
{
    if (!w->v->count)
        return 0;
    return err_set(err, DOMO_E_TIMEOUT, "%llu of %llu events came in time", (unsigned long long)w->seen,
                   (unsigned long long)w->v->count);
}

static int attend(struct watching *w, int64_t deadline_ms, struct domo_err *err)
{
    struct host *h = w->h;
    struct pollfd fd = {.fd = h->store->fd(h), .events = POLLIN};
    int64_t beat_ms;
    int ready;

    for (;;) {
        if (drain(w, err) < 0)
            return -1;
        if (w->ended)
            return 0;
        if (deadline_ms >= 0 && h->env->now_ms(h) >= deadline_ms)
            return time_is_up(w, err);
        beat_ms = h->env->now_ms(h) + BEAT_MS;
        ready = h->env->wait(h, &fd, 1, deadline_ms >= 0 && deadline_ms < beat_ms ? deadline_ms : beat_ms, err);
        if (ready < 0 || (ready == 0 && check_alive(h, err) < 0))
            return -1;
    }
}

int view_watch(struct host *h, const struct view_watch *v, struct domo_err *err)
{
    bool *AUTO_FREE begun = calloc(v->n ? v->n : 1, sizeof *begun);
    struct watching w = {.h = h, .v = v, .begun = begun};
    int64_t deadline_ms = v->timeout_ms > 0 ? h->env->now_ms(h) + v->timeout_ms : -1;
    int r;

    if (!begun)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < v->n; i++)
        if (view_check_path(v->paths[i], true, err) < 0)
            return -1;
    r = watch_all(&w, err);
    if (r == 0)
        r = attend(&w, deadline_ms, err);
    unwatch_all(&w);
    return r;
}
