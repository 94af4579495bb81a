/* SPDX-License-Identifier: LGPL-2.1-or-later */
#define XC_WANT_COMPAT_MAP_FOREIGN_API
#include "host/xen_hvm.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "host/xen_conn.h"

#include <xen/hvm/e820.h>
#include <xen/hvm/hvm_info_table.h>
#include <xen/hvm/params.h>

enum { FIRMWARE_MAX = 16 << 20, PAGE_KIB = XC_PAGE_SIZE / 1024, REGION_RAM = 1, VGA_HOLE_PAGES = 0x20 };

/* ---- files ---- */

/* hvmloader belongs to the hypervisor's version: distributions have a directory for each. */
static const char *const loaders[] = {
    "/usr/lib/xen-VERSION/boot/hvmloader",
    "/usr/lib/xen/boot/hvmloader",
    "/usr/libexec/xen/boot/hvmloader",
    "/usr/local/lib/xen/boot/hvmloader",
};

enum { PLACES_MAX = 4 };

static const struct bios {
    const char *name, *package;
    const char *places[PLACES_MAX];
} bioses[] = {
    [HYP_BIOS_SEABIOS] = {"SeaBIOS",
                          "seabios",
                          {"/usr/share/seabios/bios-256k.bin", "/usr/share/qemu/bios-256k.bin",
                           "/usr/lib/xen/boot/seabios.bin", "/usr/local/lib/xen/boot/seabios.bin"}},
    [HYP_BIOS_OVMF] = {"OVMF",
                       "ovmf",
                       {"/usr/share/ovmf/OVMF.fd", "/usr/share/OVMF/OVMF.fd", "/usr/lib/xen/boot/ovmf.bin",
                        "/usr/local/lib/xen/boot/ovmf.bin"}},
};

/* The first of the places where there is a file; caller frees. NULL: there is none, or no memory. */
static char *find_file(const char *const *places, size_t n, int version)
{
    for (size_t i = 0; i < n; i++) {
        const char *mark = strstr(places[i], "VERSION");
        char *path = mark ? str_format("%.*s%d.%d%s", (int)(mark - places[i]), places[i], version >> 16,
                                       version & 0xffff, mark + strlen("VERSION"))
                          : strdup(places[i]);

        if (path && access(path, R_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}

static int find_loader(struct host *h, struct xen_hvm *ret, struct domo_err *err)
{
    xc_interface *xc;
    int version;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    version = xc_version(xc, XENVER_version, NULL);
    if (version < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't ask the hypervisor for its version");
    ret->loader_path = find_file(loaders, ARRAY_LEN(loaders), version);
    if (ret->loader_path)
        return 0;
    (void)err_set(err, DOMO_E_DEVICE_MODEL, "this host has no hvmloader for Xen %d.%d", version >> 16,
                  version & 0xffff);
    return err_hint(err, "install the package xen-utils-%d.%d", version >> 16, version & 0xffff);
}

static int find_bios(enum hyp_bios which, struct xen_hvm *ret, struct domo_err *err)
{
    const struct bios *b = &bioses[which];

    ret->bios_path = find_file(b->places, PLACES_MAX, 0);
    if (ret->bios_path)
        return 0;
    (void)err_set(err, DOMO_E_DEVICE_MODEL, "this host has no %s, looked for '%s'", b->name, b->places[0]);
    return err_hint(err, "install the package %s", b->package);
}

static int find_named(const char *path, char **ret, struct domo_err *err)
{
    *ret = strdup(path);
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

static int load(const char *path, char **ret, size_t *ret_len, struct domo_err *err)
{
    int r = fs_read(path, FIRMWARE_MAX, ret, ret_len);

    return r < 0 ? err_sys(err, DOMO_E_IO, -r, "can't read the firmware '%s'", path) : 0;
}

static int find_both(struct host *h, const struct hyp_hvm *guest, struct xen_hvm *ret, struct domo_err *err)
{
    if (guest->loader_path ? find_named(guest->loader_path, &ret->loader_path, err) : find_loader(h, ret, err))
        return -1;
    return guest->bios_path ? find_named(guest->bios_path, &ret->bios_path, err) : find_bios(guest->bios, ret, err);
}

int xen_hvm_load(struct host *h, const struct hyp_hvm *guest, struct xen_hvm *ret, struct domo_err *err)
{
    *ret = (struct xen_hvm){.guest = guest};
    if (find_both(h, guest, ret, err) || load(ret->loader_path, &ret->loader, &ret->loader_len, err) ||
        load(ret->bios_path, &ret->bios, &ret->bios_len, err)) {
        xen_hvm_fini(ret);
        return -1;
    }
    return 0;
}

void xen_hvm_fini(struct xen_hvm *v)
{
    free(v->loader_path);
    free(v->bios_path);
    free(v->loader);
    free(v->bios);
    *v = (struct xen_hvm){.guest = NULL};
}

/* ---- memory ---- */

uint64_t xen_hvm_ram_kib(const struct hyp_hvm *guest)
{
    return (guest->max_mem_kib > guest->mem_kib ? guest->max_mem_kib : guest->mem_kib) - guest->video_kib;
}

void xen_hvm_fill(struct xc_dom_image *dom, struct xen_hvm *v)
{
    struct hvm_map map;

    hvm_map_make(xen_hvm_ram_kib(v->guest), v->guest->hole_mib, &map);
    for (size_t i = 0; i < map.n; i++)
        v->e820[i] = (struct e820entry){.addr = map.regions[i].start, .size = map.regions[i].size, .type = REGION_RAM};
    dom->e820 = v->e820;
    dom->e820_entries = (unsigned)map.n;
    dom->device_model = true;
    dom->vga_hole_size = VGA_HOLE_PAGES;
    dom->target_pages = (v->guest->mem_kib - v->guest->video_kib) / PAGE_KIB;
    dom->mmio_start = map.hole_start;
    dom->mmio_size = map.hole_size;
    dom->lowmem_end = map.low_end;
    dom->highmem_end = map.high_end;
    dom->system_firmware_module.data = (uint8_t *)v->bios;
    dom->system_firmware_module.length = (uint32_t)v->bios_len;
}

/* ---- what the guest is told ---- */

/* hvmloader checks that all bytes of the table add up to 0. */
static void mend_sum(struct hvm_info_table *info)
{
    const uint8_t *bytes = (const uint8_t *)info;
    uint8_t sum = 0;

    info->checksum = 0;
    for (uint32_t i = 0; i < info->length; i++)
        sum = (uint8_t)(sum + bytes[i]);
    info->checksum = (uint8_t)-sum;
}

/* The library has made the table, with where the memory ends. */
int xen_hvm_set_info(const struct hyp_hvm *guest, xc_interface *xc, uint32_t domid)
{
    char *page = xc_map_foreign_range(xc, domid, XC_PAGE_SIZE, PROT_READ | PROT_WRITE, HVM_INFO_PFN);
    struct hvm_info_table *info;

    if (!page)
        return -1;
    info = (struct hvm_info_table *)(page + HVM_INFO_OFFSET);
    info->apic_mode = guest->apic;
    info->nr_vcpus = guest->max_vcpus;
    memset(info->vcpu_online, 0, sizeof info->vcpu_online);
    for (uint32_t i = 0; i < guest->vcpus && i < HVM_MAX_VCPUS; i++)
        info->vcpu_online[i / 8] |= (uint8_t)(1 << i % 8);
    mend_sum(info);
    return munmap(page, XC_PAGE_SIZE);
}

int xen_hvm_set_params(const struct hyp_hvm *guest, xc_interface *xc, uint32_t domid)
{
    if (xc_hvm_param_set(xc, domid, HVM_PARAM_STORE_EVTCHN, guest->store_evtchn) < 0)
        return -1;
    return xc_hvm_param_set(xc, domid, HVM_PARAM_CONSOLE_EVTCHN, guest->console_evtchn);
}
