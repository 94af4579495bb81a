/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * sweep: what died half-way, and its removal.
 */
#include <stdio.h>

#include "groups.h"
#include "out.h"
#include "text.h"

struct sweep_opts {
    bool remove;
};

static const struct opt sweep_opts[] = {
    OPT_BOOL(struct sweep_opts, remove, "remove", 0, "remove what is found"),
    OPT_END,
};

static char *outcome(const struct domo_value *row)
{
    const char *error = domo_value_str(domo_value_get(row, "error"), NULL);

    if (error)
        return text_fmt("failed: %s", error);
    return text_fmt("%s%s", domo_value_bool(domo_value_get(row, "removed"), false) ? "done: " : "",
                    domo_value_str(domo_value_get(row, "action"), ""));
}

static const struct col cols[] = {
    {.title = "WHAT", .key = "what"},
    {.title = "ID", .key = "id"},
    {.title = "WHY", .key = "why", .flags = COL_WRAP},
    {.title = "ACTION", .text = outcome},
    {.title = NULL},
};

static bool has_failed(const struct domo_value *rows)
{
    for (size_t i = 0; i < domo_value_len(rows); i++)
        if (domo_value_str(domo_value_get(domo_value_at(rows, i, NULL), "error"), NULL))
            return true;
    return false;
}

static int sweep(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct sweep_opts *o = inv->opts;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *rows = NULL;

    if (!ctx || domo_sweep(ctx, o->remove ? DOMO_SWEEP_REMOVE : 0u, &rows, err) < 0)
        return -1;
    if (cli->g.json) {
        out_json(rows);
    } else if (domo_value_len(rows) == 0) {
        (void)puts("nothing is left behind");
    } else {
        out_table(cols, rows);
        if (!o->remove)
            (void)fprintf(stderr, "'%s sweep --remove' does it\n", cli->prog);
    }
    return has_failed(rows) ? 1 : 0;
}

const struct cmd sweep_cmds[] = {
    {
        .name = "sweep",
        .args = "",
        .summary = "Find, and remove, what an interrupted operation left behind",
        .about = "Without --remove nothing is changed. The exit status is 1 if something could not be removed.",
        .opts = sweep_opts,
        .opts_size = sizeof(struct sweep_opts),
        .flags = CMD_JSON,
        .run = sweep,
    },
    {.name = NULL},
};
