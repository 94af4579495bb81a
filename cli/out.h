/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is printed: results on stdout, diagnostics on stderr. Tables are column
 * rows over values of the library. Nothing is cut or wrapped unless stdout is
 * a terminal.
 */
#ifndef DOMO_CLI_OUT_H
#define DOMO_CLI_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include "auto.h"
#include "cli.h"

/* A column shows one member of each row. */
struct col {
    const char *title; /* NULL ends a table */
    const char *key;   /* path of the member */
    unsigned flags;
    char *(*text)(const struct domo_value *row); /* instead of "key"; caller frees */
};
enum {
    COL_RIGHT = 1 << 0,
    COL_WRAP = 1 << 1, /* the column that gives way on a narrow terminal */
};

/* JSON document on stdout. */
void out_json(const struct domo_value *);
/* An array of documents that are not elements of one value. */
struct out_array {
    bool begun;
};
void out_array_add(struct out_array *, const struct domo_value *);
void out_array_end(struct out_array *);

/* One line a row of an array. An empty array prints nothing. */
void out_table(const struct col *cols, const struct domo_value *rows);
/* A scalar as text: numbers as numbers, true as "yes"; "-" for nothing. Caller frees. */
char *out_text(const struct domo_value *);

/* A tree for people: the first column carries the branches. */
struct out_tree;
struct out_tree *out_tree_new(const char *const *titles, size_t n);
/* "parent" -1: a root. Returns the line's number. "cells" has as many texts as there are titles. */
int out_tree_add(struct out_tree *, int parent, const char *const *cells);
/* Prints and frees. */
void out_tree_print(struct out_tree *);

/* The one place where a failure is printed; returns the exit status. */
int out_error(struct cli *, const struct domo_err *);
/* "SECONDS s" as a table on stderr from a result's "timing", if it has one. */
void out_timing(const struct cli *, const struct domo_value *result);

#endif
