/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Virtual processors: vcpu-list, vcpu-set, vcpu-pin.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"
#include "xl.h"

static const struct opt no_opts[] = {OPT_END};

/* ---- list ---- */

static const char *str(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "?");
}

static bool flag(const struct domo_value *row, const char *key)
{
    return domo_value_bool(domo_value_get(row, key), false);
}

static long long num(const struct domo_value *row, const char *key)
{
    return (long long)domo_value_int(domo_value_get(row, key), 0);
}

static void put_row(const struct domo_value *row)
{
    (void)printf("%-32s %5lld %5lld", str(row, "name"), num(row, "domid"), num(row, "vcpu"));
    if (flag(row, "online"))
        (void)printf("%5lld %3c%c- ", num(row, "cpu"), flag(row, "running") ? 'r' : '-',
                     flag(row, "blocked") ? 'b' : '-');
    else
        (void)printf("%5c %3c%cp ", '-', '-', '-');
    (void)printf("%9.1f  %s / %s\n", domo_value_double(domo_value_get(row, "cpu_seconds"), 0),
                 str(row, "hard_affinity"), str(row, "soft_affinity"));
}

static void put_rows(const struct domo_value *rows)
{
    (void)printf("%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State", "Time(s)",
                 "Affinity (Hard / Soft)");
    for (size_t i = 0; i < domo_value_len(rows); i++)
        put_row(domo_value_at(rows, i, NULL));
}

/* The guests that are named. NULL with the error set. Caller frees. */
static uint32_t *read_domains(struct cli *cli, const struct inv *inv, struct domo_err *err)
{
    uint32_t *domids = text_need(calloc((size_t)inv->n + 1, sizeof *domids));

    for (int i = 0; i < inv->n; i++) {
        if (domo_resolve(cli->ctx, inv->args[i], &domids[i], err) == 0)
            continue;
        if (cli->as_xl)
            (void)xl_bad_domain(cli, inv->cmd->name, inv->args[i], err);
        free(domids);
        return NULL;
    }
    return domids;
}

static int list(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *rows = NULL;
    uint32_t *domids;
    int r;

    if (!cli_ctx(cli, err))
        return -1;
    domids = read_domains(cli, inv, err);
    if (!domids)
        return -1;
    r = domo_vcpu_list(cli->ctx, domids, (size_t)inv->n, &rows, err);
    free(domids);
    if (r < 0)
        return -1;
    if (cli->g.json)
        out_json(rows);
    else
        put_rows(rows);
    return 0;
}

/* ---- set ---- */

struct set_opts {
    bool ignore_host;
};

static const struct opt set_opts[] = {
    OPT_BOOL(struct set_opts, ignore_host, "ignore-host", 'i', "also more than the host has processors"),
    OPT_END,
};

/* In xl's words, and in ours. */
static int refuse(struct cli *cli, const char *xl_says, const char *why, struct domo_err *err)
{
    if (cli->as_xl) {
        (void)fprintf(stderr, "%s\n", xl_says);
        cli->told = true;
    }
    return domo_err_set(err, "config.bad-value", why);
}

static bool read_number(const char *text, uint32_t *ret)
{
    if (!text_is_number(text) || strlen(text) > 6)
        return false;
    *ret = (uint32_t)strtoul(text, NULL, 10);
    return true;
}

static int set(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct set_opts *o = inv->opts;
    AUTO_VALUE struct domo_value *v = NULL;
    uint32_t n = 0;

    if (!read_number(inv->args[1], &n))
        return refuse(cli, "Error: Invalid argument.", "how many vcpus? that is a number", err);
    if (domo_vcpu_set(cli->ctx, inv->domid, n, o->ignore_host ? DOMO_VCPU_OVERCOMMIT : 0, &v, err))
        return -1;
    if (cli->g.json)
        out_json(v);
    return 0;
}

/* ---- pin ---- */

struct pin_opts {
    bool force, ignore_masks;
};

static const struct opt pin_opts[] = {
    OPT_BOOL(struct pin_opts, force, "force", 'f', "also one that domain 0 has pinned for a moment"),
    OPT_BOOL(struct pin_opts, ignore_masks, "ignore-global-affinity-masks", 'i', NULL),
    OPT_END,
};

static int pin(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct pin_opts *o = inv->opts;
    AUTO_FREE char *xl_says = text_fmt("Error: Invalid argument %s as VCPU.", inv->args[1]);
    bool all = strcmp(inv->args[1], "all") == 0;
    AUTO_VALUE struct domo_value *rows = NULL;
    uint32_t vcpu = 0;

    if (!all && !read_number(inv->args[1], &vcpu))
        return refuse(cli, xl_says, "which vcpu? a number, or 'all'", err);
    if (all && o->force)
        return refuse(cli, "Error: --force and 'all' as VCPU not allowed.", "--force is for one vcpu, not for all",
                      err);
    if (domo_vcpu_pin(cli->ctx, inv->domid, all ? NULL : &vcpu, inv->args[2], inv->n > 3 ? inv->args[3] : NULL,
                      o->force ? DOMO_VCPU_FORCE : 0, &rows, err))
        return -1;
    if (cli->g.json)
        out_json(rows);
    return 0;
}

const struct cmd vcpu_cmds[] = {
    {
        .name = "vcpu-list",
        .args = "[DOMAIN…]",
        .summary = "List the virtual processors of all guests, or of some",
        .opts = no_opts,
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = list,
    },
    {
        .name = "vcpu-set",
        .args = "DOMAIN NUMBER",
        .summary = "Ask a guest to use so many virtual processors",
        .about = "At most as many as it was made with (maxvcpus=). An HVM guest can get more, but can't give back.",
        .opts = set_opts,
        .opts_size = sizeof(struct set_opts),
        .min = 2,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = set,
    },
    {
        .name = "vcpu-pin",
        .args = "DOMAIN VCPU|all HARD|-|all [SOFT|-|all]",
        .summary = "Say on which processors virtual ones may run, and on which they would rather",
        .about = "HARD and SOFT are lists as cpus= has them, like 0-3,^2 or nodes:0; a dash leaves one as it is.",
        .opts = pin_opts,
        .opts_size = sizeof(struct pin_opts),
        .min = 3,
        .max = 4,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = pin,
    },
    {.name = NULL},
};
