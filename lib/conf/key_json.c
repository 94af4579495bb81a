/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Records as libxl's JSON, and rows as entries of the reference.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "conf/keys.h"

static const struct key_choice *choice_by_value(const struct key *key, int64_t v)
{
    const struct key_choice *c;

    for (c = key->choices; c->name; c++)
        if (c->value == v && !c->instead && !c->refused)
            return c;
    return NULL;
}

static bool is_default(const struct key *key, const void *record)
{
    struct str AUTO_STR text = STR_INIT;

    key_print(key, record, &text);
    return !text.len;
}

static void set_row(const struct key *key, const void *record, struct json *root)
{
    const struct key_choice *c;
    const char *last;
    struct json *parent;

    if (key->type == KEY_ENUM) {
        /* What libxl takes for the default is not always xl.cfg's default: its choice has no JSON name. */
        c = choice_by_value(key, key_field(key, record));
        if (!c || !c->json)
            return;
        parent = json_make_parent(root, key->json, &last);
        json_set_str(parent, last, c->json);
        return;
    }
    if (is_default(key, record))
        return;
    parent = json_make_parent(root, key->json, &last);
    if (key->type == KEY_STRING)
        json_set_str(parent, last, *(char *const *)((const char *)record + key->offset));
    else if (key->type == KEY_BOOL)
        json_set_str(parent, last, key_field(key, record) ? "True" : "False");
    else if (key->json_u32)
        json_set_uint(parent, last, (uint32_t)key_field(key, record));
    else
        json_set_int(parent, last, key_field(key, record));
}

void keys_to_json(const struct key_table *t, const void *record, struct json *root)
{
    size_t i;

    for (i = 0; i < t->n; i++)
        if (t->rows[i].json && t->rows[i].size != KEY_NO_FIELD)
            set_row(&t->rows[i], record, root);
}

static int get_enum(const struct key *key, const struct json *j, void *record)
{
    const struct key_choice *c;
    const char *text = json_str(j, NULL);

    for (c = key->choices; c->name; c++) {
        if (c->instead || c->refused)
            continue;
        if (text ? c->json && !strcmp(c->json, text) : !c->json) {
            key_set_field(key, record, c->value);
            return 0;
        }
    }
    return text ? -EINVAL : 0;
}

static int get_number(const struct key *key, const struct json *j, void *record)
{
    int64_t v;

    if (json_type(j) != JSON_INT && json_type(j) != JSON_UINT)
        return -EINVAL;
    v = json_int(j, 0);
    if (key->type == KEY_INT && key->size == sizeof(uint32_t) && (v < INT32_MIN || v > UINT32_MAX))
        return -EINVAL;
    key_set_field(key, record, v);
    return 0;
}

static int get_row(const struct key *key, const struct json *j, void *record)
{
    char **field;
    const char *text;

    if (key->type == KEY_ENUM)
        return get_enum(key, j, record);
    if (!j || json_type(j) == JSON_NULL)
        return 0;
    text = json_str(j, NULL);
    if (key->type == KEY_BOOL) {
        if (!text && json_type(j) != JSON_BOOL)
            return -EINVAL;
        key_set_field(key, record, text ? !strcmp(text, "True") : json_bool(j, false));
        return 0;
    }
    if (key->type != KEY_STRING)
        return get_number(key, j, record);
    if (!text)
        return -EINVAL;
    field = (char **)((char *)record + key->offset);
    free(*field);
    *field = strdup(text);
    return *field ? 0 : -ENOMEM;
}

int keys_from_json(const struct key_table *t, const struct json *root, void *record)
{
    size_t i;
    int r;

    for (i = 0; i < t->n; i++) {
        if (!t->rows[i].json || t->rows[i].size == KEY_NO_FIELD)
            continue;
        r = get_row(&t->rows[i], json_path(root, t->rows[i].json), record);
        if (r)
            return r;
    }
    return 0;
}

static const char *type_name(const struct key *key)
{
    if (key->type_doc)
        return key->type_doc;
    switch (key->type) {
    case KEY_STRING:
        return "string";
    case KEY_INT:
        return "integer";
    case KEY_BOOL:
        return "boolean";
    case KEY_MIB:
        return "MiB";
    case KEY_ENUM:
        return "choice";
    case KEY_STRINGS:
        return key->atom_ok ? "string or list of strings" : "list of strings";
    case KEY_DEVICES:
        return "list of devices";
    case KEY_NESTED:
        return "list of lists";
    case KEY_CUSTOM:
        return "string";
    }
    return "";
}

static const char *status_name(enum key_status status)
{
    switch (status) {
    case KEY_ACTED_ON:
        return "acted-on";
    case KEY_NOT_ACTED_ON:
        return "not-acted-on";
    case KEY_DEPRECATED:
        return "deprecated";
    case KEY_IGNORED:
        return "ignored";
    }
    return "";
}

static void add_choices(const struct key *key, struct json *o)
{
    const struct key_choice *c;
    struct json *a;

    if (!key->choices) {
        json_set(o, "choices", json_new_null());
        return;
    }
    a = json_set_array(o, "choices");
    for (c = key->choices; c->name; c++)
        if (!c->instead && !c->refused)
            json_add_str(a, c->name);
}

struct json *key_reference(const struct key_table *t, const struct key *key)
{
    struct json *o = json_new_object(), *a;
    unsigned bit;

    json_set_str(o, "name", key->name);
    json_set_str(o, "type", type_name(key));
    json_set_str(o, "default", key->def_doc ? key->def_doc : key->def);
    add_choices(key, o);
    if (key->min || key->max)
        json_setf(o, "range", "%" PRId64 "..%" PRId64, key->min, key->max);
    else
        json_set(o, "range", json_new_null());
    a = json_set_array(o, "types");
    for (bit = 0; t->guest_names[bit]; bit++)
        if (!key->guests || (key->guests & (1u << bit)))
            json_add_str(a, t->guest_names[bit]);
    json_set_str(o, "status", status_name(key->acted_on ? KEY_ACTED_ON : key->status));
    json_set_str(o, "doc", key->doc);
    return json_done(o);
}
