/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "conf/utf8.h"

/* Of a source line that is longer than this, only the part around the finding is shown. */
enum { SHOWN_MAX = 110, SHOWN_BEFORE = 50 };

void diags_init(struct diags *d)
{
    memset(d, 0, sizeof *d);
}

void diags_fini(struct diags *d)
{
    size_t i;

    for (i = 0; i < d->list.len; i++) {
        free(d->list.at[i].message);
        free(d->list.at[i].hint);
    }
    VEC_FINI(&d->list);
    for (i = 0; i < d->sources.len; i++) {
        free(d->sources.at[i].file);
        free(d->sources.at[i].text);
    }
    VEC_FINI(&d->sources);
}

int diags_source(struct diags *d, const char *file, const char *text)
{
    struct diag_source src = {.file = strdup(file), .text = strdup(text)}, *slot = NULL;

    if (src.file && src.text)
        slot = VEC_PUSH(&d->sources);
    if (!slot) {
        free(src.file);
        free(src.text);
        return -ENOMEM;
    }
    *slot = src;
    return 0;
}

struct conf_pos conf_pos_at(struct conf_pos at, size_t offset, size_t length)
{
    if (!at.line)
        return at;
    at.column += (unsigned)offset;
    at.length = length ? (unsigned)length : 1;
    return at;
}

static bool comes_before(struct conf_pos a, struct conf_pos b)
{
    if (!a.line || !b.line)
        return a.line && !b.line;
    if (a.source != b.source)
        return a.source < b.source;
    if (a.line != b.line)
        return a.line < b.line;
    return a.column < b.column;
}

static void insert(struct diags *d, struct diag add)
{
    size_t i;

    if (!VEC_PUSH(&d->list)) {
        d->failed = true;
        free(add.message);
        free(add.hint);
        return;
    }
    for (i = d->list.len - 1; i > 0 && comes_before(add.pos, d->list.at[i - 1].pos); i--)
        d->list.at[i] = d->list.at[i - 1];
    d->list.at[i] = add;
}

/* Text of a file goes to a terminal here: no control byte but the tab may pass, and nothing that is not UTF-8. */
static void add_clean(struct str *out, const char *s, size_t n)
{
    const char *end = s + n;
    size_t len;

    for (; s < end; s += len ? len : 1) {
        len = utf8_length(s);
        if (!len || s + len > end || ((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
            str_addc(out, '?');
        else
            str_addn(out, s, len);
    }
}

/* Messages quote the text, also cut in the middle of a character; they go into JSON. */
static char *clean_copy(const char *text)
{
    struct str AUTO_STR out = STR_INIT;

    str_add(&out, "");
    add_clean(&out, text, strlen(text));
    return str_steal(&out);
}

void diag_add(struct diags *d, enum diag_level level, enum domo_code code, struct conf_pos pos, const char *hint,
              const char *fmt, ...)
{
    struct diag add = {.level = level, .code = code, .pos = pos};
    char message[ERR_MSG_MAX];
    va_list ap;

    if (level == DIAG_ERROR)
        d->errors++;
    else
        d->warnings++;
    if (d->list.len >= DIAGS_MAX)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(message, sizeof message, fmt, ap);
    va_end(ap);
    add.message = clean_copy(message);
    add.hint = hint ? clean_copy(hint) : NULL;
    if (!add.message || (hint && !add.hint)) {
        d->failed = true;
        free(add.message);
        free(add.hint);
        return;
    }
    insert(d, add);
}

void diags_relax(struct diags *d, enum domo_code code)
{
    size_t i;

    for (i = 0; i < d->list.len; i++) {
        if (d->list.at[i].code != code || d->list.at[i].level != DIAG_ERROR)
            continue;
        d->list.at[i].level = DIAG_WARNING;
        d->errors--;
        d->warnings++;
    }
}

static const struct diag_source *source_of(const struct diags *d, struct conf_pos pos)
{
    return pos.source < d->sources.len ? &d->sources.at[pos.source] : NULL;
}

static const char *file_of(const struct diags *d, struct conf_pos pos)
{
    const struct diag_source *src = source_of(d, pos);

    return src ? src->file : "<text>";
}

/* The line a position names, without its end; NULL if the text has no such line. */
static const char *line_of(const struct diags *d, struct conf_pos pos, size_t *ret_len)
{
    const struct diag_source *src = source_of(d, pos);
    const char *s = src ? src->text : NULL;
    unsigned n;

    for (n = 1; s && n < pos.line; n++) {
        s = strchr(s, '\n');
        if (s)
            s++;
    }
    if (!s || !pos.line)
        return NULL;
    *ret_len = strcspn(s, "\r\n");
    return s;
}

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xC0) == 0x80;
}

/* One character "c" for each character between two offsets of the line; a tab stays a tab. */
static void add_padding(struct str *out, const char *line, size_t from, size_t to, char c)
{
    size_t len;

    for (; from < to; from += len ? len : 1) {
        len = utf8_length(line + from);
        str_addc(out, line[from] == '\t' && c == ' ' ? '\t' : c);
    }
}

static void add_caret_lines(struct str *out, const char *line, size_t len, struct conf_pos pos)
{
    size_t column = pos.column ? pos.column - 1 : 0, from = 0, shown, end;

    if (column > len)
        column = len;
    if (len > SHOWN_MAX && column > SHOWN_BEFORE)
        from = column - SHOWN_BEFORE;
    while (from > 0 && is_continuation(line[from]))
        from--;
    shown = len - from > SHOWN_MAX ? SHOWN_MAX : len - from;
    while (from + shown < len && is_continuation(line[from + shown]))
        shown++;
    str_addf(out, "    %s", from ? "..." : "");
    add_clean(out, line + from, shown);
    str_addf(out, "%s\n    %s", from + shown < len ? "..." : "", from ? "   " : "");
    add_padding(out, line, from, column, ' ');
    str_addc(out, '^');
    column += column < len && utf8_length(line + column) > 1 ? utf8_length(line + column) : 1;
    end = pos.column - 1 + pos.length;
    add_padding(out, line, column, end < from + shown ? end : from + shown, '~');
    str_addc(out, '\n');
}

static void print_one(const struct diags *d, const struct diag *g, struct str *out)
{
    const char *line, *word = g->level == DIAG_ERROR ? "error" : "warning";
    size_t len = 0;

    if (g->pos.line)
        str_addf(out, "%s:%u:%u: %s: ", file_of(d, g->pos), g->pos.line, g->pos.column, word);
    else
        str_addf(out, "%s: %s: ", file_of(d, g->pos), word);
    str_add(out, g->message);
    str_addc(out, '\n');
    line = line_of(d, g->pos, &len);
    if (line)
        add_caret_lines(out, line, len, g->pos);
    if (g->hint) {
        str_add(out, "hint: ");
        str_add(out, g->hint);
        str_addc(out, '\n');
    }
}

void diags_print(const struct diags *d, struct str *out)
{
    size_t i, all = (size_t)d->errors + d->warnings;

    for (i = 0; i < d->list.len; i++)
        print_one(d, &d->list.at[i], out);
    if (all > d->list.len)
        str_addf(out, "%s: %zu more findings are not shown\n", file_of(d, (struct conf_pos){0}), all - d->list.len);
}

struct json *diags_to_json(const struct diags *d)
{
    struct json *a = json_new_array(), *o;
    size_t i;

    for (i = 0; i < d->list.len; i++) {
        const struct diag *g = &d->list.at[i];

        o = json_add_object(a);
        json_set_str(o, "level", g->level == DIAG_ERROR ? "error" : "warning");
        json_set_str(o, "code", err_id(g->code));
        json_set_str(o, "file", file_of(d, g->pos));
        json_set_uint(o, "line", g->pos.line);
        json_set_uint(o, "column", g->pos.column);
        json_set_uint(o, "length", g->pos.length);
        json_set_str(o, "message", g->message);
        json_set_str(o, "hint", g->hint);
    }
    return json_done(a);
}

int diags_to_err(const struct diags *d, struct domo_err *err)
{
    const struct diag *first = NULL;
    size_t i;

    for (i = 0; i < d->list.len && !first; i++)
        if (d->list.at[i].level == DIAG_ERROR)
            first = &d->list.at[i];
    if (!first)
        return d->failed ? err_set(err, DOMO_E_NO_MEMORY, "out of memory while checking a config")
                         : err_set(err, DOMO_E_CONFIG_SYNTAX, "the config has errors that were not kept");
    if (first->pos.line)
        (void)err_set(err, first->code, "%s:%u:%u: %s", file_of(d, first->pos), first->pos.line, first->pos.column,
                      first->message);
    else
        (void)err_set(err, first->code, "%s: %s", file_of(d, first->pos), first->message);
    if (first->hint)
        (void)err_hint(err, "%s", first->hint);
    if (d->errors > 1)
        (void)err_fact(err, "more-errors", "%u", d->errors - 1);
    return -1;
}
