/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "plan/plan.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "plan/history.h"

/* ---- faults on request: how tests break a plan at each position ---- */

enum fault { FAULT_NONE, FAULT_FAIL, FAULT_KILL, FAULT_KILL_BEFORE };

static enum fault fault_for(const struct op *op, const struct step *step)
{
    static const struct {
        const char *word;
        enum fault fault;
    } kinds[] = {{"fail", FAULT_FAIL}, {"kill", FAULT_KILL}, {"kill-before", FAULT_KILL_BEFORE}};
    const char *spec = getenv("DOMO_FAULT");
    char *AUTO_FREE head = NULL;
    size_t i;

    if (!spec)
        return FAULT_NONE;
    head = str_format("%s/%s:", op->plan->name, step->name);
    if (!head || !str_starts(spec, head))
        return FAULT_NONE;
    for (i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq(spec + strlen(head), kinds[i].word))
            return kinds[i].fault;
    return FAULT_NONE;
}

static int die_here(void)
{
    (void)raise(SIGKILL);
    return -1;
}

/* ---- waiting ---- */

/* Takes all waiting events off the store: what they say is read again by the step, so only their arrival counts. */
static int drain_events(struct host *h, struct domo_err *err)
{
    bool any = true;

    while (any) {
        struct store_event ev = {NULL, NULL};

        if (store_next_event(h, &ev, &any, err))
            return -1;
        store_event_fini(&ev);
    }
    return 0;
}

static int sleep_until(struct op *op, int64_t deadline_ms, struct domo_err *err)
{
    struct pollfd fds[PLAN_FDS_MAX + 1];
    size_t n = op->n_fds;
    int store_fd = op->host->store->fd(op->host);

    memcpy(fds, op->fds, n * sizeof fds[0]);
    if (store_fd >= 0)
        fds[n++] = (struct pollfd){.fd = store_fd, .events = POLLIN};
    if (op->host->env->wait(op->host, fds, n, deadline_ms, err) < 0)
        return -1;
    return store_fd >= 0 ? drain_events(op->host, err) : 0;
}

int plan_drive(struct op *op, plan_wait_fn wait, struct domo_err *err)
{
    for (;;) {
        int64_t deadline_ms = -1;

        op->n_fds = 0;
        switch (wait(op, op->host->env->now_ms(op->host), &deadline_ms, err)) {
        case PLAN_DONE:
            return 0;
        case PLAN_FAILED:
            return -1;
        case PLAN_AGAIN:
            break;
        }
        if (sleep_until(op, deadline_ms, err))
            return -1;
    }
}

static int check_cancelled(const struct op *op, struct domo_err *err)
{
    if (op->host->cancelled && *op->host->cancelled && !op->committed)
        return err_set(err, DOMO_E_CANCELLED, "interrupted");
    return 0;
}

/* ---- running ---- */

static void note_time(struct op *op, const struct step *step, int64_t start_us, uint64_t start_requests)
{
    if (op->n_times == PLAN_STEPS_MAX)
        return;
    op->times[op->n_times++] = (struct step_time){
        .name = step->name,
        .us = op->host->env->now_us(op->host) - start_us,
        .store_requests = op->host->stats.store_requests - start_requests,
    };
}

static int do_step(struct op *op, const struct step *step, struct domo_err *err)
{
    enum fault fault = fault_for(op, step);

    if (check_cancelled(op, err))
        return -1;
    if (fault == FAULT_KILL_BEFORE)
        return die_here();
    if (step->run && step->run(op, err))
        return -1;
    if (step->wait && plan_drive(op, step->wait, err))
        return -1;
    if (fault == FAULT_KILL)
        return die_here();
    if (fault == FAULT_FAIL)
        return err_set(err, DOMO_E_FAULT, "step '%s' was made to fail", step->name);
    return 0;
}

static bool in_use(const struct op *op, const struct step *step)
{
    return !step->applies || step->applies(op);
}

static size_t count_steps(const struct plan *plan, const struct op *op)
{
    size_t i, n = 0;

    for (i = 0; i < plan->n; i++)
        n += in_use(op, &plan->steps[i]);
    return n;
}

/* Undoes what was begun, last step first. What can't be undone is told as a fact beside the error that began it. */
static void unwind(struct op *op, struct domo_err *err)
{
    size_t i;

    for (i = op->begun; i > 0; i--) {
        const struct step *step = &op->plan->steps[i - 1];
        struct domo_err undo_err = DOMO_ERR_INIT;
        char name[96];

        if (!in_use(op, step) || !step->undo)
            continue;
        log_line(op->host->log, LOG_LEVEL_DEBUG, "plan.undo %s/%s", op->plan->name, step->name);
        if (step->undo(op, &undo_err) == 0)
            continue;
        (void)snprintf(name, sizeof name, "undo-%s", step->name);
        (void)err_fact(err, name, "%s", undo_err.msg);
        op->undo_failed = true;
    }
}

static int run_steps(struct op *op, struct domo_err *err)
{
    const struct plan *plan = op->plan;
    size_t total = count_steps(plan, op), shown = 0, i;

    for (i = 0; i < plan->n; i++) {
        const struct step *step = &plan->steps[i];
        int64_t start_us = op->host->env->now_us(op->host);
        uint64_t requests = op->host->stats.store_requests;

        if (!in_use(op, step))
            continue;
        if (op->on_step)
            op->on_step(op->on_step_arg, op, shown, total, step);
        shown++;
        log_line(op->host->log, LOG_LEVEL_DEBUG, "plan.step %s/%s", plan->name, step->name);
        op->begun = i + 1;
        if (do_step(op, step, err))
            return err_wrap(err, "%s", step->summary);
        if (step->commits)
            op->committed = true;
        note_time(op, step, start_us, requests);
    }
    return 0;
}

/* What it was about, and how it ended. */
static void tell_history(const struct op *op, int r, const struct domo_err *err)
{
    struct json *row = op->plan->about ? op->plan->about(op) : json_new_object(), *why;

    json_set_str(row, "result", !r ? "done" : op->committed || op->undo_failed ? "incomplete" : "undone");
    if (r && err) {
        why = json_set_object(row, "error");
        json_set_str(why, "code", err_id(err->code));
        json_set_str(why, "message", err->msg);
    }
    history_add(op->host, op->plan->name, row);
}

int plan_run(const struct plan *plan, struct op *op, struct domo_err *err)
{
    int r;

    op->plan = plan;
    op->begun = 0;
    op->committed = false;
    op->undo_failed = false;
    op->n_times = 0;
    r = run_steps(op, err);
    if (r && !op->committed) {
        /* The world is put back even when the wish to stop came from a signal: undo steps must be able to wait. */
        volatile int *cancelled = op->host->cancelled;

        op->host->cancelled = NULL;
        unwind(op, err);
        op->host->cancelled = cancelled;
    }
    if (r && op->subject[0])
        (void)err_wrap(err, "%s %s", plan->name, op->subject);
    tell_history(op, r, err);
    return r;
}

int plan_preview(const struct plan *plan, struct op *op, struct json **ret, struct domo_err *err)
{
    struct json *AUTO_JSON j = json_new_object();
    struct json *steps = json_set_array(j, "steps"), *done;
    size_t i;

    op->plan = plan;
    for (i = 0; i < plan->n; i++) {
        const struct step *step = &plan->steps[i];
        struct json *row, *lines;

        if (!in_use(op, step))
            continue;
        row = json_add_object(steps);
        json_set_str(row, "name", step->name);
        json_set_str(row, "summary", step->summary);
        lines = json_set_array(row, "does");
        if (step->preview && step->preview(op, lines, err))
            return -1;
    }
    json_set_str(j, "plan", plan->name);
    done = json_done(j);
    j = NULL;
    if (!done)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    *ret = done;
    return 0;
}

struct json *plan_timing(const struct op *op)
{
    struct json *j = json_new_array();
    size_t i;

    for (i = 0; i < op->n_times; i++) {
        struct json *row = json_add_object(j);

        json_set_str(row, "step", op->times[i].name);
        json_set_int(row, "us", op->times[i].us);
        json_set_uint(row, "store_requests", op->times[i].store_requests);
    }
    return json_done(j);
}
