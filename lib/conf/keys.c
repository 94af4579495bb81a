/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Rows and records: find, default, print, compare.
 */
#include "conf/keys.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

const struct key *keys_find(const struct key_table *t, const char *name)
{
    size_t i;

    for (i = 0; i < t->n; i++)
        if (!strcmp(t->rows[i].name, name))
            return &t->rows[i];
    return NULL;
}

static const char *name_at(size_t i, const void *arg)
{
    const struct key_table *t = arg;

    return i < t->n ? t->rows[i].name : NULL;
}

const char *keys_nearest(const struct key_table *t, const char *word)
{
    const struct key_alias *a;

    for (a = t->aliases; a && a->name; a++)
        if (!strcmp(a->name, word))
            return a->meant;
    return str_nearest(word, name_at, t);
}

static const void *field_of(const struct key *key, const void *record)
{
    return (const char *)record + key->offset;
}

int64_t key_field(const struct key *key, const void *record)
{
    int32_t i32;
    uint32_t u32;
    uint64_t u64;
    bool b;

    if (key->size == sizeof b) {
        memcpy(&b, field_of(key, record), sizeof b);
        return b;
    }
    if (key->size == sizeof u64) {
        memcpy(&u64, field_of(key, record), sizeof u64);
        return (int64_t)u64;
    }
    assert(key->size == sizeof u32);
    memcpy(&u32, field_of(key, record), sizeof u32);
    memcpy(&i32, &u32, sizeof i32);
    return key->max > INT32_MAX ? (int64_t)u32 : i32;
}

void key_set_field(const struct key *key, void *record, int64_t v)
{
    void *field = (char *)record + key->offset;
    uint32_t u32 = (uint32_t)v;
    uint64_t u64 = (uint64_t)v;
    bool b = v != 0;

    if (key->size == sizeof b) {
        memcpy(field, &b, sizeof b);
    } else if (key->size == sizeof u64) {
        memcpy(field, &u64, sizeof u64);
    } else {
        assert(key->size == sizeof u32);
        memcpy(field, &u32, sizeof u32);
    }
}

static char **string_of(const struct key *key, const void *record)
{
    return (char **)((char *)record + key->offset);
}

/* The default of a row with an integer field. */
static int64_t default_of(const struct key *key)
{
    const struct key_choice *c;
    int64_t v = 0;

    if (!key->def)
        return 0;
    for (c = key->choices; c && c->name; c++)
        if (!strcmp(c->name, key->def))
            return c->value;
    if (key_integer(key->def, &v))
        return 0;
    return key->type == KEY_MIB ? v * 1024 : v;
}

static bool has_integer(const struct key *key)
{
    if (key->size == KEY_NO_FIELD)
        return false;
    return key->type == KEY_INT || key->type == KEY_BOOL || key->type == KEY_MIB || key->type == KEY_ENUM;
}

static bool has_string(const struct key *key)
{
    return key->size != KEY_NO_FIELD && key->type == KEY_STRING;
}

int keys_defaults(const struct key_table *t, void *record)
{
    size_t i;

    for (i = 0; i < t->n; i++) {
        const struct key *key = &t->rows[i];

        if (has_integer(key))
            key_set_field(key, record, default_of(key));
        if (has_string(key) && key->def && !(*string_of(key, record) = strdup(key->def)))
            return -ENOMEM;
    }
    return 0;
}

void keys_fini(const struct key_table *t, void *record)
{
    size_t i;

    for (i = 0; i < t->n; i++) {
        if (!has_string(&t->rows[i]))
            continue;
        free(*string_of(&t->rows[i], record));
        *string_of(&t->rows[i], record) = NULL;
    }
}

void key_quote(struct str *out, const char *text)
{
    str_addc(out, '"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            str_addf(out, "\\%c", *text);
        else if (*text == '\n')
            str_add(out, "\\n");
        else if (*text == '\t')
            str_add(out, "\\t");
        else if ((unsigned char)*text < ' ' || *text == 0x7f)
            str_addf(out, "\\x%02x", (unsigned char)*text);
        else
            str_addc(out, *text);
    }
    str_addc(out, '"');
}

static const struct key_choice *choice_of(const struct key *key, int64_t v)
{
    const struct key_choice *c;

    for (c = key->choices; c->name; c++)
        if (c->value == v && !c->instead && !c->refused)
            return c;
    return NULL;
}

static void print_integer(const struct key *key, int64_t v, struct str *out)
{
    const struct key_choice *c = key->type == KEY_ENUM ? choice_of(key, v) : NULL;

    if (c)
        key_quote(out, c->name);
    else if (v < 0)
        str_addf(out, "\"%" PRId64 "\"", v);
    else
        str_addf(out, "%" PRId64, key->type == KEY_MIB ? v / 1024 : v);
}

void key_print(const struct key *key, const void *record, struct str *out)
{
    const char *text;

    if (key->hooks.print) {
        key->hooks.print(key, record, out);
    } else if (has_string(key)) {
        text = *string_of(key, record);
        if (text && !str_eq(text, key->def))
            key_quote(out, text);
    } else if (has_integer(key) && key_field(key, record) != default_of(key)) {
        print_integer(key, key_field(key, record), out);
    }
}

void keys_print(const struct key_table *t, const void *record, struct str *out)
{
    size_t i;

    for (i = 0; i < t->n; i++) {
        struct str AUTO_STR value = STR_INIT;

        key_print(&t->rows[i], record, &value);
        if (value.failed)
            out->failed = true;
        if (value.len)
            str_addf(out, "%s = %s\n", t->rows[i].name, str_text(&value));
    }
}

bool keys_equal(const struct key_table *t, const void *a, const void *b)
{
    struct str AUTO_STR left = STR_INIT, AUTO_STR right = STR_INIT;

    /* Printing is canonical and leaves out defaults only: equal texts are equal records. */
    keys_print(t, a, &left);
    keys_print(t, b, &right);
    return !left.failed && !right.failed && str_eq(str_text(&left), str_text(&right));
}
