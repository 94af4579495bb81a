/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Hotplug scripts, for devices whose config names one: run as xl runs them
 * (environment, arguments, 40 s, then killed). Exit status 0 is success.
 */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/str.h"
#include "dev/device.h"

void script_call_fini(struct script_call *call)
{
    for (size_t i = 0; i < ARRAY_LEN(call->argv); i++)
        free(call->argv[i]);
    for (size_t i = 0; i < ARRAY_LEN(call->env); i++)
        free(call->env[i]);
    memset(call, 0, sizeof *call);
}

/* The part of argv and environment that all kinds share. The kind adds after it. */
static int compose(const struct dev *d, bool adding, struct script_call *call, struct domo_err *err)
{
    call->argv[0] = strdup(d->script);
    call->env[0] = str_format("script=%s", d->script);
    call->env[1] = str_format("XENBUS_TYPE=%s", d->back_name);
    call->env[2] = str_format("XENBUS_PATH=backend/%s/%" PRIu32 "/%" PRIu32, d->back_name, d->set->domid, d->devid);
    call->env[3] = strdup("XENBUS_BASE_PATH=backend");
    if (!call->argv[0] || !call->env[0] || !call->env[1] || !call->env[2] || !call->env[3])
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return d->kind->script(d, adding, call, err);
}

static int start_turn(struct dev *d, bool adding, struct domo_err *err)
{
    struct script_call call = {.argv = {NULL}, .env = {NULL}};
    struct os_script script = {
        .path = d->script, .argv = (const char *const *)call.argv, .env = (const char *const *)call.env};
    struct host *h = d->set->host;
    int r = compose(d, adding, &call, err);

    if (r == 0)
        r = h->os->script_start(h, &script, &d->child, err);
    script_call_fini(&call);
    if (r)
        return err_wrap(err, "hotplug script '%s'", d->script);
    d->run_state = DEV_SCRIPT_RUNNING;
    d->run_adding = adding;
    d->run_deadline = h->env->now_ms(h) + d->set->timeouts.script_ms;
    if (adding)
        d->script_was_run = true;
    return 0;
}

int dev_script_start(struct dev *d, bool adding, struct domo_err *err)
{
    d->run_turn = 0;
    return start_turn(d, adding, err);
}

/* What the script had to say goes with the error: its last output, and dev_fail() reads hotplug-error. */
static int fail_script(struct dev *d, enum domo_code code, struct domo_err *err, const char *how)
{
    (void)dev_fail(d, code, err, "hotplug script '%s' %s", d->script, how);
    if (d->child.tail_len)
        (void)err_fact(err, "output", "%.*s", (int)d->child.tail_len, d->child.tail);
    return -1;
}

static int judge(struct dev *d, int status, struct domo_err *err)
{
    char how[64];

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    if (WIFEXITED(status))
        (void)snprintf(how, sizeof how, "failed with exit status %d", WEXITSTATUS(status));
    else
        (void)snprintf(how, sizeof how, "was killed by signal %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return fail_script(d, DOMO_E_SCRIPT_FAILED, err, how);
}

static void want_descriptor(struct op *op, int fd)
{
    if (fd >= 0 && op->n_fds < PLAN_FDS_MAX) {
        op->fds[op->n_fds].fd = fd;
        op->fds[op->n_fds].events = POLLIN;
        op->n_fds++;
    }
}

/* The call that ended well may not have been the last one. */
static enum plan_wait next_turn(struct dev *d, struct op *op, int64_t *deadline_ms, struct domo_err *err)
{
    if (!d->kind->script_turns || d->run_turn + 1 >= d->kind->script_turns(d))
        return PLAN_DONE;
    d->run_turn++;
    if (start_turn(d, d->run_adding, err))
        return PLAN_FAILED;
    want_descriptor(op, d->child.pidfd);
    want_descriptor(op, d->child.out_fd);
    deadline_min(deadline_ms, d->run_deadline);
    return PLAN_AGAIN;
}

enum plan_wait dev_script_step(struct dev *d, struct op *op, int64_t now_ms, int64_t *deadline_ms, struct domo_err *err)
{
    struct host *h = d->set->host;
    bool late = now_ms >= d->run_deadline, ended = false;
    int status = 0;
    char how[64];

    if (h->os->script_collect(h, &d->child, late, &ended, &status, err)) {
        d->run_state = DEV_SCRIPT_ENDED;
        (void)err_wrap(err, "hotplug script '%s'", d->script);
        return PLAN_FAILED;
    }
    if (!ended && !late) {
        want_descriptor(op, d->child.pidfd);
        want_descriptor(op, d->child.out_fd);
        deadline_min(deadline_ms, d->run_deadline);
        return PLAN_AGAIN;
    }
    d->run_state = DEV_SCRIPT_ENDED;
    if (!late || (ended && WIFEXITED(status)))
        return judge(d, status, err) ? PLAN_FAILED : next_turn(d, op, deadline_ms, err);
    (void)snprintf(how, sizeof how, "did not end within %" PRId64 " s and was killed",
                   d->set->timeouts.script_ms / 1000);
    (void)fail_script(d, DOMO_E_SCRIPT_TIMEOUT, err, how);
    return PLAN_FAILED;
}

void dev_script_abort(struct dev *d)
{
    struct host *h = d->set->host;
    bool ended;
    int status;

    if (d->run_state != DEV_SCRIPT_RUNNING)
        return;
    (void)h->os->script_collect(h, &d->child, true, &ended, &status, NULL);
    d->run_state = DEV_SCRIPT_ENDED;
}
