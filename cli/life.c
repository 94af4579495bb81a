/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands on a guest's life: uptime, dump-core, trigger.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "groups.h"
#include "out.h"
#include "text.h"
#include "xl.h"

static const struct opt no_opts[] = {OPT_END};

/* ---- uptime ---- */

struct uptime_opts {
    bool is_short;
};

static const struct opt uptime_opts[] = {
    OPT_BOOL(struct uptime_opts, is_short, "short", 's', "one line each, with the time of day and without seconds"),
    OPT_END,
};

/* "1 day, 12:34:56", " 2:05:00" */
static char *duration_text(long long seconds, bool is_short)
{
    enum { MINUTE = 60, HOUR = 3600, DAY = 86400 };
    long long days = seconds / DAY, h = seconds % DAY / HOUR, m = seconds % HOUR / MINUTE, s = seconds % MINUTE;
    AUTO_FREE char *before = days ? text_fmt("%lld day%s, ", days, days == 1 ? "" : "s") : text_fmt("%s", "");

    return is_short ? text_fmt("%s%2lld:%02lld", before, h, m) : text_fmt("%s%2lld:%02lld:%02lld", before, h, m, s);
}

static void put_uptime(const struct domo_value *row, bool is_short)
{
    const char *name = domo_value_str(domo_value_get(row, "name"), "(null)");
    long long domid = domo_value_int(domo_value_get(row, "domid"), -1);
    long long seconds = domo_value_int(domo_value_get(row, "seconds"), -1);
    AUTO_FREE char *text = seconds < 0 ? text_fmt("%s", "not known") : duration_text(seconds, is_short);
    time_t now = time(NULL);
    struct tm tm;
    char clock[16] = "";

    if (!is_short) {
        (void)printf("%-33s %4lld %s\n", name, domid, text);
        return;
    }
    if (localtime_r(&now, &tm))
        (void)strftime(clock, sizeof clock, "%H:%M:%S", &tm);
    (void)printf(" %s up %s, %s (%lld)\n", clock, text, name, domid);
}

static int uptime(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct uptime_opts *o = inv->opts;
    AUTO_VALUE struct domo_value *rows = NULL;
    AUTO_FREE uint32_t *domids = text_need(calloc((size_t)inv->n + 1, sizeof *domids));

    if (!cli_ctx(cli, err))
        return -1;
    for (int i = 0; i < inv->n; i++)
        if (domo_resolve(cli->ctx, inv->args[i], &domids[i], err) < 0)
            return cli->as_xl ? xl_bad_domain(cli, inv->cmd->name, inv->args[i], err) : -1;
    if (domo_uptime(cli->ctx, domids, (size_t)inv->n, &rows, err) < 0)
        return -1;
    if (cli->g.json) {
        out_json(rows);
        return 0;
    }
    if (!o->is_short)
        (void)printf("%-33s %4s %s\n", "Name", "ID", "Uptime");
    for (size_t i = 0; i < domo_value_len(rows); i++)
        put_uptime(domo_value_at(rows, i, NULL), o->is_short);
    return 0;
}

/* ---- dump-core ---- */

static int dump_core(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *v = NULL;

    if (domo_dump_core(cli->ctx, inv->domid, inv->n > 1 ? inv->args[1] : NULL, &v, err) < 0)
        return -1;
    if (cli->g.json)
        out_json(v);
    else if (!cli->as_xl)
        (void)printf("%lld bytes in %s\n", (long long)domo_value_int(domo_value_get(v, "bytes"), 0),
                     domo_value_str(domo_value_get(v, "file"), "?"));
    return 0;
}

/* ---- trigger ---- */

static int trigger(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *v = NULL;
    unsigned long vcpu = 0;
    char *end = NULL;

    if (inv->n > 2) {
        vcpu = strtoul(inv->args[2], &end, 10);
        if (end == inv->args[2] || *end || vcpu > UINT32_MAX)
            return domo_err_set(err, "usage", "a virtual CPU is a number");
    }
    if (domo_trigger(cli->ctx, inv->domid, inv->args[1], (uint32_t)vcpu, err) < 0)
        return -1;
    if (!cli->g.json)
        return 0;
    v = text_need(domo_value_object());
    domo_value_set_int(v, "domid", inv->domid);
    domo_value_set_str(v, "trigger", inv->args[1]);
    domo_value_set_int(v, "vcpu", (int64_t)vcpu);
    out_json(v);
    return 0;
}

const struct cmd life_cmds[] = {
    {
        .name = "uptime",
        .args = "[DOMAIN…]",
        .summary = "Show how long domains have been running",
        .opts = uptime_opts,
        .opts_size = sizeof(struct uptime_opts),
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN},
        .run = uptime,
    },
    {
        .name = "dump-core",
        .args = "DOMAIN [FILE]",
        .summary = "Write a guest's memory and registers to a file, for a debugger",
        .about = "An ELF core, as Xen's crash tools read it; without FILE it goes where coredump-restart puts it,\n"
                 "/var/lib/xen/dump/NAME. A guest that runs is not stopped for it: pause it first for a core that is\n"
                 "of one moment.",
        .opts = no_opts,
        .min = 1,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_FILE, WORD_NONE},
        .run = dump_core,
    },
    {
        .name = "trigger",
        .args = "DOMAIN TRIGGER [VCPU]",
        .summary = "Do to a guest what a person could do to a machine",
        .about =
            "TRIGGER is nmi, reset, init, power, sleep, or s3resume. All but nmi need an HVM guest; Xen 4.17 knows\n"
            "no init, and a sleep button that not every guest listens to.",
        .opts = no_opts,
        .min = 2,
        .max = 3,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_TEXT, WORD_TEXT},
        .run = trigger,
    },
    {.name = NULL},
};
