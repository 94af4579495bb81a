/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Everything against everything, for tests.
 */
#include <errno.h>

#include "base/str.h"
#include "sim/machine_impl.h"

/* Says what is wrong and gives -EIO, so that a check ends with it. */
#define WRONG(ret_why, ...) (*(ret_why) = str_format(__VA_ARGS__), -EIO)

static int check_memory(const struct machine *m, char **ret_why)
{
    uint64_t sum = m->free_kib;

    for (size_t i = 0; i < m->domains.len; i++) {
        const struct domain *d = m->domains.at[i];

        sum += d->mem_kib + (d->domid ? OVERHEAD_KIB : 0);
        if (i && m->domains.at[i - 1]->domid >= d->domid)
            return WRONG(ret_why, "domain %u is out of order", d->domid);
        if (!d->is_dying && d->mem_kib != d->memory_pages * PAGE_KIB + (uint64_t)d->ballooned_kib)
            return WRONG(ret_why, "domain %u: %llu KiB, %llu pages", d->domid, (unsigned long long)d->mem_kib,
                         (unsigned long long)d->memory_pages);
    }
    if (sum != m->size.mem_kib)
        return WRONG(ret_why, "the domains and what is free make %llu KiB, the host has %llu", (unsigned long long)sum,
                     (unsigned long long)m->size.mem_kib);
    return 0;
}

static int check_ports(const struct machine *m, const struct domain *d, char **ret_why)
{
    for (size_t i = 0; i < d->ports.len; i++) {
        const struct port *p = &d->ports.at[i];
        const struct domain *r = p->state == PORT_BOUND ? machine_find(m, p->remote) : NULL;
        const struct port *other = r && p->remote_port < r->ports.len ? &r->ports.at[p->remote_port] : NULL;

        if (p->state == PORT_BOUND &&
            (!other || other->state != PORT_BOUND || other->remote != d->domid || other->remote_port != i))
            return WRONG(ret_why, "port %zu of domain %u has no other end", i, d->domid);
        if (p->state == PORT_FREE && (p->kicked || p->pending))
            return WRONG(ret_why, "port %zu of domain %u is free, but not idle", i, d->domid);
    }
    return 0;
}

static int check_maps(const struct domain *d, char **ret_why)
{
    uint64_t of_maps = 0, of_grants = 0, of_pages = 0;
    const struct page *page;

    for (size_t i = 0; i < d->maps.len; i++)
        of_maps += d->maps.at[i].count;
    for (size_t i = 0; i < d->grants.len; i++)
        of_grants += d->grants.at[i].maps;
    for (page = d->pages; page; page = page->hh.next)
        of_pages += page->maps;
    if (of_maps != of_grants || of_maps != of_pages)
        return WRONG(ret_why, "domain %u: %llu maps, %llu in grants, %llu of pages", d->domid,
                     (unsigned long long)of_maps, (unsigned long long)of_grants, (unsigned long long)of_pages);
    if (d->is_dying && !d->maps.len)
        return WRONG(ret_why, "domain %u is dying, but nothing keeps it", d->domid);
    return 0;
}

int machine_check(const struct machine *m, char **ret_why)
{
    int r = check_memory(m, ret_why);

    for (size_t i = 0; r == 0 && i < m->domains.len; i++) {
        r = check_ports(m, m->domains.at[i], ret_why);
        if (r == 0)
            r = check_maps(m->domains.at[i], ret_why);
    }
    return r;
}
