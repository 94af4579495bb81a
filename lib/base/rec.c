/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/rec.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

enum { DECIMAL = 10, DIGITS_MAX = 20, REC_TEXT_MAX = 1024 };

/* ---- writing ---- */

static uint64_t load_uint(const void *p, size_t size)
{
    uint64_t n = 0;

    /* Little-endian machines alone: the table says how wide the member is. */
    memcpy(&n, p, size);
    return n;
}

/* All put functions return where the next byte goes. Lists have thousands of records: no printf here, and one append
 * for each record. */
static char *put_hex(char *to, const unsigned char *p, size_t n)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < n; i++) {
        *to++ = digits[p[i] >> 4];
        *to++ = digits[p[i] & 15];
    }
    return to;
}

static char *put_uint(char *to, uint64_t n)
{
    char digits[DIGITS_MAX];
    size_t len = 0;

    do
        digits[len++] = (char)('0' + n % DECIMAL);
    while (n /= DECIMAL);
    while (len)
        *to++ = digits[--len];
    return to;
}

static char *put_int(char *to, const void *p)
{
    int32_t i;

    memcpy(&i, p, sizeof i);
    if (i < 0)
        *to++ = '-';
    return put_uint(to, i < 0 ? -(uint64_t)(int64_t)i : (uint64_t)i);
}

static char *put_field(char *to, const struct rec_field *f, const void *p)
{
    switch (f->type) {
    case REC_BOOL:
        *to++ = *(const bool *)p ? '1' : '0';
        return to;
    case REC_INT:
        return put_int(to, p);
    case REC_UINT:
        return put_uint(to, load_uint(p, f->size));
    case REC_BYTES:
        return put_hex(to, p, f->size);
    case REC_TEXT:
        /* The dot makes an empty text visible. */
        *to++ = '.';
        return put_hex(to, p, strnlen(p, f->size));
    }
    return to;
}

/* More than any value's text, with the blank before it. */
static size_t width(const struct rec_field *f)
{
    return DIGITS_MAX + 2 + 2 * f->size;
}

void rec_put(struct str *to, const struct rec_table *t, const void *record)
{
    char text[REC_TEXT_MAX], *end = text;

    for (size_t i = 0; i < t->n; i++) {
        if (width(&t->fields[i]) > (size_t)(text + sizeof text - end)) {
            str_addn(to, text, (size_t)(end - text));
            end = text;
        }
        if (i)
            *end++ = ' ';
        end = put_field(end, &t->fields[i], (const char *)record + t->fields[i].offset);
    }
    str_addn(to, text, (size_t)(end - text));
}

/* ---- reading ---- */

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + DECIMAL : -1;
}

/* Up to "max" bytes; the number of them, or -EINVAL. */
static int get_hex(const char **text, unsigned char *p, size_t max)
{
    size_t n = 0;

    for (; digit((*text)[0]) >= 0; *text += 2, n++) {
        if (n == max || digit((*text)[1]) < 0)
            return -EINVAL;
        p[n] = (unsigned char)(digit((*text)[0]) << 4 | digit((*text)[1]));
    }
    return (int)n;
}

static int get_number(const char **text, uint64_t max, uint64_t *ret)
{
    uint64_t n = 0;

    if (!isdigit((unsigned char)**text))
        return -EINVAL;
    for (; isdigit((unsigned char)**text); (*text)++) {
        unsigned d = (unsigned)(**text - '0');

        if (d > max || n > (max - d) / DECIMAL)
            return -EINVAL;
        n = n * DECIMAL + d;
    }
    *ret = n;
    return 0;
}

static int get_int(const char **text, void *p)
{
    bool negative = **text == '-';
    uint64_t n;
    int32_t i;

    *text += negative;
    if (get_number(text, INT32_MAX, &n) < 0)
        return -EINVAL;
    i = negative ? -(int32_t)n : (int32_t)n;
    memcpy(p, &i, sizeof i);
    return 0;
}

static int get_text(const char **text, char *p, size_t size)
{
    int n;

    if (*(*text)++ != '.')
        return -EINVAL;
    n = get_hex(text, (unsigned char *)p, size - 1);
    if (n < 0)
        return n;
    p[n] = '\0';
    return 0;
}

static int get_field(const char **text, const struct rec_field *f, void *p)
{
    uint64_t n;

    switch (f->type) {
    case REC_BOOL:
        if (get_number(text, 1, &n) < 0)
            return -EINVAL;
        *(bool *)p = n;
        return 0;
    case REC_INT:
        return get_int(text, p);
    case REC_UINT:
        if (get_number(text, UINT64_MAX >> (8 * (sizeof n - f->size)), &n) < 0)
            return -EINVAL;
        memcpy(p, &n, f->size);
        return 0;
    case REC_BYTES:
        return get_hex(text, p, f->size) == (int)f->size ? 0 : -EINVAL;
    case REC_TEXT:
        return get_text(text, p, f->size);
    }
    return -EINVAL;
}

int rec_get(const char *text, const struct rec_table *t, void *record, const char **ret_end)
{
    for (size_t i = 0; i < t->n; i++) {
        if (i && *text++ != ' ')
            return -EINVAL;
        if (get_field(&text, &t->fields[i], (char *)record + t->fields[i].offset) < 0)
            return -EINVAL;
    }
    if (*text == '\0') {
        if (ret_end)
            *ret_end = NULL;
        return 0;
    }
    if (*text != '\n' || !ret_end)
        return -EINVAL;
    *ret_end = text + 1;
    return 0;
}
