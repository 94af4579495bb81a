/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * help and version: what the tables say about themselves.
 */
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"

static const struct opt no_opts[] = {OPT_END};

static const struct col error_cols[] = {
    {.title = "CODE", .key = "code"},
    {.title = "STATUS", .key = "status", .flags = COL_RIGHT},
    {.title = "CLASS", .key = "class"},
    {.title = "MEANING", .key = "doc", .flags = COL_WRAP},
    {.title = NULL},
};

static const struct domo_value *find_error(const struct domo_value *catalogue, const char *code)
{
    for (size_t i = 0; i < domo_value_len(catalogue); i++) {
        const struct domo_value *row = domo_value_at(catalogue, i, NULL);

        if (strcmp(domo_value_str(domo_value_get(row, "code"), ""), code) == 0)
            return row;
    }
    return NULL;
}

static int help_errors(const struct cli *cli, const char *code, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *catalogue = text_need(domo_err_catalogue());
    const struct domo_value *row = code ? find_error(catalogue, code) : NULL;

    if (code && !row) {
        AUTO_FREE char *text = text_fmt("no error code '%s'", code);

        return domo_err_set(err, "usage", text);
    }
    if (cli->g.json) {
        out_json(code ? row : catalogue);
    } else if (!code) {
        out_table(error_cols, catalogue);
    } else {
        (void)printf("%s: %s\nexit status: %lld (%s)\n", code, domo_value_str(domo_value_get(row, "doc"), ""),
                     (long long)domo_value_int(domo_value_get(row, "status"), 0),
                     domo_value_str(domo_value_get(row, "class"), ""));
        if (*domo_value_str(domo_value_get(row, "hint"), ""))
            (void)printf("hint: %s\n", domo_value_str(domo_value_get(row, "hint"), ""));
    }
    return 0;
}

/* {"--json": {"help", "argument"}} */
static void describe_opts(struct domo_value *into, const struct opt *rows)
{
    for (; rows && rows->name; rows++) {
        AUTO_FREE char *name = text_fmt("--%s", rows->name);
        struct domo_value *v;

        if (!rows->help)
            continue;
        v = text_need(domo_value_object());
        domo_value_set_str(v, "help", rows->help);
        if (rows->letter)
            domo_value_set_str(v, "letter", (char[]){rows->letter, '\0'});
        if (rows->arg)
            domo_value_set_str(v, "argument", rows->arg);
        domo_value_set(into, name, v);
    }
}

static struct domo_value *describe_cmd(const struct cmd *cmd)
{
    struct domo_value *v = text_need(domo_value_object()), *opts = text_need(domo_value_object());
    struct optset sets[CMD_SETS_MAX];
    size_t n = cmd_optsets(cmd, sets);

    domo_value_set_str(v, "summary", cmd->summary);
    domo_value_set_str(v, "arguments", cmd->args);
    domo_value_set_bool(v, "json", cmd->flags & CMD_JSON);
    domo_value_set_bool(v, "xl", cmd->flags & CMD_XL);
    for (size_t i = 0; i + 1 < n; i++)
        describe_opts(opts, sets[i].rows);
    domo_value_set(v, "options", opts);
    if (cmd->sub) {
        struct domo_value *subs = text_need(domo_value_object());

        for (const struct cmd *sub = cmd->sub; sub->name; sub++)
            domo_value_set(subs, sub->name, describe_cmd(sub));
        domo_value_set(v, "commands", subs);
    }
    return v;
}

static void help_json(const struct cli *cli)
{
    AUTO_VALUE struct domo_value *v = text_need(domo_value_object());
    struct domo_value *cmds = text_need(domo_value_object()), *opts = text_need(domo_value_object());

    domo_value_set_str(v, "version", DOMO_VERSION);
    for (const struct cmd *const *group = cmd_groups; *group; group++)
        for (const struct cmd *cmd = *group; cmd->name; cmd++)
            if (cmd_is_shown(cli, cmd))
                domo_value_set(cmds, cmd->name, describe_cmd(cmd));
    domo_value_set(v, "commands", cmds);
    describe_opts(opts, cmd_global_opts);
    domo_value_set(v, "options", opts);
    out_json(v);
}

static int help_command(const struct cli *cli, const struct inv *inv, struct domo_err *err)
{
    char *why = NULL;
    const struct cmd *cmd = cmd_find(cli, inv->args[0], &why), *parent = NULL;

    if (cmd && cmd->sub && inv->n > 1) {
        parent = cmd;
        cmd = cmd_find_sub(parent, inv->args[1], &why);
    }
    if (!cmd) {
        AUTO_FREE char *text = why;

        /* xl answers on stdout that there is no such command, and succeeds. */
        if (!cli->as_xl)
            return domo_err_set(err, "usage", text);
        (void)printf("%s\n", text);
        return 0;
    }
    if (cli->g.json) {
        AUTO_VALUE struct domo_value *v = describe_cmd(cmd);

        out_json(v);
    } else {
        cmd_usage(cli, parent, cmd, stdout);
    }
    return 0;
}

static int help(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    if (inv->n > 0 && strcmp(inv->args[0], "errors") == 0)
        return help_errors(cli, inv->n > 1 ? inv->args[1] : NULL, err);
    if (inv->n > 0)
        return help_command(cli, inv, err);
    if (cli->g.json)
        help_json(cli);
    else
        cmd_overview(cli, stdout);
    return 0;
}

static int version(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *v = text_need(domo_value_object());

    (void)inv;
    (void)err;
    domo_value_set_str(v, "version", DOMO_VERSION);
    if (cli->g.json)
        out_json(v);
    else
        (void)printf("domo %s\n", DOMO_VERSION);
    return 0;
}

const struct cmd help_cmds[] = {
    {
        .name = "help",
        .args = "[COMMAND | errors [CODE]]",
        .summary = "Show what commands do and what errors mean",
        .opts = no_opts,
        .max = 2,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_COMMAND, WORD_ERROR, WORD_NONE},
        .run = help,
    },
    {
        .name = "version",
        .args = "",
        .summary = "Show the version",
        .opts = no_opts,
        .flags = CMD_JSON,
        .run = version,
    },
    {.name = NULL},
};
