/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sup/sup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "dom/core.h"
#include "dom/create.h"
#include "dom/destroy.h"
#include "dom/lifecycle.h"
#include "dom/names.h"
#include "dom/spec_keys.h"
#include "dom/sweep.h"
#include "dom/userdata.h"
#include "dom/ward.h"
#include "plan/history.h"
#include "plan/plan.h"

/* Guests of one name that are kept in the same minute. */
enum { ASIDE_NAMES_MAX = 100 };

struct sup {
    struct op op; /* first: waits get this */
    const struct sup_limits *limits;
    struct hyp_info *all; /* the domains of this round, ascending */
    size_t n;
    int wards_fd; /* readable when there is a new one */
    int lock;     /* held as long as it works; -1 = let go */
    bool until_idle;
    int64_t now_ms, next_ms; /* next_ms: when something is due that no event tells of; -1 = nothing */
};

static void say(const struct sup *s, enum log_level level, const struct ward *w, const char *text)
{
    log_line(s->op.host->log, level, "%s (%s): %s", w->name, w->uuid, text);
}

static void warn(const struct sup *s, const struct ward *w, const char *what, const struct domo_err *err)
{
    log_line(s->op.host->log, LOG_LEVEL_WARN, "%s (%s): %s: %s", w->name, w->uuid, what, err->msg);
}

static void look_again_at(struct sup *s, int64_t at_ms)
{
    if (s->next_ms < 0 || at_ms < s->next_ms)
        s->next_ms = at_ms;
}

/* ---- one guest ---- */

static const struct hyp_info *domain_of(const struct sup *s, const struct ward *w)
{
    uint8_t uuid[HOST_UUID_LEN];

    if (!uuid_from_text(w->uuid, uuid))
        return NULL;
    for (size_t i = 0; i < s->n; i++)
        if (uuid_equal(s->all[i].uuid, uuid) && !s->all[i].is_dying)
            return &s->all[i];
    return NULL;
}

/* What is dying counts as gone. */
static enum life_state state_of(const struct hyp_info *d)
{
    return life_state(&(struct life_facts){.info = d});
}

/* Watched no more: nothing will be done with it. */
static void leave(const struct sup *s, const struct ward *w, const char *why)
{
    struct json *about = json_new_object();

    ward_drop(s->op.host, w->uuid);
    say(s, LOG_LEVEL_INFO, w, why);
    json_set_str(about, "uuid", w->uuid);
    json_set_str(about, "name", w->name);
    json_set_str(about, "why", why);
    history_add(s->op.host, "unwatched", about);
}

static bool destroy(struct sup *s, const struct ward *w, uint32_t domid)
{
    const struct destroy_options opt = {.close_timeout_ms = 0};
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON gone = NULL;

    if (destroy_run(s->op.host, domid, &opt, &gone, &err) == 0 || err.code == DOMO_E_DOMAIN_NOT_FOUND)
        return true;
    warn(s, w, "it could not be destroyed in full", &err);
    return false;
}

static struct spec *spec_of(struct sup *s, const struct ward *w, const struct json *config)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct spec *spec = NULL;

    if (config && spec_from_libxl(config, &spec, &err) == 0)
        return spec;
    if (!config)
        (void)err_set(&err, DOMO_E_BAD_STATE_FILE, "its config is not stored");
    warn(s, w, "what it is made of can't be read", &err);
    return NULL;
}

/* The restart failed: that counts as a quick end, so that there are not too many of them. */
static void try_later(struct sup *s, struct ward *w, const struct domo_err *why)
{
    int64_t pause_ms = sup_pause_ms(s->limits, ++w->quick);

    warn(s, w, "it could not be restarted", why);
    if (pause_ms < 0) {
        leave(s, w, "given up: it could not be restarted too many times");
        return;
    }
    w->not_before_ms = s->now_ms + (pause_ms > s->limits->pause_ms ? pause_ms : s->limits->pause_ms);
    look_again_at(s, w->not_before_ms);
    IGNORE(ward_save(s->op.host, w, NULL));
}

static void now_watched(struct sup *s, struct ward *w)
{
    struct domo_err err = DOMO_ERR_INIT;

    w->state = WARD_WATCHED;
    w->is_down = false;
    w->config = json_free(w->config);
    free(w->aside_name);
    w->aside_name = NULL;
    w->not_before_ms = 0;
    w->started_ms = s->op.host->env->now_ms(s->op.host);
    if (ward_save(s->op.host, w, &err))
        warn(s, w, "its state could not be kept", &err);
    say(s, LOG_LEVEL_INFO, w, "restarted");
}

static void make_anew(struct sup *s, struct ward *w)
{
    const struct create_options opt = {.no_wait = true};
    struct spec *spec = spec_of(s, w, w->config);
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON made = NULL;

    if (!spec) {
        leave(s, w, "given up");
        return;
    }
    if (create_run(s->op.host, spec, &opt, &made, &err))
        try_later(s, w, &err);
    else
        now_watched(s, w);
    (void)spec_free(spec);
}

static bool set_aside(struct sup *s, const struct ward *w, uint32_t domid)
{
    struct destroy_aside aside = {.was_name = w->name, .name = w->aside_name};
    const struct destroy_options opt = {.aside = &aside};
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON kept = NULL;

    if (!uuid_from_text(w->aside_uuid, aside.uuid))
        (void)err_set(&err, DOMO_E_BAD_STATE_FILE, "it has no UUID to be kept under");
    else if (destroy_run(s->op.host, domid, &opt, &kept, &err) == 0) {
        log_line(s->op.host->log, LOG_LEVEL_INFO, "%s (%s): kept as %s (%s)", w->name, w->uuid, w->aside_name,
                 w->aside_uuid);
        return true;
    }
    warn(s, w, "it could not be kept beside the new one", &err);
    return false;
}

/* It is written down first: once the old domain is gone, nobody else than we has destroyed it. */
static bool take_down(struct sup *s, struct ward *w, uint32_t domid)
{
    struct domo_err err = DOMO_ERR_INIT;

    w->is_down = true;
    if (ward_save(s->op.host, w, &err)) {
        warn(s, w, "its state could not be kept", &err);
        return false;
    }
    return w->aside_name ? set_aside(s, w, domid) : destroy(s, w, domid);
}

/* The old domain stays where it is, for everybody to see, until its time has come. */
static void restart(struct sup *s, struct ward *w)
{
    const struct hyp_info *d = domain_of(s, w);

    if (d && life_cell(state_of(d), LIFE_ON_RESTART_DUE)->verdict != LIFE_GO) {
        now_watched(s, w); /* it is the new one: whoever made it was killed then */
        return;
    }
    if (!d && !w->is_down) {
        leave(s, w, "somebody has destroyed it: it is not restarted");
        return;
    }
    if (s->now_ms < w->not_before_ms) {
        look_again_at(s, w->not_before_ms);
        return;
    }
    if (!d || take_down(s, w, d->domid))
        make_anew(s, w);
    else
        leave(s, w, "given up");
}

static void plan_restart(struct sup *s, struct ward *w, uint32_t domid)
{
    int64_t lived_ms = s->now_ms - w->started_ms, pause_ms;
    struct domo_err err = DOMO_ERR_INIT;

    w->quick = sup_count_quick(s->limits, w->quick, lived_ms);
    pause_ms = sup_pause_ms(s->limits, w->quick);
    if (pause_ms < 0) {
        leave(s, w, "it ended soon after its start too many times: it is kept as it is, and not restarted");
        return;
    }
    w->state = WARD_RESTARTING;
    w->is_down = false;
    w->not_before_ms = s->now_ms + pause_ms;
    if (userdata_read_config(s->op.host, domid, w->uuid, &w->config, &err) || !w->config ||
        ward_save(s->op.host, w, &err)) {
        if (!w->config)
            (void)err_set(&err, DOMO_E_BAD_STATE_FILE, "its config is not stored");
        warn(s, w, "it can't be restarted", &err);
        ward_drop(s->op.host, w->uuid);
        return;
    }
    restart(s, w);
}

/* ---- what the config says ---- */

/* As xl names it, with a number if that is taken. */
static char *aside_name_of(struct sup *s, const struct ward *w)
{
    char stamp[32];
    struct tm tm;
    struct hyp_info info;
    unsigned centi;
    int64_t sec;
    time_t t;

    s->op.host->env->wall(s->op.host, &sec, &centi);
    t = (time_t)sec;
    if (!gmtime_r(&t, &tm) || !strftime(stamp, sizeof stamp, "%Y%m%dT%H%MZ", &tm))
        return NULL;
    for (unsigned n = 0; n < ASIDE_NAMES_MAX; n++) {
        char *name = n ? str_format("%s-%s-%u", w->name, stamp, n) : str_format("%s-%s", w->name, stamp);

        if (!name || names_resolve(s->op.host, name, &info, NULL))
            return name;
        free(name);
    }
    return NULL;
}

/* False: it can't be kept, and is kept where it is. */
static bool plan_aside(struct sup *s, struct ward *w)
{
    uint8_t uuid[HOST_UUID_LEN];
    struct domo_err err = DOMO_ERR_INIT;

    if (s->op.host->env->random(s->op.host, uuid, sizeof uuid, &err)) {
        warn(s, w, "it can't be restarted beside itself", &err);
        return false;
    }
    /* RFC 4122: a random one. */
    uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
    uuid_to_text(uuid, w->aside_uuid);
    w->aside_name = aside_name_of(s, w);
    if (!w->aside_name)
        say(s, LOG_LEVEL_WARN, w, "it can't be restarted beside itself: there is no name left for it");
    return w->aside_name != NULL;
}

/* Written once, whatever happens in between; that it can't be written stops nothing else. */
static void dump(struct sup *s, struct ward *w, uint32_t domid)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON core = NULL;

    if (w->is_dumped)
        return;
    if (core_dump(s->op.host, domid, NULL, &core, &err))
        warn(s, w, "its core could not be dumped", &err);
    else
        log_line(s->op.host->log, LOG_LEVEL_INFO, "%s (%s): core dumped to %s", w->name, w->uuid,
                 json_get_str(core, "file", "?"));
    w->is_dumped = true;
    IGNORE(ward_save(s->op.host, w, NULL));
}

static void do_destroy(struct sup *s, struct ward *w, uint32_t domid)
{
    if (destroy(s, w, domid))
        leave(s, w, "destroyed");
    else
        ward_drop(s->op.host, w->uuid);
}

static void do_restart(struct sup *s, struct ward *w, uint32_t domid)
{
    plan_restart(s, w, domid);
}

static void do_rename_restart(struct sup *s, struct ward *w, uint32_t domid)
{
    if (plan_aside(s, w))
        plan_restart(s, w, domid);
    else
        leave(s, w, "kept as it is");
}

static void do_preserve(struct sup *s, struct ward *w, uint32_t domid)
{
    (void)domid;
    leave(s, w, "kept as it is");
}

static void do_coredump_destroy(struct sup *s, struct ward *w, uint32_t domid)
{
    dump(s, w, domid);
    do_destroy(s, w, domid);
}

static void do_coredump_restart(struct sup *s, struct ward *w, uint32_t domid)
{
    dump(s, w, domid);
    plan_restart(s, w, domid);
}

/* A guest that is to go on in the same memory would need a store, a console and a device model that do, too. */
static void do_soft_reset(struct sup *s, struct ward *w, uint32_t domid)
{
    say(s, LOG_LEVEL_WARN, w, "a guest can't be reset in place by this version: it is made anew instead");
    plan_restart(s, w, domid);
}

static void (*const deeds[])(struct sup *, struct ward *, uint32_t domid) = {
    [SPEC_ACTION_DESTROY] = do_destroy,
    [SPEC_ACTION_RESTART] = do_restart,
    [SPEC_ACTION_RENAME_RESTART] = do_rename_restart,
    [SPEC_ACTION_PRESERVE] = do_preserve,
    [SPEC_ACTION_COREDUMP_DESTROY] = do_coredump_destroy,
    [SPEC_ACTION_COREDUMP_RESTART] = do_coredump_restart,
    [SPEC_ACTION_SOFT_RESET] = do_soft_reset,
};

/* What was decided is done; a supervisor that was killed has written it down. */
static void carry_out(struct sup *s, struct ward *w)
{
    const struct hyp_info *d = domain_of(s, w);

    if (!d) {
        leave(s, w, "it is gone");
        return;
    }
    if (life_cell(state_of(d), LIFE_ON_RESTART_DUE)->verdict != LIFE_GO) {
        now_watched(s, w); /* somebody else has put another one in its place */
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(deeds); i++) {
        if (str_eq(spec_action_name((enum spec_action)i), w->action)) {
            deeds[i](s, w, d->domid);
            return;
        }
    }
    leave(s, w, "kept as it is");
}

static void tell_end(const struct sup *s, const struct ward *w, const struct hyp_info *d, enum spec_action action)
{
    struct json *about = history_of(d->domid, w->name, w->uuid);

    json_set_str(about, "reason", life_reason_name(d->shutdown_reason));
    json_set_str(about, "action", spec_action_name(action));
    history_add(s->op.host, "ended", about);
}

static void decide(struct sup *s, struct ward *w, enum spec_action action)
{
    struct domo_err err = DOMO_ERR_INIT;

    w->state = WARD_ENDED;
    w->is_dumped = false;
    free(w->action);
    w->action = strdup(spec_action_name(action));
    if (!w->action || ward_save(s->op.host, w, &err)) {
        warn(s, w, "its state could not be kept", &err);
        return;
    }
    carry_out(s, w);
}

static void has_ended(struct sup *s, struct ward *w, const struct hyp_info *d)
{
    struct json *AUTO_JSON config = NULL;
    struct domo_err err = DOMO_ERR_INIT;
    enum spec_action action;
    struct spec *spec;

    if (userdata_read_config(s->op.host, d->domid, w->uuid, &config, &err))
        warn(s, w, "its config can't be read", &err);
    spec = spec_of(s, w, config);
    if (!spec) {
        leave(s, w, "kept as it is");
        return;
    }
    if (life_cell(LIFE_RUNNING, life_ended(d->shutdown_reason))->action == LIFE_DO_BY_CONFIG) {
        action = sup_action(spec, d->shutdown_reason);
        log_line(s->op.host->log, LOG_LEVEL_INFO, "%s (%s): domain %" PRIu32 " has ended (%s)", w->name, w->uuid,
                 d->domid, life_reason_name(d->shutdown_reason));
        tell_end(s, w, d, action);
        decide(s, w, action);
    }
    (void)spec_free(spec);
}

static void watch(struct sup *s, struct ward *w)
{
    const struct hyp_info *d = domain_of(s, w);

    if (!d)
        leave(s, w, "somebody has destroyed it");
    else if (d->is_shutdown)
        has_ended(s, w, d);
}

static void (*const attend_in[])(struct sup *, struct ward *) = {
    [WARD_WATCHED] = watch,
    [WARD_ENDED] = carry_out,
    [WARD_RESTARTING] = restart,
};

static int attend(void *arg, const char *uuid)
{
    struct ward AUTO_WARD w = {.name = NULL};
    struct domo_err err = DOMO_ERR_INIT;
    struct sup *s = arg;
    bool found;

    if (ward_load(s->op.host, uuid, &w, &found, &err)) {
        log_line(s->op.host->log, LOG_LEVEL_WARN, "%s", err.msg);
        return 0;
    }
    if (!found)
        return 0;
    attend_in[w.state](s, &w);
    return 0;
}

/* ---- all of them ---- */

/* A domain that is in one list and not in the other; both ascend. */
static void tell_missing(const struct sup *s, const char *event, const struct hyp_info *in, size_t n,
                         const struct hyp_info *other, size_t n_other)
{
    for (size_t i = 0, j = 0; i < n; i++) {
        char uuid[UUID_TEXT_MAX];

        while (j < n_other && other[j].domid < in[i].domid)
            j++;
        if (j < n_other && other[j].domid == in[i].domid && uuid_equal(other[j].uuid, in[i].uuid))
            continue;
        uuid_to_text(in[i].uuid, uuid);
        history_add(s->op.host, event, history_of(in[i].domid, NULL, uuid));
    }
}

static int look(struct sup *s, struct domo_err *err)
{
    struct hyp_info *AUTO_FREE before = s->all;
    size_t n_before = s->n;

    s->all = NULL;
    s->n = 0;
    if (names_list_domains(s->op.host, &s->all, &s->n, err))
        return -1;
    if (before) {
        tell_missing(s, "gone", before, n_before, s->all, s->n);
        tell_missing(s, "appeared", s->all, s->n, before, n_before);
    }
    s->now_ms = s->op.host->env->now_ms(s->op.host);
    s->next_ms = -1;
    return ward_each(s->op.host, attend, s);
}

static int count(void *arg, const char *uuid)
{
    (void)uuid;
    ++*(size_t *)arg;
    return 0;
}

static bool is_idle(struct host *h)
{
    size_t n = 0;

    return ward_each(h, count, &n) == 0 && n == 0;
}

/* Whoever makes a guest writes it down and then looks for the lock: so either it finds the lock free and starts
 * another one, or the guest is seen here. */
static bool may_end(struct sup *s)
{
    if (!s->until_idle || !is_idle(s->op.host))
        return false;
    (void)close(s->lock);
    s->lock = -1;
    return is_idle(s->op.host) || ward_lock(s->op.host, &s->lock, NULL);
}

static enum plan_wait round_of(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct sup *s = (struct sup *)op;

    (void)now_ms;
    fs_drain(s->wards_fd);
    if (look(s, err))
        return PLAN_FAILED;
    if (may_end(s))
        return PLAN_DONE;
    op->fds[op->n_fds++] = (struct pollfd){.fd = s->wards_fd, .events = POLLIN};
    *ret_deadline_ms = s->next_ms;
    return PLAN_AGAIN;
}

/* A restart that was killed half-way has left a domain that is none: without this it would count as the guest. */
static void sweep(struct host *h)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON rows = NULL;

    if (sweep_run(h, true, &rows, &err))
        log_line(h->log, LOG_LEVEL_WARN, "what died half-way could not be swept: %s", err.msg);
    for (size_t i = 0; i < json_len(rows); i++) {
        const struct json *row = json_at(rows, i, NULL);

        log_line(h->log, LOG_LEVEL_INFO, "swept: %s %s: %s", json_get_str(row, "what", "?"),
                 json_get_str(row, "id", "?"), json_get_str(row, "why", ""));
    }
}

int sup_run(struct host *h, const struct sup_limits *limits, bool until_idle, struct domo_err *err)
{
    static const char released[] = "@releaseDomain", token[] = "supervisor";
    struct sup s = {.op = {.host = h}, .limits = limits, .until_idle = until_idle, .lock = -1};
    int AUTO_CLOSE wards = -1;
    int r;

    if (ward_lock(h, &s.lock, err))
        return -1;
    if (ward_listen(h, &wards, err) || store_watch(h, released, token, err)) {
        (void)close(s.lock);
        return -1;
    }
    s.wards_fd = wards;
    sweep(h);
    log_line(h->log, LOG_LEVEL_INFO, "watching the guests of %s", h->uri);
    r = plan_drive(&s.op, round_of, err);
    free(s.all);
    if (s.lock >= 0)
        (void)close(s.lock);
    if (r && err->code == DOMO_E_CANCELLED) {
        IGNORE(store_unwatch(h, released, token, NULL));
        err_clear(err);
        r = 0;
    }
    return r;
}
