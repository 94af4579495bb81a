/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tables and trees for people, drawn by libsmartcols: the only file that sees it.
 */
#include "out.h"

#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>

#include "text.h"

static void add_column(struct libscols_table *table, const char *title, int flags)
{
    if (!scols_table_new_column(table, title, 0, flags))
        (void)text_need(NULL);
}

static int column_flags(const struct col *col)
{
    return (col->flags & COL_RIGHT ? SCOLS_FL_RIGHT : 0) | (col->flags & COL_WRAP ? SCOLS_FL_WRAP : 0);
}

static void add_row(struct libscols_table *table, const struct col *cols, const struct domo_value *row)
{
    struct libscols_line *line = text_need(scols_table_new_line(table, NULL));

    for (size_t i = 0; cols[i].title; i++) {
        char *text = cols[i].text ? cols[i].text(row) : out_text(domo_value_get(row, cols[i].key));

        if (scols_line_refer_data(line, i, text) < 0)
            (void)text_need(NULL);
    }
}

void out_table(const struct col *cols, const struct domo_value *rows)
{
    struct libscols_table *table;

    if (domo_value_len(rows) == 0)
        return;
    table = text_need(scols_new_table());
    for (size_t i = 0; cols[i].title; i++)
        add_column(table, cols[i].title, column_flags(&cols[i]));
    for (size_t i = 0; i < domo_value_len(rows); i++)
        add_row(table, cols, domo_value_at(rows, i, NULL));
    (void)scols_print_table(table);
    scols_unref_table(table);
}

struct out_tree {
    struct libscols_table *table;
    size_t n_columns;
};

struct out_tree *out_tree_new(const char *const *titles, size_t n)
{
    struct out_tree *t = text_need(calloc(1, sizeof *t));

    t->table = text_need(scols_new_table());
    t->n_columns = n;
    for (size_t i = 0; i < n; i++)
        add_column(t->table, titles[i], i == 0 ? SCOLS_FL_TREE : i + 1 == n ? SCOLS_FL_WRAP : 0);
    return t;
}

int out_tree_add(struct out_tree *t, int parent, const char *const *cells)
{
    struct libscols_line *above = parent < 0 ? NULL : scols_table_get_line(t->table, (size_t)parent);
    struct libscols_line *line = text_need(scols_table_new_line(t->table, above));

    for (size_t i = 0; i < t->n_columns; i++)
        if (scols_line_set_data(line, i, cells[i]) < 0)
            (void)text_need(NULL);
    return (int)scols_table_get_nlines(t->table) - 1;
}

void out_tree_print(struct out_tree *t)
{
    (void)scols_print_table(t->table);
    scols_unref_table(t->table);
    free(t);
}
