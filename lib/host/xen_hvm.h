/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the builder does for HVM guests alone: hvmloader as their kernel, the
 * BIOS beside it, their memory map, what hvmloader reads about them, their
 * parameters. For xen_*.c files only.
 */
#ifndef DOMO_HOST_XEN_HVM_H
#define DOMO_HOST_XEN_HVM_H

#include <xenctrl.h>
#include <xenguest.h>

#include "host/host.h"
#include "host/hvm_map.h"

/* What the image points to while it is being built: must outlive it. */
struct xen_hvm {
    const struct hyp_hvm *guest;
    char *loader_path, *bios_path;
    char *loader, *bios; /* the files */
    size_t loader_len, bios_len;
    struct e820entry e820[HVM_REGIONS_MAX];
};

/* Finds and reads hvmloader and the BIOS. DEVICE_MODEL if one is not there, IO, NO_MEMORY. Free with xen_hvm_fini(). */
int xen_hvm_load(struct host *, const struct hyp_hvm *, struct xen_hvm *ret, struct domo_err *) MUST_CHECK;
void xen_hvm_fini(struct xen_hvm *);

/* RAM of the guest, when it is all there, without what the graphics card takes. */
uint64_t xen_hvm_ram_kib(const struct hyp_hvm *);

/* Lays out the memory and tells the image of it and of the BIOS. */
void xen_hvm_fill(struct xc_dom_image *, struct xen_hvm *);

/* When the image is in memory: what hvmloader is told about processors; the event channels. 0, or -1 with errno. */
int xen_hvm_set_info(const struct hyp_hvm *, xc_interface *, uint32_t domid) MUST_CHECK;
int xen_hvm_set_params(const struct hyp_hvm *, xc_interface *, uint32_t domid) MUST_CHECK;

#endif
