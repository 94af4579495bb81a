/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What several keys say together: the guest's type, its command line, derived
 * values, contradictions, what is missing.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/grammar.h"
#include "dom/spec_keys.h"

static const char *text_of(const struct conf_file *f, const char *name)
{
    const struct conf_setting *s = conf_find(f, name);

    return s && !s->value.is_list ? s->value.text : NULL;
}

enum spec_type spec_type_of(const struct conf_file *f)
{
    const char *type = text_of(f, "type"), *builder = text_of(f, "builder");

    if (type)
        return !strcmp(type, "hvm") ? SPEC_TYPE_HVM : !strcmp(type, "pvh") ? SPEC_TYPE_PVH : SPEC_TYPE_PV;
    return builder && !strcmp(builder, "hvm") ? SPEC_TYPE_HVM : SPEC_TYPE_PV;
}

/* Where a key's value stands; the file as a whole if it was not given. */
static struct conf_pos place_of(const struct key_load *load, const char *name)
{
    const struct conf_setting *s = conf_find(load->file, name);
    struct conf_pos nowhere = {.line = 0};

    return s ? s->value.pos : nowhere;
}

static void conflict(struct key_load *load, const char *name, const char *hint, const char *message)
{
    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_CONFLICT, place_of(load, name), hint, "%s", message);
}

static void check_builder(struct key_load *load)
{
    const char *type = text_of(load->file, "type"), *builder = text_of(load->file, "builder");

    if (type && builder && !strcmp(builder, "hvm") != !strcmp(type, "hvm"))
        conflict(load, "builder", "leave builder= out", "builder= contradicts type=");
}

static void warn_unused_parts(struct key_load *load)
{
    static const char *const parts[] = {"root", "extra"};
    size_t i;

    for (i = 0; i < ARRAY_LEN(parts); i++)
        if (text_of(load->file, parts[i]))
            diag_add(load->diags, DIAG_WARNING, DOMO_E_CONFIG_CONFLICT, place_of(load, parts[i]), NULL,
                     "'%s' has no effect: cmdline= is complete", parts[i]);
}

static void join_cmdline(struct key_load *load)
{
    const char *root = text_of(load->file, "root"), *extra = text_of(load->file, "extra");
    bool has_root = root && *root, has_extra = extra && *extra;
    struct spec *spec = load->record;

    if (spec->cmdline) {
        warn_unused_parts(load);
        return;
    }
    if (!has_root && !has_extra)
        return;
    spec->cmdline = str_format("%s%s%s%s", has_root ? "root=" : "", has_root ? root : "",
                               has_root && has_extra ? " " : "", has_extra ? extra : "");
    load->diags->failed = load->diags->failed || !spec->cmdline;
}

static void derive_sizes(struct key_load *load)
{
    struct spec *spec = load->record;

    if (!spec->max_mem_kib)
        spec->max_mem_kib = spec->mem_kib;
    if (!spec->max_vcpus)
        spec->max_vcpus = spec->vcpus;
    if (spec->max_mem_kib < spec->mem_kib)
        conflict(load, "maxmem", NULL, "maxmem= is less than memory=");
    if (spec->max_vcpus < spec->vcpus)
        conflict(load, "maxvcpus", NULL, "maxvcpus= is less than vcpus=");
    if (spec->type != SPEC_TYPE_PV && spec->max_vcpus > SPEC_VCPUS_MAX_HVM)
        conflict(load, conf_find(load->file, "maxvcpus") ? "maxvcpus" : "vcpus", NULL,
                 "pvh and hvm guests have at most 128 virtual processors");
}

static void missing(struct key_load *load, const char *hint, const char *message)
{
    struct conf_pos nowhere = {.line = 0};

    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_MISSING, nowhere, hint, "%s", message);
}

static bool is_given(const struct key_load *load, const char *name)
{
    const char *text = text_of(load->file, name);

    return text && *text;
}

static void check_boot(struct key_load *load)
{
    const struct spec *spec = load->record;
    bool other = is_given(load, "bootloader") || is_given(load, "firmware");

    if (spec->type == SPEC_TYPE_HVM)
        return;
    if (!spec->kernel && !other && !conf_find(load->file, "kernel"))
        missing(load, "kernel = \"/boot/vmlinuz-guest\"",
                spec->type == SPEC_TYPE_PV ? "a pv guest needs a kernel" : "a pvh guest needs a kernel");
    else if (!spec->kernel && !other)
        conflict(load, "kernel", "kernel = \"/boot/vmlinuz-guest\"", "the kernel is empty");
    else if (spec->kernel && is_given(load, "firmware"))
        conflict(load, "firmware", NULL, "firmware= and kernel= exclude each other");
}

static void twice(struct key_load *load, struct conf_pos at, struct conf_pos before, const char *what)
{
    diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_CONFLICT, at, NULL, "%s is already in use in line %u, column %u",
             what, before.line, before.column);
}

static void check_disks(struct key_load *load)
{
    const struct spec *spec = load->record;
    char name[24], what[48];
    size_t i, j;

    for (i = 1; i < spec->disks.len; i++) {
        for (j = 0; j < i && spec->disks.at[j].devid != spec->disks.at[i].devid; j++)
            ;
        if (j == i)
            continue;
        vdev_from_devid(spec->disks.at[i].devid, name);
        (void)snprintf(what, sizeof what, "the virtual device %s", name);
        twice(load, spec->disks.at[i].pos, spec->disks.at[j].pos, what);
    }
}

/* NULL, or what two interfaces must not share. */
static const char *clash(const struct vif_spec *a, const struct vif_spec *b)
{
    if (a->devid == b->devid)
        return "the device number of this vif";
    if (a->has_mac && b->has_mac && !memcmp(a->mac, b->mac, MAC_LEN))
        return "the hardware address of this vif";
    if (a->vifname && b->vifname && !strcmp(a->vifname, b->vifname))
        return "the name of this vif";
    return NULL;
}

static void check_vifs(struct key_load *load)
{
    const struct spec *spec = load->record;
    const char *what;
    size_t i, j;

    for (i = 0; i < spec->vifs.len; i++) {
        const struct vif_spec *v = &spec->vifs.at[i];

        if (v->type == VIF_TYPE_IOEMU && spec->type != SPEC_TYPE_HVM)
            diag_add(load->diags, DIAG_ERROR, DOMO_E_CONFIG_CONFLICT, v->pos, "leave type= out",
                     "only hvm guests have emulated network cards (type=ioemu)");
        for (j = 0, what = NULL; j < i && !what; j++)
            what = clash(&spec->vifs.at[j], v);
        if (what)
            twice(load, v->pos, spec->vifs.at[j - 1].pos, what);
    }
}

/* What pci= does not say is said for all by the keys beside it. */
static void spread_pci(struct key_load *load)
{
    struct spec *spec = load->record;
    const struct {
        const char *key;
        bool on;
    } defaults[] = {
        {"permissive", spec->pci_permissive},
        {"msitranslate", spec->pci_msitranslate},
        {"seize", spec->pci_seize},
        {"power_mgmt", spec->pci_power_mgmt},
    };

    for (size_t i = 0; i < spec->devices.len; i++) {
        struct dev_spec *d = &spec->devices.at[i];

        for (size_t k = 0; d->grammar == &grammar_pci && k < ARRAY_LEN(defaults); k++)
            if (defaults[k].on && !dev_spec_get(d, defaults[k].key) && dev_spec_set(d, defaults[k].key, "1"))
                load->diags->failed = true;
    }
}

static void check_passthrough(struct key_load *load)
{
    const struct spec *spec = load->record;

    for (size_t i = 0; i < spec->devices.len; i++)
        if (spec->devices.at[i].grammar == &grammar_pci && spec->passthrough == SPEC_PASSTHROUGH_DISABLED) {
            conflict(load, "passthrough", "leave passthrough= out", "pci= needs passthrough, which is disabled");
            return;
        }
}

static bool is_on(const struct key_load *load, const char *name)
{
    const char *text = text_of(load->file, name);
    int64_t n;

    return text && !key_integer(text, &n) && n;
}

/* The virtual PC's card and its controllers. */
static void check_pc(struct key_load *load)
{
    struct spec *spec = load->record;
    char hint[48];

    if (spec->type != SPEC_TYPE_HVM)
        return;
    if (is_on(load, "stdvga") && !is_given(load, "vga"))
        spec->vga = SPEC_VGA_STD;
    (void)snprintf(hint, sizeof hint, "at least %u", (unsigned)spec_least_video_mib(spec));
    if (spec->videoram_mib && spec->vga != SPEC_VGA_NONE && spec->videoram_mib < spec_least_video_mib(spec))
        conflict(load, "videoram", hint, "the graphics card needs more memory than videoram=");
    /* What the card has anyway was not asked for. */
    if (spec->vga == SPEC_VGA_NONE || spec->videoram_mib == spec_least_video_mib(spec))
        spec->videoram_mib = 0;
    if (spec->usb_version && (spec->usb || spec->usb_devices.len))
        conflict(load, "usbversion",
                 "leave usbversion= out, or usb= and usbdevice=", "usbversion= makes a controller of its own");
}

void spec_check(struct key_load *load, bool complete)
{
    check_builder(load);
    join_cmdline(load);
    derive_sizes(load);
    if (complete && !conf_find(load->file, "name"))
        missing(load, "name = \"web\"", "the guest has no name");
    if (complete)
        check_boot(load);
    check_disks(load);
    check_vifs(load);
    spread_pci(load);
    check_passthrough(load);
    check_pc(load);
    spec_complete_screen(load);
}
