/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is called of libxenguest. It brings three unpacking libraries along,
 * and only the building of a guest needs it: it is loaded then.
 * For xen_*.c files only.
 */
#ifndef DOMO_HOST_XEN_GUEST_H
#define DOMO_HOST_XEN_GUEST_H

#include <xenctrl.h>
#include <xenguest.h>

#include "base/lazy.h"

/* clang-format off */
#define XEN_GUEST_CALLS(X) \
    X(xc_, cpuid_apply_policy) \
    X(xc_, dom_allocate) \
    X(xc_, dom_boot_image) \
    X(xc_, dom_boot_mem_init) \
    X(xc_, dom_boot_xen_init) \
    X(xc_, dom_build_image) \
    X(xc_, dom_gnttab_init) \
    X(xc_, dom_kernel_max_size) \
    X(xc_, dom_kernel_mem) \
    X(xc_, dom_mem_init) \
    X(xc_, dom_module_file) \
    X(xc_, dom_parse_image) \
    X(xc_, dom_release) \
    X(xc_, domain_dumpcore_via_callback) \
    X(xc_, domain_resume)
/* clang-format on */

struct xen_guest {
    XEN_GUEST_CALLS(LAZY_MEMBER)
};

/* Its calls; filled by xen_guest_load(). */
extern struct xen_guest xen_guest;

/* UNSUPPORTED if the library can't be loaded. Nothing to do when it was loaded before. */
int xen_guest_load(struct domo_err *) MUST_CHECK;

#endif
