/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Options are rows. Parsing, --help, usage errors, completions and the manual
 * read the same rows; a row says into which member of its set's record the
 * value goes.
 */
#ifndef DOMO_CLI_OPT_H
#define DOMO_CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "auto.h"

enum opt_type {
    OPT_FLAG,    /* bool: set to true */
    OPT_COUNT,   /* int: one more each time */
    OPT_TEXT,    /* const char *: points into argv */
    OPT_LIST,    /* struct opt_list: each time one more */
    OPT_NUMBER,  /* uint32_t: 1 or more */
    OPT_SECONDS, /* int64_t: milliseconds, given as decimal seconds */
    OPT_LIMITS,  /* struct opt_limits: decimal seconds, or PHASE=SECONDS and more of them parted by commas */
};

/* What an option was given, in order; "at" points into argv. */
enum { OPT_LIST_MAX = 128 };
struct opt_list {
    const char *at[OPT_LIST_MAX];
    size_t n;
};

struct opt_limits {
    int64_t ms;         /* 0 = not given */
    const char *phases; /* as it was given, into argv; NULL = not given */
};

/* What a word of the command line is, for completion. */
enum word {
    WORD_NONE,
    WORD_FILE,
    WORD_DOMAIN,
    WORD_VBD, /* a disk of the domain that stands before it */
    WORD_VIF,
    WORD_SETTING, /* key=value of a config file */
    WORD_KEY,
    WORD_COMMAND,
    WORD_ERROR, /* an error code */
    WORD_STORE, /* a path of XenStore */
    WORD_TEXT,  /* nothing that can be listed */
};

struct opt {
    const char *name; /* long name; NULL ends a table */
    char letter;      /* 0: none */
    enum opt_type type;
    size_t offset;
    const char *arg; /* name of the argument for help */
    enum word word;
    const char *help; /* NULL: accepted, but not shown */
};

#define OPT_ROW(record, member, type_, name_, letter_, arg_, word_, help_)                                             \
    {                                                                                                                  \
        .name = (name_), .letter = (letter_), .type = (type_), .offset = offsetof(record, member), .arg = (arg_),      \
        .word = (word_), .help = (help_)                                                                               \
    }
#define OPT_BOOL(record, member, name, letter, help)                                                                   \
    OPT_ROW(record, member, OPT_FLAG, name, letter, NULL, WORD_NONE, help)
#define OPT_END                                                                                                        \
    {                                                                                                                  \
        .name = NULL                                                                                                   \
    }

/* Some rows and the record that they fill. Of two rows with one name or letter, the one in the earlier set counts. */
struct optset {
    const struct opt *rows;
    void *record;
};

/* Parses argv[1..] and moves what is no option to the end; with "stop" it ends at the first word that is none.
 * *ret_first is the index of the first such word. 0, or -1 with *ret_why = what is wrong, caller frees. */
int opt_parse(const struct optset *sets, size_t n, bool stop, int argc, char **argv, int *ret_first,
              char **ret_why) MUST_CHECK;

/* "-p, --paused" with the argument's name, as help and manual show it; caller frees. */
char *opt_label(const struct opt *);
bool opt_takes_argument(const struct opt *);
/* The lines of one table for --help. */
void opt_help(const struct opt *rows, FILE *);

#endif
