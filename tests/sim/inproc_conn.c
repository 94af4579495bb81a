/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * In the place of lib/host/sim_conn.c: a request is answered by the model in
 * this process.
 */
#include "inproc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/sim.h"
#include "sim/home.h"
#include "sim/serve.h"

static struct {
    struct home home;
    char dir[SIM_DIR_MAX + 1];
    struct sim *sim; /* NULL: it does not run */
} here = {.home = HOME_INIT};

struct sim *inproc_sim(void)
{
    return here.sim;
}

int64_t inproc_step(void)
{
    return here.sim ? sim_step(here.sim, inproc_now_ms()) : -1;
}

int inproc_start(const char *dir, struct domo_err *err)
{
    struct world *world = NULL;

    (void)snprintf(here.dir, sizeof here.dir, "%s", dir);
    if (home_enter(&here.home, here.dir, err) < 0)
        return -1;
    if (home_world(&here.home, &world, err) < 0) {
        home_leave(&here.home);
        return -1;
    }
    here.sim = sim_new(world);
    if (!here.sim)
        abort();
    (void)inproc_step();
    return 0;
}

void inproc_stop(void)
{
    inproc_xs_drop();
    here.sim = sim_free(here.sim);
    home_leave(&here.home);
}

/* ---- sim_conn.c ---- */

static int greet(struct sim_host *s, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    int r = sim_ask(s, sim_request("hello"), &reply, err);

    if (r < 0)
        return -1;
    (void)json_free(s->faults);
    s->faults = json_steal(reply, "faults");
    return 0;
}

int sim_try_connect(struct sim_host *s, bool *ret_runs, struct domo_err *err)
{
    (void)err;
    *ret_runs = here.sim && str_eq(s->dir, here.dir);
    return 0;
}

int sim_connect(struct sim_host *s, const struct log *log, bool *ret_started, struct domo_err *err)
{
    bool runs = false;

    (void)log;
    if (sim_try_connect(s, &runs, err) < 0 || (!runs && inproc_start(s->dir, err) < 0))
        return -1;
    if (ret_started)
        *ret_started = !runs;
    return greet(s, err);
}

void sim_disconnect(struct sim_host *s)
{
    s->faults = json_free(s->faults);
}

int sim_ask(struct sim_host *s, struct json *request, struct json **ret, struct domo_err *err)
{
    struct json *whole = json_done(request), *reply = NULL;
    char *AUTO_FREE text = whole ? json_print(whole, JSON_COMPACT) : NULL;
    char *AUTO_FREE answer = NULL;
    bool stop = false;
    int r;

    (void)json_free(whole);
    if (!here.sim) {
        (void)err_set(err, DOMO_E_SIM, "the simulated host in '%s' went away", s->dir);
        return SIM_LOST;
    }
    answer = text ? serve_request(here.sim, NULL, text, strlen(text), &stop) : NULL;
    if (!answer || json_parse(answer, strlen(answer), &reply, NULL) < 0)
        abort();
    (void)inproc_step();
    if (stop)
        inproc_stop();
    r = (int)json_get_int(reply, "r", -EPROTO);
    if (ret)
        *ret = reply;
    else
        (void)json_free(reply);
    return r;
}
