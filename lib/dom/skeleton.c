/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/skeleton.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

enum { POD_SPARE_KIB = 1024 };

/* Who owns a node and who may read it. */
enum access {
    INHERIT, /* as the directory that it is made in */
    RO,      /* owner dom0, the guest reads */
    RW,      /* owner the guest */
    NO,      /* owner dom0, nobody else */
};

enum root { GUEST, VM, LIBXL }; /* /local/domain/D, /vm/UUID, /libxl/D */

struct row {
    enum root root;
    const char *path; /* below the root; "" is the root itself */
    enum access access;
    /* Text of the value; NULL: a directory. Returns false when the node is not wanted for this guest. */
    bool (*value)(const struct skeleton *, struct str *out);
};

static bool v_empty(const struct skeleton *s, struct str *out)
{
    (void)s;
    (void)out;
    return true;
}

static bool v_one(const struct skeleton *s, struct str *out)
{
    (void)s;
    str_add(out, "1");
    return true;
}

static bool v_vm(const struct skeleton *s, struct str *out)
{
    str_addf(out, "/vm/%s", s->uuid);
    return true;
}

static bool v_name(const struct skeleton *s, struct str *out)
{
    str_add(out, s->spec->name);
    return true;
}

static bool v_uuid(const struct skeleton *s, struct str *out)
{
    str_add(out, s->uuid);
    return true;
}

static bool v_domid(const struct skeleton *s, struct str *out)
{
    str_addf(out, "%u", s->domid);
    return true;
}

static bool v_static_max(const struct skeleton *s, struct str *out)
{
    str_addf(out, "%" PRIu64, s->spec->max_mem_kib);
    return true;
}

static bool v_target(const struct skeleton *s, struct str *out)
{
    /* Some pages are left for the hypervisor to work with while it populates the rest on demand. */
    uint64_t spare = s->spec->type == SPEC_TYPE_HVM && s->spec->max_mem_kib > s->spec->mem_kib ? POD_SPARE_KIB : 0;

    str_addf(out, "%" PRIu64, s->spec->mem_kib - spec_video_kib(s->spec) - spare);
    return true;
}

static bool v_videoram(const struct skeleton *s, struct str *out)
{
    str_addf(out, "%" PRIu64, spec_video_kib(s->spec));
    return true;
}

static bool v_store_port(const struct skeleton *s, struct str *out)
{
    str_addf(out, "%u", s->store_port);
    return true;
}

static bool v_start_time(const struct skeleton *s, struct str *out)
{
    str_addf(out, "%" PRId64 ".%02u", s->start_s, s->start_centi);
    return true;
}

static bool v_ostype(const struct skeleton *s, struct str *out)
{
    str_add(out, s->spec->type == SPEC_TYPE_HVM ? "hvm" : "linux");
    return s->spec->type != SPEC_TYPE_PVH;
}

/* What a bootloader finds has no name that lasts. What an HVM guest boots directly is its device model's business; of
 * PVH guests xl writes nothing here. */
static bool v_kernel(const struct skeleton *s, struct str *out)
{
    if (s->spec->type != SPEC_TYPE_PV || s->spec->bootloader)
        return false;
    str_add(out, s->spec->kernel);
    return true;
}

static bool v_ramdisk(const struct skeleton *s, struct str *out)
{
    if (s->spec->type != SPEC_TYPE_PV || !s->spec->ramdisk || s->spec->bootloader)
        return false;
    str_add(out, s->spec->ramdisk);
    return true;
}

static bool v_cmdline(const struct skeleton *s, struct str *out)
{
    const char *cmdline = s->spec->bootloader ? s->found_cmdline : s->spec->cmdline;

    if (s->spec->type != SPEC_TYPE_PV || !cmdline)
        return false;
    str_add(out, cmdline);
    return true;
}

static bool v_type(const struct skeleton *s, struct str *out)
{
    static const char *const names[] = {[SPEC_TYPE_PV] = "pv", [SPEC_TYPE_PVH] = "pvh", [SPEC_TYPE_HVM] = "hvm"};

    str_add(out, names[s->spec->type]);
    return true;
}

/* Sleep states, and how far the guest's own clock is off: QEMU writes that. */
static bool v_empty_hvm(const struct skeleton *s, struct str *out)
{
    (void)out;
    return s->spec->type == SPEC_TYPE_HVM;
}

static bool add_flag(const struct skeleton *s, bool flag, struct str *out)
{
    str_add(out, flag ? "1" : "0");
    return s->spec->type == SPEC_TYPE_HVM;
}

static bool v_acpi(const struct skeleton *s, struct str *out)
{
    return add_flag(s, s->spec->acpi, out);
}

static bool v_s3(const struct skeleton *s, struct str *out)
{
    return add_flag(s, s->spec->acpi_s3, out);
}

static bool v_s4(const struct skeleton *s, struct str *out)
{
    return add_flag(s, s->spec->acpi_s4, out);
}

static bool v_slate(const struct skeleton *s, struct str *out)
{
    return add_flag(s, s->spec->acpi_laptop_slate, out);
}

static bool v_zero_hvm(const struct skeleton *s, struct str *out)
{
    str_add(out, "0");
    return s->spec->type == SPEC_TYPE_HVM;
}

static bool v_hole(const struct skeleton *s, struct str *out)
{
    str_addf(out, "%" PRIu64, (uint64_t)s->spec->mmio_hole_mib << 20);
    return s->spec->mmio_hole_mib;
}

static bool v_bios(const struct skeleton *s, struct str *out)
{
    str_add(out, s->spec->bios == HYP_BIOS_OVMF ? "ovmf" : "seabios");
    return s->spec->type == SPEC_TYPE_HVM;
}

static bool v_dm_version(const struct skeleton *s, struct str *out)
{
    (void)s;
    str_add(out, "qemu_xen");
    return true;
}

static bool v_dm_hvm(const struct skeleton *s, struct str *out)
{
    return v_dm_version(s, out) && s->spec->type == SPEC_TYPE_HVM;
}

/* hvmloader puts it where Windows finds it: two numbers of the processor's byte order. */
static bool v_genid(const struct skeleton *s, struct str *out)
{
    uint64_t half[2];

    memcpy(half, s->spec->genid_bytes, sizeof half);
    if (half[0] || half[1])
        str_addf(out, "%" PRIu64 ":%" PRIu64, half[0], half[1]);
    else
        str_add(out, "$GENERATION_ID");
    return s->spec->genid;
}

static bool v_driver_domain(const struct skeleton *s, struct str *out)
{
    (void)out;
    return s->spec->driver_domain;
}

/* Order matters: a directory comes before what inherits its access. Directories in between are not listed: they are
 * made with their first child and inherit just what libxl gives them. */
static const struct row rows[] = {
    {GUEST, "", RO, NULL},
    {VM, "", RO, NULL},
    {LIBXL, "", NO, NULL},
    {LIBXL, "type", INHERIT, v_type},
    {LIBXL, "dm-version", INHERIT, v_dm_version},
    {GUEST, "vm", INHERIT, v_vm},
    {GUEST, "hvmloader/bios", INHERIT, v_bios},
    {GUEST, "hvmloader/allow-memory-relocate", INHERIT, v_zero_hvm},
    {GUEST, "platform/acpi", INHERIT, v_acpi},
    {GUEST, "platform/acpi_s3", INHERIT, v_s3},
    {GUEST, "platform/acpi_s4", INHERIT, v_s4},
    {GUEST, "platform/acpi_laptop_slate", INHERIT, v_slate},
    {GUEST, "platform/mmio_hole_size", INHERIT, v_hole},
    {GUEST, "platform/device-model", INHERIT, v_dm_hvm},
    {GUEST, "platform/generation-id", INHERIT, v_genid},
    {GUEST, "name", INHERIT, v_name},
    {GUEST, "device/suspend/event-channel", RW, v_empty},
    {GUEST, "control/shutdown", RW, v_empty},
    {GUEST, "control/feature-poweroff", RW, v_empty},
    {GUEST, "control/feature-reboot", RW, v_empty},
    {GUEST, "control/feature-suspend", RW, v_empty},
    {GUEST, "control/feature-s3", RW, v_empty_hvm},
    {GUEST, "control/feature-s4", RW, v_empty_hvm},
    {GUEST, "control/sysrq", RW, v_empty},
    {GUEST, "data", RW, v_empty},
    {GUEST, "drivers", RW, v_empty},
    {GUEST, "feature", RW, v_empty},
    {GUEST, "attr", RW, v_empty},
    {GUEST, "error", RW, v_empty},
    {GUEST, "libxl", RW, v_driver_domain},
    {GUEST, "device-model", RW, v_driver_domain},
    {GUEST, "control/platform-feature-multiprocessor-suspend", INHERIT, v_one},
    {GUEST, "control/platform-feature-xs_reset_watches", INHERIT, v_one},
    {GUEST, "memory/static-max", INHERIT, v_static_max},
    {GUEST, "memory/target", INHERIT, v_target},
    {GUEST, "memory/videoram", INHERIT, v_videoram},
    {GUEST, "domid", INHERIT, v_domid},
    {GUEST, "store/port", INHERIT, v_store_port},
    {VM, "uuid", INHERIT, v_uuid},
    {VM, "name", INHERIT, v_name},
    {VM, "start_time", INHERIT, v_start_time},
    {VM, "rtc/timeoffset", INHERIT, v_empty_hvm},
    {VM, "image/ostype", INHERIT, v_ostype},
    {VM, "image/kernel", INHERIT, v_kernel},
    {VM, "image/ramdisk", INHERIT, v_ramdisk},
    {VM, "image/cmdline", INHERIT, v_cmdline},
};

static int root_path(const struct skeleton *s, enum root root, char out[STORE_PATH_MAX], struct domo_err *err)
{
    switch (root) {
    case GUEST:
        return store_path(out, err, "/local/domain/%u", s->domid);
    case VM:
        return store_path(out, err, "/vm/%s", s->uuid);
    case LIBXL:
        return store_path(out, err, "/libxl/%u", s->domid);
    }
    return -1;
}

static int row_path(const struct skeleton *s, const struct row *row, char out[STORE_PATH_MAX], struct domo_err *err)
{
    char root[STORE_PATH_MAX];

    if (root_path(s, row->root, root, err))
        return -1;
    return store_path(out, err, row->path[0] ? "%s/%s" : "%s%s", root, row->path);
}

static int set_access(struct host *h, store_txn txn, const struct skeleton *s, const char *path, enum access access,
                      struct domo_err *err)
{
    const struct store_perm ro[] = {{.domid = 0, .rights = 0}, {.domid = s->domid, .rights = STORE_READ}};
    const struct store_perm rw[] = {{.domid = s->domid, .rights = 0}};
    const struct store_perm no[] = {{.domid = 0, .rights = 0}};

    switch (access) {
    case INHERIT:
        return 0;
    case RO:
        return store_set_perms(h, txn, path, ro, ARRAY_LEN(ro), err);
    case RW:
        return store_set_perms(h, txn, path, rw, ARRAY_LEN(rw), err);
    case NO:
        return store_set_perms(h, txn, path, no, ARRAY_LEN(no), err);
    }
    return -1;
}

static int write_row(struct host *h, store_txn txn, const struct skeleton *s, const struct row *row,
                     struct domo_err *err)
{
    struct str AUTO_STR value = STR_INIT;
    char path[STORE_PATH_MAX];

    if (row_path(s, row, path, err))
        return -1;
    if (row->value && !row->value(s, &value))
        return 0;
    if (value.failed)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (row->value ? store_write(h, txn, path, str_text(&value), err) : store_mkdir(h, txn, path, err))
        return -1;
    return set_access(h, txn, s, path, row->access, err);
}

static int write_cpus(struct host *h, store_txn txn, const struct skeleton *s, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    uint32_t i;

    for (i = 0; i < s->spec->max_vcpus; i++) {
        if (store_path(path, err, "/local/domain/%u/cpu/%u/availability", s->domid, i) ||
            store_write(h, txn, path, i < s->spec->vcpus ? "online" : "offline", err))
            return -1;
    }
    return 0;
}

int skeleton_remove(struct host *h, store_txn txn, uint32_t domid, const char *uuid, struct domo_err *err)
{
    const struct skeleton s = {.domid = domid, .uuid = uuid};
    char path[STORE_PATH_MAX];
    enum root root;

    for (root = GUEST; root <= LIBXL; root++)
        if (root_path(&s, root, path, err) || store_rm(h, txn, path, err))
            return -1;
    return 0;
}

int skeleton_write(struct host *h, store_txn txn, const struct skeleton *s, struct domo_err *err)
{
    size_t i;

    if (skeleton_remove(h, txn, s->domid, s->uuid, err))
        return -1;
    for (i = 0; i < ARRAY_LEN(rows); i++)
        if (write_row(h, txn, s, &rows[i], err))
            return -1;
    return write_cpus(h, txn, s, err);
}

int skeleton_write_rings(struct host *h, store_txn txn, const struct skeleton *s, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    if (store_path(path, err, "/local/domain/%u/store/ring-ref", s->domid))
        return -1;
    return store_writef(h, txn, err, path, "%" PRIu64, s->store_gfn);
}

/* Paths for people: what is not known yet stands as $DOMID, or as dots. */
static void preview_row(const struct skeleton *s, const struct row *row, struct json *lines)
{
    static const char *const roots[] = {[GUEST] = "/local/domain/$DOMID", [VM] = "/vm/", [LIBXL] = "/libxl/$DOMID"};
    struct str AUTO_STR value = STR_INIT;
    char *AUTO_FREE line = NULL;

    if (row->value && !row->value(s, &value))
        return;
    if (row->value == v_domid || row->value == v_store_port || row->value == v_start_time) {
        str_clear(&value);
        str_add(&value, "…");
    }
    line =
        str_format("%s %s%s%s%s%s%s", row->value ? "write" : "mkdir", roots[row->root], row->root == VM ? s->uuid : "",
                   row->path[0] ? "/" : "", row->path, row->value ? " = " : "", row->value ? str_text(&value) : "");
    json_add_str(lines, line);
}

int skeleton_preview(const struct skeleton *s, struct json *lines, struct domo_err *err)
{
    size_t i;

    (void)err;
    for (i = 0; i < ARRAY_LEN(rows); i++)
        preview_row(s, &rows[i], lines);
    return 0;
}
