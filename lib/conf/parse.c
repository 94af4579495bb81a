/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "conf/parse.h"

#include <string.h>

#include "conf/lex.h"
#include "conf/utf8.h"

struct parser {
    struct lexer lex;
    struct tok tok; /* the one to look at */
    struct diags *diags;
    struct conf_file *out;
    bool failed;
};

static void advance(struct parser *p)
{
    tok_fini(&p->tok);
    p->tok = lex_next(&p->lex);
}

static const char *tok_name(const struct tok *t)
{
    switch (t->kind) {
    case TOK_NAME:
        return "a name";
    case TOK_STRING:
        return "a string";
    case TOK_NUMBER:
        return "a number";
    case TOK_ASSIGN:
        return "'='";
    case TOK_APPEND:
        return "'+='";
    case TOK_OPEN:
        return "'['";
    case TOK_CLOSE:
        return "']'";
    case TOK_COMMA:
        return "','";
    case TOK_SEMICOLON:
        return "';'";
    case TOK_NEWLINE:
        return "the end of the line";
    case TOK_END:
        return "the end of the text";
    case TOK_BAD:
        return "something else";
    }
    return "";
}

/* Reports the current token: "expected" is what should stand there. A bad token has its own story. */
static int refuse(struct parser *p, const char *expected, const char *hint)
{
    if (p->tok.kind == TOK_BAD)
        diag_add(p->diags, DIAG_ERROR, DOMO_E_CONFIG_SYNTAX, p->tok.pos, p->tok.hint, "%s", p->tok.why);
    else
        diag_add(p->diags, DIAG_ERROR, DOMO_E_CONFIG_SYNTAX, p->tok.pos, hint, "%s is expected here, not %s", expected,
                 tok_name(&p->tok));
    p->failed = true;
    return -1;
}

static int no_memory(struct parser *p)
{
    p->diags->failed = true;
    p->failed = true;
    return -1;
}

/* Is what follows the current line end "name =" or "name +="? */
static bool setting_follows(const struct parser *p)
{
    struct lexer ahead = p->lex;
    struct tok first = lex_next(&ahead), second = lex_next(&ahead);
    bool yes = first.kind == TOK_NAME && (second.kind == TOK_ASSIGN || second.kind == TOK_APPEND);

    tok_fini(&first);
    tok_fini(&second);
    return yes;
}

/* After an error: on to the next statement. Inside a list that is the end of the list, or a line that looks like a
 * setting because the list was never closed. */
static void resynchronise(struct parser *p, unsigned depth)
{
    for (; p->tok.kind != TOK_END; advance(p)) {
        if (p->tok.kind == TOK_OPEN)
            depth++;
        else if (p->tok.kind == TOK_CLOSE && depth)
            depth--;
        else if (p->tok.kind == TOK_NEWLINE && (!depth || setting_follows(p)))
            break;
    }
}

static int parse_value(struct parser *p, unsigned depth, struct conf_value *out, unsigned *ret_depth);

static void skip_newlines(struct parser *p)
{
    while (p->tok.kind == TOK_NEWLINE)
        advance(p);
}

static int unclosed(struct parser *p, struct conf_pos open)
{
    open.length = 1;
    diag_add(p->diags, DIAG_ERROR, DOMO_E_CONFIG_SYNTAX, open, "the list that begins here needs a ']'",
             "the list is not closed");
    p->failed = true;
    return -1;
}

static int parse_items(struct parser *p, unsigned depth, struct conf_value *out, unsigned *ret_depth)
{
    struct conf_value *slot;

    for (;;) {
        if (p->tok.kind == TOK_NEWLINE && setting_follows(p))
            return unclosed(p, out->pos);
        skip_newlines(p);
        if (p->tok.kind == TOK_CLOSE)
            break;
        if (p->tok.kind == TOK_END)
            return unclosed(p, out->pos);
        if (out->items.len >= CONF_ITEMS_MAX) {
            diag_add(p->diags, DIAG_ERROR, DOMO_E_CONFIG_SYNTAX, p->tok.pos, NULL, "a list has more than %d elements",
                     CONF_ITEMS_MAX);
            p->failed = true;
            return -1;
        }
        slot = VEC_PUSH(&out->items);
        if (!slot)
            return no_memory(p);
        if (parse_value(p, depth + 1, slot, ret_depth))
            return -1;
        if (p->tok.kind == TOK_NEWLINE && setting_follows(p))
            return unclosed(p, out->pos);
        skip_newlines(p);
        if (p->tok.kind == TOK_COMMA)
            advance(p);
        else if (p->tok.kind == TOK_END)
            return unclosed(p, out->pos);
        else if (p->tok.kind != TOK_CLOSE)
            return refuse(p, "',' or ']'", "elements of a list are separated by commas");
    }
    return 0;
}

static int parse_list(struct parser *p, unsigned depth, struct conf_value *out, unsigned *ret_depth)
{
    if (depth >= CONF_DEPTH_MAX) {
        diag_add(p->diags, DIAG_ERROR, DOMO_E_CONFIG_SYNTAX, p->tok.pos, NULL, "lists are nested more than %d deep",
                 CONF_DEPTH_MAX);
        p->failed = true;
        return -1;
    }
    out->is_list = true;
    *ret_depth = depth + 1;
    advance(p);
    if (parse_items(p, depth, out, ret_depth))
        return -1;
    /* The caret of a list that stands in one line underlines all of it. */
    if (p->tok.pos.line == out->pos.line)
        out->pos.length = p->tok.pos.column + 1 - out->pos.column;
    *ret_depth = depth;
    advance(p);
    return 0;
}

static bool is_python_word(const struct tok *t)
{
    static const char *const words[] = {"os", "range", "int", "str", "not", "lambda", "raw_input", "input"};
    size_t i;

    for (i = 0; i < ARRAY_LEN(words); i++)
        if (t->raw_len == strlen(words[i]) && !memcmp(t->raw, words[i], t->raw_len))
            return true;
    return false;
}

static int parse_value(struct parser *p, unsigned depth, struct conf_value *out, unsigned *ret_depth)
{
    out->pos = p->tok.pos;
    if (p->tok.kind == TOK_OPEN)
        return parse_list(p, depth, out, ret_depth);
    if (p->tok.kind == TOK_STRING) {
        out->text = p->tok.text;
        p->tok.text = NULL;
    } else if (p->tok.kind == TOK_NUMBER) {
        out->is_bare = true;
        out->text = strndup(p->tok.raw, p->tok.raw_len);
    } else if (p->tok.kind == TOK_NAME && is_python_word(&p->tok)) {
        return refuse(p, "a value", "this is Python: xl.cfg has strings, numbers and lists, no code");
    } else {
        return refuse(p, "a value", p->tok.kind == TOK_NAME ? "put text into quotes: \"...\"" : NULL);
    }
    if (!out->text)
        return no_memory(p);
    advance(p);
    return 0;
}

static bool is_python_statement(const char *name)
{
    static const char *const words[] = {"def",   "import", "from", "if",  "elif",   "else", "for",
                                        "while", "print",  "try",  "del", "return", "with", "class"};
    size_t i;

    for (i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(name, words[i]))
            return true;
    return false;
}

static int parse_end(struct parser *p)
{
    const char *hint = NULL;

    if (p->tok.kind == TOK_SEMICOLON || p->tok.kind == TOK_NEWLINE || p->tok.kind == TOK_END)
        return 0;
    if (p->tok.kind == TOK_BAD && p->tok.raw[0] == '%')
        p->tok.hint = "this is Python's formatting: write the complete string";
    else if (p->tok.kind == TOK_BAD && p->tok.raw[0] == '+')
        p->tok.hint = "strings and lists are joined by a second statement: key += \"...\"";
    else if (p->tok.kind == TOK_STRING || p->tok.kind == TOK_NAME || p->tok.kind == TOK_NUMBER)
        hint = "one statement a line; a ';' separates two in one line";
    return refuse(p, "the end of the statement", hint);
}

/* "name = value", up to but without its end. */
static int parse_setting(struct parser *p, struct conf_setting *out, unsigned *ret_depth)
{
    if (p->tok.kind != TOK_NAME)
        return refuse(p, "the name of a key", NULL);
    out->name = strndup(p->tok.raw, p->tok.raw_len);
    out->name_pos = p->tok.pos;
    if (!out->name)
        return no_memory(p);
    advance(p);
    if (p->tok.kind != TOK_ASSIGN && p->tok.kind != TOK_APPEND) {
        if (is_python_statement(out->name)) {
            diag_add(p->diags, DIAG_ERROR, DOMO_E_CONFIG_SYNTAX, out->name_pos,
                     "xl.cfg only looks like Python: there are settings, strings, numbers and lists, no code",
                     "'%s' is a Python statement", out->name);
            p->failed = true;
            return -1;
        }
        return refuse(p, "'='", NULL);
    }
    out->is_append = p->tok.kind == TOK_APPEND;
    advance(p);
    if (parse_value(p, 0, &out->value, ret_depth))
        return -1;
    return parse_end(p);
}

static void drop_setting(struct conf_setting *s)
{
    free(s->name);
    conf_value_fini(&s->value);
}

static void parse_statement(struct parser *p)
{
    struct conf_setting setting = {.name = NULL}, *slot;
    unsigned depth = 0;

    if (parse_setting(p, &setting, &depth)) {
        drop_setting(&setting);
        resynchronise(p, depth);
        return;
    }
    slot = VEC_PUSH(&p->out->list);
    if (slot) {
        *slot = setting;
        return;
    }
    drop_setting(&setting);
    (void)no_memory(p);
}

static int parse_all(struct parser *p)
{
    for (advance(p); p->tok.kind != TOK_END && !p->diags->failed && p->diags->errors < DIAGS_MAX;) {
        if (p->tok.kind == TOK_NEWLINE || p->tok.kind == TOK_SEMICOLON) {
            advance(p);
            continue;
        }
        if (p->out->list.len >= CONF_SETTINGS_MAX) {
            diag_add(p->diags, DIAG_ERROR, DOMO_E_CONFIG_SYNTAX, p->tok.pos, NULL, "there are more than %d settings",
                     CONF_SETTINGS_MAX);
            p->failed = true;
            break;
        }
        parse_statement(p);
    }
    tok_fini(&p->tok);
    return p->failed ? -1 : 0;
}

int conf_parse(struct diags *d, unsigned source, struct conf_file *out)
{
    struct parser p = {.diags = d, .out = out};
    const char *text = d->sources.at[source].text;
    size_t len = strlen(text);

    if (len > CONF_TEXT_MAX) {
        struct conf_pos nowhere = {.source = source};

        diag_add(d, DIAG_ERROR, DOMO_E_CONFIG_SYNTAX, nowhere, NULL, "the text is larger than 1 MiB");
        return -1;
    }
    lex_init(&p.lex, text, len, source);
    return parse_all(&p);
}

/* Line "line" of a text. */
static const char *find_line(const char *text, unsigned line, size_t *ret_len)
{
    for (; line > 1; line--)
        text = strchr(text, '\n') + 1;
    *ret_len = strcspn(text, "\n");
    return text;
}

static void init_line(struct parser *p, struct diags *d, struct conf_file *out, unsigned source, unsigned line)
{
    size_t len;
    const char *s = find_line(d->sources.at[source].text, line, &len);

    *p = (struct parser){.diags = d, .out = out};
    lex_init(&p->lex, s, len, source);
    p->lex.line = line;
}

/* Is the line good xl.cfg as it stands? */
static bool parses(struct diags *d, unsigned source, unsigned line)
{
    struct conf_file scratch = {.list = VEC_INIT};
    struct diags quiet;
    struct parser p;
    bool good;

    diags_init(&quiet);
    init_line(&p, d, &scratch, source, line);
    p.diags = &quiet;
    good = !parse_all(&p);
    conf_file_fini(&scratch);
    diags_fini(&quiet);
    return good;
}

/* "name=some words": the value is the rest of the line. */
static int parse_bare(struct parser *p, size_t len)
{
    struct conf_setting setting = {.name = NULL}, *slot;
    struct conf_pos start = {.line = p->lex.line, .column = 1, .source = p->lex.source};
    struct tok name, op;
    size_t from;

    name = lex_next(&p->lex);
    op = lex_next(&p->lex);
    from = p->lex.at;
    while (from < len && (p->lex.text[from] == ' ' || p->lex.text[from] == '\t'))
        from++;
    while (len > from && strchr(" \t\r", p->lex.text[len - 1]))
        len--;
    setting.value.pos = conf_pos_at(start, from, len - from);
    setting.name = strndup(name.raw, name.raw_len);
    setting.name_pos = name.pos;
    setting.is_append = op.kind == TOK_APPEND;
    setting.value.text = strndup(p->lex.text + from, len - from);
    setting.value.is_bare = true; /* no quote before the text: places count from its first byte */
    if (setting.value.text && !utf8_is_valid(setting.value.text)) {
        diag_add(p->diags, DIAG_ERROR, DOMO_E_CONFIG_SYNTAX, setting.value.pos, NULL, "the value is not UTF-8");
        drop_setting(&setting);
        return -1;
    }
    slot = setting.name && setting.value.text ? VEC_PUSH(&p->out->list) : NULL;
    if (slot) {
        *slot = setting;
        return 0;
    }
    drop_setting(&setting);
    return no_memory(p);
}

int conf_parse_override(struct diags *d, unsigned source, unsigned line, struct conf_file *out)
{
    struct tok name, op, value;
    struct parser p;
    size_t len;
    bool bare;

    init_line(&p, d, out, source, line);
    len = p.lex.len;
    name = lex_next(&p.lex);
    op = lex_next(&p.lex);
    value = lex_next(&p.lex);
    bare = name.kind == TOK_NAME && (op.kind == TOK_ASSIGN || op.kind == TOK_APPEND) && value.kind != TOK_STRING &&
           value.kind != TOK_OPEN && value.raw[0] != '"' && value.raw[0] != '\'' && !parses(d, source, line);
    tok_fini(&name);
    tok_fini(&op);
    tok_fini(&value);
    init_line(&p, d, out, source, line);
    return bare ? parse_bare(&p, len) : parse_all(&p);
}
