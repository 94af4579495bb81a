/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Pages of guests: real memory, but only those that somebody has looked at.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

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
    page->fd = -1;
    page->bytes = mmap(NULL, MACHINE_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page->bytes == MAP_FAILED) {
        free(page);
        return NULL;
    }
    HASH_ADD(hh, d->pages, gfn, sizeof page->gfn, page);
    return page;
}

void page_drop(struct domain *d, struct page *page)
{
    HASH_DEL(d->pages, page);
    page_release(page);
}

void page_release(struct page *page)
{
    (void)munmap(page->bytes, MACHINE_PAGE_SIZE);
    if (page->fd >= 0)
        (void)close(page->fd);
    free(page);
}

/* Its contents move into a memfd, which takes the place of the memory: who has the address sees no difference. */
static int move_to(int fd, const struct page *page)
{
    if (pwrite(fd, page->bytes, MACHINE_PAGE_SIZE, 0) != MACHINE_PAGE_SIZE)
        return -ENOMEM;
    return mmap(page->bytes, MACHINE_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED
               ? -errno
               : 0;
}

int page_fd(struct page *page)
{
    int fd, r;

    if (page->fd >= 0)
        return page->fd;
    fd = memfd_create("domo-page", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    r = move_to(fd, page);
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    page->fd = fd;
    return fd;
}

int machine_page_fd(struct machine *m, uint32_t domid, uint64_t gfn)
{
    struct domain *d = machine_find(m, domid);
    struct page *page = d && !d->is_dying ? page_get(d, gfn) : NULL;

    return page ? page_fd(page) : -ENOMEM;
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
