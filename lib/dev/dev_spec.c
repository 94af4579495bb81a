/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dev/dev_spec.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "conf/keys.h"
#include "dev/spec_item.h"

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

void dev_spec_nodes(const struct dev_spec *s, struct nodes *n)
{
    for (size_t i = 0; i < s->grammar->n; i++) {
        const struct dev_key *key = &s->grammar->keys[i];
        const char *value = value_of(s, i);

        if (key->node && value)
            nodes_add(n, key->side, key->node, "%s", value);
    }
}

/* ---- reading ---- */

struct reading {
    struct spec_text st;
    struct dev_spec spec;
    bool is_first_item;
};

static const char *key_at(size_t i, const void *arg)
{
    const struct dev_grammar *g = arg;

    return i < g->n ? g->keys[i].name : NULL;
}

static const char *word_at(size_t i, const void *arg)
{
    return ((const struct dev_word *)arg)[i].name;
}

/* A key of old is only warned about. */
static bool is_ignored(struct reading *r, const struct spec_item *item)
{
    const struct dev_grammar *g = r->spec.grammar;

    for (const char *const *key = g->ignored; key && *key && item->value; key++) {
        if (!spec_item_is(item, *key))
            continue;
        diag_add(r->st.diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, item->pos, "leave it out",
                 "%s= has no effect in %s=", *key, g->key);
        return true;
    }
    return false;
}

static int refuse_unknown(struct reading *r, const struct spec_item *item)
{
    const struct dev_grammar *g = r->spec.grammar;
    char AUTO_FREE *word = strndup(item->s, item->key_len), *hint = NULL;
    const char *near = word ? str_nearest(word, key_at, g) : NULL;

    if (!word) {
        r->st.diags->failed = true;
        return -1;
    }
    if (near)
        hint = str_format(item->value ? "did you mean '%s='?" : "did you mean '%s=…'?", near);
    diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_UNKNOWN_KEY, item->pos, hint,
             item->value ? "%s: there is no '%.60s=' in %s=" : "%s: '%.60s' is no key=value pair, as %s= wants them",
             g->noun, word, g->key);
    return -1;
}

static int check_word(struct reading *r, const struct spec_item *item, const struct dev_key *key, const char *value)
{
    struct str AUTO_STR all = STR_INIT;
    char AUTO_FREE *hint = NULL;
    const char *near;

    for (const struct dev_word *w = key->words; w->name; w++) {
        if (str_eq(w->name, value))
            return 0;
        str_addf(&all, "%s%s", all.len ? ", " : "one of: ", w->name);
    }
    near = str_nearest(value, word_at, key->words);
    hint = near ? str_format("did you mean '%s'?", near) : NULL;
    return spec_item_bad(&r->st, item, near ? hint : str_text(&all), "'%.40s' can't be %s of a %s", value, key->name,
                         r->spec.grammar->noun);
}

/* Leaves the number's canonical text in *value. */
static int check_number(struct reading *r, const struct spec_item *item, const struct dev_key *key, char **value)
{
    uint32_t max = key->max ? key->max : UINT32_MAX;
    int64_t n;
    char *text;

    if (key_integer(*value, &n) || n < key->min || n > max)
        return spec_item_bad(&r->st, item, NULL, "%s is a number from %" PRIu32 " to %" PRIu32 ", not '%.40s'",
                             key->name, key->min, max, *value);
    text = str_format("%" PRId64, n);
    if (!text) {
        r->st.diags->failed = true;
        return -1;
    }
    free(*value);
    *value = text;
    return 0;
}

static int check_value(struct reading *r, const struct spec_item *item, const struct dev_key *key, char **value)
{
    const char *why, *hint = NULL;
    int bad = 0;

    switch (key->type) {
    case DEV_KEY_TEXT:
        break;
    case DEV_KEY_NUMBER:
        bad = check_number(r, item, key, value);
        break;
    case DEV_KEY_FLAG:
    case DEV_KEY_SWITCH:
        if (!str_eq(*value, "0") && !str_eq(*value, "1"))
            bad = spec_item_bad(&r->st, item, NULL, "%s is 0 or 1, not '%.40s'", key->name, *value);
        break;
    case DEV_KEY_WORD:
        bad = check_word(r, item, key, *value);
        break;
    }
    why = !bad && key->check ? key->check(*value, &hint) : NULL;
    return why ? spec_item_bad(&r->st, item, hint, "%s=%.60s: %s", key->name, *value, why) : bad;
}

static int read_value(struct reading *r, const struct spec_item *item, size_t row)
{
    const struct dev_key *key = &r->spec.grammar->keys[row];
    bool was_given = r->spec.values[row] != NULL;
    char *before = NULL;

    if (!was_given) {
        if (spec_item_store(&r->st, item, key->name, &before))
            return -1;
        if (!before)
            return 0;
        r->spec.values[row] = before;
        return check_value(r, item, key, &r->spec.values[row]);
    }
    return spec_item_bad(&r->st, item, NULL, "%s is given twice: '%s' before", key->name, r->spec.values[row]);
}

static int read_item(struct reading *r, const struct spec_item *item)
{
    const struct dev_grammar *g = r->spec.grammar;
    bool is_first = r->is_first_item;

    r->is_first_item = false;
    if (!item->len)
        return 0;
    for (size_t i = 0; i < g->n; i++)
        if (item->value ? spec_item_is(item, g->keys[i].name) : is_first && g->keys[i].is_first)
            return read_value(r, item, i);
    return is_ignored(r, item) ? 0 : refuse_unknown(r, item);
}

/* What can be seen when all items are read. */
static int check_all(struct reading *r, struct conf_pos all)
{
    const struct dev_grammar *g = r->spec.grammar;
    const char *why, *hint = NULL;
    int bad = 0;

    for (size_t i = 0; i < g->n; i++)
        if (g->keys[i].required && !r->spec.values[i]) {
            diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, all, NULL, "a %s needs %s=", g->noun,
                     g->keys[i].name);
            bad = -1;
        }
    why = !bad && g->check ? g->check(&r->spec, &hint) : NULL;
    if (!why)
        return bad;
    diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, all, hint, "%s", why);
    return -1;
}

int dev_spec_parse(const struct dev_grammar *g, const char *text, struct conf_pos at, struct diags *d,
                   struct dev_spec *ret)
{
    struct reading r = {.st = {.text = text, .at = at, .diags = d}, .is_first_item = true};
    struct spec_item item;
    int bad = 0;

    if (dev_spec_init(&r.spec, g)) {
        d->failed = true;
        return -1;
    }
    r.spec.pos = conf_pos_at(at, 0, strlen(text));
    while (spec_item_next(&r.st, &item))
        if (read_item(&r, &item))
            bad = -1;
    if (!bad)
        bad = check_all(&r, r.spec.pos);
    if (bad)
        dev_spec_fini(&r.spec);
    else
        *ret = r.spec;
    return bad;
}

char *dev_spec_print(const struct dev_spec *s)
{
    struct str AUTO_STR out = STR_INIT;

    str_add(&out, "");
    for (size_t i = 0; i < s->grammar->n; i++) {
        const char *separator = out.len ? "," : "";

        if (!s->values[i])
            continue;
        if (s->grammar->keys[i].is_first && !out.len && !strchr(s->values[i], '='))
            str_add(&out, s->values[i]);
        else
            str_addf(&out, "%s%s=%s", separator, s->grammar->keys[i].name, s->values[i]);
    }
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
    const char *with = row < g->n ? g->keys[row].with : NULL;
    struct str AUTO_STR out = STR_INIT;

    str_add(&out, "");
    for (size_t i = 0; i < g->n; i++) {
        const char *separator = out.len ? "," : "";

        if (is_item_of(with, g->keys[i].name))
            str_addf(&out, "%s%s", separator, with);
        else if (g->keys[i].required || i == row)
            str_addf(&out, "%s%s=%s", separator, g->keys[i].name, g->keys[i].example);
    }
    return str_steal(&out);
}
