/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "escape.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

enum { ESCAPE_MAX = 4 /* of one byte */ };

static const char letters[] = "tnr\\", meanings[] = "\t\n\r\\";

static size_t put_byte(char *to, unsigned char c)
{
    const char *at = c ? strchr(meanings, c) : NULL;

    if (at)
        return (size_t)sprintf(to, "\\%c", letters[at - meanings]);
    if (c < 8)
        return (size_t)sprintf(to, "\\%03o", c);
    if (c < 0x20 || c > 0x7e)
        return (size_t)sprintf(to, "\\x%02x", c);
    *to = (char)c;
    return 1;
}

char *escape_bytes(const char *bytes, size_t n)
{
    char *text = text_need(malloc(n * ESCAPE_MAX + 1)), *to = text;

    for (size_t i = 0; i < n; i++)
        to += put_byte(to, (unsigned char)bytes[i]);
    *to = '\0';
    return text;
}

/* Up to "max" digits of a base; how many there were. */
static size_t take_digits(const char *text, const char *digits, unsigned base, size_t max, unsigned *ret)
{
    size_t n = 0;
    const char *at;

    *ret = 0;
    while (n < max && text[n] && (at = strchr(digits, text[n]))) {
        *ret = *ret * base + (unsigned)(at - digits);
        n++;
    }
    return n;
}

/* What stands after a backslash; how long it is, 0 if it is nothing. */
static size_t take_escape(const char *text, char *to)
{
    const char *at = *text ? strchr(letters, *text) : NULL;
    unsigned value = 0;
    size_t n;

    if (at) {
        *to = meanings[at - letters];
        return 1;
    }
    if (*text == 'x' || *text == 'X')
        n = take_digits(text + 1, "0123456789abcdef", 16, 2, &value) == 2 ? 3 : 0;
    else
        n = take_digits(text, "01234567", 8, 3, &value) == 3 && value <= 0xff ? 3 : 0;
    *to = (char)value;
    return n;
}

char *escape_undo(const char *text, size_t *ret_n)
{
    char *bytes = text_need(malloc(strlen(text) + 1)), *to = bytes;

    while (*text) {
        size_t n = 1;

        if (*text == '\\')
            n += take_escape(text + 1, to);
        else
            *to = *text;
        if (*text == '\\' && n == 1) {
            free(bytes);
            return NULL;
        }
        to++;
        text += n;
    }
    *to = '\0';
    *ret_n = (size_t)(to - bytes);
    return bytes;
}

static char *from_hex(const char *hex)
{
    size_t n = strlen(hex) / 2;
    AUTO_FREE char *bytes = text_need(malloc(n + 1));
    unsigned value;

    for (size_t i = 0; i < n; i++) {
        (void)take_digits(hex + 2 * i, "0123456789abcdef", 16, 2, &value);
        bytes[i] = (char)value;
    }
    return escape_bytes(bytes, n);
}

char *escape_value(const struct domo_value *row)
{
    const char *text = domo_value_str(domo_value_get(row, "value"), NULL);

    if (text)
        return escape_bytes(text, strlen(text));
    return from_hex(domo_value_str(domo_value_get(row, "value_hex"), ""));
}
