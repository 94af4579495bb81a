/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dev/dev_spec.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"

int dev_spec_init(struct dev_spec *s, const struct dev_grammar *g)
{
    memset(s, 0, sizeof *s);
    s->values = calloc(g->n ? g->n : 1, sizeof *s->values);
    if (!s->values)
        return -ENOMEM;
    s->grammar = g;
    return 0;
}

void dev_spec_fini(struct dev_spec *s)
{
    for (size_t i = 0; s->values && i < s->grammar->n; i++)
        free(s->values[i]);
    free(s->values);
    for (size_t i = 0; i < s->parts.len; i++)
        dev_spec_fini(&s->parts.at[i]);
    VEC_FINI(&s->parts);
    memset(s, 0, sizeof *s);
}

int dev_spec_copy(const struct dev_spec *from, struct dev_spec *to)
{
    struct dev_spec copy;

    if (dev_spec_init(&copy, from->grammar))
        return -ENOMEM;
    for (size_t i = 0; i < from->grammar->n; i++) {
        copy.values[i] = from->values[i] ? strdup(from->values[i]) : NULL;
        if (from->values[i] && !copy.values[i]) {
            dev_spec_fini(&copy);
            return -ENOMEM;
        }
    }
    for (size_t i = 0; i < from->parts.len; i++) {
        struct dev_spec part, *slot = NULL;

        if (dev_spec_copy(&from->parts.at[i], &part) == 0 && !(slot = VEC_PUSH(&copy.parts)))
            dev_spec_fini(&part);
        if (!slot) {
            dev_spec_fini(&copy);
            return -ENOMEM;
        }
        *slot = part;
    }
    copy.has_devid = from->has_devid;
    copy.devid = from->devid;
    copy.pos = from->pos;
    *to = copy;
    return 0;
}

/* ---- values ---- */

static size_t row_of(const struct dev_grammar *g, const char *key)
{
    size_t i = 0;

    while (i < g->n && !str_eq(g->keys[i].name, key))
        i++;
    return i;
}

static const char *value_of(const struct dev_spec *s, size_t row)
{
    return s->values[row] ? s->values[row] : s->grammar->keys[row].def;
}

const char *dev_spec_get(const struct dev_spec *s, const char *key)
{
    size_t row = row_of(s->grammar, key);

    return row < s->grammar->n ? value_of(s, row) : NULL;
}

uint32_t dev_spec_number(const struct dev_spec *s, const char *key)
{
    const char *text = dev_spec_get(s, key);
    uint32_t n;

    return text && str_to_u32(text, &n) == 0 ? n : 0;
}

bool dev_spec_flag(const struct dev_spec *s, const char *key)
{
    return str_eq(dev_spec_get(s, key), "1");
}

int dev_spec_set(struct dev_spec *s, const char *key, const char *value)
{
    size_t row = row_of(s->grammar, key);
    char *copy = value ? strdup(value) : NULL;

    if (value && !copy)
        return -ENOMEM;
    if (row == s->grammar->n) {
        free(copy);
        return -EINVAL;
    }
    free(s->values[row]);
    s->values[row] = copy;
    return 0;
}

/* A list's value as the store has it. */
static void add_node(const struct dev_key *key, const char *dir, const char *value, struct nodes *n)
{
    bool is_list = key->type == DEV_KEY_NUMBERS || key->type == DEV_KEY_WORDS;
    char *AUTO_FREE name = str_format("%s%s", dir, key->node), *AUTO_FREE text = strdup(value);

    for (char *c = text; is_list && c && *c; c++)
        *c = *c == ';' ? ',' : *c;
    if (name && text)
        nodes_add(n, key->side, name, "%s", text);
    else
        n->failed = true;
}

static void add_nodes(const struct dev_spec *s, const char *dir, struct nodes *n)
{
    for (size_t i = 0; i < s->grammar->n; i++) {
        const struct dev_key *key = &s->grammar->keys[i];
        const char *value = value_of(s, i);

        if (key->node && value)
            add_node(key, dir, value, n);
    }
    for (size_t i = 0; i < s->parts.len; i++) {
        char *AUTO_FREE below = str_format("%s%zu/", dir, i);

        if (below)
            add_nodes(&s->parts.at[i], below, n);
        else
            n->failed = true;
    }
}

void dev_spec_nodes(const struct dev_spec *s, struct nodes *n)
{
    add_nodes(s, "", n);
}

/* ---- text ---- */

static void add_values(const struct dev_spec *s, struct str *out)
{
    bool is_bare = !out->len;

    for (size_t i = 0; i < s->grammar->n; i++) {
        const struct dev_key *key = &s->grammar->keys[i];

        if (!s->values[i])
            continue;
        if (key->is_first && is_bare && !strchr(s->values[i], '='))
            str_add(out, s->values[i]);
        else
            str_addf(out, "%s%s=%s", out->len ? "," : "", key->name, s->values[i]);
        is_bare = false;
    }
}

int dev_spec_items(const struct dev_spec *s, void (*each)(void *arg, const char *item), void *arg)
{
    struct str AUTO_STR one = STR_INIT;
    int r;

    str_add(&one, s->grammar->word ? s->grammar->word : "");
    add_values(s, &one);
    r = one.failed ? -ENOMEM : 0;
    if (!r)
        each(arg, str_text(&one));
    for (size_t i = 0; !r && i < s->parts.len; i++)
        r = dev_spec_items(&s->parts.at[i], each, arg);
    return r;
}

static void join_item(void *arg, const char *item)
{
    struct str *out = arg;

    str_addf(out, "%s%s", out->len ? "," : "", item);
}

char *dev_spec_print(const struct dev_spec *s)
{
    struct str AUTO_STR out = STR_INIT;

    str_add(&out, "");
    if (dev_spec_items(s, join_item, &out))
        return NULL;
    return str_steal(&out);
}

/* Is "item" a "key=value" of that key? */
static bool is_item_of(const char *item, const char *key)
{
    size_t n = strlen(key);

    return item && strncmp(item, key, n) == 0 && item[n] == '=';
}

char *dev_grammar_example(const struct dev_grammar *g, const char *key)
{
    size_t row = key ? row_of(g, key) : g->n;
    const char *needs = row < g->n ? g->keys[row].needs : NULL;
    const char *with = row < g->n ? g->keys[row].with : NULL;
    struct str AUTO_STR out = STR_INIT;

    str_add(&out, g->word ? g->word : "");
    for (size_t i = 0; i < g->n; i++) {
        const struct dev_key *k = &g->keys[i];
        const char *separator = out.len ? "," : "";

        if (is_item_of(with, k->name))
            str_addf(&out, "%s%s", separator, with);
        else if ((needs && str_eq(k->name, needs)) || (k->required && (!key || !str_eq(k->instead, key))) || i == row)
            str_addf(&out, "%s%s=%s", separator, k->name, k->example);
    }
    return str_steal(&out);
}
