/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "opt.h"

#include <assert.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text.h"

enum { ROWS_MAX = 64, LONG_BASE = 256 };

/* The rows of all sets in one list, in the form that getopt_long wants. */
struct flat {
    struct {
        const struct opt *row;
        void *record;
    } rows[ROWS_MAX];
    size_t n;
    struct option longs[ROWS_MAX + 1];
    char shorts[2 * ROWS_MAX + 3];
};

bool opt_takes_argument(const struct opt *row)
{
    switch (row->type) {
    case OPT_FLAG:
    case OPT_COUNT:
        return false;
    case OPT_TEXT:
    case OPT_LIST:
    case OPT_NUMBER:
    case OPT_SECONDS:
    case OPT_LIMITS:
        return true;
    }
    return false;
}

static bool flat_has_long(const struct flat *f, const char *name)
{
    for (size_t i = 0; i < f->n; i++)
        if (strcmp(f->rows[i].row->name, name) == 0)
            return true;
    return false;
}

static int flat_by_letter(const struct flat *f, int letter)
{
    for (size_t i = 0; i < f->n; i++)
        if (f->rows[i].row->letter == letter)
            return (int)i;
    return -1;
}

static void flat_add(struct flat *f, const struct opt *row, void *record)
{
    char *end = f->shorts + strlen(f->shorts);

    if (f->n == ROWS_MAX || flat_has_long(f, row->name))
        return;
    if (row->letter && flat_by_letter(f, row->letter) < 0) {
        *end++ = row->letter;
        if (opt_takes_argument(row))
            *end++ = ':';
        *end = '\0';
    }
    f->longs[f->n] = (struct option){
        .name = row->name,
        .has_arg = opt_takes_argument(row) ? required_argument : no_argument,
        .val = LONG_BASE + (int)f->n,
    };
    f->rows[f->n].row = row;
    f->rows[f->n].record = record;
    f->n++;
}

static void flat_init(struct flat *f, const struct optset *sets, size_t n, bool stop)
{
    size_t end = 0;

    memset(f, 0, sizeof *f);
    /* The colon makes getopt tell a missing argument from an unknown option. */
    if (stop)
        f->shorts[end++] = '+';
    f->shorts[end] = ':';
    for (size_t i = 0; i < n; i++)
        for (const struct opt *row = sets[i].rows; row && row->name; row++)
            flat_add(f, row, sets[i].record);
}

static char *unknown(const struct flat *f, char **argv)
{
    const char *word = argv[optind - 1], *near = NULL;
    size_t best = SIZE_MAX, len;

    if (optopt >= LONG_BASE)
        return text_fmt("option '--%s' takes no argument", f->longs[optopt - LONG_BASE].name);
    if (optopt)
        return text_fmt("unknown option '-%c'", optopt);
    len = strcspn(word, "=");
    for (size_t i = 0; i < f->n; i++) {
        AUTO_FREE char *given = text_fmt("%.*s", (int)(len > 2 ? len - 2 : 0), word + 2);

        if (f->rows[i].row->help && text_is_nearer(given, f->rows[i].row->name, &best))
            near = f->rows[i].row->name;
    }
    if (near)
        return text_fmt("unknown option '%.*s', did you mean '--%s'?", (int)len, word, near);
    return text_fmt("unknown or ambiguous option '%.*s'", (int)len, word);
}

static int take_seconds(const char *text, int64_t *ret_ms)
{
    char *end;
    double s;

    errno = 0;
    s = strtod(text, &end);
    /* No time at all would mean the default to the library. */
    if (errno || end == text || *end || !(s > 0) || s > 1e6)
        return -1;
    *ret_ms = (int64_t)(s * 1000 + 0.999);
    return 0;
}

static int take_number(const char *text, uint32_t *ret)
{
    unsigned long long n;

    errno = 0;
    n = text_is_number(text) ? strtoull(text, NULL, 10) : 0;
    if (errno || n == 0 || n > UINT32_MAX)
        return -1;
    *ret = (uint32_t)n;
    return 0;
}

static int take_word(struct opt_list *l, const char *word)
{
    if (l->n == OPT_LIST_MAX)
        return -1;
    l->at[l->n++] = word;
    return 0;
}

/* Which phases there are is known to the library alone, which also says what is wrong with them. */
static int take_limits(char *text, struct opt_limits *ret)
{
    if (!strchr(text, '='))
        return take_seconds(text, &ret->ms);
    ret->phases = text;
    return 0;
}

static int take(const struct opt *row, void *record, char *arg, char **ret_why)
{
    char *member = (char *)record + row->offset;

    switch (row->type) {
    case OPT_FLAG:
        *(bool *)member = true;
        return 0;
    case OPT_COUNT:
        ++*(int *)(void *)member;
        return 0;
    case OPT_TEXT:
        *(const char **)(void *)member = arg;
        return 0;
    case OPT_LIST:
        if (take_word((struct opt_list *)(void *)member, arg) == 0)
            return 0;
        *ret_why = text_fmt("option '--%s' is given too often", row->name);
        return -1;
    case OPT_NUMBER:
        if (take_number(arg, (uint32_t *)(void *)member) == 0)
            return 0;
        *ret_why = text_fmt("option '--%s': '%s' is no number above 0", row->name, arg);
        return -1;
    case OPT_LIMITS:
        if (take_limits(arg, (struct opt_limits *)(void *)member) == 0)
            return 0;
        *ret_why = text_fmt("option '--%s': '%s' is no number of seconds, nor PHASE=SECONDS", row->name, arg);
        return -1;
    case OPT_SECONDS:
        if (take_seconds(arg, (int64_t *)(void *)member) == 0)
            return 0;
        *ret_why = text_fmt("option '--%s': '%s' is no number of seconds", row->name, arg);
        return -1;
    }
    return 0;
}

int opt_parse(const struct optset *sets, size_t n, bool stop, int argc, char **argv, int *ret_first, char **ret_why)
{
    struct flat f;
    int c;

    flat_init(&f, sets, n, stop);
    opterr = 0;
    optind = 0; /* glibc: start afresh */
    while ((c = getopt_long(argc, argv, f.shorts, f.longs, NULL)) != -1) {
        int i = c >= LONG_BASE ? c - LONG_BASE : flat_by_letter(&f, c);

        if (c == '?') {
            *ret_why = unknown(&f, argv);
            return -1;
        }
        if (c == ':') {
            *ret_why = text_fmt("option '%s' needs an argument", argv[optind - 1]);
            return -1;
        }
        assert(i >= 0 && f.rows[i].row);
        if (take(f.rows[i].row, f.rows[i].record, optarg, ret_why) < 0)
            return -1;
    }
    *ret_first = optind;
    return 0;
}

char *opt_label(const struct opt *row)
{
    AUTO_FREE char *letter = row->letter ? text_fmt("-%c, ", row->letter) : text_fmt("    ");

    return text_fmt("%s--%s%s%s", letter, row->name, row->arg ? " " : "", row->arg ? row->arg : "");
}

void opt_help(const struct opt *rows, FILE *to)
{
    for (const struct opt *row = rows; row && row->name; row++) {
        AUTO_FREE char *label = opt_label(row);

        if (row->help)
            (void)fprintf(to, "  %-26s %s\n", label, row->help);
    }
}
