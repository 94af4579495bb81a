/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * list: the guests of this host, in the layout that scripts have been cutting
 * into columns for twenty years.
 */
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"

struct list_opts {
    bool is_long, verbose, context, cpupool;
};

static const struct opt list_opts[] = {
    OPT_BOOL(struct list_opts, is_long, "long", 'l', "the configuration of each guest, as JSON"),
    OPT_BOOL(struct list_opts, verbose, "verbose", 'v', "also UUID, reason of shutdown and security label"),
    OPT_BOOL(struct list_opts, context, "context", 'Z', "also the security label"),
    OPT_BOOL(struct list_opts, cpupool, "cpupool", 'c', "also the CPU pool"),
    OPT_END,
};

static void put_header(const struct list_opts *o)
{
    (void)fputs("Name                                        ID   Mem VCPUs\tState\tTime(s)", stdout);
    if (o->verbose)
        (void)fputs("   UUID                            Reason-Code\tSecurity Label", stdout);
    if (o->context && !o->verbose)
        (void)fputs("   Security Label", stdout);
    if (o->cpupool)
        (void)fputs("         Cpupool", stdout);
    (void)putchar('\n');
}

static const char *str(const struct domo_value *row, const char *key, const char *fallback)
{
    return domo_value_str(domo_value_get(row, key), fallback);
}

static long long num(const struct domo_value *row, const char *key)
{
    return (long long)domo_value_int(domo_value_get(row, key), 0);
}

static void put_verbose(const struct domo_value *row)
{
    int64_t reason = domo_value_int(domo_value_get(row, "state.reason"), -1);

    (void)printf(" %s", str(row, "uuid", ""));
    if (reason >= 0)
        (void)printf(" %8llx", (unsigned long long)reason);
    else
        (void)printf(" %8s", "-");
}

/* Pools are numbers to the hypervisor; this is the name that it gives the first one. */
static void put_pool(const struct domo_value *row)
{
    AUTO_FREE char *pool = text_fmt("Pool-%lld", num(row, "cpupool"));

    (void)printf("%16s", pool);
}

static void put_row(const struct list_opts *o, const struct domo_value *row)
{
    (void)printf("%-40s %5lld %5lld %5lld     %s  %8.1f", str(row, "name", "(null)"), num(row, "domid"),
                 num(row, "memory_mib"), num(row, "vcpus"), str(row, "flags", "------"),
                 domo_value_double(domo_value_get(row, "cpu_seconds"), 0));
    if (o->verbose)
        put_verbose(row);
    if (o->verbose || o->context)
        (void)printf(" %16s", str(row, "security_label", "-"));
    if (o->cpupool)
        put_pool(row);
    (void)putchar('\n');
}

static int list(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct list_opts *o = inv->opts;
    const uint32_t *one = inv->has_domid ? &inv->domid : NULL;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *rows = NULL;

    if (!ctx || (o->is_long ? domo_list_long(ctx, one, &rows, err) : domo_list(ctx, one, &rows, err)) < 0)
        return -1;
    if (cli->g.json || o->is_long) {
        out_json(rows);
        return 0;
    }
    put_header(o);
    for (size_t i = 0; i < domo_value_len(rows); i++)
        put_row(o, domo_value_at(rows, i, NULL));
    return 0;
}

const struct cmd list_cmds[] = {
    {
        .name = "list",
        .args = "[DOMAIN]",
        .summary = "List the guests, or one",
        .opts = list_opts,
        .opts_size = sizeof(struct list_opts),
        .max = 1,
        .target = TARGET_DOMAIN_MAYBE,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = list,
    },
    {.name = NULL},
};
