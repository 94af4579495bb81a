/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pools of processors and their schedulers, asked of domo-simd.
 */
#include <errno.h>
#include <string.h>

#include "host/sim.h"
#include "host/sim_wire.h"

static struct sim_host *sim_of(struct host *h)
{
    h->stats.hyp_calls++;
    return h->impl;
}

static struct json *about(const char *op, const char *what, uint32_t number)
{
    struct json *request = sim_request(op);

    json_set_uint(request, what, number);
    return request;
}

int sim_pool(struct host *h, uint32_t first, struct hyp_pool *ret, bool *ret_found, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    int r = sim_ask(sim_of(h), about("pool", "pool", first), &reply, err);

    if (r < 0 && r != -ENOENT)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't list the cpu pools");
    *ret_found = r == 0;
    return r == 0 ? sim_take_record(reply, &sim_pool_row, ret, err) : 0;
}

int sim_pool_free(struct host *h, uint64_t ret[HYP_CPU_WORDS], struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    struct hyp_pool free_ones;
    int r = sim_ask(sim_of(h), sim_request("pool_free"), &reply, err);

    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't ask which processors are in no cpu pool");
    if (sim_take_record(reply, &sim_pool_row, &free_ones, err) < 0)
        return -1;
    memcpy(ret, free_ones.cpus, sizeof free_ones.cpus);
    return 0;
}

int sim_pool_create(struct host *h, const char *scheduler, uint32_t *ret, struct domo_err *err)
{
    struct json *request = sim_request("pool_create");
    struct json *reply AUTO_JSON = NULL;
    int r;

    json_set_str(request, "scheduler", scheduler);
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "the hypervisor did not make a cpu pool with scheduler '%s'",
                            scheduler);
    *ret = (uint32_t)json_get_int(reply, "pool", 0);
    return 0;
}

int sim_pool_destroy(struct host *h, uint32_t pool, struct domo_err *err)
{
    int r = sim_ask(sim_of(h), about("pool_destroy", "pool", pool), NULL, err);

    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "the hypervisor keeps cpu pool %u", pool) : 0;
}

int sim_pool_cpu(struct host *h, uint32_t pool, uint32_t cpu, bool add, struct domo_err *err)
{
    struct json *request = about("pool_cpu", "pool", pool);
    int r;

    json_set_uint(request, "cpu", cpu);
    json_set_bool(request, "add", add);
    r = sim_ask(sim_of(h), request, NULL, err);
    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't %s processor %u %s cpu pool %u",
                                add ? "add" : "remove", cpu, add ? "to" : "from", pool)
                 : 0;
}

int sim_pool_move(struct host *h, uint32_t pool, uint32_t domid, struct domo_err *err)
{
    struct json *request = about("pool_move", "pool", pool);
    int r;

    json_set_uint(request, "domid", domid);
    r = sim_ask(sim_of(h), request, NULL, err);
    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't move domain %u to cpu pool %u", domid, pool) : 0;
}

/* ---- schedulers ---- */

/* What has no such thing answers as Xen does, by one errno. */
static int sched_failed(struct domo_err *err, int r, const char *what, uint32_t number)
{
    if (r == -EOPNOTSUPP)
        return err_set(err, DOMO_E_UNSUPPORTED, "the scheduler of %s %u has nothing to set there", what, number);
    return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't ask, or tell, the scheduler about %s %u", what, number);
}

int sim_sched_set(struct host *h, uint32_t domid, const struct hyp_sched *s, struct domo_err *err)
{
    struct json *request = about("sched_set", "domid", domid);
    int r;

    sim_add_record(request, &sim_sched, s);
    r = sim_ask(sim_of(h), request, NULL, err);
    return r < 0 ? sched_failed(err, r, "domain", domid) : 0;
}

int sim_rtds(struct host *h, uint32_t domid, uint32_t vcpu, struct hyp_rtds *ret, struct domo_err *err)
{
    struct json *request = about("rtds", "domid", domid);
    struct json *reply AUTO_JSON = NULL;
    int r;

    json_set_uint(request, "vcpu", vcpu);
    r = sim_ask(sim_of(h), request, &reply, err);
    return r < 0 ? sched_failed(err, r, "domain", domid) : sim_take_record(reply, &sim_rtds_row, ret, err);
}

int sim_rtds_set(struct host *h, uint32_t domid, uint32_t vcpu, const struct hyp_rtds *p, struct domo_err *err)
{
    struct json *request = about("rtds_set", "domid", domid);
    int r;

    json_set_uint(request, "vcpu", vcpu);
    sim_add_record(request, &sim_rtds_row, p);
    r = sim_ask(sim_of(h), request, NULL, err);
    return r < 0 ? sched_failed(err, r, "domain", domid) : 0;
}

int sim_sched_params(struct host *h, uint32_t pool, struct hyp_sched_params *ret, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    int r = sim_ask(sim_of(h), about("sched_params", "pool", pool), &reply, err);

    return r < 0 ? sched_failed(err, r, "cpu pool", pool) : sim_take_record(reply, &sim_params_row, ret, err);
}

int sim_sched_params_set(struct host *h, uint32_t pool, const struct hyp_sched_params *p, struct domo_err *err)
{
    struct json *request = about("sched_params_set", "pool", pool);
    int r;

    sim_add_record(request, &sim_params_row, p);
    r = sim_ask(sim_of(h), request, NULL, err);
    return r < 0 ? sched_failed(err, r, "cpu pool", pool) : 0;
}
