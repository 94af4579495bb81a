/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * store ls, tree, dump, read, exists, watch: XenStore as it is. What guests
 * wrote is printed with escapes, one node a line.
 */
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "out.h"
#include "store.h"
#include "text.h"

static const char *member(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "");
}

static bool is_denied(const struct domo_value *row)
{
    return domo_value_bool(domo_value_get(row, "denied"), false);
}

/* " = "value"   (n0,r5)", as xenstore-ls writes it, so that the two can be compared. */
static void put_rest(const struct domo_value *row, bool with_value, bool with_perms)
{
    AUTO_FREE char *value = escape_value(row);

    if (is_denied(row))
        (void)fputs("   (may not be read)", stdout);
    else if (with_value)
        (void)printf(" = \"%s\"", value);
    if (with_perms && domo_value_get(row, "perms"))
        (void)printf("   (%s)", member(row, "perms.mode"));
    (void)putchar('\n');
}

/* ---- ls ---- */

static const char *perms_of(const struct domo_value *row)
{
    return is_denied(row) ? "-" : member(row, "perms.mode");
}

/* Not by out_table: it has escapes of its own for a backslash. */
static void put_long(const struct domo_value *rows, const char *title, const char *key)
{
    int wide = (int)strlen(title), perms_wide = (int)strlen("PERMS");

    for (size_t i = 0; i < domo_value_len(rows); i++) {
        const struct domo_value *row = domo_value_at(rows, i, NULL);
        int n = (int)strlen(member(row, key)), perms_n = (int)strlen(perms_of(row));

        wide = n > wide ? n : wide;
        perms_wide = perms_n > perms_wide ? perms_n : perms_wide;
    }
    if (domo_value_len(rows))
        (void)printf("%-*s %-*s VALUE\n", wide, title, perms_wide, "PERMS");
    for (size_t i = 0; i < domo_value_len(rows); i++) {
        const struct domo_value *row = domo_value_at(rows, i, NULL);
        AUTO_FREE char *value = is_denied(row) ? text_fmt("(may not be read)") : escape_value(row);

        (void)printf("%-*s %-*s %s\n", wide, member(row, key), perms_wide, perms_of(row), value);
    }
}

int store_ls(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct store_ls_opts *o = inv->opts;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *rows = NULL;
    const unsigned flags = DOMO_STORE_BELOW | (o->full ? DOMO_STORE_VALUES | DOMO_STORE_PERMS : 0u);
    const char *key = o->recursive ? "path" : "name";

    if (!ctx ||
        domo_store_walk(ctx, inv->n ? inv->args[0] : "/", flags, o->recursive ? DOMO_STORE_DEEP : 1, &rows, err) < 0)
        return -1;
    if (cli->g.json)
        out_json(rows);
    else if (o->full)
        put_long(rows, o->recursive ? "PATH" : "NAME", key);
    for (size_t i = 0; !cli->g.json && !o->full && i < domo_value_len(rows); i++)
        (void)puts(member(domo_value_at(rows, i, NULL), key));
    return 0;
}

/* ---- tree, dump ---- */

static size_t depth_of(const struct domo_value *rows, size_t i)
{
    return (size_t)domo_value_int(domo_value_get(domo_value_at(rows, i, NULL), "depth"), 0);
}

/* Which rows have no sibling after them, found from the end; caller frees. */
static bool *find_last(const struct domo_value *rows, size_t deepest)
{
    size_t n = domo_value_len(rows), below = 0;
    bool *last = text_need(calloc(n + 1, sizeof *last));
    AUTO_FREE bool *seen = text_need(calloc(deepest + 1, sizeof *seen));

    for (size_t i = n; i-- > 0;) {
        size_t depth = depth_of(rows, i);

        /* What came deeper after this row belongs to it. */
        if (depth < below)
            memset(seen + depth + 1, 0, (below - depth) * sizeof *seen);
        last[i] = !seen[depth];
        seen[depth] = true;
        below = depth;
    }
    return last;
}

static void draw_row(const struct domo_value *rows, size_t i, const bool *last, bool *open, const char *const *lines,
                     bool perms)
{
    const struct domo_value *row = domo_value_at(rows, i, NULL);
    size_t depth = depth_of(rows, i);
    bool has_children = i + 1 < domo_value_len(rows) && depth_of(rows, i + 1) > depth;

    for (size_t level = 1; level < depth; level++)
        (void)fputs(lines[open[level] ? 0 : 1], stdout);
    if (depth)
        (void)fputs(lines[last[i] ? 3 : 2], stdout);
    open[depth] = !last[i];
    (void)fputs(member(row, depth ? "name" : "path"), stdout);
    /* Most nodes with children have no value, and saying so hides those that have. */
    put_rest(row, !has_children || *member(row, "value") || domo_value_get(row, "value_hex"), perms);
}

static void draw(const struct domo_value *rows, bool perms)
{
    static const char *const utf8[] = {"│ ", "  ", "├─", "└─"}, *const ascii[] = {"| ", "  ", "|-", "`-"};
    size_t deepest = 0, n = domo_value_len(rows);
    AUTO_FREE bool *last = NULL, *open = NULL;

    (void)setlocale(LC_CTYPE, "");
    for (size_t i = 0; i < n; i++)
        if (depth_of(rows, i) > deepest)
            deepest = depth_of(rows, i);
    last = find_last(rows, deepest);
    open = text_need(calloc(deepest + 1, sizeof *open));
    for (size_t i = 0; i < n; i++)
        draw_row(rows, i, last, open, strcmp(nl_langinfo(CODESET), "UTF-8") == 0 ? utf8 : ascii, perms);
}

static void put_lines(const struct domo_value *rows, bool perms)
{
    for (size_t i = 0; i < domo_value_len(rows); i++) {
        const struct domo_value *row = domo_value_at(rows, i, NULL);

        (void)fputs(member(row, "path"), stdout);
        put_rest(row, true, perms);
    }
}

int store_tree(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct store_tree_opts *o = inv->opts;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *rows = NULL;
    const unsigned flags = DOMO_STORE_VALUES | (o->perms ? DOMO_STORE_PERMS : 0u);

    if (!ctx ||
        domo_store_walk(ctx, inv->n ? inv->args[0] : "/", flags, o->depth ? o->depth : DOMO_STORE_DEEP, &rows, err) < 0)
        return -1;
    if (cli->g.json)
        out_json(rows);
    else if (o->paths)
        put_lines(rows, o->perms);
    else
        draw(rows, o->perms);
    return 0;
}

int store_dump(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *rows = NULL;

    if (!ctx || domo_store_walk(ctx, inv->n ? inv->args[0] : "/", DOMO_STORE_VALUES | DOMO_STORE_PERMS, DOMO_STORE_DEEP,
                                &rows, err) < 0)
        return -1;
    if (cli->g.json)
        out_json(rows);
    else
        put_lines(rows, true);
    return 0;
}

/* ---- read, exists ---- */

static int put_value(struct domo_ctx *ctx, const char *path, const struct store_read_opts *o, struct domo_err *err)
{
    AUTO_FREE char *value = NULL, *text = NULL;
    size_t len = 0;

    if (domo_store_read(ctx, path, &value, &len, err) < 0)
        return -1;
    if (o->prefix)
        (void)printf("%s: ", path);
    if (o->raw) {
        (void)fwrite(value, 1, len, stdout);
        return 0;
    }
    text = escape_bytes(value, len);
    (void)puts(text);
    return 0;
}

/* A document is whole or not there at all: a failure prints nothing before it. */
static int read_json(struct domo_ctx *ctx, const struct inv *inv, struct domo_err *err)
{
    struct domo_value **rows = text_need(calloc((size_t)inv->n, sizeof(struct domo_value *)));
    struct out_array documents = {false};
    int r = 0;

    for (int i = 0; i < inv->n && r == 0; i++)
        r = domo_store_walk(ctx, inv->args[i], DOMO_STORE_VALUES, 0, &rows[i], err);
    for (int i = 0; i < inv->n && r == 0; i++)
        out_array_add(&documents, domo_value_at(rows[i], 0, NULL));
    if (r == 0)
        out_array_end(&documents);
    for (int i = 0; i < inv->n; i++)
        domo_value_free(rows[i]);
    free(rows);
    return r;
}

int store_read(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);

    if (!ctx)
        return -1;
    if (cli->g.json)
        return read_json(ctx, inv, err);
    for (int i = 0; i < inv->n; i++)
        if (put_value(ctx, inv->args[i], inv->opts, err) < 0)
            return -1;
    return 0;
}

int store_exists(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_FREE bool *found = text_need(calloc((size_t)inv->n, sizeof *found));
    struct out_array documents = {false};
    bool all = true;

    for (int i = 0; i < inv->n; i++) {
        if (!ctx || domo_store_exists(ctx, inv->args[i], &found[i], err) < 0)
            return -1;
        all = all && found[i];
    }
    for (int i = 0; cli->g.json && i < inv->n; i++) {
        AUTO_VALUE struct domo_value *row = text_need(domo_value_object());

        domo_value_set_str(row, "path", inv->args[i]);
        domo_value_set_bool(row, "exists", found[i]);
        out_array_add(&documents, row);
    }
    if (cli->g.json)
        out_array_end(&documents);
    return all ? 0 : 1;
}

/* ---- watch ---- */

struct watcher {
    bool json, full;
};

static bool put_event(void *arg, const struct domo_value *row)
{
    const struct watcher *w = arg;
    AUTO_FREE char *text = w->json ? text_need(domo_value_print(row, false)) : NULL;

    if (w->json)
        (void)puts(text);
    else if (!w->full)
        (void)puts(member(row, "path"));
    else if (domo_value_get(row, "value") || domo_value_get(row, "value_hex")) {
        (void)fputs(member(row, "path"), stdout);
        put_rest(row, true, false);
    } else {
        (void)printf("%s%s\n", member(row, "path"),
                     domo_value_bool(domo_value_get(row, "exists"), true) ? "" : "   (does not exist)");
    }
    /* When nobody reads any more there is nothing left to watch for. */
    return fflush(stdout) == 0;
}

int store_watch(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct store_watch_opts *o = inv->opts;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    struct watcher watcher = {.json = cli->g.json, .full = o->full};
    const struct domo_store_watch watch = {
        .paths = (const char *const *)inv->args,
        .n = (size_t)inv->n,
        .flags = o->full ? DOMO_STORE_VALUES : 0u,
        .count = o->count,
        .timeout_ms = o->timeout_ms,
        .event = put_event,
        .arg = &watcher,
    };

    if (!ctx)
        return -1;
    if (domo_store_watch(ctx, &watch, err) == 0)
        return 0;
    /* Ctrl-C is how a watch without a count ends. */
    return strcmp(domo_err_code(err), "op.cancelled") == 0 && cli_cancelled ? 0 : -1;
}
