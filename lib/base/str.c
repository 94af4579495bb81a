/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void str_fini(struct str *s)
{
    free(s->s);
    *s = (struct str)STR_INIT;
}

void str_clear(struct str *s)
{
    s->len = 0;
    s->failed = false;
    if (s->s)
        s->s[0] = '\0';
}

static bool reserve(struct str *s, size_t more)
{
    size_t need = s->len + more + 1, cap = s->cap ? s->cap : 64;
    char *p;

    if (need <= s->cap)
        return true;
    while (cap < need)
        cap *= 2;
    p = realloc(s->s, cap);
    if (!p) {
        s->failed = true;
        return false;
    }
    s->s = p;
    s->cap = cap;
    return true;
}

void str_addn(struct str *s, const void *bytes, size_t n)
{
    if (!reserve(s, n))
        return;
    if (n)
        memcpy(s->s + s->len, bytes, n);
    s->len += n;
    s->s[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
    str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
    str_addn(s, &c, 1);
}

void str_addf(struct str *s, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);
    if (n < 0 || !reserve(s, (size_t)n)) {
        s->failed = true;
        return;
    }
    va_start(ap, fmt);
    (void)vsnprintf(s->s + s->len, (size_t)n + 1, fmt, ap);
    va_end(ap);
    s->len += (size_t)n;
}

const char *str_text(const struct str *s)
{
    return s->s ? s->s : "";
}

char *str_steal(struct str *s)
{
    char *p = s->failed ? NULL : s->s;

    if (!s->failed && !p)
        return strdup("");
    if (p)
        s->s = NULL;
    str_fini(s);
    return p;
}

char *str_format(const char *fmt, ...)
{
    va_list ap;
    char *p = NULL;

    va_start(ap, fmt);
    if (vasprintf(&p, fmt, ap) < 0)
        p = NULL;
    va_end(ap);
    return p;
}

bool str_eq(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

int str_to_u64(const char *s, uint64_t *ret)
{
    uint64_t v = 0;

    if (!*s)
        return -EINVAL;
    for (; *s; s++) {
        unsigned d = (unsigned)(*s - '0');

        if (d > 9)
            return -EINVAL;
        if (v > (UINT64_MAX - d) / 10)
            return -ERANGE;
        v = v * 10 + d;
    }
    *ret = v;
    return 0;
}

int str_to_u32(const char *s, uint32_t *ret)
{
    uint64_t v;
    int r = str_to_u64(s, &v);

    if (r)
        return r;
    if (v > UINT32_MAX)
        return -ERANGE;
    *ret = (uint32_t)v;
    return 0;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
    unsigned m = a < b ? a : b;

    return m < c ? m : c;
}

unsigned str_distance(const char *a, const char *b, unsigned limit)
{
    enum { MAX = 64 };
    unsigned rows[3][MAX + 1], *before = rows[0], *prev = rows[1], *cur = rows[2], *t;
    size_t la = strlen(a), lb = strlen(b), i, j;

    if (la > MAX || lb > MAX || la > lb + limit || lb > la + limit)
        return limit + 1;
    for (j = 0; j <= lb; j++) {
        prev[j] = (unsigned)j;
        before[j] = 0;
    }
    for (i = 1; i <= la; i++) {
        cur[0] = (unsigned)i;
        for (j = 1; j <= lb; j++) {
            cur[j] = min3(prev[j] + 1, cur[j - 1] + 1, prev[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < cur[j])
                cur[j] = before[j - 2] + 1;
        }
        t = before;
        before = prev;
        prev = cur;
        cur = t;
    }
    return prev[lb] > limit ? limit + 1 : prev[lb];
}

const char *str_nearest(const char *word, const char *(*at)(size_t i, const void *arg), const void *arg)
{
    /* A third of the letters may differ: enough for slips, too little for another word. */
    unsigned best = (unsigned)strlen(word) / 3 + 1, d;
    const char *name, *found = NULL;
    size_t i;

    for (i = 0; (name = at(i, arg)); i++) {
        d = str_distance(word, name, best);
        if (d < best || (d == best && !found)) {
            best = d;
            found = name;
        }
    }
    return found;
}
