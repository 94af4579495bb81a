/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Device specs of rows as libxl's JSON, and their rows as the reference.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "dev/dev_spec.h"

static const char *const type_names[] = {
    [DEV_KEY_TEXT] = "string",         [DEV_KEY_NUMBER] = "integer", [DEV_KEY_FLAG] = "boolean",
    [DEV_KEY_SWITCH] = "boolean",      [DEV_KEY_WORD] = "enum",      [DEV_KEY_NUMBERS] = "list of integers",
    [DEV_KEY_WORDS] = "list of words",
};

static const char *word_to_json(const struct dev_key *key, const char *value)
{
    for (const struct dev_word *w = key->words; w->name; w++)
        if (str_eq(w->name, value))
            return w->json ? w->json : w->name;
    return value;
}

static const char *word_from_json(const struct dev_key *key, const char *text)
{
    for (const struct dev_word *w = key->words; w->name; w++)
        if (str_eq(w->json ? w->json : w->name, text))
            return w->name;
    return NULL;
}

static void set_list(struct json *array, const struct dev_key *key, const char *value)
{
    char *AUTO_FREE copy = strdup(value);
    char *rest = NULL;
    uint32_t n;

    for (char *one = copy ? strtok_r(copy, ";", &rest) : NULL; one; one = strtok_r(NULL, ";", &rest)) {
        if (key->type == DEV_KEY_WORDS)
            json_add_str(array, word_to_json(key, one));
        else if (str_to_u32(one, &n) == 0)
            json_add(array, json_new_uint(n));
    }
}

static void set_value(struct json *object, const struct dev_key *key, const char *value)
{
    const char *last;
    struct json *parent = json_make_parent(object, key->json, &last);
    uint32_t n = 0;

    switch (key->type) {
    case DEV_KEY_TEXT:
        json_set_str(parent, last, value);
        return;
    case DEV_KEY_NUMBER:
        IGNORE(str_to_u32(value, &n));
        json_set_uint(parent, last, n);
        return;
    case DEV_KEY_FLAG:
        json_set_bool(parent, last, str_eq(value, "1"));
        return;
    case DEV_KEY_SWITCH:
        json_set_str(parent, last, str_eq(value, "1") ? "True" : "False");
        return;
    case DEV_KEY_WORD:
        json_set_str(parent, last, word_to_json(key, value));
        return;
    case DEV_KEY_NUMBERS:
    case DEV_KEY_WORDS:
        set_list(json_set_array(parent, last), key, value);
        return;
    }
}

struct json *dev_spec_to_libxl(const struct dev_spec *s)
{
    struct json *o = json_new_object(), *parts = NULL;

    for (size_t i = 0; i < s->grammar->n; i++)
        if (s->grammar->keys[i].json && s->values[i])
            set_value(o, &s->grammar->keys[i], s->values[i]);
    if (s->has_devid)
        json_set_uint(o, "devid", s->devid);
    if (s->parts.len)
        parts = json_set_array(o, s->grammar->inner->json_list);
    for (size_t i = 0; i < s->parts.len; i++)
        json_add(parts, dev_spec_to_libxl(&s->parts.at[i]));
    if (s->grammar->to_libxl)
        s->grammar->to_libxl(s, o);
    return json_done(o);
}

/* Elements that make no sense are left out; NULL if none is left. */
static char *get_list(const struct dev_key *key, const struct json *list)
{
    struct str AUTO_STR out = STR_INIT;

    for (size_t i = 0; i < json_len(list); i++) {
        const struct json *one = json_at(list, i, NULL);
        const char *text = json_str(one, NULL);
        int64_t n = json_int(one, -1);

        text = text ? word_from_json(key, text) : NULL;
        if (key->type == DEV_KEY_WORDS && text)
            str_addf(&out, "%s%s", out.len ? ";" : "", text);
        if (key->type == DEV_KEY_NUMBERS && n >= 0 && n <= UINT32_MAX)
            str_addf(&out, "%s%" PRId64, out.len ? ";" : "", n);
    }
    return out.len ? str_steal(&out) : NULL;
}

/* The canonical text of a member; NULL with *ret_rc if it makes no sense, NULL and 0 if it says nothing. */
static char *get_value(const struct dev_key *key, const struct json *v, int *ret_rc)
{
    const char *text = json_str(v, NULL);
    int64_t n = json_int(v, -1);
    char *copy = NULL;

    *ret_rc = 0;
    switch (key->type) {
    case DEV_KEY_TEXT:
        if (!text || !*text)
            return NULL;
        copy = strdup(text);
        break;
    case DEV_KEY_NUMBER:
        if (n < 0 || n > UINT32_MAX)
            return NULL;
        copy = str_format("%" PRId64, n);
        break;
    case DEV_KEY_FLAG:
        copy = strdup(json_bool(v, false) ? "1" : "0");
        break;
    case DEV_KEY_SWITCH:
        if (!str_eq(text, "True") && !str_eq(text, "False"))
            return NULL;
        copy = strdup(str_eq(text, "True") ? "1" : "0");
        break;
    case DEV_KEY_WORD:
        text = text ? word_from_json(key, text) : NULL;
        if (!text)
            return NULL;
        copy = strdup(text);
        break;
    case DEV_KEY_NUMBERS:
    case DEV_KEY_WORDS:
        return json_len(v) ? get_list(key, v) : NULL;
    }
    *ret_rc = copy ? 0 : -ENOMEM;
    return copy;
}

/* libxl knows a back end's domain by name or by number. */
static int get_backend(const struct json *o, struct dev_spec *s)
{
    int64_t domid = json_get_int(o, "backend_domid", 0);
    char *AUTO_FREE text = NULL;

    if (domid <= 0 || dev_spec_get(s, "backend"))
        return 0;
    text = str_format("%" PRId64, domid);
    return text ? dev_spec_set(s, "backend", text) : -ENOMEM;
}

static int get_values(const struct json *o, struct dev_spec *s)
{
    int64_t devid = json_get_int(o, "devid", -1);
    int rc = 0;

    for (size_t i = 0; i < s->grammar->n; i++) {
        const struct dev_key *key = &s->grammar->keys[i];
        const struct json *v = key->json ? json_path(o, key->json) : NULL;

        if (!v)
            continue;
        s->values[i] = get_value(key, v, &rc);
        if (rc)
            return rc;
    }
    if (devid > INT32_MAX)
        return -EINVAL;
    s->has_devid = devid >= 0;
    s->devid = s->has_devid ? (uint32_t)devid : 0;
    rc = get_backend(o, s);
    return rc == -EINVAL ? 0 : rc; /* not all kinds may name a back end */
}

static int get_parts(const struct json *o, struct dev_spec *s)
{
    const struct dev_grammar *inner = s->grammar->inner;
    const struct json *list = inner ? json_get(o, inner->json_list) : NULL;

    for (size_t i = 0; inner && i < json_len(list); i++) {
        struct dev_spec part, *slot;
        int rc = dev_spec_from_libxl(inner, json_at(list, i, NULL), &part);

        if (rc)
            return rc;
        slot = VEC_PUSH(&s->parts);
        if (!slot) {
            dev_spec_fini(&part);
            return -ENOMEM;
        }
        *slot = part;
    }
    return 0;
}

int dev_spec_from_libxl(const struct dev_grammar *g, const struct json *o, struct dev_spec *ret)
{
    struct dev_spec s;
    int rc;

    if (!json_is_object(o))
        return -EINVAL;
    rc = dev_spec_init(&s, g);
    if (rc)
        return rc;
    rc = get_values(o, &s);
    if (!rc)
        rc = get_parts(o, &s);
    if (!rc && g->from_libxl)
        rc = g->from_libxl(o, &s);
    if (rc)
        dev_spec_fini(&s);
    else
        *ret = s;
    return rc;
}

/* Rows of inner levels name theirs. */
static void add_rows(const struct dev_grammar *g, struct json *list)
{
    for (size_t i = 0; i < g->n; i++) {
        const struct dev_key *key = &g->keys[i];
        struct json *row = json_add_object(list), *choices = key->words ? json_set_array(row, "choices") : NULL;

        json_set_str(row, "name", key->name);
        if (g->word)
            json_set_str(row, "of", g->word);
        json_set_str(row, "type", type_names[key->type]);
        json_set_bool(row, "required", key->required);
        if (key->def)
            json_set_str(row, "default", key->def);
        for (const struct dev_word *w = key->words; w && w->name; w++)
            json_add_str(choices, w->name);
        json_set_str(row, "example", key->example);
        json_set_str(row, "doc", key->doc);
    }
    if (g->inner)
        add_rows(g->inner, list);
}

struct json *dev_grammar_reference(const struct dev_grammar *g)
{
    struct json *list = json_new_array();

    add_rows(g, list);
    return json_done(list);
}
