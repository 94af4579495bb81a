/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * reconnect: devices whose driver domain has ended find its successor.
 */
#include <stdio.h>

#include "groups.h"
#include "out.h"
#include "text.h"

struct reconnect_opts {
    bool wait_backend;
};

static const struct opt reconnect_opts[] = {
    OPT_BOOL(struct reconnect_opts, wait_backend, "wait-backend", 0, WAIT_BACKEND_HELP),
    OPT_END,
};

static char *outcome(const struct domo_value *row)
{
    if (domo_value_bool(domo_value_get(row, "done"), false))
        return text_fmt("connected");
    return text_fmt("failed: %s", domo_value_str(domo_value_get(row, "error.message"), ""));
}

static const struct col cols[] = {
    {.title = "KIND", .key = "kind"},
    {.title = "DEVICE", .key = "device"},
    {.title = "BACKEND", .key = "backend"},
    {.title = "OUTCOME", .text = outcome, .flags = COL_WRAP},
    {.title = NULL},
};

static int reconnect(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct reconnect_opts *o = inv->opts;
    struct domo_options options = options_of(inv);
    AUTO_VALUE struct domo_value *rows = NULL;
    int r;

    options.backend_ms = o->wait_backend ? backend_ms_of(inv) : 0;
    r = domo_reconnect(cli->ctx, inv->domid, &options, &rows, err);
    cli_end_progress(cli);
    if (r < 0 && !rows)
        return -1;
    /* With --json one document says it all, the failures with their errors. */
    if (cli->g.json)
        out_json(rows);
    else if (domo_value_len(rows) == 0)
        (void)puts("nothing to reconnect: each device is served");
    else
        out_table(cols, rows);
    if (r == 0)
        return 0;
    return cli->g.json ? domo_err_status(err) : -1;
}

const struct cmd reconnect_cmds[] = {
    {
        .name = "reconnect",
        .args = "DOMAIN",
        .summary = "Give a guest's devices back ends again after their driver domain was restarted",
        .about = "Devices with backend=NAME whose driver domain has ended are taken away, and attached again with the "
                 "domain that has that name now: same device, same MAC. What is still served is left alone.",
        .opts = reconnect_opts,
        .opts_size = sizeof(struct reconnect_opts),
        .min = 1,
        .max = 1,
        .target = TARGET_DOMAIN,
        .flags = CMD_JSON | CMD_TIMED,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = reconnect,
    },
    {.name = NULL},
};
