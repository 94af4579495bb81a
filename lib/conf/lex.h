/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Tokens of xl.cfg text. A word that can't be a token becomes one TOK_BAD
 * with the reason and a hint, so that the parser reports it where it stands.
 */
#ifndef DOMO_CONF_LEX_H
#define DOMO_CONF_LEX_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/diag.h"

enum tok_kind {
    TOK_NAME,   /* [a-z][._0-9a-z]* */
    TOK_STRING, /* text: decoded */
    TOK_NUMBER, /* [0-9][0-9a-fx]* */
    TOK_ASSIGN,
    TOK_APPEND,
    TOK_OPEN,
    TOK_CLOSE,
    TOK_COMMA,
    TOK_SEMICOLON,
    TOK_NEWLINE,
    TOK_END,
    TOK_BAD,
};

struct tok {
    enum tok_kind kind;
    struct conf_pos pos;
    const char *raw; /* where it begins in the text */
    size_t raw_len;
    char *text;       /* TOK_STRING only, owned; NULL there means out of memory */
    char why[120];    /* TOK_BAD: one sentence */
    const char *hint; /* TOK_BAD: may be NULL */
};

struct lexer {
    const char *text;
    size_t len, at; /* "at" is the next byte to read */
    unsigned line, column, source;
};

/* Begins at line 1 of "text", which need not end in NUL. */
void lex_init(struct lexer *, const char *text, size_t len, unsigned source);

/* The next token; after the last one TOK_END for ever. Free with tok_fini(). */
struct tok lex_next(struct lexer *);
void tok_fini(struct tok *);

#endif
