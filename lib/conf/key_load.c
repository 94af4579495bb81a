/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * From parsed settings into a record.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/keys.h"

int key_integer(const char *text, int64_t *ret)
{
    char *end;
    long long v;

    if (!*text || *text == ' ' || *text == '\t')
        return -EINVAL;
    errno = 0;
    v = strtoll(text, &end, 0);
    if (*end)
        return -EINVAL;
    if (errno)
        return -ERANGE;
    *ret = v;
    return 0;
}

static const char *type_wanted(const struct key *key)
{
    switch (key->type) {
    case KEY_INT:
    case KEY_MIB:
    case KEY_BOOL:
        return "a number";
    case KEY_STRINGS:
    case KEY_DEVICES:
    case KEY_NESTED:
        return "a list";
    case KEY_STRING:
    case KEY_ENUM:
    case KEY_CUSTOM:
        return "a string";
    }
    return "";
}

const char *key_atom(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    if (!v->is_list)
        return v->text;
    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_TYPE, v->pos, NULL, "'%s' takes %s, not a list", key->name,
             type_wanted(key));
    return NULL;
}

static int bad_value(struct key_load *load, const struct conf_value *v, const char *hint, const char *message)
{
    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, v->pos, hint, "%s", message);
    return -1;
}

static int load_string(struct key_load *load, const struct key *key, const struct conf_value *v, const char *text)
{
    const char *hint = NULL, *why = key->hooks.check ? key->hooks.check(text, &hint) : NULL;
    char **field, *copy = NULL;

    if (why)
        return bad_value(load, v, hint, why);
    if (key->size == KEY_NO_FIELD)
        return 0;
    if (*text && !(copy = strdup(text))) {
        load->diags->failed = true;
        return -1;
    }
    field = (char **)((char *)load->record + key->offset);
    free(*field);
    *field = copy;
    return 0;
}

static const char *number_hint(const struct key *key, const char *text)
{
    size_t digits = strspn(text, "0123456789");

    if (key->type == KEY_BOOL)
        return "write 1 for yes, 0 for no";
    if (key->type == KEY_MIB && digits && text[digits] && strchr("kKmMgGtT", text[digits]))
        return "the number counts MiB and has no suffix";
    if (text[0] == '0' && strspn(text, "0123456789") == strlen(text))
        return "a number that begins with 0 is octal";
    return NULL;
}

static int out_of_range(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, v->pos, NULL,
             "'%s' is out of range: %s must be between %" PRId64 " and %" PRId64 "%s", v->text, key->name, key->min,
             key->max, key->type == KEY_MIB ? " MiB" : "");
    return -1;
}

static int load_number(struct key_load *load, const struct key *key, const struct conf_value *v, const char *text)
{
    uint64_t decimal;
    int64_t n = 0;
    int r = v->is_joined ? -EINVAL : key_integer(text, &n);

    if (r == -EINVAL) {
        diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_TYPE, v->pos,
                 v->is_joined ? "+= joins texts, it does not add" : number_hint(key, text),
                 "'%s' takes a number, '%.40s' is none", key->name, text);
        return -1;
    }
    if (key->type == KEY_BOOL) {
        if (n != 0 && n != 1)
            diag_add(load->diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, v->pos, NULL,
                     "'%s' is yes or no: %.40s counts as 1", key->name, text);
        n = n != 0;
    } else if (r || ((key->min || key->max) && (n < key->min || n > key->max))) {
        return out_of_range(load, key, v);
    }
    if (text[0] == '0' && !str_to_u64(text, &decimal) && decimal != (uint64_t)n)
        diag_add(load->diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, v->pos, "leave the 0 in front out",
                 "a number that begins with 0 is octal: this is %" PRId64, n);
    if (key->size != KEY_NO_FIELD)
        key_set_field(key, load->record, key->type == KEY_MIB ? n * 1024 : n);
    return 0;
}

static const char *choice_at(size_t i, const void *arg)
{
    const struct key_choice *choices = arg;

    return choices[i].instead || choices[i].refused ? choices[0].name : choices[i].name;
}

static int bad_choice(struct key_load *load, const struct key *key, const struct conf_value *v, const char *text)
{
    const char *near = str_nearest(text, choice_at, key->choices);
    struct str AUTO_STR hint = STR_INIT;
    const struct key_choice *c;
    bool first = true;

    if (near) {
        str_addf(&hint, "did you mean '%s'?", near);
    } else {
        str_add(&hint, "one of: ");
        for (c = key->choices; c->name; c++) {
            if (c->instead || c->refused)
                continue;
            str_addf(&hint, "%s%s", first ? "" : ", ", c->name);
            first = false;
        }
    }
    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, v->pos, str_text(&hint), "'%.60s' is no value of '%s'", text,
             key->name);
    return -1;
}

static int load_enum(struct key_load *load, const struct key *key, const struct conf_value *v, const char *text)
{
    const struct key_choice *c;

    for (c = key->choices; c->name && strcmp(c->name, text) != 0; c++)
        ;
    if (!c->name)
        return bad_choice(load, key, v, text);
    if (c->refused)
        return bad_value(load, v, NULL, c->refused);
    if (c->instead)
        diag_add(load->diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, v->pos, NULL, "'%s' is an old spelling: write '%s'",
                 text, c->instead);
    if (key->size != KEY_NO_FIELD)
        key_set_field(key, load->record, c->value);
    return 0;
}

static const char *subkey_at(size_t i, const void *arg)
{
    return ((const char *const *)arg)[i];
}

/* "key=value" and "flag" words of a device spec that only has to be known. A row entry "bdf:" means that a first word
 * without '=' is fine. */
static int check_subkeys(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    const char *s = v->text, *end, *near;
    struct conf_pos at = conf_text_pos(v);
    int r = 0;

    for (; s && *s; s = *end ? end + 1 : end) {
        char word[64];
        const char *const *known = key->subkeys;
        size_t n;

        s += strspn(s, " \t");
        end = s + strcspn(s, ",");
        n = strcspn(s, ",=");
        if (!n || n > sizeof word - 2)
            continue;
        (void)snprintf(word, sizeof word, "%.*s%s", (int)n, s, s[n] == '=' ? "=" : "");
        while (*known && strcmp(*known, word) != 0)
            known++;
        if (*known)
            continue;
        near = str_nearest(word, subkey_at, key->subkeys);
        diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_UNKNOWN_KEY, conf_pos_at(at, (size_t)(s - v->text), n), NULL,
                 near ? "'%s' has no '%s', but '%s'" : "'%s' has no '%s'", key->name, word, near);
        r = -1;
    }
    return r;
}

static int load_element(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    if (v->is_list && key->type != KEY_NESTED) {
        diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_TYPE, v->pos, "elements are strings: [ \"...\", \"...\" ]",
                 "a list inside '%s' has no meaning", key->name);
        return -1;
    }
    if (key->hooks.parse)
        return key->hooks.parse(load, key, v);
    return key->subkeys ? check_subkeys(load, key, v) : 0;
}

static int load_list(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    size_t i;
    int r = 0;

    if (!v->is_list && key->atom_ok)
        return load_element(load, key, v);
    if (!v->is_list) {
        diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_TYPE, v->pos, "put it into brackets: [ \"...\" ]",
                 "'%s' takes a list", key->name);
        return -1;
    }
    for (i = 0; i < v->items.len; i++) {
        load->element = i;
        if (load_element(load, key, &v->items.at[i]))
            r = -1;
    }
    return r;
}

static int load_value(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    const char *text;

    switch (key->type) {
    case KEY_STRINGS:
    case KEY_DEVICES:
    case KEY_NESTED:
        return load_list(load, key, v);
    case KEY_CUSTOM:
        return key->hooks.parse ? key->hooks.parse(load, key, v) : 0;
    case KEY_STRING:
        text = key_atom(load, key, v);
        return text ? load_string(load, key, v, text) : -1;
    case KEY_INT:
    case KEY_BOOL:
    case KEY_MIB:
        text = key_atom(load, key, v);
        return text ? load_number(load, key, v, text) : -1;
    case KEY_ENUM:
        text = key_atom(load, key, v);
        return text ? load_enum(load, key, v, text) : -1;
    }
    return -1;
}

static bool same_value(const char *text, size_t len, const char *given)
{
    int64_t a, b;
    char word[32];

    if (strlen(given) == len && !memcmp(text, given, len))
        return true;
    if (len >= sizeof word)
        return false;
    (void)snprintf(word, sizeof word, "%.*s", (int)len, text);
    return !key_integer(word, &a) && !key_integer(given, &b) && a == b;
}

/* Does the value ask for nothing? Then nobody needs to act on it. */
static bool is_harmless(const struct key *key, const struct conf_value *v)
{
    const char *s = key->harmless;
    size_t n;

    if (v->is_list)
        return v->items.len == 0;
    if (!*v->text || (key->def && same_value(key->def, strlen(key->def), v->text)))
        return true;
    for (; s && *s; s += n + (s[n] == ' ')) {
        n = strcspn(s, " ");
        if (same_value(s, n, v->text))
            return true;
    }
    return false;
}

static void warn(struct key_load *load, struct conf_pos pos, const char *hint, const char *name, const char *why)
{
    diag_add(load->diags, DIAG_WARNING, DOMO_E_CONFIG_VALUE, pos, hint, "'%s' %s", name, why);
}

/* Keys without effect: warned about and left alone. */
static bool has_no_effect(struct key_load *load, const struct key *key, const struct conf_setting *s)
{
    const struct conf_setting *with;
    const char *const *names = load->table->guest_names;
    char why[96];
    unsigned bit;

    if (key->status == KEY_IGNORED) {
        warn(load, s->name_pos, key->note, key->name, "is ignored");
        return true;
    }
    if (key->guests && !(key->guests & load->guest)) {
        for (bit = 0; !(load->guest & (1u << bit)); bit++)
            ;
        (void)snprintf(why, sizeof why, "has no effect for a %s guest", names[bit]);
        if (!is_harmless(key, &s->value))
            warn(load, s->name_pos, NULL, key->name, why);
        return true;
    }
    if (!key->only_with || !(key->only_guests & load->guest))
        return false;
    with = conf_find(load->file, key->only_with);
    if (with && !with->value.is_list && !same_value("0", 1, with->value.text))
        return false;
    (void)snprintf(why, sizeof why, "has no effect without '%s'", key->only_with);
    if (!is_harmless(key, &s->value))
        warn(load, s->name_pos, NULL, key->name, why);
    return true;
}

static void load_known(struct key_load *load, const struct key *key, const struct conf_setting *s)
{
    if (has_no_effect(load, key, s))
        return;
    if (key->status == KEY_DEPRECATED)
        warn(load, s->name_pos, key->note, key->name, "is an old key");
    if (load_value(load, key, &s->value) || key->status != KEY_NOT_ACTED_ON || (key->acted_on & load->guest) ||
        is_harmless(key, &s->value))
        return;
    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_NOT_ACTED_ON, s->name_pos, key->note,
             "'%s' is known, but not acted on yet", key->name);
    if (load->table->not_acted_on && load->table->not_acted_on(load->record, key->name))
        load->diags->failed = true;
}

static void refuse_unknown(struct key_load *load, const struct conf_setting *s)
{
    const char *near = load->diags->list.len < DIAGS_MAX ? keys_nearest(load->table, s->name) : NULL;
    char hint[128] = "";

    if (near)
        (void)snprintf(hint, sizeof hint, "did you mean '%s'?", near);
    diag_add(load->diags, load->unknown_level, DOMO_E_CONFIG_UNKNOWN_KEY, s->name_pos, near ? hint : NULL,
             "there is no key '%.60s'", s->name);
}

void keys_load(struct key_load *load)
{
    size_t i;

    for (i = 0; i < load->file->list.len; i++) {
        const struct conf_setting *s = &load->file->list.at[i];
        const struct key *key = keys_find(load->table, s->name);

        if (key)
            load_known(load, key, s);
        else
            refuse_unknown(load, s);
    }
}
