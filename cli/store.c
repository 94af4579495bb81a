/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * store: XenStore by its paths. This file changes it, and holds the table.
 */
#include "store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "escape.h"
#include "out.h"
#include "text.h"

struct write_opts {
    bool escapes;
};
struct rm_opts {
    bool tidy, force;
};
struct chmod_opts {
    bool recursive;
};

/* ---- write ---- */

/* Enough to tell a value that is too big by its size; no value has more than 4096 bytes. */
enum { STDIN_MAX = 1 << 20 };

static char *read_stdin(size_t *ret_n)
{
    char *bytes = text_need(malloc(STDIN_MAX));

    *ret_n = fread(bytes, 1, STDIN_MAX, stdin);
    return bytes;
}

static int check_stdin(const struct inv *inv, struct domo_err *err)
{
    int n = 0;

    for (int i = 1; i < inv->n; i += 2)
        n += strcmp(inv->args[i], "-") == 0;
    if (n > 1)
        return domo_err_set(err, "usage", "only one value can come from standard input");
    return inv->n % 2 ? domo_err_set(err, "usage", "the last path has no value") : 0;
}

/* The bytes of one value, allocated; NULL with the error filled. */
static char *value_of(const char *word, bool escapes, size_t *ret_n, struct domo_err *err)
{
    AUTO_FREE char *why = NULL;
    char *bytes;

    if (strcmp(word, "-") == 0) {
        bytes = read_stdin(ret_n);
        if (!ferror(stdin))
            return bytes;
        free(bytes);
        (void)domo_err_set(err, "host.io", "standard input can't be read");
        return NULL;
    }
    bytes = escapes ? escape_undo(word, ret_n) : text_fmt("%s", word);
    if (!bytes) {
        why = text_fmt("'%s' has a backslash that begins none of \\t \\n \\r \\\\ \\NNN \\xNN", word);
        (void)domo_err_set(err, "usage", why);
    } else if (!escapes) {
        *ret_n = strlen(word);
    }
    return bytes;
}

static int write_pairs(struct cli *cli, const struct inv *inv, struct domo_store_pair *pairs, char **values,
                       struct domo_value **ret, struct domo_err *err)
{
    const struct write_opts *o = inv->opts;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    size_t n = (size_t)inv->n / 2;

    for (size_t i = 0; i < n; i++) {
        values[i] = value_of(inv->args[2 * i + 1], o->escapes, &pairs[i].len, err);
        if (!values[i])
            return -1;
        pairs[i].path = inv->args[2 * i];
        pairs[i].value = values[i];
    }
    return ctx ? domo_store_write(ctx, pairs, n, ret, err) : -1;
}

/* Scripts that write want no word; --json tells what was done. */
static int finish(const struct cli *cli, int r, const struct domo_value *changed)
{
    if (r == 0 && cli->g.json)
        out_json(changed);
    return r;
}

static int store_write(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_FREE struct domo_store_pair *pairs = text_need(calloc((size_t)inv->n, sizeof *pairs));
    char **values = text_need(calloc((size_t)inv->n, sizeof(char *)));
    AUTO_VALUE struct domo_value *changed = NULL;
    int r = check_stdin(inv, err);

    if (r == 0)
        r = write_pairs(cli, inv, pairs, values, &changed, err);
    for (int i = 0; i < inv->n; i++)
        free(values[i]);
    free(values);
    return finish(cli, r, changed);
}

/* ---- rm, mkdir, chmod ---- */

static int store_rm(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct rm_opts *o = inv->opts;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *changed = NULL;
    const unsigned flags = (o->tidy ? DOMO_STORE_TIDY : 0u) | (o->force ? DOMO_STORE_MISSING_OK : 0u);

    if (!ctx || domo_store_remove(ctx, (const char *const *)inv->args, (size_t)inv->n, flags, &changed, err) < 0)
        return -1;
    return finish(cli, 0, changed);
}

static int store_mkdir(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *changed = NULL;

    if (!ctx || domo_store_mkdir(ctx, (const char *const *)inv->args, (size_t)inv->n, &changed, err) < 0)
        return -1;
    return finish(cli, 0, changed);
}

static int store_chmod(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct chmod_opts *o = inv->opts;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *changed = NULL;

    if (!ctx || domo_store_set_perms(ctx, inv->args[0], (const char *const *)inv->args + 1, (size_t)inv->n - 1,
                                     o->recursive ? DOMO_STORE_RECURSIVE : 0u, &changed, err) < 0)
        return -1;
    return finish(cli, 0, changed);
}

/* ---- the table ---- */

static const struct opt no_opts[] = {OPT_END};
static const struct opt ls_opts[] = {
    OPT_BOOL(struct store_ls_opts, full, "long", 'l', "with permissions and values"),
    OPT_BOOL(struct store_ls_opts, recursive, "recursive", 'R', "all that is below, with full paths"),
    OPT_END,
};
static const struct opt tree_opts[] = {
    OPT_BOOL(struct store_tree_opts, perms, "perms", 'p', "with permissions"),
    OPT_BOOL(struct store_tree_opts, paths, "full-paths", 'f', "full paths instead of branches, as 'xenstore-ls -f'"),
    OPT_ROW(struct store_tree_opts, depth, OPT_NUMBER, "depth", 'd', "LEVELS", WORD_TEXT, "so many levels down"),
    OPT_END,
};
static const struct opt read_opts[] = {
    OPT_BOOL(struct store_read_opts, raw, "raw", 'R', "the bytes as they are, without a newline after them"),
    OPT_BOOL(struct store_read_opts, prefix, "prefix", 'p', "with the path before each value"),
    OPT_END,
};
static const struct opt write_opts[] = {
    OPT_BOOL(struct write_opts, escapes, "escapes", 'e',
             "values have escapes such as \\n and \\x00, as read prints them"),
    OPT_END,
};
static const struct opt rm_opts[] = {
    OPT_BOOL(struct rm_opts, tidy, "tidy", 't', "also the nodes above that are left with neither children nor a value"),
    OPT_BOOL(struct rm_opts, force, "force", 'f', "a node that is not there is no failure"),
    OPT_END,
};
static const struct opt chmod_opts[] = {
    OPT_BOOL(struct chmod_opts, recursive, "recursive", 'r', "also all that is below"),
    OPT_END,
};
static const struct opt watch_opts[] = {
    OPT_BOOL(struct store_watch_opts, full, "long", 'l', "with the value that the node has now"),
    OPT_ROW(struct store_watch_opts, count, OPT_NUMBER, "count", 'n', "N", WORD_TEXT, "end after so many events"),
    OPT_ROW(struct store_watch_opts, timeout_ms, OPT_SECONDS, "timeout", 0, "SECONDS", WORD_TEXT,
            "end after this time; a failure if --count has not been reached"),
    OPT_END,
};

static const struct cmd store_sub[] = {
    {
        .name = "ls",
        .args = "[PATH]",
        .summary = "List the children of a node",
        .about = "Names, sorted, one a line. Without PATH: of the root.",
        .opts = ls_opts,
        .opts_size = sizeof(struct store_ls_opts),
        .max = 1,
        .flags = CMD_JSON,
        .words = {WORD_STORE, WORD_NONE},
        .run = store_ls,
    },
    {
        .name = "tree",
        .args = "[PATH]",
        .summary = "Show a node and all that is below it, with values",
        .opts = tree_opts,
        .opts_size = sizeof(struct store_tree_opts),
        .max = 1,
        .flags = CMD_JSON,
        .words = {WORD_STORE, WORD_NONE},
        .run = store_tree,
    },
    {
        .name = "read",
        .args = "PATH…",
        .summary = "Print values",
        .about = "One a line. What is no printable ASCII is shown as \\t, \\n, \\r, \\\\, \\NNN (octal) or \\xNN.",
        .opts = read_opts,
        .opts_size = sizeof(struct store_read_opts),
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_JSON,
        .words = {WORD_STORE},
        .run = store_read,
    },
    {
        .name = "write",
        .args = "PATH VALUE [PATH VALUE…]",
        .summary = "Write values, all of them or none",
        .about =
            "Missing nodes are made, those above them as well. The VALUE - is all of standard input, byte for byte.\n"
            "A VALUE that begins with another - needs -- before the first PATH.",
        .opts = write_opts,
        .opts_size = sizeof(struct write_opts),
        .min = 2,
        .max = CMD_ANY,
        .flags = CMD_JSON,
        .words = {WORD_STORE, WORD_TEXT},
        .run = store_write,
    },
    {
        .name = "rm",
        .args = "PATH…",
        .summary = "Remove nodes with all that is below them, all of them or none",
        .opts = rm_opts,
        .opts_size = sizeof(struct rm_opts),
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_JSON,
        .words = {WORD_STORE},
        .run = store_rm,
    },
    {
        .name = "mkdir",
        .args = "PATH…",
        .summary = "Make empty nodes, all of them or none",
        .about = "A node that is there already stays as it is.",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_JSON,
        .words = {WORD_STORE},
        .run = store_mkdir,
    },
    {
        .name = "exists",
        .args = "PATH…",
        .summary = "Tell by the exit status whether all nodes are there",
        .about = "0: they are; 1: at least one is not. Prints nothing.",
        .opts = no_opts,
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_JSON,
        .words = {WORD_STORE},
        .run = store_exists,
    },
    {
        .name = "chmod",
        .args = "PATH PERM…",
        .summary = "Set the permissions of a node",
        .about = "A PERM is a letter (n none, r read, w write, b both) and the number of a domain: n0, r5.\n"
                 "The first one names the owner, and what every domain may that is not named.\n"
                 "What was set before is replaced.",
        .opts = chmod_opts,
        .opts_size = sizeof(struct chmod_opts),
        .min = 2,
        .max = CMD_ANY,
        .flags = CMD_JSON,
        .words = {WORD_STORE, WORD_TEXT},
        .run = store_chmod,
    },
    {
        .name = "watch",
        .args = "PATH…",
        .summary = "Print the path of each node that changes",
        .about =
            "One a line, with --json one object a line. Each watch begins with one event that says that it is set.\n"
            "Ctrl-C ends it. @introduceDomain and @releaseDomain are guests that come and go.",
        .opts = watch_opts,
        .opts_size = sizeof(struct store_watch_opts),
        .min = 1,
        .max = CMD_ANY,
        .flags = CMD_JSON,
        .words = {WORD_STORE},
        .run = store_watch,
    },
    {
        .name = "dump",
        .args = "[PATH]",
        .summary = "Print a node and all that is below it, with values and permissions",
        .about = "One line a node, sorted, in the format of 'xenstore-ls -fp': two dumps can be compared.",
        .opts = no_opts,
        .max = 1,
        .flags = CMD_JSON,
        .words = {WORD_STORE, WORD_NONE},
        .run = store_dump,
    },
    {.name = NULL},
};

const struct cmd store_cmds[] = {
    {
        .name = "store",
        .args = "ls|tree|read|write|rm|mkdir|exists|chmod|watch|dump",
        .summary = "Look at XenStore and change it",
        .about = "Paths are absolute, or relative to the home of the domain that this runs in (/local/domain/N).\n"
                 "Only XenStore is needed: it works in a driver domain, and $XENSTORED_PATH names another socket.",
        .opts = no_opts,
        .flags = CMD_JSON,
        .sub = store_sub,
    },
    {.name = NULL},
};
