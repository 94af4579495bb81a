/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a domain that exists may have of the machine: memory.
 */
#include <errno.h>

#include "host/xen_conn.h"

enum { PAGE_KIB = 4 };

int xen_mem_limit(struct host *h, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_domain_setmaxmem(xc, domid, kib) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno, "can't limit the memory of domain %u to %llu KiB", domid,
                        (unsigned long long)kib);
    return 0;
}

int xen_pod_target(struct host *h, uint32_t domid, uint64_t kib, struct domo_err *err)
{
    xc_interface *xc;

    if (xen_xc(h, &xc, err) < 0)
        return -1;
    if (xc_domain_set_pod_target(xc, domid, kib / PAGE_KIB, NULL, NULL, NULL) < 0)
        return xen_fail(h, err, DOMO_E_HYPERVISOR, errno,
                        "can't change the memory that domain %u is populated with on demand to %llu KiB", domid,
                        (unsigned long long)kib);
    return 0;
}
