/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tables and trees for people, drawn by libsmartcols: the only file that sees it.
 */
#include "out.h"

#include <dlfcn.h>
#include <libsmartcols.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

/* What is called of libsmartcols. It is loaded with the first table: most commands print none, and their start is most
 * of the time that they take. */
#define SCOLS_CALLS(X)                                                                                                 \
    X(line_refer_data)                                                                                                 \
    X(line_set_data)                                                                                                   \
    X(new_table)                                                                                                       \
    X(print_table)                                                                                                     \
    X(table_get_line)                                                                                                  \
    X(table_get_nlines)                                                                                                \
    X(table_new_column)                                                                                                \
    X(table_new_line)                                                                                                  \
    X(unref_table)
#define MEMBER(f) __typeof__(scols_##f) *f;
#define NAME(f)   "scols_" #f,

static struct {
    SCOLS_CALLS(MEMBER)
} scols;

static void load(void)
{
    static const char *const names[] = {SCOLS_CALLS(NAME)};
    static bool loaded;
    void *library, *call;

    if (loaded)
        return;
    /* The lines of a tree, and the width of what is in a column, depend on the terminal's characters. */
    (void)setlocale(LC_CTYPE, "");
    library = dlopen(SMARTCOLS_SONAME, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        call = library ? dlsym(library, names[i]) : NULL;
        if (!call) {
            (void)fprintf(stderr, "domo: can't draw tables without %s (--json works): %s\n", SMARTCOLS_SONAME,
                          dlerror());
            exit(EXIT_FAILURE);
        }
        /* POSIX lets an object pointer become a function pointer, C only byte by byte. */
        memcpy((char *)&scols + i * sizeof call, &call, sizeof call);
    }
    loaded = true;
}

static void add_column(struct libscols_table *table, const char *title, int flags)
{
    if (!scols.table_new_column(table, title, 0, flags))
        (void)text_need(NULL);
}

static int column_flags(const struct col *col)
{
    return (col->flags & COL_RIGHT ? SCOLS_FL_RIGHT : 0) | (col->flags & COL_WRAP ? SCOLS_FL_WRAP : 0);
}

static void add_row(struct libscols_table *table, const struct col *cols, const struct domo_value *row)
{
    struct libscols_line *line = text_need(scols.table_new_line(table, NULL));

    for (size_t i = 0; cols[i].title; i++) {
        char *text = cols[i].text ? cols[i].text(row) : out_text(domo_value_get(row, cols[i].key));

        if (scols.line_refer_data(line, i, text) < 0)
            (void)text_need(NULL);
    }
}

void out_table(const struct col *cols, const struct domo_value *rows)
{
    struct libscols_table *table;

    if (domo_value_len(rows) == 0)
        return;
    load();
    table = text_need(scols.new_table());
    for (size_t i = 0; cols[i].title; i++)
        add_column(table, cols[i].title, column_flags(&cols[i]));
    for (size_t i = 0; i < domo_value_len(rows); i++)
        add_row(table, cols, domo_value_at(rows, i, NULL));
    (void)scols.print_table(table);
    scols.unref_table(table);
}

struct out_tree {
    struct libscols_table *table;
    size_t n_columns;
};

struct out_tree *out_tree_new(const char *const *titles, size_t n)
{
    struct out_tree *t = text_need(calloc(1, sizeof *t));

    load();
    t->table = text_need(scols.new_table());
    t->n_columns = n;
    for (size_t i = 0; i < n; i++)
        add_column(t->table, titles[i], i == 0 ? SCOLS_FL_TREE : i + 1 == n ? SCOLS_FL_WRAP : 0);
    return t;
}

int out_tree_add(struct out_tree *t, int parent, const char *const *cells)
{
    struct libscols_line *above = parent < 0 ? NULL : scols.table_get_line(t->table, (size_t)parent);
    struct libscols_line *line = text_need(scols.table_new_line(t->table, above));

    for (size_t i = 0; i < t->n_columns; i++)
        if (scols.line_set_data(line, i, cells[i]) < 0)
            (void)text_need(NULL);
    return (int)scols.table_get_nlines(t->table) - 1;
}

void out_tree_print(struct out_tree *t)
{
    (void)scols.print_table(t->table);
    scols.unref_table(t->table);
    free(t);
}
