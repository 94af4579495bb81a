/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/shutdown.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "dom/guest.h"
#include "dom/lifecycle.h"
#include "dom/names.h"
#include "dom/trigger.h"
#include "plan/history.h"
#include "plan/plan.h"

static const struct ask {
    const char *word;    /* of control/shutdown */
    const char *feature; /* control/NAME: 0 if the guest can't, 1 if it can, empty if it has not said */
    const char *button;  /* what is done to the machine instead */
    const char *event;   /* of the host's history */
    enum life_event life;
} asks[] = {
    [SHUTDOWN_ASK_POWEROFF] = {"poweroff", "feature-poweroff", "power", "shutdown-asked", LIFE_ON_SHUTDOWN},
    [SHUTDOWN_ASK_REBOOT] = {"reboot", "feature-reboot", "reset", "reboot-asked", LIFE_ON_REBOOT},
    [SHUTDOWN_ASK_SUSPEND] = {"suspend", "feature-suspend", "sleep", "suspend-asked", LIFE_ON_SUSPEND},
};

enum state { STATE_ASKED, STATE_ANSWERED, STATE_ENDED, STATE_GONE, STATE_FAILED };
static const char *const state_names[] = {"asked", "answered", "ended", "gone", "failed"};

static const char token[] = "shutdown";
static const char released[] = "@releaseDomain";

struct target {
    uint32_t domid;
    char *name;
    struct shutdown_facts facts;
    enum state state;
    const char *reason; /* why it ended; NULL = not known */
    struct domo_err err;
    bool is_watched, done;
    int64_t took_ms;
};

struct shutdown {
    struct op op; /* first: waits get this */
    const struct shutdown_options *opt;
    VEC(struct target) targets;
    int64_t began_ms;
};

bool shutdown_reached(const struct shutdown_facts *f, enum shutdown_until until)
{
    switch (until) {
    case SHUTDOWN_UNTIL_ANSWER:
        return !f->is_there || f->has_ended || f->answers_late || !f->has_request;
    case SHUTDOWN_UNTIL_ENDED:
        return !f->is_there || f->has_ended;
    case SHUTDOWN_UNTIL_GONE:
        return !f->is_there;
    }
    return true;
}

/* ---- one guest ---- */

static const struct ask *ask_of(const struct shutdown *s)
{
    return &asks[s->opt->ask];
}

static int control_path(char out[STORE_PATH_MAX], const struct target *t, const char *name, struct domo_err *err)
{
    return store_path(out, err, "/local/domain/%" PRIu32 "/control/%s", t->domid, name);
}

/* Empty also if the node is missing. */
static int read_control(struct shutdown *s, const struct target *t, const char *name, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    if (control_path(path, t, name, err) || store_read_opt(s->op.host, 0, path, ret, err))
        return -1;
    if (!*ret)
        *ret = strdup("");
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

static int write_request(struct shutdown *s, struct target *t, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    if (control_path(path, t, "shutdown", err) || store_watch(s->op.host, path, token, err))
        return -1;
    t->is_watched = true;
    return store_write(s->op.host, 0, path, ask_of(s)->word, err);
}

static int ask_guest(struct shutdown *s, struct target *t, const struct guest *g, struct domo_err *err)
{
    char *AUTO_FREE feature = NULL;
    bool has_driver;

    if (life_may_info(&g->info, ask_of(s)->life, err) || read_control(s, t, ask_of(s)->feature, &feature, err))
        return -1;
    has_driver = !str_eq(g->type, "hvm") || str_eq(feature, "1");
    if (has_driver && !str_eq(feature, "0"))
        return write_request(s, t, err);
    if (s->opt->button && str_eq(g->type, "hvm")) {
        t->facts.answers_late = true;
        return trigger_guest(s->op.host, g, ask_of(s)->button, 0, err);
    }
    (void)err_set(err, DOMO_E_UNSUPPORTED,
                  has_driver ? "the guest says that it can't be asked to %s"
                             : "no driver in the guest can be asked to %s",
                  ask_of(s)->word);
    return err_hint(err, "%s", str_eq(g->type, "hvm") ? "-F presses the virtual machine's button" : "destroy it");
}

static void ask_target(struct shutdown *s, struct target *t)
{
    struct guest g = {.name = NULL};

    if (guest_load(s->op.host, t->domid, &g, &t->err) == 0) {
        t->name = strdup(g.name);
        if (ask_guest(s, t, &g, &t->err) == 0) {
            history_add(s->op.host, ask_of(s)->event, history_of(t->domid, g.name, g.uuid));
            guest_fini(&g);
            return;
        }
    }
    guest_fini(&g);
    t->state = STATE_FAILED;
    t->done = true;
}

/* ---- all of them ---- */

static const struct hyp_info *info_of(const struct hyp_info *all, size_t n, uint32_t domid)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].domid == domid)
            return &all[i];
    return NULL;
}

static int look(struct shutdown *s, struct target *t, const struct hyp_info *info, struct domo_err *err)
{
    char *AUTO_FREE request = NULL;

    t->facts.is_there = info != NULL;
    t->facts.has_ended = !info || info->is_shutdown || info->is_dying;
    if (!info) {
        t->state = STATE_GONE;
        return 0;
    }
    if (t->facts.has_ended) {
        t->state = STATE_ENDED;
        if (info->is_shutdown)
            t->reason = life_reason_name(info->shutdown_reason);
        return 0;
    }
    if (t->state == STATE_ANSWERED || t->facts.answers_late)
        return 0;
    if (read_control(s, t, "shutdown", &request, err))
        return -1;
    t->facts.has_request = request[0] != '\0';
    if (!t->facts.has_request)
        t->state = STATE_ANSWERED;
    return 0;
}

/* Nobody took it: a guest that wakes up an hour later must not find it. */
static void withdraw(struct shutdown *s, struct target *t)
{
    char path[STORE_PATH_MAX];

    if (t->facts.has_request && control_path(path, t, "shutdown", NULL) == 0)
        IGNORE(store_write(s->op.host, 0, path, "", NULL));
}

static void give_up(struct shutdown *s, struct target *t)
{
    static const char *const hints[] = {
        [STATE_ASKED] = "it may hang, or have no driver for it; destroy it",
        [STATE_ANSWERED] = "look at its console; destroy it",
        [STATE_ENDED] = "nobody has taken it down: destroy it",
    };
    double seconds = (double)s->opt->timeout_ms / 1000;

    withdraw(s, t);
    if (t->state == STATE_ASKED && !t->facts.answers_late)
        (void)err_set(&t->err, DOMO_E_TIMEOUT, "the guest has not taken the request in %g s", seconds);
    else
        (void)err_set(&t->err, DOMO_E_TIMEOUT, "the guest %s, but was not %s in %g s",
                      t->state == STATE_ENDED ? "has ended" : "has taken the request",
                      t->state == STATE_ENDED ? "gone" : "down", seconds);
    (void)err_hint(&t->err, "%s", hints[t->state]);
    t->state = STATE_FAILED;
    t->done = true;
}

static int look_at_all(struct shutdown *s, int64_t now_ms, size_t *ret_left, struct domo_err *err)
{
    struct hyp_info *AUTO_FREE all = NULL;
    size_t n = 0;

    if (names_list_domains(s->op.host, &all, &n, err))
        return -1;
    for (size_t i = 0; i < s->targets.len; i++) {
        struct target *t = &s->targets.at[i];

        if (t->done)
            continue;
        if (look(s, t, info_of(all, n, t->domid), err))
            return -1;
        t->done = shutdown_reached(&t->facts, s->opt->until);
        t->took_ms = now_ms - s->began_ms;
        *ret_left += !t->done;
    }
    return 0;
}

static enum plan_wait wait_for_all(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct shutdown *s = (struct shutdown *)op;
    int64_t deadline_ms = s->began_ms + s->opt->timeout_ms;
    size_t left = 0;

    if (look_at_all(s, now_ms, &left, err))
        return PLAN_FAILED;
    if (!left)
        return PLAN_DONE;
    *ret_deadline_ms = deadline_ms;
    if (now_ms < deadline_ms)
        return PLAN_AGAIN;
    for (size_t i = 0; i < s->targets.len; i++)
        if (!s->targets.at[i].done)
            give_up(s, &s->targets.at[i]);
    return PLAN_DONE;
}

/* ---- the result ---- */

static struct json *row_of(const struct shutdown *s, const struct target *t)
{
    struct json *row = json_new_object();

    json_set_uint(row, "domid", t->domid);
    json_set_str(row, "name", t->name);
    json_set_str(row, "asked", ask_of(s)->word);
    json_set_str(row, "state", state_names[t->state]);
    json_set_str(row, "reason", t->reason);
    json_set_int(row, "ms", t->took_ms);
    json_set(row, "error", t->err.code == DOMO_E_OK ? json_new_null() : err_to_json(&t->err));
    return row;
}

static struct json *rows_of(const struct shutdown *s)
{
    struct json *rows = json_new_array();

    for (size_t i = 0; i < s->targets.len; i++)
        json_add(rows, row_of(s, &s->targets.at[i]));
    return json_done(rows);
}

/* The error of one guest is the error; of several it is their number, and who they are. */
static int summarize(const struct shutdown *s, struct domo_err *err)
{
    struct str AUTO_STR who = STR_INIT;
    const struct domo_err *first = NULL;
    size_t failed = 0;

    for (size_t i = 0; i < s->targets.len; i++) {
        const struct target *t = &s->targets.at[i];

        if (t->state != STATE_FAILED)
            continue;
        first = first ? first : &t->err;
        failed++;
        str_addf(&who, "%s'%s' (%s)", who.len ? ", " : "", t->name ? t->name : "?", t->err.msg);
    }
    if (!first)
        return 0;
    if (s->targets.len == 1) {
        *err = *first;
        return -1;
    }
    (void)err_set(err, first->code, "%zu of %zu guests did not do as they were asked: %s", failed, s->targets.len,
                  str_text(&who));
    return -1;
}

/* ---- beginning and end ---- */

static int add(struct shutdown *s, uint32_t domid, struct domo_err *err)
{
    struct target *t = VEC_PUSH(&s->targets);

    if (!t)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    *t = (struct target){.domid = domid, .facts = {.is_there = true, .has_request = true}};
    return 0;
}

/* All that run: what has ended already needs no asking, and domain 0 is nobody's guest. */
static int add_all(struct shutdown *s, struct domo_err *err)
{
    struct hyp_info *AUTO_FREE all = NULL;
    size_t n = 0;

    if (names_list_domains(s->op.host, &all, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        bool is_own = all[i].domid == 0 || all[i].domid == s->op.host->domid;

        if (!is_own && !all[i].is_shutdown && !all[i].is_dying && add(s, all[i].domid, err))
            return -1;
    }
    return 0;
}

static void end(struct shutdown *s)
{
    for (size_t i = 0; i < s->targets.len; i++) {
        struct target *t = &s->targets.at[i];
        char path[STORE_PATH_MAX];

        if (t->is_watched && control_path(path, t, "shutdown", NULL) == 0)
            IGNORE(store_unwatch(s->op.host, path, token, NULL));
        free(t->name);
    }
    IGNORE(store_unwatch(s->op.host, released, token, NULL));
    VEC_FINI(&s->targets);
}

static int run(struct shutdown *s, struct json **ret, struct domo_err *err)
{
    if (store_watch(s->op.host, released, token, err))
        return -1;
    for (size_t i = 0; i < s->targets.len; i++)
        ask_target(s, &s->targets.at[i]);
    if (plan_drive(&s->op, wait_for_all, err))
        return -1;
    *ret = rows_of(s);
    if (!*ret)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return summarize(s, err);
}

int shutdown_ask(struct host *h, const uint32_t *domids, size_t n, const struct shutdown_options *opt,
                 struct json **ret, struct domo_err *err)
{
    struct shutdown s = {.op = {.host = h}, .opt = opt, .began_ms = h->env->now_ms(h)};
    int r = n ? 0 : add_all(&s, err);

    for (size_t i = 0; r == 0 && i < n; i++) {
        if (domids[i] == 0)
            r = err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 can't be asked from here: use the host's own commands");
        else
            r = add(&s, domids[i], err);
    }
    if (r == 0)
        r = run(&s, ret, err);
    end(&s);
    return r;
}

int shutdown_sysrq(struct host *h, uint32_t domid, char key, struct domo_err *err)
{
    char path[STORE_PATH_MAX], text[2] = {key, '\0'};
    struct hyp_info info;

    if (h->hyp->info(h, domid, &info, err))
        return -1;
    if (!((key >= '0' && key <= '9') || (key >= 'a' && key <= 'z') || (key >= 'A' && key <= 'Z')))
        return err_set(err, DOMO_E_USAGE, "a system request is one letter or digit");
    if (life_may_info(&info, LIFE_ON_SYSRQ, err))
        return -1;
    if (store_path(path, err, "/local/domain/%" PRIu32 "/control/sysrq", domid))
        return -1;
    return store_write(h, 0, path, text, err);
}
