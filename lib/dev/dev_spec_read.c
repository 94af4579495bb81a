/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reading a device spec by the rows of its grammar.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "conf/keys.h"
#include "dev/dev_spec.h"
#include "dev/spec_item.h"

enum { DEPTH_MAX = 4 };

struct reading {
    struct spec_text st;
    struct dev_spec spec;
    size_t depth; /* of the part that items belong to; 0 = the spec itself */
    bool is_first_item, begun;
};

/* The part that is being read, by its depth: always the last one of the part above. */
static struct dev_spec *part_at(struct reading *r, size_t depth)
{
    struct dev_spec *s = &r->spec;

    for (; depth; depth--)
        s = &s->parts.at[s->parts.len - 1];
    return s;
}

static const char *key_at(size_t i, const void *arg)
{
    const struct dev_grammar *g = arg;

    return i < g->n ? g->keys[i].name : NULL;
}

static const char *word_at(size_t i, const void *arg)
{
    return ((const struct dev_word *)arg)[i].name;
}

static int no_memory(struct reading *r)
{
    r->st.diags->failed = true;
    return -1;
}

/* A key of old is only warned about. */
static bool is_ignored(struct reading *r, const struct dev_grammar *g, const struct spec_item *item)
{
    for (const char *const *key = g->ignored; key && *key && item->value; key++) {
        if (!spec_item_is(item, *key))
            continue;
        diag_add(r->st.diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, item->pos, "leave it out",
                 "%s= has no effect in %s=", *key, g->key);
        return true;
    }
    return false;
}

static int refuse_unknown(struct reading *r, const struct dev_grammar *g, const struct spec_item *item)
{
    char AUTO_FREE *word = strndup(item->s, item->key_len), *hint = NULL;
    const char *near = word ? str_nearest(word, key_at, g) : NULL;

    if (!word)
        return no_memory(r);
    if (near)
        hint = str_format(item->value ? "did you mean '%s='?" : "did you mean '%s=…'?", near);
    diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_UNKNOWN_KEY, item->pos, hint,
             item->value ? "%s: there is no '%.60s=' in %s=" : "%s: '%.60s' is no key=value pair, as %s= wants them",
             g->noun, word, r->spec.grammar->key);
    return -1;
}

/* ---- values ---- */

/* Leaves the word in *text as the row spells it: like libxl, any case is fine. */
static int check_word(struct reading *r, const struct spec_item *item, const struct dev_key *key, char **text)
{
    struct str AUTO_STR all = STR_INIT;
    char AUTO_FREE *hint = NULL;
    const char *near, *value = *text;

    for (const struct dev_word *w = key->words; w->name; w++) {
        if (strcasecmp(w->name, value) == 0) {
            memcpy(*text, w->name, strlen(w->name));
            return 0;
        }
        str_addf(&all, "%s%s", all.len ? ", " : "one of: ", w->name);
    }
    near = str_nearest(value, word_at, key->words);
    hint = near ? str_format("did you mean '%s'?", near) : NULL;
    return spec_item_bad(&r->st, item, near ? hint : str_text(&all), "'%.40s' can't be %s of a %s", value, key->name,
                         part_at(r, r->depth)->grammar->noun);
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
    if (!text)
        return no_memory(r);
    free(*value);
    *value = text;
    return 0;
}

/* Each element as if it stood alone. */
static int check_list(struct reading *r, const struct spec_item *item, const struct dev_key *key, char **value)
{
    struct str AUTO_STR all = STR_INIT;
    char *rest = NULL, *text;

    for (char *one = strtok_r(*value, "; ", &rest); one; one = strtok_r(NULL, "; ", &rest)) {
        char *AUTO_FREE copy = strdup(one);
        int bad = !copy                          ? no_memory(r)
                  : key->type == DEV_KEY_NUMBERS ? check_number(r, item, key, &copy)
                                                 : check_word(r, item, key, &copy);

        if (bad)
            return -1;
        str_addf(&all, "%s%s", all.len ? ";" : "", copy);
    }
    if (all.failed)
        return no_memory(r);
    text = all.len ? str_steal(&all) : NULL;
    if (!text)
        return spec_item_bad(&r->st, item, NULL, "%s is a list parted by semicolons, and this one is empty", key->name);
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
        bad = check_word(r, item, key, value);
        break;
    case DEV_KEY_NUMBERS:
    case DEV_KEY_WORDS:
        bad = check_list(r, item, key, value);
        break;
    }
    why = !bad && key->check ? key->check(*value, &hint) : NULL;
    return why ? spec_item_bad(&r->st, item, hint, "%s=%.60s: %s", key->name, *value, why) : bad;
}

static int read_value(struct reading *r, const struct spec_item *item, struct dev_spec *spec, size_t row)
{
    const struct dev_key *key = &spec->grammar->keys[row];
    char *value = NULL;

    if (spec->values[row])
        return spec_item_bad(&r->st, item, NULL, "%s is given twice: '%s' before", key->name, spec->values[row]);
    if (spec_item_store(&r->st, item, key->name, &value))
        return -1;
    spec->values[row] = value;
    return value ? check_value(r, item, key, &spec->values[row]) : 0;
}

/* ---- levels ---- */

static bool is_word(const struct spec_item *item, const char *word)
{
    return word && !item->value && strlen(word) == item->len && strncasecmp(item->s, word, item->len) == 0;
}

/* Begins a part at "depth", whose grammar that is. */
static int begin_part(struct reading *r, const struct spec_item *item, const struct dev_grammar *g, size_t depth)
{
    struct dev_spec part, *slot, *above;

    if (depth > r->depth + 1)
        return spec_item_bad(&r->st, item, NULL, "a %s comes behind the %s that it belongs to", g->noun,
                             part_at(r, r->depth)->grammar->inner->word);
    above = part_at(r, depth - 1);
    if (dev_spec_init(&part, g))
        return no_memory(r);
    part.pos = item->pos;
    slot = VEC_PUSH(&above->parts);
    if (!slot) {
        dev_spec_fini(&part);
        return no_memory(r);
    }
    *slot = part;
    r->depth = depth;
    return 0;
}

/* An item that is a level's word. *ret_taken: it was one. */
static int read_word(struct reading *r, const struct dev_grammar *root, const struct spec_item *item, bool *ret_taken)
{
    const struct dev_grammar *g = root;
    size_t depth = 0;

    while (!is_word(item, g->word) && g->inner && depth < DEPTH_MAX) {
        g = g->inner;
        depth++;
    }
    *ret_taken = is_word(item, g->word);
    if (*ret_taken && depth)
        return begin_part(r, item, g, depth);
    if (*ret_taken && r->begun)
        return spec_item_bad(&r->st, item, NULL, "each %s is a list of its own", g->noun);
    if (!*ret_taken && root->word && !r->begun) {
        r->begun = true;
        return spec_item_bad(&r->st, item, NULL, "a %s begins with '%s'", root->noun, root->word);
    }
    r->begun = true;
    return 0;
}

static int read_item(struct reading *r, const struct dev_grammar *root, const struct spec_item *item)
{
    bool is_first = r->is_first_item, taken;
    struct dev_spec *spec;

    if (!item->len)
        return r->is_first_item = false, 0;
    if (read_word(r, root, item, &taken))
        return -1;
    r->is_first_item = taken;
    if (taken)
        return 0;
    spec = part_at(r, r->depth);
    for (size_t i = 0; i < spec->grammar->n; i++)
        if (item->value ? spec_item_is(item, spec->grammar->keys[i].name) : is_first && spec->grammar->keys[i].is_first)
            return read_value(r, item, spec, i);
    return is_ignored(r, spec->grammar, item) ? 0 : refuse_unknown(r, spec->grammar, item);
}

/* ---- all together ---- */

/* NULL, or what is wrong with the presence of a key. */
static char *missing_key(const struct dev_spec *s, const struct dev_key *key, bool is_given)
{
    bool has_other = key->instead && dev_spec_get(s, key->instead);

    if (is_given && key->needs && !dev_spec_get(s, key->needs))
        return str_format("%s= of a %s needs %s=", key->name, s->grammar->noun, key->needs);
    if (is_given && has_other)
        return str_format("a %s has %s= or %s=, not both", s->grammar->noun, key->name, key->instead);
    if (is_given || has_other || !key->required)
        return NULL;
    return key->instead ? str_format("a %s needs %s= or %s=", s->grammar->noun, key->name, key->instead)
                        : str_format("a %s needs %s=", s->grammar->noun, key->name);
}

static int missing(struct reading *r, const struct dev_spec *s)
{
    int bad = 0;

    for (size_t i = 0; i < s->grammar->n; i++) {
        char *AUTO_FREE why = missing_key(s, &s->grammar->keys[i], s->values[i] != NULL);

        if (!why)
            continue;
        diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, s->pos, NULL, "%s", why);
        bad = -1;
    }
    return bad;
}

/* What can be seen when all items are read. */
static int check_all(struct reading *r, struct dev_spec *s)
{
    const struct dev_grammar *g = s->grammar;
    const char *why, *hint = NULL;
    int bad = missing(r, s);

    if (!bad && g->settle && g->settle(s))
        return no_memory(r);
    why = !bad && g->check ? g->check(s, &hint) : NULL;
    if (why) {
        diag_add(r->st.diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, s->pos, hint, "%s", why);
        bad = -1;
    }
    for (size_t i = 0; i < s->parts.len; i++)
        if (check_all(r, &s->parts.at[i]))
            bad = -1;
    return bad;
}

int dev_spec_parse_items(const struct dev_grammar *g, const struct dev_text *items, size_t n, struct diags *d,
                         struct dev_spec *ret)
{
    struct reading r = {.st = {.diags = d}, .is_first_item = true};
    struct spec_item item;
    int bad = 0;

    if (dev_spec_init(&r.spec, g))
        return no_memory(&r);
    for (size_t i = 0; i < n; i++) {
        r.st = (struct spec_text){.text = items[i].text, .at = items[i].at, .diags = d};
        if (i == 0)
            r.spec.pos = conf_pos_at(items[i].at, 0, strlen(items[i].text));
        while (spec_item_next(&r.st, &item))
            if (read_item(&r, g, &item))
                bad = -1;
    }
    if (!bad && g->word && !r.begun) {
        diag_add(d, DIAG_ERROR, DOMO_E_CONFIG_VALUE, r.spec.pos, NULL, "a %s begins with '%s'", g->noun, g->word);
        bad = -1;
    }
    if (!bad)
        bad = check_all(&r, &r.spec);
    if (bad)
        dev_spec_fini(&r.spec);
    else
        *ret = r.spec;
    return bad;
}

int dev_spec_parse(const struct dev_grammar *g, const char *text, struct conf_pos at, struct diags *d,
                   struct dev_spec *ret)
{
    const struct dev_text all = {.text = text, .at = at};

    return dev_spec_parse_items(g, &all, 1, d, ret);
}
