/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/xen_pvh.h"

#include <xen/hvm/params.h>

#include "host/elf_note.h"

enum { PAGE_KIB = PVH_PAGE / 1024 };

uint64_t xen_pvh_max_kib(const struct hyp_image *image)
{
    return image->max_mem_kib > image->mem_kib ? image->max_mem_kib : image->mem_kib;
}

bool xen_pvh_can_boot(const struct xc_dom_image *dom)
{
    return elf_has_xen_note(dom->kernel_blob, dom->kernel_size, ELF_NOTE_PHYS32_ENTRY);
}

/* The first module of ACPI tables is where the start information looks for the RSDP. */
static size_t fill_acpi(struct xc_dom_image *dom, const struct hyp_image *image, struct xen_pvh *p)
{
    size_t len;

    if (image->no_acpi)
        return 0;
    len = acpi_tables(pvh_hole_start, image->vcpus, image->max_vcpus, p->acpi);
    dom->acpi_modules[0] =
        (struct xc_hvm_firmware_module){.data = p->acpi, .length = (uint32_t)len, .guest_addr_out = pvh_hole_start};
    return len;
}

void xen_pvh_fill(struct xc_dom_image *dom, const struct hyp_image *image, struct xen_pvh *p)
{
    const uint64_t special_end = (uint64_t)X86_HVM_END_SPECIAL_REGION * PVH_PAGE;
    struct pvh_map map;

    pvh_map_make(xen_pvh_max_kib(image), special_end, X86_HVM_NR_SPECIAL_PAGES, fill_acpi(dom, image, p), &map);
    for (size_t i = 0; i < map.n; i++)
        p->e820[i] = (struct e820entry){
            .addr = map.regions[i].start, .size = map.regions[i].size, .type = (uint32_t)map.regions[i].type};
    dom->e820 = p->e820;
    dom->e820_entries = (unsigned)map.n;
    dom->device_model = false;
    dom->vga_hole_size = 0;
    dom->target_pages = image->mem_kib / PAGE_KIB;
    dom->mmio_start = map.hole_start;
    dom->mmio_size = map.hole_size;
    dom->lowmem_end = map.low_end;
    dom->highmem_end = map.high_end;
}

int xen_pvh_set_params(const struct hyp_image *image, xc_interface *xc, uint32_t domid)
{
    if (xc_hvm_param_set(xc, domid, HVM_PARAM_STORE_EVTCHN, image->store_evtchn) < 0)
        return -1;
    return xc_hvm_param_set(xc, domid, HVM_PARAM_CONSOLE_EVTCHN, image->console_evtchn);
}
