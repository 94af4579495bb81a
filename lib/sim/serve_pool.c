/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The calls about pools of processors and their schedulers.
 */
#include <errno.h>

#include "host/sim_wire.h"
#include "sim/serve_impl.h"

static uint32_t number(const struct call *c, const char *name)
{
    return (uint32_t)json_uint(json_get(c->in, name), UINT32_MAX);
}

static int give(struct call *c, const struct rec_table *t, const void *record)
{
    struct str s AUTO_STR = STR_INIT;

    rec_put(&s, t, record);
    json_set_str(c->out, "out", str_text(&s));
    return s.failed ? -ENOMEM : 0;
}

static int take(const struct call *c, const struct rec_table *t, void *ret)
{
    const char *in = json_get_str(c->in, "in", NULL);

    return in ? rec_get(in, t, ret, NULL) : -EINVAL;
}

int do_pool(struct call *c)
{
    struct hyp_pool p;
    int r = machine_pool(sim_machine(c->sim), number(c, "pool"), &p);

    return r < 0 ? r : give(c, &sim_pool_row, &p);
}

int do_pool_free(struct call *c)
{
    struct hyp_pool p = {.id = 0};

    machine_pool_free(sim_machine(c->sim), p.cpus);
    return give(c, &sim_pool_row, &p);
}

int do_pool_create(struct call *c)
{
    uint32_t id = 0;
    int r = machine_pool_create(sim_machine(c->sim), json_get_str(c->in, "scheduler", ""), &id);

    if (r == 0)
        json_set_uint(c->out, "pool", id);
    return r;
}

int do_pool_destroy(struct call *c)
{
    return machine_pool_destroy(sim_machine(c->sim), number(c, "pool"));
}

int do_pool_cpu(struct call *c)
{
    return machine_pool_cpu(sim_machine(c->sim), number(c, "pool"), number(c, "cpu"),
                            json_get_bool(c->in, "add", false));
}

int do_pool_move(struct call *c)
{
    return machine_pool_move(sim_machine(c->sim), number(c, "pool"), number(c, "domid"));
}

int do_sched_set(struct call *c)
{
    struct hyp_sched s = {.weight = 0};
    int r = take(c, &sim_sched, &s);

    return r < 0 ? r : machine_sched_set(sim_machine(c->sim), number(c, "domid"), &s);
}

int do_rtds(struct call *c)
{
    struct hyp_rtds p;
    int r = machine_rtds(sim_machine(c->sim), number(c, "domid"), number(c, "vcpu"), &p);

    return r < 0 ? r : give(c, &sim_rtds_row, &p);
}

int do_rtds_set(struct call *c)
{
    struct hyp_rtds p = {.period_us = 0};
    int r = take(c, &sim_rtds_row, &p);

    return r < 0 ? r : machine_rtds_set(sim_machine(c->sim), number(c, "domid"), number(c, "vcpu"), &p);
}

int do_sched_params(struct call *c)
{
    struct hyp_sched_params p;
    int r = machine_sched_params(sim_machine(c->sim), number(c, "pool"), &p);

    return r < 0 ? r : give(c, &sim_params_row, &p);
}

int do_sched_params_set(struct call *c)
{
    struct hyp_sched_params p = {.ratelimit_us = 0};
    int r = take(c, &sim_params_row, &p);

    return r < 0 ? r : machine_sched_params_set(sim_machine(c->sim), number(c, "pool"), &p);
}
