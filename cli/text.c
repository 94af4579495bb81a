/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *text_need(void *p)
{
    if (!p) {
        (void)fputs("error: out of memory\n", stderr);
        exit(EXIT_FAILURE);
    }
    return p;
}

char *text_fmt(const char *fmt, ...)
{
    char *s = NULL;
    va_list ap;

    va_start(ap, fmt);
    if (vasprintf(&s, fmt, ap) < 0)
        s = NULL;
    va_end(ap);
    return text_need(s);
}

char *text_join(char *const *words, size_t n, const char *separator)
{
    char *s = text_fmt("%s", n ? words[0] : "");

    for (size_t i = 1; i < n; i++) {
        char *longer = text_fmt("%s%s%s", s, separator, words[i]);

        free(s);
        s = longer;
    }
    return s;
}

bool text_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_is_number(const char *s)
{
    return *s && strspn(s, "0123456789") == strlen(s);
}

static size_t min3(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;

    return m < c ? m : c;
}

size_t text_distance(const char *a, const char *b)
{
    enum { LONGEST = 63 };
    size_t row[LONGEST + 1], la = strlen(a), lb = strlen(b);

    if (la > LONGEST || lb > LONGEST)
        return LONGEST;
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t above = row[j];

            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[lb];
}

bool text_is_nearer(const char *word, const char *candidate, size_t *best)
{
    size_t d = text_distance(word, candidate), len = strlen(word);
    /* Half of a short word changed is another word. */
    size_t limit = len <= 3 ? 1 : len <= 6 ? 2 : 3;

    if (d > limit || d >= *best)
        return false;
    *best = d;
    return true;
}
