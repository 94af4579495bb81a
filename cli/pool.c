/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pools of processors: cpupool-*.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"

static const struct opt no_opts[] = {OPT_END};

/* ---- list ---- */

struct list_opts {
    bool cpus;
};

static const struct opt list_opts[] = {
    OPT_BOOL(struct list_opts, cpus, "cpus", 'c', "which processors, instead of how many"),
    OPT_END,
};

static const char *str(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "?");
}

static void put_cpus(const struct domo_value *cpus)
{
    for (size_t i = 0; i < domo_value_len(cpus); i++)
        (void)printf("%s%d", i ? "," : "", (int)domo_value_int(domo_value_at(cpus, i, NULL), 0));
}

static void put_row(const struct domo_value *row, bool with_cpus)
{
    const struct domo_value *cpus = domo_value_get(row, "cpus");

    (void)printf("%-19s", str(row, "name"));
    if (with_cpus)
        put_cpus(cpus);
    else
        (void)printf("%3d %9s       y       %4d", (int)domo_value_len(cpus), str(row, "scheduler"),
                     (int)domo_value_int(domo_value_get(row, "domains"), 0));
    (void)putchar('\n');
}

static int list(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct list_opts *o = inv->opts;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *rows = NULL;

    if (!ctx || domo_pool_list(ctx, inv->n ? inv->args[0] : NULL, &rows, err))
        return -1;
    if (cli->g.json) {
        out_json(rows);
        return 0;
    }
    (void)printf("%-19s%s\n", "Name", o->cpus ? "CPU list" : "CPUs   Sched     Active   Domain count");
    for (size_t i = 0; i < domo_value_len(rows); i++)
        put_row(domo_value_at(rows, i, NULL), o->cpus);
    return 0;
}

/* ---- create ---- */

struct create_opts {
    const char *file;
};

static const struct opt create_opts[] = {
    OPT_ROW(struct create_opts, file, OPT_TEXT, "defconfig", 'f', "FILE", WORD_FILE, "the config file"),
    OPT_END,
};

/* A file, settings, or both. */
static int split_words(const struct inv *inv, const char **file, const char **settings, struct domo_err *err)
{
    size_t n = 0;

    for (int i = 0; i < inv->n; i++)
        if (strchr(inv->args[i], '='))
            settings[n++] = inv->args[i];
        else if (*file)
            return domo_err_set(err, "usage", "two config files are one too many");
        else
            *file = inv->args[i];
    return n || *file ? 0 : domo_err_set(err, "usage", "a config file, or name=NAME");
}

static int create(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct create_opts *o = inv->opts;
    AUTO_FREE const char **settings = text_need(calloc((size_t)inv->n + 1, sizeof *settings));
    struct domo_ctx *ctx = cli_ctx(cli, err);
    const char *file = o->file;
    AUTO_VALUE struct domo_value *v = NULL;

    if (!ctx || split_words(inv, &file, settings, err) ||
        domo_pool_create(ctx, file, settings, inv->common.dry_run ? DOMO_POOL_DRY_RUN : 0, &v, err))
        return -1;
    if (cli->g.json) {
        out_json(v);
        return 0;
    }
    (void)printf("Using config file \"%s\"\n", file ? file : "command line");
    (void)printf("cpupool name:   %s\nscheduler:      %s\nnumber of cpus: %d\n", str(v, "name"), str(v, "scheduler"),
                 (int)domo_value_len(domo_value_get(v, "cpus")));
    return 0;
}

/* ---- the others: a pool, and what is to be done ---- */

static int act(struct cli *cli, struct inv *inv, struct domo_value **v, struct domo_err *err)
{
    const char *what = inv->cmd->name + strlen("cpupool-");
    struct domo_ctx *ctx = cli->ctx;

    if (strcmp(what, "destroy") == 0)
        return domo_pool_destroy(ctx, inv->args[0], v, err);
    if (strcmp(what, "rename") == 0)
        return domo_pool_rename(ctx, inv->args[0], inv->args[1], v, err);
    if (strcmp(what, "migrate") == 0)
        return domo_pool_migrate(ctx, inv->domid, inv->args[1], v, err);
    if (strcmp(what, "numa-split") == 0)
        return domo_pool_split(ctx, v, err);
    return domo_pool_cpus(ctx, inv->args[0], inv->args[1], strcmp(what, "cpu-add") == 0, v, err);
}

static int run(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *v = NULL;

    if (!cli_ctx(cli, err) || act(cli, inv, &v, err))
        return -1;
    if (cli->g.json)
        out_json(v);
    return 0;
}

#define POOL_ROW(name_, args_, n, target_, first, summary_, about_)                                                    \
    {                                                                                                                  \
        .name = (name_), .args = (args_), .summary = (summary_), .about = (about_), .opts = no_opts, .min = (n),       \
        .max = (n), .target = (target_), .flags = CMD_XL | CMD_JSON, .words = {first, WORD_TEXT}, .run = run,          \
    }
#define CPUS_ABOUT "CPUS is a list as cpus= has it: 2, 0-3,^1 or node:1."

const struct cmd pool_cmds[] = {
    {
        .name = "cpupool-list",
        .args = "[POOL]",
        .summary = "List the pools of processors",
        .opts = list_opts,
        .opts_size = sizeof(struct list_opts),
        .max = 1,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_TEXT},
        .run = list,
    },
    {
        .name = "cpupool-create",
        .args = "[FILE] [KEY=VALUE…]",
        .summary = "Make a pool of processors that are scheduled on their own",
        .about = "The keys are name, sched (credit, credit2, rtds, null), cpus and nodes. Only processors that are in\n"
                 "no pool can be taken; without cpus= and nodes= it is the first of them.",
        .opts = create_opts,
        .opts_size = sizeof(struct create_opts),
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON | CMD_DRY_RUN | CMD_SETTINGS,
        .words = {WORD_FILE, WORD_TEXT},
        .run = create,
    },
    POOL_ROW("cpupool-destroy", "POOL", 1, TARGET_NONE, WORD_TEXT, "End a pool: its processors are in none then", NULL),
    POOL_ROW("cpupool-rename", "POOL NAME", 2, TARGET_NONE, WORD_TEXT, "Give a pool another name", NULL),
    POOL_ROW("cpupool-cpu-add", "POOL CPUS", 2, TARGET_NONE, WORD_TEXT, "Put processors into a pool", CPUS_ABOUT),
    POOL_ROW("cpupool-cpu-remove", "POOL CPUS", 2, TARGET_NONE, WORD_TEXT, "Take processors out of a pool", CPUS_ABOUT),
    POOL_ROW("cpupool-migrate", "DOMAIN POOL", 2, TARGET_DOMAIN, WORD_DOMAIN, "Move a guest to another pool", NULL),
    POOL_ROW("cpupool-numa-split", "", 0, TARGET_NONE, WORD_NONE, "Make a pool of each NUMA node",
             "Only while there is no pool but the first. Domain 0 is asked to use no more vcpus than its node has\n"
             "processors."),
    {.name = NULL},
};
