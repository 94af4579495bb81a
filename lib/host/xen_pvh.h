/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the builder does for PVH guests alone: their memory map, their ACPI
 * tables, their parameters. For xen_*.c files only.
 */
#ifndef DOMO_HOST_XEN_PVH_H
#define DOMO_HOST_XEN_PVH_H

#include <xenctrl.h>
#include <xenguest.h>

#include "host/acpi.h"
#include "host/host.h"
#include "host/pvh_map.h"

/* What the image points to while it is being built: must outlive it. */
struct xen_pvh {
    unsigned char acpi[ACPI_LEN_MAX];
    struct e820entry e820[PVH_REGIONS_MAX];
};

/* Memory that the map is laid out for. */
uint64_t xen_pvh_max_kib(const struct hyp_image *);

/* Has the image, once it is parsed, an entry point for PVH guests? (The library would load any ELF file.) */
bool xen_pvh_can_boot(const struct xc_dom_image *);

/* Lays out map and tables and tells the image of both. */
void xen_pvh_fill(struct xc_dom_image *, const struct hyp_image *, struct xen_pvh *);

/* Tells the hypervisor the event channels. 0, or -1 with errno. */
int xen_pvh_set_params(const struct hyp_image *, xc_interface *, uint32_t domid) MUST_CHECK;

#endif
