/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A PV guest's screen: the keys outside of any list ask for one frame buffer,
 * and each frame buffer brings a keyboard, as with xl. A keyboard that came so
 * has no values at all: by that it is known again.
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

    if (spec->type == SPEC_TYPE_PV && !has_kind(spec, &grammar_vfb))
        add_screen(load);
    for (size_t i = 0; i < spec->devices.len; i++)
        screens += spec->devices.at[i].grammar == &grammar_vfb;
    while (screens-- && !load->diags->failed)
        add_keyboard(load);
}
