/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/lex.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "conf/utf8.h"

static const char HINT_PYTHON[] =
    "xl.cfg only looks like Python: there are settings, strings, numbers and lists, no code";
static const char HINT_QUOTE[] = "put text into quotes: \"...\"";

void lex_init(struct lexer *lx, const char *text, size_t len, unsigned source)
{
    *lx = (struct lexer){.text = text, .len = len, .line = 1, .column = 1, .source = source};
    /* Editors on other systems put a byte order mark in front. */
    if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
        lx->at = 3;
        lx->column = 4;
    }
}

void tok_fini(struct tok *t)
{
    free(t->text);
    t->text = NULL;
}

/* The byte "ahead" of the next one, 0 past the end (a real NUL is refused before). */
static char peek(const struct lexer *lx, size_t ahead)
{
    return lx->at + ahead < lx->len ? lx->text[lx->at + ahead] : '\0';
}

static void skip_blanks(struct lexer *lx)
{
    size_t from = lx->at;

    for (;;) {
        char c = peek(lx, 0);

        if (c == '#') {
            while (lx->at < lx->len && lx->text[lx->at] != '\n')
                lx->at++;
            break;
        }
        if (c != ' ' && c != '\t' && !(c == '\r' && (peek(lx, 1) == '\n' || lx->at + 1 == lx->len)))
            break;
        lx->at++;
    }
    lx->column += (unsigned)(lx->at - from);
}

/* Ends a token that covers "len" bytes from the lexer's place. */
static struct tok take(struct lexer *lx, enum tok_kind kind, size_t len)
{
    struct tok t = {.kind = kind, .raw = lx->text + lx->at, .raw_len = len};

    t.pos = (struct conf_pos){.line = lx->line, .column = lx->column, .length = len ? (unsigned)len : 1};
    t.pos.source = lx->source;
    lx->at += len;
    lx->column += (unsigned)len;
    return t;
}

static struct tok take_bad(struct lexer *lx, size_t len, const char *hint, const char *why)
{
    struct tok t = take(lx, TOK_BAD, len);

    (void)snprintf(t.why, sizeof t.why, "%s", why);
    t.hint = hint;
    return t;
}

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

static size_t span(const char *s, size_t len, const char *accept)
{
    size_t n = 0;

    while (n < len && s[n] && strchr(accept, s[n]))
        n++;
    return n;
}

static struct tok bad_number(struct lexer *lx, size_t len)
{
    const char *s = lx->text + lx->at, *hint = HINT_QUOTE;
    struct tok t;

    if (len > 2 && s[0] == '0' && s[1] == 'x' && span(s, len, "0123456789abcdefABCDEFx") == len)
        hint = "hexadecimal digits must be lower case here, or the number in quotes";
    else if (span(s, len, "0123456789") == len - 1 && strchr("kKmMgGtT", s[len - 1]))
        hint = "sizes have no suffix: memory= and its like count MiB";
    t = take_bad(lx, len, hint, "");
    (void)snprintf(t.why, sizeof t.why, "'%.*s' is not a number", (int)(len > 40 ? 40 : len), s);
    return t;
}

/* A word that is neither a name nor a number. */
static struct tok bad_word(struct lexer *lx, size_t len)
{
    static const char *const python[] = {"True", "False", "None"};
    static const char *const instead[] = {"write 1", "write 0", "leave the key out"};
    const char *s = lx->text + lx->at, *hint = "names of keys are lower case; text goes into quotes";
    struct tok t;
    size_t i;

    for (i = 0; i < ARRAY_LEN(python); i++)
        if (len == strlen(python[i]) && !memcmp(s, python[i], len))
            hint = instead[i];
    t = take_bad(lx, len, hint, "");
    (void)snprintf(t.why, sizeof t.why, "'%.*s' is %s", (int)(len > 40 ? 40 : len), s,
                   hint[0] == 'n' ? "no key and no value" : "Python, not xl.cfg");
    return t;
}

static struct tok lex_word(struct lexer *lx)
{
    const char *s = lx->text + lx->at;
    size_t len = 0;

    while (lx->at + len < lx->len && is_word_byte(s[len]))
        len++;
    if (s[0] >= '0' && s[0] <= '9')
        return span(s, len, "0123456789abcdefx") == len ? take(lx, TOK_NUMBER, len) : bad_number(lx, len);
    if (s[0] >= 'a' && s[0] <= 'z' && span(s, len, "abcdefghijklmnopqrstuvwxyz0123456789._") == len)
        return take(lx, TOK_NAME, len);
    if (s[0] == '.')
        return take_bad(lx, len, HINT_QUOTE, "a value can't begin with '.'");
    return bad_word(lx, len);
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return 99;
}

/* Decodes the escape whose backslash is at s[0]. Returns its length, 0 if there is no such escape. */
static size_t unescape(const char *s, size_t len, char *ret)
{
    static const char names[] = "\"'\\abfnrtv", values[] = "\"'\\\a\b\f\n\r\t\v";
    const char *found;
    unsigned value = 0;
    size_t n;

    if (len < 2 || !s[1])
        return 0;
    found = strchr(names, s[1]);
    if (found) {
        *ret = values[found - names];
        return 2;
    }
    if (s[1] == 'x') {
        for (n = 2; n < len && n < 4 && digit_of(s[n]) < 16; n++)
            value = value * 16 + (unsigned)digit_of(s[n]);
    } else {
        for (n = 1; n < len && n < 4 && digit_of(s[n]) < 8; n++)
            value = value * 8 + (unsigned)digit_of(s[n]);
    }
    if (!value || value > 255)
        return 0;
    *ret = (char)value;
    return n;
}

/* What is wrong in a string at offset "n" from its quote. */
static struct tok bad_string(struct lexer *lx, size_t n, size_t len, const char *why, const char *hint)
{
    unsigned column = lx->column + (unsigned)n;
    struct tok t;
    size_t rest;

    /* The rest of the line belongs to the broken string: reading it as tokens would only make noise. */
    for (rest = n; lx->at + rest < lx->len && lx->text[lx->at + rest] != '\n';)
        rest++;
    t = take_bad(lx, rest, hint, why);
    t.pos.column = column;
    t.pos.length = len ? (unsigned)len : 1;
    return t;
}

static struct tok lex_string(struct lexer *lx)
{
    const char *s = lx->text + lx->at;
    size_t left = lx->len - lx->at, n = 1, step;
    struct str AUTO_STR out = STR_INIT;
    struct tok t;
    char c;

    str_add(&out, "");
    for (; n < left && s[n] != s[0] && s[n] != '\n'; n += step) {
        step = 1;
        c = s[n];
        if (c == '\\') {
            step = unescape(s + n, left - n, &c);
            if (!step)
                return bad_string(
                    lx, n, 2, "there is no such escape in a string",
                    "a backslash itself is written \\\\; known: \\\" \\' \\\\ \\a \\b \\f \\n \\r \\t \\v \\xHH \\NNN");
        }
        str_addc(&out, c);
    }
    if (n >= left || s[n] == '\n')
        return bad_string(lx, 0, n, "the string has no end in this line",
                          "strings end with the quote that they begin with");
    if (!utf8_is_valid(str_text(&out)))
        return bad_string(lx, 0, n + 1, "the string is not UTF-8",
                          "convert the file: iconv -f ISO-8859-1 -t UTF-8; bytes by \\x must make up characters");
    t = take(lx, TOK_STRING, n + 1);
    t.text = str_steal(&out);
    return t;
}

/* '/boot/vmlinuz' and the like without quotes: the whole run is named. */
static struct tok bad_path(struct lexer *lx)
{
    const char *s = lx->text + lx->at;
    size_t len = 0;
    struct tok t;

    while (lx->at + len < lx->len && s[len] > ' ' && !strchr(",;]#\"'", s[len]))
        len++;
    t = take_bad(lx, len ? len : 1, HINT_QUOTE, "");
    (void)snprintf(t.why, sizeof t.why, "'%.*s' needs quotes", (int)(len > 60 ? 60 : len), s);
    return t;
}

static struct tok bad_other(struct lexer *lx)
{
    const unsigned char c = (unsigned char)peek(lx, 0);
    struct tok t;

    if (c == '/')
        return bad_path(lx);
    if (c == '-' && peek(lx, 1) >= '0' && peek(lx, 1) <= '9')
        return take_bad(lx, 1 + span(lx->text + lx->at + 1, lx->len - lx->at - 1, "0123456789"),
                        "put it into quotes: \"-1\"", "a negative number can't stand here as it is");
    t = take_bad(lx, 1, c && strchr("+-.():%{}*", c) ? HINT_PYTHON : NULL, "");
    if (c > ' ' && c < 0x7f)
        (void)snprintf(t.why, sizeof t.why, "'%c' has no meaning here", c);
    else
        (void)snprintf(t.why, sizeof t.why, "a byte 0x%02x has no meaning here", c);
    return t;
}

struct tok lex_next(struct lexer *lx)
{
    static const char single[] = "=[],;";
    static const enum tok_kind kinds[] = {TOK_ASSIGN, TOK_OPEN, TOK_CLOSE, TOK_COMMA, TOK_SEMICOLON};
    const char *found;
    struct tok t;
    char c;

    skip_blanks(lx);
    if (lx->at >= lx->len)
        return take(lx, TOK_END, 0);
    c = peek(lx, 0);
    if (c == '\n') {
        t = take(lx, TOK_NEWLINE, 1);
        lx->line++;
        lx->column = 1;
        return t;
    }
    if (c == '"' || c == '\'')
        return lex_string(lx);
    if (is_word_byte(c))
        return lex_word(lx);
    if (c == '+' && peek(lx, 1) == '=')
        return take(lx, TOK_APPEND, 2);
    found = c ? strchr(single, c) : NULL;
    return found ? take(lx, kinds[found - single], 1) : bad_other(lx);
}
