/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "text.h"
#include "xl.h"

const struct opt cmd_global_opts[] = {
    OPT_ROW(struct global_opts, host, OPT_TEXT, "host", 0, "URI", WORD_TEXT,
            "the host to work on (default: $DOMO_HOST, else xen:)"),
    OPT_BOOL(struct global_opts, json, "json", 0, "print the result, or the error, as JSON on stdout"),
    OPT_ROW(struct global_opts, verbose, OPT_COUNT, "verbose", 'v', NULL, WORD_NONE, "say more; twice: say everything"),
    OPT_BOOL(struct global_opts, trace, "trace", 0, "log each call to the host"),
    OPT_BOOL(struct global_opts, no_progress, "no-progress", 0, "no progress line, also on a terminal"),
    OPT_BOOL(struct global_opts, stats, "stats", 0,
             "at the end, a JSON line on stderr: how much was asked of the host"),
    OPT_BOOL(struct global_opts, help, "help", 'h', "show what a command does and takes"),
    OPT_BOOL(struct global_opts, version, "version", 0, "show the version"),
    OPT_END,
};

static const struct opt dry_run_opts[] = {
    OPT_BOOL(struct common_opts, dry_run, "dry-run", 'n', "check and show what would be done, change nothing"),
    OPT_BOOL(struct common_opts, dry_run, "dryrun", 0, NULL),
    OPT_END,
};

static const struct opt timed_opts[] = {
    OPT_BOOL(struct common_opts, timing, "timing", 0, "show how long each step took"),
    OPT_ROW(struct common_opts, timeout, OPT_LIMITS, "timeout", 0, "[PHASE=]SECONDS[,…]", WORD_TEXT,
            "how long to wait for the guest, or in one phase: accept (back end), script, connect, close (detach), "
            "device-model (its start)"),
    OPT_END,
};

size_t cmd_optsets(const struct cmd *cmd, struct optset sets[CMD_SETS_MAX])
{
    size_t n = 0;

    memset(sets, 0, CMD_SETS_MAX * sizeof *sets);
    sets[n++].rows = cmd->opts;
    if (cmd->flags & CMD_DRY_RUN)
        sets[n++].rows = dry_run_opts;
    if (cmd->flags & CMD_TIMED)
        sets[n++].rows = timed_opts;
    sets[n++].rows = cmd_global_opts;
    return n;
}

bool cmd_is_shown(const struct cli *cli, const struct cmd *cmd)
{
    return !(cmd->flags & CMD_HIDDEN) && (!cli->as_xl || (cmd->flags & CMD_XL));
}

/* What a name was compared with so far. */
struct search {
    const char *name;
    const struct cmd *exact, *begun;
    size_t n_begun;
    char *candidates; /* those that it begins: "block-attach, block-list" */
    const char *near;
    size_t best;
};

static void search_add(struct search *s, const struct cmd *cmd, bool is_shown)
{
    if (strcmp(cmd->name, s->name) == 0)
        s->exact = cmd;
    if (!is_shown)
        return;
    if (text_is_nearer(s->name, cmd->name, &s->best))
        s->near = cmd->name;
    if (text_starts(cmd->name, s->name)) {
        AUTO_FREE char *before = s->candidates;

        s->begun = cmd;
        s->n_begun++;
        s->candidates = text_fmt("%s%s%s", before ? before : "", before ? ", " : "", cmd->name);
    }
}

static const struct cmd *search_end(struct search *s, char **ret_why)
{
    AUTO_FREE char *candidates = s->candidates;

    if (s->exact)
        return s->exact;
    if (s->n_begun == 1)
        return s->begun;
    if (s->n_begun > 1)
        *ret_why = text_fmt("command '%s' is ambiguous: %s", s->name, candidates);
    else if (s->near)
        *ret_why = text_fmt("unknown command '%s', did you mean '%s'?", s->name, s->near);
    else
        *ret_why = text_fmt("unknown command '%s'", s->name);
    return NULL;
}

const struct cmd *cmd_find(const struct cli *cli, const char *name, char **ret_why)
{
    struct search s = {.name = name, .best = SIZE_MAX};

    for (const struct cmd *const *group = cmd_groups; *group; group++)
        for (const struct cmd *cmd = *group; cmd->name; cmd++)
            search_add(&s, cmd, cmd_is_shown(cli, cmd));
    return search_end(&s, ret_why);
}

const struct cmd *cmd_find_sub(const struct cmd *parent, const char *name, char **ret_why)
{
    struct search s = {.name = name, .best = SIZE_MAX};

    for (const struct cmd *cmd = parent->sub; cmd->name; cmd++)
        search_add(&s, cmd, true);
    return search_end(&s, ret_why);
}

void cmd_usage(const struct cli *cli, const struct cmd *parent, const struct cmd *cmd, FILE *to)
{
    struct optset sets[CMD_SETS_MAX];
    size_t n = cmd_optsets(cmd, sets);

    (void)fprintf(to, "usage: %s %s%s%s [options]%s%s\n\n%s.\n", cli->prog, parent ? parent->name : "",
                  parent ? " " : "", cmd->name, cmd->args[0] ? " " : "", cmd->args, cmd->summary);
    if (cmd->about)
        (void)fprintf(to, "%s\n", cmd->about);
    if (cmd->sub) {
        (void)fputs("\nCommands:\n", to);
        for (const struct cmd *sub = cmd->sub; sub->name; sub++)
            (void)fprintf(to, "  %-18s %s\n", sub->name, sub->summary);
    }
    if (n > 2 || (cmd->opts && cmd->opts->name))
        (void)fputs("\nOptions:\n", to);
    for (size_t i = 0; i + 1 < n; i++)
        opt_help(sets[i].rows, to);
    (void)fputs("\nGlobal options:\n", to);
    opt_help(sets[n - 1].rows, to);
}

void cmd_overview(const struct cli *cli, FILE *to)
{
    (void)fprintf(to, "usage: %s [options] COMMAND [arguments]\n\nCommands:\n", cli->prog);
    for (const struct cmd *const *group = cmd_groups; *group; group++)
        for (const struct cmd *cmd = *group; cmd->name; cmd++)
            if (cmd_is_shown(cli, cmd))
                (void)fprintf(to, "  %-18s %s\n", cmd->name, cmd->summary);
    (void)fputs("\nGlobal options:\n", to);
    opt_help(cmd_global_opts, to);
    (void)fprintf(to, "\nA command may be shortened as long as it is clear. '%s help COMMAND' shows more.\n",
                  cli->prog);
}

static int usage_error(struct domo_err *err, char *message)
{
    AUTO_FREE char *text = message;

    return domo_err_set(err, "usage", text);
}

static int check_arity(const struct cli *cli, const struct inv *inv, struct domo_err *err)
{
    const struct cmd *cmd = inv->cmd;
    AUTO_FREE char *name = NULL;

    if (inv->n >= cmd->min && inv->n <= cmd->max)
        return 0;
    if (cli->as_xl && inv->n < cmd->min)
        return usage_error(
            err, text_fmt("'xl %s' requires at least %d argument%s.", cmd->name, cmd->min, cmd->min > 1 ? "s" : ""));
    name = text_fmt("%s%s%s", inv->parent ? inv->parent->name : "", inv->parent ? " " : "", cmd->name);
    return usage_error(err, text_fmt("'%s' takes %s; see '%s help %s'", name, cmd->args[0] ? cmd->args : "no arguments",
                                     cli->prog, name));
}

static int check_flags(const struct cli *cli, const struct inv *inv, struct domo_err *err)
{
    if (cli->g.json && !(inv->cmd->flags & CMD_JSON))
        return usage_error(err, text_fmt("'%s' has no JSON output", inv->cmd->name));
    if (cli->g.dry_run && !(inv->cmd->flags & CMD_DRY_RUN)) {
        AUTO_FREE char *text = text_fmt("command '%s' has no dry run", inv->cmd->name);

        return domo_err_set(err, "unsupported", text);
    }
    return 0;
}

static int resolve_target(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct domo_ctx *ctx;

    if (inv->cmd->target == TARGET_NONE || inv->n == 0)
        return 0;
    inv->domain = inv->args[0];
    ctx = cli_ctx(cli, err);
    if (!ctx || domo_resolve(ctx, inv->domain, &inv->domid, err) < 0)
        return cli->as_xl ? xl_bad_domain(cli, inv->cmd->name, inv->domain, err) : -1;
    inv->has_domid = true;
    return 0;
}

/* Between a parsed line and the command's body. */
static int prepare_and_run(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    if (check_arity(cli, inv, err) < 0 || check_flags(cli, inv, err) < 0)
        return -1;
    if (cli->g.dry_run)
        inv->common.dry_run = true;
    if (resolve_target(cli, inv, err) < 0)
        return -1;
    return inv->cmd->run(cli, inv, err);
}

static int parse_options(struct cli *cli, struct inv *inv, int argc, char **argv, struct domo_err *err)
{
    struct optset sets[CMD_SETS_MAX];
    size_t n = cmd_optsets(inv->cmd, sets);
    char *why = NULL;
    int first;

    sets[0].record = inv->opts;
    for (size_t i = 1; i + 1 < n; i++)
        sets[i].record = &inv->common;
    sets[n - 1].record = &cli->g;
    if (opt_parse(sets, n, false, argc, argv, &first, &why) < 0)
        return cli->as_xl ? xl_bad_option(cli, why, err) : usage_error(err, why);
    inv->args = argv + first;
    inv->n = argc - first;
    return 0;
}

static int finish(struct cli *cli, int result, const struct domo_err *err)
{
    if (result >= 0)
        return result;
    return cli->as_xl ? xl_error(cli, err) : out_error(cli, err);
}

static int run_cmd(struct cli *cli, const struct cmd *parent, const struct cmd *cmd, int argc, char **argv,
                   struct domo_err *err)
{
    AUTO_FREE void *opts = text_need(calloc(1, cmd->opts_size + 1));
    struct inv inv = {.parent = parent, .cmd = cmd, .opts = opts};
    int r = parse_options(cli, &inv, argc, argv, err);

    if (r == 0 && cli->g.help) {
        cmd_usage(cli, parent, cmd, stdout);
        return 0;
    }
    if (r == 0)
        r = prepare_and_run(cli, &inv, err);
    r = finish(cli, r, err);
    if (r == 2 && cli->as_xl && inv.n < cmd->min)
        cmd_usage(cli, parent, cmd, stderr);
    return r;
}

/* The word after a command that has a second level. */
static const struct cmd *choose_sub(const struct cmd *cmd, int argc, char **argv, struct domo_err *err)
{
    const struct cmd *sub;
    char *why = NULL;

    if (argc < 2) {
        (void)usage_error(err, text_fmt("'%s' needs a command after it: %s", cmd->name, cmd->args));
        return NULL;
    }
    sub = cmd_find_sub(cmd, argv[1], &why);
    if (!sub)
        (void)usage_error(err, why);
    return sub;
}

int cmd_dispatch(struct cli *cli, int argc, char **argv)
{
    struct domo_err *err = text_need(domo_err_new());
    char *why = NULL;
    const struct cmd *cmd = cmd_find(cli, argv[0], &why), *sub = NULL;
    int r;

    if (!cmd)
        r = finish(cli, cli->as_xl ? xl_unknown_command(cli, why, err) : usage_error(err, why), err);
    else if (!cmd->sub)
        r = run_cmd(cli, NULL, cmd, argc, argv, err);
    else if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        cmd_usage(cli, NULL, cmd, stdout);
        r = 0;
    } else {
        sub = choose_sub(cmd, argc, argv, err);
        r = sub ? run_cmd(cli, cmd, sub, argc - 1, argv + 1, err) : finish(cli, -1, err);
    }
    domo_err_free(err);
    return r;
}
