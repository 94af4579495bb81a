/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * viridian=: which of Hyper-V's interfaces an HVM guest is shown, by the names
 * of their groups. A group's number is libxl's, and that of its bit for Xen.
 */
#include <string.h>

#include "base/str.h"
#include "dom/spec_keys.h"

static const char *const groups[] = {
    "base",       "freq",  "time_ref_count", "reference_tsc", "hcall_remote_tlb_flush", "apic_assist",
    "crash_ctl",  "synic", "stimer",         "hcall_ipi",     "ex_processor_masks",     "no_vp_limit",
    "cpu_hotplug"};

enum { BASE = 1 << 0, FREQ = 1 << 1, ALL = (1 << ARRAY_LEN(groups)) - 1 };
/* "defaults": base, freq, time_ref_count, apic_assist and crash_ctl, as xl has them. */
enum { DEFAULTS = BASE | FREQ | 1 << 2 | 1 << 5 | 1 << 6 };

uint64_t spec_viridian_mask(const struct spec *s)
{
    uint32_t mask = ((s->viridian_defaults ? (uint32_t)DEFAULTS : 0) | s->viridian_on) & ~s->viridian_off;

    /* The hypervisor's bit of the frequencies takes them away from the base. */
    return mask & BASE ? mask ^ FREQ : 0;
}

static const char *group_at(size_t i, const void *arg)
{
    (void)arg;
    return i < ARRAY_LEN(groups) ? groups[i] : NULL;
}

static int add_group(struct key_load *load, const struct conf_value *v)
{
    const char *name = v->text + (v->text[0] == '!');
    struct spec *spec = load->record;
    uint32_t *bits = name == v->text ? &spec->viridian_on : &spec->viridian_off;
    const char *near;
    char *AUTO_FREE hint = NULL;

    if (str_eq(name, "all")) {
        *bits |= ALL;
        return 0;
    }
    if (str_eq(v->text, "defaults")) {
        spec->viridian_defaults = true;
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        if (str_eq(name, groups[i])) {
            *bits |= UINT32_C(1) << i;
            return 0;
        }
    near = str_nearest(name, group_at, NULL);
    hint = near ? str_format("did you mean '%s'?", near) : NULL;
    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, v->pos, hint, "'%.40s' is no group of viridian", name);
    return -1;
}

static int add_groups(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    int64_t n;

    if (!v->is_list) {
        const char *text = key_atom(load, key, v);

        if (!text)
            return -1;
        if (key_integer(text, &n) == 0 && (n == 0 || n == 1)) {
            ((struct spec *)load->record)->viridian_defaults = n == 1;
            return 0;
        }
        diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_VALUE, v->pos, "viridian = [ \"defaults\", \"synic\" ]",
                 "viridian is 0, 1 or a list of groups");
        return -1;
    }
    for (size_t i = 0; i < v->items.len; i++) {
        if (v->items.at[i].is_list) {
            diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_TYPE, v->items.at[i].pos, NULL, "a group is a string");
            return -1;
        }
        if (add_group(load, &v->items.at[i]))
            return -1;
    }
    return 0;
}

int spec_parse_viridian(struct key_load *load, const struct key *key, const struct conf_value *v)
{
    const struct spec *s = load->record;

    if (add_groups(load, key, v))
        return -1;
    if (((s->viridian_defaults || s->viridian_on & BASE) && !(s->viridian_off & BASE)) ||
        !(((s->viridian_defaults ? (uint32_t)DEFAULTS : 0) | s->viridian_on) & ~s->viridian_off))
        return 0;
    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_CONFLICT, v->pos, "add \"base\", or \"defaults\"",
             "all groups of viridian need the group base");
    return -1;
}

/* All but one with "!" says as much as the list does. */
void spec_print_viridian(const struct key *key, const void *record, struct str *out)
{
    const struct spec *s = record;
    bool first = true;

    (void)key;
    if (!s->viridian_on && !s->viridian_off) {
        if (s->viridian_defaults)
            str_add(out, "1");
        return;
    }
    if (s->viridian_defaults) {
        str_add(out, "[ \"defaults\"");
        first = false;
    }
    for (size_t i = 0; i < 2 * ARRAY_LEN(groups); i++) {
        bool is_off = i >= ARRAY_LEN(groups);

        if (!((is_off ? s->viridian_off : s->viridian_on) >> i % ARRAY_LEN(groups) & 1))
            continue;
        str_addf(out, "%s\"%s%s\"", first ? "[ " : ", ", is_off ? "!" : "", groups[i % ARRAY_LEN(groups)]);
        first = false;
    }
    str_add(out, " ]");
}
