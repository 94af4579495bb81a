/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pages of guests: real memory, but only those that somebody has looked at.
 */
#include <errno.h>

#include "sim/machine_impl.h"

struct page *page_find(const struct domain *d, uint64_t gfn)
{
    struct page *page = NULL;

    HASH_FIND(hh, d->pages, &gfn, sizeof gfn, page);
    return page;
}

struct page *page_get(struct domain *d, uint64_t gfn)
{
    struct page *page = page_find(d, gfn);

    if (page || gfn >= d->memory_pages)
        return page;
    page = calloc(1, sizeof *page);
    if (!page)
        return NULL;
    page->gfn = gfn;
    page->bytes = aligned_alloc(MACHINE_PAGE_SIZE, MACHINE_PAGE_SIZE);
    if (!page->bytes) {
        free(page);
        return NULL;
    }
    memset(page->bytes, 0, MACHINE_PAGE_SIZE);
    HASH_ADD(hh, d->pages, gfn, sizeof page->gfn, page);
    return page;
}

void page_drop(struct domain *d, struct page *page)
{
    HASH_DEL(d->pages, page);
    free(page->bytes);
    free(page);
}

void pages_kill(struct domain *d)
{
    struct page *page, *next;
    uint64_t kept = 0;

    for (page = d->pages; page; page = next) {
        next = page->hh.next;
        if (page->maps)
            kept++;
        else
            page_drop(d, page);
    }
    d->mem_kib = kept * PAGE_KIB;
}

void *machine_page(struct machine *m, uint32_t domid, uint64_t gfn)
{
    struct domain *d = machine_find(m, domid);
    struct page *page = d && !d->is_dying ? page_get(d, gfn) : NULL;

    return page ? page->bytes : NULL;
}

int64_t machine_take_page(struct machine *m, uint32_t domid)
{
    struct domain *d = machine_find(m, domid);
    struct page *page;
    uint64_t gfn;

    if (!d || d->is_dying)
        return -ESRCH;
    if (d->given.len) {
        gfn = d->given.at[d->given.len - 1];
        d->given.len--;
    } else if (d->next_page > 1) {
        gfn = --d->next_page;
    } else {
        return -ENOMEM;
    }
    page = page_get(d, gfn);
    if (!page)
        return -ENOMEM;
    page->taken = true;
    return (int64_t)gfn;
}

void machine_give_page(struct machine *m, uint32_t domid, uint64_t gfn)
{
    struct domain *d = machine_find(m, domid);
    struct page *page = d ? page_find(d, gfn) : NULL;
    uint64_t *slot;

    if (!page || !page->taken)
        return;
    /* While somebody has it mapped it can't be used for anything else; it comes back with the domain's end. */
    if (page->maps)
        return;
    page_drop(d, page);
    slot = VEC_PUSH(&d->given);
    if (slot)
        *slot = gfn;
}
