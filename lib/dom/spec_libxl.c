/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The spec as libxl stores it, both ways. Rows with a JSON path do themselves;
 * here is what is shaped differently there.
 */
#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "conf/cpulist.h"
#include "dev/grammar.h"
#include "dev/uuid_text.h"
#include "dom/spec_keys.h"
#include "host/host.h"

static const char *const type_keys[] = {"type.pv", "type.pvh", "type.hvm"};

static void add_bits(struct json *array, const uint64_t *bits, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if ((bits[i / 64] >> (i % 64)) & 1)
            json_add(array, json_new_uint(i));
}

/* One bitmap for each virtual processor, all the same. */
static void set_affinity(struct json *b_info, const char *name, const struct spec *spec, const uint64_t *bits)
{
    struct json *all;
    uint32_t i;

    if (!bits)
        return;
    all = json_set_array(b_info, name);
    for (i = 0; i < spec->max_vcpus; i++) {
        struct json *one = json_new_array();

        add_bits(one, bits, spec->cpu_words * 64);
        json_add(all, one);
    }
}

static void set_vcpus(struct json *b_info, const struct spec *spec)
{
    struct json *avail = json_set_array(b_info, "avail_vcpus");
    uint32_t i;

    for (i = 0; i < spec->vcpus; i++)
        json_add(avail, json_new_uint(i));
}

/* One text and a list of them are two members there. */
static void set_texts(struct json *where, const struct spec_text_list *l, const spec_texts *texts)
{
    struct json *list;

    if (l->one && texts->len == 1)
        json_set_str(where, l->one, texts->at[0]);
    if (texts->len < (l->one ? 2 : 1))
        return;
    list = json_set_array(where, l->many);
    for (size_t i = 0; i < texts->len; i++)
        json_add_str(list, texts->at[i]);
}

static void set_all_texts(struct json *b_info, const struct spec *spec)
{
    for (size_t i = 0; i < SPEC_TEXT_LISTS; i++) {
        const struct spec_text_list *l = &spec_text_lists[i];

        if (!l->is_hvm)
            set_texts(b_info, l, (const spec_texts *)(const void *)((const char *)spec + l->offset));
        else if (spec->type == SPEC_TYPE_HVM)
            set_texts(json_get(b_info, type_keys[spec->type]), l,
                      (const spec_texts *)(const void *)((const char *)spec + l->offset));
    }
}

static const char *const vga_kinds[] = {
    [SPEC_VGA_CIRRUS] = "cirrus", [SPEC_VGA_STD] = "std", [SPEC_VGA_NONE] = "none", [SPEC_VGA_QXL] = "qxl"};

static void set_screen(struct json *hvm, const struct spec *spec)
{
    struct json *AUTO_JSON screen = spec->has_screen ? dev_spec_to_libxl(&spec->screen) : NULL;

    for (size_t i = 0; i < json_len(screen); i++) {
        const char *name;
        const struct json *member = json_at(screen, i, &name);

        json_set(hvm, name, json_copy(member));
    }
    if (spec->vga != SPEC_VGA_CIRRUS)
        json_set_str(json_set_object(hvm, "vga"), "kind", vga_kinds[spec->vga]);
    if (spec->nographic)
        json_set_str(hvm, "nographic", "True");
}

static void set_hvm(struct json *hvm, const struct spec *spec)
{
    if (spec->type != SPEC_TYPE_HVM)
        return;
    if (spec->boot)
        json_set_str(hvm, "boot", spec->boot);
    set_screen(hvm, spec);
    if (spec->usb)
        json_set_str(hvm, "usb", "True");
    if (spec->usb_version)
        json_set_uint(hvm, "usbversion", spec->usb_version);
    if (spec->sound)
        json_set_str(hvm, "soundhw", spec->sound);
}

static const struct {
    const char *name;
    size_t offset;
    bool is_default;
} pc_flags[] = {
    {"apic", offsetof(struct spec, apic), true},
    {"acpi_s3", offsetof(struct spec, acpi_s3), true},
    {"acpi_s4", offsetof(struct spec, acpi_s4), true},
    {"acpi_laptop_slate", offsetof(struct spec, acpi_laptop_slate), false},
    {"hpet", offsetof(struct spec, hpet), true},
    {"vpt_align", offsetof(struct spec, vpt_align), true},
    {"pae", offsetof(struct spec, pae), true},
    {"viridian", offsetof(struct spec, viridian_defaults), false},
    {"xen_platform_pci", offsetof(struct spec, platform_pci), true},
};

/* What libxl always has, be it empty. */
static void set_parts(struct json *hvm)
{
    static const char *const parts[] = {"rdm", "sdl", "spice", "vga", "vnc"};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (!json_get(hvm, parts[i]))
            (void)json_set_object(hvm, parts[i]);
}

static void set_shim(struct json *pvh, const struct spec *spec)
{
    if (!spec->pvshim)
        return;
    json_set_str(pvh, "pvshim", "True");
    if (spec->pvshim_path)
        json_set_str(pvh, "pvshim_path", spec->pvshim_path);
    if (spec->pvshim_cmdline)
        json_set_str(pvh, "pvshim_cmdline", spec->pvshim_cmdline);
    if (spec->pvshim_extra)
        json_set_str(pvh, "pvshim_extra", spec->pvshim_extra);
}

static void set_bits(struct json *hvm, const char *name, uint32_t set)
{
    const uint64_t bits = set;

    if (set)
        add_bits(json_set_array(hvm, name), &bits, 32);
}

/* Known once the guest was created. */
static void set_genid(struct json *hvm, const struct spec *spec)
{
    static const uint8_t none[sizeof spec->genid_bytes];
    struct json *list;

    if (!spec->genid || memcmp(spec->genid_bytes, none, sizeof none) == 0)
        return;
    list = json_set_array(hvm, "ms_vm_genid");
    for (size_t i = 0; i < sizeof spec->genid_bytes; i++)
        json_add(list, json_new_uint(spec->genid_bytes[i]));
}

static void set_firmware(struct json *hvm, const struct spec *spec)
{
    for (size_t i = 0; i < ARRAY_LEN(pc_flags) && spec->type == SPEC_TYPE_HVM; i++) {
        bool flag = *(const bool *)((const char *)spec + pc_flags[i].offset);

        if (flag != pc_flags[i].is_default)
            json_set_str(hvm, pc_flags[i].name, flag ? "True" : "False");
    }
    if (spec->bios == HYP_BIOS_OVMF)
        json_set_str(hvm, "bios", "ovmf");
    if (spec->bios_path)
        json_set_str(hvm, "system_firmware", spec->bios_path);
    if (spec->loader_path)
        json_set_str(hvm, "firmware", spec->loader_path);
    if (spec->mmio_hole_mib)
        json_set_uint(hvm, "mmio_hole_memkb", (uint64_t)spec->mmio_hole_mib << 10);
    if (spec->type != SPEC_TYPE_HVM)
        return;
    if (spec->hdtype)
        json_set_str(hvm, "hdtype", "ahci");
    if (spec->vendor_device)
        json_set_str(hvm, "vendor_device", "xenserver");
    set_bits(hvm, "viridian_enable", spec->viridian_on);
    set_bits(hvm, "viridian_disable", spec->viridian_off);
    set_genid(hvm, spec);
    set_parts(hvm);
}

struct json *spec_to_libxl(const struct spec *spec)
{
    struct json *root = json_new_object(), *c_info = json_set_object(root, "c_info"),
                *b_info = json_set_object(root, "b_info"), *list;
    char uuid[UUID_TEXT_MAX];
    size_t i;

    keys_to_json(&spec_keys, spec, root);
    if (spec->has_uuid) {
        uuid_to_text(spec->uuid, uuid);
        json_set_str(c_info, "uuid", uuid);
    }
    json_set_str(c_info, "run_hotplug_scripts", "True");
    json_set_uint(b_info, "max_vcpus", spec->max_vcpus);
    set_vcpus(b_info, spec);
    set_affinity(b_info, "vcpu_hard_affinity", spec, spec->hard_affinity);
    set_affinity(b_info, "vcpu_soft_affinity", spec, spec->soft_affinity);
    /* Whoever names processors does not want them chosen by NUMA node as well. */
    if (spec->hard_affinity || spec->soft_affinity)
        json_set_str(b_info, "numa_placement", "False");
    json_set_uint(b_info, "max_memkb", spec->max_mem_kib);
    json_set_uint(b_info, "target_memkb", spec->mem_kib);
    if (spec->type == SPEC_TYPE_HVM && spec->videoram_mib)
        json_set_uint(b_info, "video_memkb", spec_video_kib(spec));
    json_set_str(b_info, "claim_mode", "True");
    if (!json_get(b_info, "sched_params"))
        (void)json_set_object(b_info, "sched_params");
    set_hvm(json_set_object(b_info, type_keys[spec->type]), spec);
    set_firmware(json_get(b_info, type_keys[spec->type]), spec);
    set_shim(json_get(b_info, type_keys[spec->type]), spec);
    set_all_texts(b_info, spec);
    (void)json_set_object(b_info, "arch_arm");
    (void)json_set_object(b_info, "arch_x86");
    list = spec->disks.len ? json_set_array(root, "disks") : NULL;
    for (i = 0; i < spec->disks.len; i++)
        json_add(list, disk_spec_to_libxl(&spec->disks.at[i]));
    list = spec->vifs.len ? json_set_array(root, "nics") : NULL;
    for (i = 0; i < spec->vifs.len; i++)
        json_add(list, vif_spec_to_libxl(&spec->vifs.at[i]));
    for (i = 0; i < spec->devices.len; i++) {
        const struct dev_spec *d = &spec->devices.at[i];

        list = json_get(root, d->grammar->json_list);
        if (!list)
            list = json_set_array(root, d->grammar->json_list);
        json_add(list, dev_spec_to_libxl(d));
    }
    return json_done(root);
}

static int get_uuid(const struct json *root, struct spec *spec)
{
    const char *text = json_str(json_path(root, "c_info.uuid"), NULL);

    if (!text)
        return 0;
    spec->has_uuid = true;
    return uuid_from_text(text, spec->uuid) ? 0 : -EINVAL;
}

/* A bitmap from bit numbers; libxl writes an empty one for "none given". */
static int get_bits(const struct json *array, uint64_t bits[CPULIST_WORDS])
{
    size_t i;

    memset(bits, 0, CPULIST_WORDS * sizeof *bits);
    for (i = 0; i < json_len(array); i++) {
        int64_t n = json_int(json_at(array, i, NULL), -1);

        if (n < 0 || n >= CPULIST_CPUS)
            return -EINVAL;
        bits[n / 64] |= (uint64_t)1 << (n % 64);
    }
    return 0;
}

/* Bitmaps that differ from each other can't be held: they count as none. */
static int get_affinity(const struct json *list, struct spec *spec, uint64_t **ret)
{
    uint64_t first[CPULIST_WORDS] = {0}, next[CPULIST_WORDS] = {0};
    size_t i;

    if (!json_is_array(list) || !json_len(list))
        return 0;
    for (i = 0; i < json_len(list); i++) {
        if (get_bits(json_at(list, i, NULL), i ? next : first))
            return -EINVAL;
        if (i && memcmp(first, next, sizeof first) != 0)
            return 0;
    }
    if (!json_len(json_at(list, 0, NULL)))
        return 0;
    *ret = malloc(sizeof first);
    if (!*ret)
        return -ENOMEM;
    memcpy(*ret, first, sizeof first);
    spec->cpu_words = CPULIST_WORDS;
    return 0;
}

static int get_sizes(const struct json *b_info, struct spec *spec)
{
    const struct json *avail = json_get(b_info, "avail_vcpus");

    if (spec->max_vcpus < 1 || spec->max_vcpus > SPEC_VCPUS_MAX_PV)
        spec->max_vcpus = 1;
    spec->vcpus = json_is_array(avail) && json_len(avail) ? (uint32_t)json_len(avail) : spec->max_vcpus;
    if (spec->vcpus > spec->max_vcpus)
        return -EINVAL;
    if (!json_get(b_info, "target_memkb"))
        spec->mem_kib = spec->max_mem_kib ? spec->max_mem_kib : spec->mem_kib;
    if (!spec->max_mem_kib)
        spec->max_mem_kib = spec->mem_kib;
    return 0;
}

static int get_list(const struct dev_grammar *g, const struct json *list, struct spec *spec)
{
    for (size_t i = 0; i < json_len(list); i++) {
        struct dev_spec device, *slot;
        int r = dev_spec_from_libxl(g, json_at(list, i, NULL), &device);

        if (r)
            return r;
        slot = VEC_PUSH(&spec->devices);
        if (!slot) {
            dev_spec_fini(&device);
            return -ENOMEM;
        }
        *slot = device;
    }
    return 0;
}

static int get_devices(const struct json *root, struct spec *spec)
{
    const struct json *disks = json_get(root, "disks"), *nics = json_get(root, "nics");
    size_t i;
    int r = 0;

    for (i = 0; !r && i < json_len(disks); i++) {
        struct disk_spec disk, *slot;

        r = disk_spec_from_libxl(json_at(disks, i, NULL), &disk);
        slot = r ? NULL : VEC_PUSH(&spec->disks);
        if (slot)
            *slot = disk;
        else if (!r)
            r = -ENOMEM, disk_spec_fini(&disk);
    }
    for (i = 0; !r && i < json_len(nics); i++) {
        struct vif_spec vif, *slot;

        r = vif_spec_from_libxl(json_at(nics, i, NULL), &vif);
        slot = r ? NULL : VEC_PUSH(&spec->vifs);
        if (slot)
            *slot = vif;
        else if (!r)
            r = -ENOMEM, vif_spec_fini(&vif);
    }
    for (i = 0; !r && dev_grammars[i]; i++)
        r = get_list(dev_grammars[i], json_get(root, dev_grammars[i]->json_list), spec);
    return r;
}

static int get_texts(const struct json *where, const struct spec_text_list *l, spec_texts *ret)
{
    const struct json *list = json_get(where, l->many);
    const char *one = l->one ? json_get_str(where, l->one, NULL) : NULL;
    int r = one ? spec_texts_add(ret, one) : 0;

    for (size_t i = 0; !r && i < json_len(list); i++) {
        const char *text = json_str(json_at(list, i, NULL), NULL);

        r = text ? spec_texts_add(ret, text) : -EINVAL;
    }
    return r;
}

static int get_all_texts(const struct json *b_info, struct spec *spec)
{
    int r = 0;

    for (size_t i = 0; !r && i < SPEC_TEXT_LISTS; i++) {
        const struct spec_text_list *l = &spec_text_lists[i];

        if (!l->is_hvm || spec->type == SPEC_TYPE_HVM)
            r = get_texts(l->is_hvm ? json_get(b_info, type_keys[SPEC_TYPE_HVM]) : b_info, l, spec_texts_of(spec, l));
    }
    return r;
}

static int get_string(const struct json *hvm, const char *name, char **ret)
{
    const char *text = json_get_str(hvm, name, NULL);

    if (!text)
        return 0;
    free(*ret);
    *ret = strdup(text);
    return *ret ? 0 : -ENOMEM;
}

/* A size that the card has anyway was not asked for. */
static int get_screen(const struct json *b_info, const struct json *hvm, struct spec *spec)
{
    const char *kind = json_str(json_path(hvm, "vga.kind"), vga_kinds[SPEC_VGA_CIRRUS]);
    int64_t video_mib = json_get_int(b_info, "video_memkb", 0) / 1024;
    size_t vga = 0;
    int r;

    while (vga < ARRAY_LEN(vga_kinds) && strcmp(vga_kinds[vga], kind) != 0)
        vga++;
    if (vga == ARRAY_LEN(vga_kinds) || video_mib < 0 || video_mib > UINT32_MAX)
        return -EINVAL;
    spec->vga = (enum spec_vga)vga;
    if (video_mib > spec_least_video_mib(spec))
        spec->videoram_mib = (uint32_t)video_mib;
    r = dev_spec_from_libxl(&grammar_vfb, hvm, &spec->screen);
    spec->has_screen = r == 0;
    return r;
}

static int get_hvm(const struct json *b_info, struct spec *spec)
{
    const struct json *hvm = json_get(b_info, type_keys[SPEC_TYPE_HVM]);
    int64_t version = json_get_int(hvm, "usbversion", 0);
    int r;

    if (spec->type != SPEC_TYPE_HVM)
        return 0;
    if (version < 0 || version > 3)
        return -EINVAL;
    spec->usb_version = (uint32_t)version;
    spec->usb = strcmp(json_get_str(hvm, "usb", ""), "True") == 0;
    spec->nographic = strcmp(json_get_str(hvm, "nographic", ""), "True") == 0;
    r = get_screen(b_info, hvm, spec);
    if (!r)
        r = get_string(hvm, "soundhw", &spec->sound);
    return r ? r : get_string(hvm, "boot", &spec->boot);
}

static int get_path(const struct json *hvm, const char *name, char **ret)
{
    const char *text = json_get_str(hvm, name, NULL);

    *ret = text ? strdup(text) : NULL;
    return text && !*ret ? -ENOMEM : 0;
}

static uint32_t get_group_bits(const struct json *array)
{
    uint32_t bits = 0;

    for (size_t i = 0; i < json_len(array); i++) {
        int64_t n = json_int(json_at(array, i, NULL), -1);

        if (n >= 0 && n < 32)
            bits |= UINT32_C(1) << n;
    }
    return bits;
}

/* An id of zeros is none. */
static int get_genid(const struct json *array, struct spec *spec)
{
    if (!array)
        return 0;
    if (json_len(array) != sizeof spec->genid_bytes)
        return -EINVAL;
    for (size_t i = 0; i < sizeof spec->genid_bytes; i++) {
        spec->genid_bytes[i] = (uint8_t)json_int(json_at(array, i, NULL), 0);
        spec->genid = spec->genid || spec->genid_bytes[i];
    }
    return 0;
}

static int get_firmware(const struct json *b_info, struct spec *spec)
{
    const struct json *hvm = json_get(b_info, type_keys[SPEC_TYPE_HVM]);
    int64_t hole_kib = json_get_int(hvm, "mmio_hole_memkb", 0);

    if (hole_kib < 0 || hole_kib > 4 << 20)
        return -EINVAL;
    for (size_t i = 0; i < ARRAY_LEN(pc_flags); i++)
        *(bool *)((char *)spec + pc_flags[i].offset) =
            str_eq(json_get_str(hvm, pc_flags[i].name, pc_flags[i].is_default ? "True" : "False"), "True");
    spec->mmio_hole_mib = (uint32_t)(hole_kib >> 10);
    spec->hdtype = str_eq(json_get_str(hvm, "hdtype", NULL), "ahci");
    spec->vendor_device = str_eq(json_get_str(hvm, "vendor_device", NULL), "xenserver");
    spec->viridian_on = get_group_bits(json_get(hvm, "viridian_enable"));
    spec->viridian_off = get_group_bits(json_get(hvm, "viridian_disable"));
    if (get_genid(json_get(hvm, "ms_vm_genid"), spec))
        return -EINVAL;
    spec->bios = str_eq(json_get_str(hvm, "bios", NULL), "ovmf") ? HYP_BIOS_OVMF : HYP_BIOS_SEABIOS;
    return get_path(hvm, "system_firmware", &spec->bios_path) || get_path(hvm, "firmware", &spec->loader_path) ? -ENOMEM
                                                                                                               : 0;
}

static int get_shim(const struct json *b_info, struct spec *spec)
{
    const struct json *pvh = json_get(b_info, type_keys[SPEC_TYPE_PVH]);

    if (spec->type != SPEC_TYPE_PVH)
        return 0;
    spec->pvshim = str_eq(json_get_str(pvh, "pvshim", NULL), "True");
    return get_path(pvh, "pvshim_path", &spec->pvshim_path) || get_path(pvh, "pvshim_cmdline", &spec->pvshim_cmdline) ||
                   get_path(pvh, "pvshim_extra", &spec->pvshim_extra)
               ? -ENOMEM
               : 0;
}

static int get_type(const struct json *root, struct spec *spec)
{
    const struct json *b_info = json_get(root, "b_info");
    size_t i;

    /* The union's key names the type where c_info does not. */
    for (i = 0; i < ARRAY_LEN(type_keys) && !json_path(root, "c_info.type"); i++)
        if (json_get(b_info, type_keys[i]))
            spec->type = (enum spec_type)i;
    return 0;
}

static int from_libxl(const struct json *root, struct spec *spec)
{
    const struct json *b_info = json_get(root, "b_info");
    int r;

    if (!json_is_object(json_get(root, "c_info")) || !json_is_object(b_info))
        return -EINVAL;
    r = keys_from_json(&spec_keys, root, spec);
    if (!r)
        r = get_type(root, spec);
    if (!r)
        r = get_shim(b_info, spec);
    if (!r)
        r = get_all_texts(b_info, spec);
    if (!r)
        r = get_hvm(b_info, spec);
    if (!r)
        r = get_firmware(b_info, spec);
    if (!r)
        r = get_uuid(root, spec);
    if (!r)
        r = get_sizes(b_info, spec);
    if (!r)
        r = get_affinity(json_get(b_info, "vcpu_hard_affinity"), spec, &spec->hard_affinity);
    if (!r)
        r = get_affinity(json_get(b_info, "vcpu_soft_affinity"), spec, &spec->soft_affinity);
    return r ? r : get_devices(root, spec);
}

int spec_from_libxl(const struct json *root, struct spec **ret, struct domo_err *err)
{
    struct spec *spec = spec_new();
    int r = spec ? from_libxl(root, spec) : -ENOMEM;

    if (!r) {
        *ret = spec;
        return 0;
    }
    (void)spec_free(spec);
    if (r == -ENOMEM)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory while reading a stored config");
    return err_set(err, DOMO_E_BAD_STATE_FILE, "a stored config is not of libxl's shape");
}
