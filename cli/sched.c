/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How guests are scheduled: sched-credit, sched-credit2, sched-rtds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"
#include "xl.h"

/* Of all three: what one does not have stays empty. */
struct sched_opts {
    const char *domain, *weight, *cap, *tslice, *ratelimit, *migration, *pool;
    bool schedparam;
    struct opt_list vcpus, periods, budgets, extras;
};

#define SO(type, member, name, letter, arg, word, help)                                                                \
    OPT_ROW(struct sched_opts, member, type, name, letter, arg, word, help)

#define WEIGHT_ROWS                                                                                                    \
    SO(OPT_TEXT, domain, "domain", 'd', "DOMAIN", WORD_DOMAIN, "this guest"),                                          \
        SO(OPT_TEXT, weight, "weight", 'w', "WEIGHT", WORD_NONE, "its weight: twice the weight is twice the time"),    \
        SO(OPT_TEXT, cap, "cap", 'c', "CAP", WORD_NONE, "its cap, in percent of one processor; 0: none"),              \
        OPT_BOOL(struct sched_opts, schedparam, "schedparam", 's', "what the scheduler does for all"),                 \
        SO(OPT_TEXT, ratelimit, "ratelimit_us", 'r', "US", WORD_NONE, "the shortest time between two switches"),       \
        SO(OPT_TEXT, pool, "cpupool", 'p', "POOL", WORD_TEXT, "of this cpu pool")

static const struct opt credit_opts[] = {
    WEIGHT_ROWS,
    SO(OPT_TEXT, tslice, "tslice_ms", 't', "MS", WORD_NONE, "how long a vcpu runs at most"),
    SO(OPT_TEXT, migration, "migration_delay_us", 'm', "US", WORD_NONE, "how long a vcpu stays with its caches"),
    OPT_END,
};
static const struct opt credit2_opts[] = {WEIGHT_ROWS, OPT_END};
static const struct opt rtds_opts[] = {
    SO(OPT_TEXT, domain, "domain", 'd', "DOMAIN", WORD_DOMAIN, "this guest"),
    SO(OPT_LIST, vcpus, "vcpuid", 'v', "VCPU", WORD_NONE, "this vcpu, or 'all'; may be repeated with what follows"),
    SO(OPT_LIST, periods, "period", 'p', "US", WORD_NONE, "the period"),
    SO(OPT_LIST, budgets, "budget", 'b', "US", WORD_NONE, "how long it may run in each period"),
    SO(OPT_LIST, extras, "extratime", 'e', "0|1", WORD_NONE, "also what nobody else has use for?"),
    SO(OPT_TEXT, pool, "cpupool", 'c', "POOL", WORD_TEXT, "of this cpu pool"),
    OPT_END,
};

static const char *scheduler_of(const struct inv *inv)
{
    return inv->cmd->name + strlen("sched-");
}

static bool is_rtds(const struct inv *inv)
{
    return strcmp(scheduler_of(inv), "rtds") == 0;
}

static const char *str(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "?");
}

static int num(const struct domo_value *row, const char *key)
{
    return (int)domo_value_int(domo_value_get(row, key), 0);
}

/* ---- showing ---- */

static void put_header(const struct inv *inv, bool vcpus)
{
    if (!is_rtds(inv))
        (void)printf("%-33s %4s %6s %4s\n", "Name", "ID", "Weight", "Cap");
    else if (vcpus)
        (void)printf("%-33s %4s %4s %9s %9s %10s\n", "Name", "ID", "VCPU", "Period", "Budget", "Extratime");
    else
        (void)printf("%-33s %4s %9s %9s %10s\n", "Name", "ID", "Period", "Budget", "Extratime");
}

static void put_row(const struct domo_value *row)
{
    const char *extra = domo_value_bool(domo_value_get(row, "extratime"), false) ? "yes" : "no";

    (void)printf("%-33s %4d ", str(row, "name"), num(row, "domid"));
    if (domo_value_get(row, "weight")) {
        (void)printf("%6d %4d\n", num(row, "weight"), num(row, "cap"));
        return;
    }
    if (domo_value_get(row, "vcpu"))
        (void)printf("%4d ", num(row, "vcpu"));
    (void)printf("%9d %9d %10s\n", num(row, "period_us"), num(row, "budget_us"), extra);
}

static void put_domains(const struct inv *inv, const struct domo_value *rows, bool vcpus)
{
    put_header(inv, vcpus);
    for (size_t i = 0; i < domo_value_len(rows); i++)
        put_row(domo_value_at(rows, i, NULL));
}

static void put_pool(const struct inv *inv, const struct domo_value *pool)
{
    const struct domo_value *params = domo_value_get(pool, "params");

    (void)printf("Cpupool %s: ", str(pool, "pool"));
    if (is_rtds(inv))
        (void)puts("sched=RTDS");
    else if (domo_value_get(params, "tslice_ms"))
        (void)printf("tslice=%dms ratelimit=%dus migration-delay=%dus\n", num(params, "tslice_ms"),
                     num(params, "ratelimit_us"), num(params, "migration_delay_us"));
    else
        (void)printf("ratelimit=%dus\n", num(params, "ratelimit_us"));
}

/* "pool" NULL: all that have this scheduler. With "only_params" their domains are not shown. */
static int show_pools(struct cli *cli, const struct inv *inv, const char *pool, bool only_params, struct domo_err *err)
{
    const struct sched_opts *o = inv->opts;
    bool vcpus = o->vcpus.n > 0;
    AUTO_VALUE struct domo_value *pools = NULL;

    if (domo_sched_list(cli->ctx, scheduler_of(inv), pool, vcpus ? DOMO_SCHED_VCPUS : 0, &pools, err))
        return -1;
    if (cli->g.json) {
        out_json(pools);
        return 0;
    }
    for (size_t i = 0; i < domo_value_len(pools); i++) {
        const struct domo_value *one = domo_value_at(pools, i, NULL);

        put_pool(inv, one);
        if (!only_params)
            put_domains(inv, domo_value_get(one, "domains"), vcpus);
    }
    return 0;
}

static bool is_asked_for(const struct opt_list *vcpus, int vcpu)
{
    for (size_t i = 0; i < vcpus->n; i++)
        if (strcmp(vcpus->at[i], "all") == 0 || (text_is_number(vcpus->at[i]) && atoi(vcpus->at[i]) == vcpu))
            return true;
    return false;
}

static int show_domain(struct cli *cli, const struct inv *inv, uint32_t domid, struct domo_err *err)
{
    const struct sched_opts *o = inv->opts;
    bool vcpus = o->vcpus.n > 0;
    AUTO_VALUE struct domo_value *rows = NULL;

    if (domo_sched_rows(cli->ctx, scheduler_of(inv), domid, vcpus ? DOMO_SCHED_VCPUS : 0, &rows, err))
        return -1;
    if (cli->g.json) {
        out_json(rows);
        return 0;
    }
    put_header(inv, vcpus);
    for (size_t i = 0; i < domo_value_len(rows); i++) {
        const struct domo_value *row = domo_value_at(rows, i, NULL);

        if (!vcpus || is_asked_for(&o->vcpus, num(row, "vcpu")))
            put_row(row);
    }
    return 0;
}

/* ---- setting ---- */

static int bad_number(const char *text, struct domo_err *err)
{
    AUTO_FREE char *why = text_fmt("'%s' is no number that this can be", text);

    return domo_err_set(err, "usage", why);
}

/* "text" NULL: -1, as it is. */
static int read_number(const char *text, int64_t *ret, struct domo_err *err)
{
    *ret = -1;
    if (!text)
        return 0;
    if (!text_is_number(text) || strlen(text) > 9)
        return bad_number(text, err);
    *ret = (int64_t)strtoull(text, NULL, 10);
    return 0;
}

static int refuse(struct cli *cli, const char *xl_says, struct domo_err *err)
{
    if (cli->as_xl) {
        (void)fprintf(stderr, "%s\n", xl_says);
        cli->told = true;
    }
    /* xl ends with 1 for what it understands, but does not want. */
    return domo_err_set(err, cli->as_xl ? "config.bad-value" : "usage", xl_says);
}

static int set_params(struct cli *cli, const struct inv *inv, struct domo_err *err)
{
    const struct sched_opts *o = inv->opts;
    struct domo_sched_params p;

    if (read_number(o->tslice, &p.tslice_ms, err) || read_number(o->ratelimit, &p.ratelimit_us, err) ||
        read_number(o->migration, &p.migration_delay_us, err))
        return -1;
    return domo_sched_set_params(cli->ctx, scheduler_of(inv), o->pool, &p, err);
}

static int set_weight(struct cli *cli, const struct inv *inv, uint32_t domid, struct domo_err *err)
{
    const struct sched_opts *o = inv->opts;
    struct domo_sched c = {.period_us = -1, .budget_us = -1, .extratime = -1, .vcpu = -1};

    if (read_number(o->weight, &c.weight, err) || read_number(o->cap, &c.cap, err))
        return -1;
    return domo_sched_set(cli->ctx, scheduler_of(inv), domid, &c, err);
}

static const char *nth(const struct opt_list *l, size_t i)
{
    return i < l->n ? l->at[i] : NULL;
}

/* The i-th of what was given belongs to the i-th vcpu; without a vcpu, or with "all", there is one of each. */
static int set_share(struct cli *cli, const struct inv *inv, uint32_t domid, size_t i, struct domo_err *err)
{
    const struct sched_opts *o = inv->opts;
    const char *vcpu = nth(&o->vcpus, i);
    struct domo_sched c = {.weight = -1, .cap = -1};

    if (read_number(nth(&o->periods, i), &c.period_us, err) || read_number(nth(&o->budgets, i), &c.budget_us, err) ||
        read_number(nth(&o->extras, i), &c.extratime, err) ||
        read_number(vcpu && strcmp(vcpu, "all") != 0 ? vcpu : NULL, &c.vcpu, err))
        return -1;
    return domo_sched_set(cli->ctx, scheduler_of(inv), domid, &c, err);
}

static bool fits(const struct opt_list *l, size_t n)
{
    return l->n == 0 || l->n == n;
}

static int set_shares(struct cli *cli, const struct inv *inv, uint32_t domid, struct domo_err *err)
{
    const struct sched_opts *o = inv->opts;
    size_t n = o->vcpus.n ? o->vcpus.n : 1;

    for (size_t i = 0; i < o->vcpus.n; i++)
        if (strcmp(o->vcpus.at[i], "all") == 0 && n > 1)
            return refuse(cli, "Incorrect VCPU IDs.", err);
    if (!fits(&o->periods, n) || !fits(&o->budgets, n) || !fits(&o->extras, n))
        return refuse(cli, "Incorrect number of period, budget and extratime", err);
    for (size_t i = 0; i < n; i++)
        if (set_share(cli, inv, domid, i, err))
            return -1;
    return 0;
}

/* ---- the commands ---- */

static bool sets_params(const struct sched_opts *o)
{
    return o->tslice || o->ratelimit || o->migration;
}

static bool sets_domain(const struct sched_opts *o)
{
    return o->weight || o->cap || o->periods.n || o->budgets.n || o->extras.n;
}

static int check(struct cli *cli, const struct inv *inv, struct domo_err *err)
{
    const struct sched_opts *o = inv->opts;

    if (is_rtds(inv) && o->pool && (o->domain || o->vcpus.n || sets_domain(o)))
        return refuse(cli, "Specifying a cpupool is not allowed with other options.", err);
    if ((o->pool || o->schedparam) && (o->domain || sets_domain(o)))
        return refuse(cli, "Specifying a cpupool or schedparam is not allowed with domain options.", err);
    if (!o->domain && sets_domain(o))
        return refuse(cli, "Must specify a domain.", err);
    if (!o->schedparam && sets_params(o))
        return refuse(cli, "Must specify schedparam to set schedule parameter values.", err);
    return 0;
}

static int of_domain(struct cli *cli, const struct inv *inv, struct domo_err *err)
{
    const struct sched_opts *o = inv->opts;
    uint32_t domid = 0;

    if (domo_resolve(cli->ctx, o->domain, &domid, err))
        return cli->as_xl ? xl_bad_domain(cli, inv->cmd->name, o->domain, err) : -1;
    if (!sets_domain(o))
        return show_domain(cli, inv, domid, err);
    if (is_rtds(inv) ? set_shares(cli, inv, domid, err) : set_weight(cli, inv, domid, err))
        return -1;
    return cli->g.json ? show_domain(cli, inv, domid, err) : 0;
}

static int sched(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct sched_opts *o = inv->opts;

    if (check(cli, inv, err) || !cli_ctx(cli, err))
        return -1;
    if (o->domain)
        return of_domain(cli, inv, err);
    if (!o->schedparam)
        return show_pools(cli, inv, o->pool, false, err);
    if (sets_params(o) && (set_params(cli, inv, err) || !cli->g.json))
        return domo_err_status(err) ? -1 : 0;
    return show_pools(cli, inv, o->pool ? o->pool : "0", true, err);
}

#define SCHED_ROW(name_, opts_, summary_, about_)                                                                      \
    {                                                                                                                  \
        .name = (name_), .args = "", .summary = (summary_), .about = (about_), .opts = (opts_),                        \
        .opts_size = sizeof(struct sched_opts), .flags = CMD_XL | CMD_JSON, .words = {WORD_NONE}, .run = sched,        \
    }

const struct cmd sched_cmds[] = {
    SCHED_ROW("sched-credit", credit_opts, "Show, or set, how scheduler credit shares the processors",
              "Without options: all guests in pools with this scheduler. With -s what the scheduler does for all in a\n"
              "pool, by default pool 0."),
    SCHED_ROW("sched-credit2", credit2_opts, "Show, or set, how scheduler credit2 shares the processors",
              "As sched-credit."),
    SCHED_ROW("sched-rtds", rtds_opts, "Show, or set, how scheduler rtds shares the processors",
              "Each vcpu may run for its budget in each period. Several -v, each with its own -p, -b and -e, set\n"
              "several vcpus; without -v all of the guest's are set."),
    {.name = NULL},
};
