/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Memory that a running guest gives back or takes, and how much it may.
 */
#include <errno.h>

#include "sim/machine_impl.h"

/* What a kernel does not give away, and the pages that somebody has mapped with it. */
enum { KEPT_KIB = 2048 };

int machine_balloon(struct machine *m, uint32_t domid, uint64_t kib)
{
    struct domain *d = machine_find(m, domid);

    if (!d || d->is_dying)
        return -ESRCH;
    if (domid == 0 || !d->built)
        return -EINVAL;
    kib -= kib % PAGE_KIB;
    if (kib < KEPT_KIB && kib < d->mem_kib)
        kib = d->mem_kib < KEPT_KIB ? d->mem_kib : KEPT_KIB;
    if (kib > d->max_mem_kib || (kib > d->mem_kib && kib - d->mem_kib > m->free_kib))
        return -ENOMEM;
    m->free_kib = m->free_kib + d->mem_kib - kib;
    d->ballooned_kib += (int64_t)(kib - d->mem_kib);
    d->mem_kib = kib;
    return 0;
}

int machine_mem_limit(struct machine *m, uint32_t domid, uint64_t kib)
{
    struct domain *d = machine_find(m, domid);

    if (!d)
        return -ESRCH;
    d->max_mem_kib = kib;
    return 0;
}

int machine_pod_target(struct machine *m, uint32_t domid, uint64_t kib)
{
    const struct domain *d = machine_find(m, domid);

    (void)kib;
    if (!d)
        return -ESRCH;
    return d->made.container == HYP_CONTAINER_PV ? -ENOSYS : 0;
}
