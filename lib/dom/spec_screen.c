/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's screen and sound. A PV guest's keys outside of any list ask for
 * one frame buffer, and each frame buffer brings a keyboard, as with xl. A
 * keyboard that came so has no values at all: by that it is known again. An
 * HVM guest has a screen of its own, which the same keys are about.
 */
#include <string.h>

#include "base/str.h"
#include "dev/grammar.h"
#include "dom/spec_keys.h"

bool spec_is_implied(const struct dev_spec *d)
{
    if (d->grammar != &grammar_vkb)
        return false;
    for (size_t i = 0; i < d->grammar->n; i++)
        if (d->values[i])
            return false;
    return true;
}

static bool has_kind(const struct spec *spec, const struct dev_grammar *g)
{
    for (size_t i = 0; i < spec->devices.len; i++)
        if (spec->devices.at[i].grammar == g)
            return true;
    return false;
}

static void push(struct key_load *load, struct dev_spec *device)
{
    struct spec *spec = load->record;
    struct dev_spec *slot = VEC_PUSH(&spec->devices);

    if (slot) {
        *slot = *device;
        return;
    }
    dev_spec_fini(device);
    load->diags->failed = true;
}

/* The keys of a frame buffer that stand by themselves, as one item of vfb=. */
static char *join_keys(const struct conf_file *f)
{
    struct str AUTO_STR out = STR_INIT;

    str_add(&out, "");
    for (size_t i = 0; i < grammar_vfb.n; i++) {
        const struct conf_setting *s = conf_find(f, grammar_vfb.keys[i].name);

        if (s && !s->value.is_list && *s->value.text)
            str_addf(&out, "%s%s=%s", out.len ? "," : "", grammar_vfb.keys[i].name, s->value.text);
    }
    return str_steal(&out);
}

static void add_screen(struct key_load *load)
{
    const struct conf_setting *vnc = conf_find(load->file, "vnc");
    struct dev_spec device;
    char *AUTO_FREE text = NULL;
    int64_t on;

    if (!vnc || vnc->value.is_list || key_integer(vnc->value.text, &on) || !on)
        return;
    text = join_keys(load->file);
    if (!text)
        load->diags->failed = true;
    else if (dev_spec_parse(&grammar_vfb, text, vnc->value.pos, load->diags, &device) == 0)
        push(load, &device);
}

/* ---- an HVM guest's own ---- */

/* The value in a frame buffer's own form; NULL when out of memory. Caller frees. */
static char *canonical(const struct dev_key *key, const char *text)
{
    int64_t n = 0;

    if (key->type != DEV_KEY_SWITCH && key->type != DEV_KEY_NUMBER)
        return strdup(text);
    IGNORE(key_integer(text, &n)); /* a row of the guest's keys has checked it */
    return key->type == DEV_KEY_SWITCH ? strdup(n ? "1" : "0") : str_format("%lld", (long long)n);
}

static void refuse(struct key_load *load, const struct conf_setting *s, const char *hint, const char *why)
{
    struct conf_pos nowhere = {.line = 0};

    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, s ? s->value.pos : nowhere, hint, "%s", why);
}

static void set_screen_key(struct key_load *load, struct dev_spec *screen, const struct dev_key *key)
{
    const struct conf_setting *s = conf_find(load->file, key->name);
    const char *why, *hint = NULL;
    char *AUTO_FREE text = NULL;

    if (!s || s->value.is_list || !*s->value.text)
        return;
    why = key->check ? key->check(s->value.text, &hint) : NULL;
    if (why) {
        refuse(load, s, hint, why);
        return;
    }
    text = canonical(key, s->value.text);
    if (!text || dev_spec_set(screen, key->name, text))
        load->diags->failed = true;
}

static void own_screen(struct key_load *load)
{
    struct spec *spec = load->record;
    const char *why, *hint = NULL;

    if (dev_spec_init(&spec->screen, &grammar_vfb)) {
        load->diags->failed = true;
        return;
    }
    spec->has_screen = true;
    for (size_t i = 0; i < grammar_vfb.n; i++)
        set_screen_key(load, &spec->screen, &grammar_vfb.keys[i]);
    why = grammar_vfb.check(&spec->screen, &hint);
    if (why)
        refuse(load, conf_find(load->file, "vncdisplay"), hint, why);
}

void spec_print_screen(const struct key *key, const void *record, struct str *out)
{
    const struct spec *spec = record;

    for (size_t i = 0; spec->has_screen && i < grammar_vfb.n; i++) {
        const struct dev_key *k = &grammar_vfb.keys[i];
        const char *value = spec->screen.values[i];

        if (!str_eq(k->name, key->name) || !value || str_eq(value, k->def))
            continue;
        if (key->type == KEY_STRING)
            key_quote(out, value);
        else
            str_add(out, value);
    }
}

/* ---- sound ---- */

static const char *const hda[] = {"intel-hda", "hda-duplex", NULL}, *const ac97[] = {"AC97", NULL},
                         *const adlib[] = {"adlib", NULL}, *const cs4231a[] = {"cs4231a", NULL},
                         *const es1370[] = {"ES1370", NULL}, *const gus[] = {"gus", NULL},
                         *const sb16[] = {"sb16", NULL};
static const struct {
    const char *name;
    const char *const *devices;
} cards[] = {{"hda", hda},       {"ac97", ac97}, {"adlib", adlib}, {"cs4231a", cs4231a},
             {"es1370", es1370}, {"gus", gus},   {"sb16", sb16}};

const char *const *spec_sound_devices(const char *card)
{
    for (size_t i = 0; i < ARRAY_LEN(cards); i++)
        if (str_eq(cards[i].name, card))
            return cards[i].devices;
    return NULL;
}

const char *spec_check_sound(const char *text, const char **ret_hint)
{
    if (!*text || spec_sound_devices(text))
        return NULL;
    *ret_hint = "hda, ac97, es1370, sb16, adlib, gus or cs4231a";
    return "there is no emulated sound card of that name";
}

/* ---- all ---- */

static void add_keyboard(struct key_load *load)
{
    struct dev_spec device;

    if (dev_spec_init(&device, &grammar_vkb))
        load->diags->failed = true;
    else
        push(load, &device);
}

void spec_complete_screen(struct key_load *load)
{
    const struct spec *spec = load->record;
    size_t screens = 0;

    if (spec->type == SPEC_TYPE_HVM)
        own_screen(load);
    if (spec->type == SPEC_TYPE_PV && !has_kind(spec, &grammar_vfb))
        add_screen(load);
    for (size_t i = 0; i < spec->devices.len; i++)
        screens += spec->devices.at[i].grammar == &grammar_vfb;
    while (screens-- && !load->diags->failed)
        add_keyboard(load);
}
