/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is wrong in a text, and where: a list of findings with file, line and
 * column. Reading a config collects all findings before it gives up, so that
 * one run shows everything that must be mended.
 */
#ifndef DOMO_CONF_DIAG_H
#define DOMO_CONF_DIAG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "base/vec.h"

enum diag_level { DIAG_WARNING, DIAG_ERROR };

/* A place in a source text. line 0: no place (a key that is missing). Columns count bytes from 1. */
struct conf_pos {
    unsigned line, column, length; /* length: how much the caret underlines, at least 1 */
    unsigned source;               /* index into diags.sources: 0 is the first text given to diags_source() */
};

struct diag {
    enum diag_level level;
    enum domo_code code; /* CONFIG_* */
    struct conf_pos pos;
    char *message; /* one sentence */
    char *hint;    /* "did you mean 'kernel'?", NULL = none */
};

/* One text that was read, kept for the caret lines. */
struct diag_source {
    char *file; /* name for messages: a path, "<command line>" */
    char *text;
};

/* Findings past this number are counted, but not kept: a file of noise must not become a book. */
enum { DIAGS_MAX = 100 };

/* All findings about one file and the overrides that go with it. Owns what it holds. */
struct diags {
    VEC(struct diag_source) sources;
    VEC(struct diag) list; /* in order of place; those without a place last */
    unsigned errors, warnings;
    bool failed; /* out of memory while collecting */
};

void diags_init(struct diags *);
void diags_fini(struct diags *);
/* Adds a text; positions name it by its index, which is sources.len - 1 afterwards. Copies both. 0 or -ENOMEM. */
int diags_source(struct diags *, const char *file, const char *text) MUST_CHECK;

/* "at" moved on by "offset" bytes in its line, underlining "length" bytes. */
struct conf_pos conf_pos_at(struct conf_pos at, size_t offset, size_t length);

/* Adds a finding; "hint" may be NULL. */
void diag_add(struct diags *, enum diag_level, enum domo_code, struct conf_pos, const char *hint, const char *fmt, ...)
    PRINTF_LIKE(6, 7);

/* Turns the errors with that code into warnings. */
void diags_relax(struct diags *, enum domo_code);

/* "FILE:LINE:COLUMN: error: MESSAGE\n    source line\n    ^~~~\nhint: …" for each finding, in order of place. Without
 * a place: "FILE: error: MESSAGE\n". */
void diags_print(const struct diags *, struct str *out);

/* [{"level","code","file","line","column","length","message","hint"}]; NULL when out of memory. */
struct json *diags_to_json(const struct diags *);

/* The first error as an error object: "FILE:LINE:COLUMN: MESSAGE", its hint, and the number of further errors as the
 * fact "more-errors". Returns -1. */
int diags_to_err(const struct diags *, struct domo_err *);

#endif
