/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake_link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The operations get a host; there is one link at a time. */
static struct fake_link *current;

static int fail(struct domo_err *err, int sys, const char *what)
{
    return err_sys(err, sys == EPERM ? DOMO_E_PERMISSION : DOMO_E_HYPERVISOR, sys, "%s", what);
}

static int check_refs(const struct link_map *m)
{
    if (m->domid != FAKE_LINK_DOMID || m->n < 1 || m->n > HOST_LINK_PAGES_MAX)
        return EINVAL;
    for (size_t i = 0; i < m->n; i++) {
        if (m->refs[i] >= FAKE_LINK_PAGES)
            return EINVAL;
        if (m->write && current->read_only[m->refs[i]])
            return EPERM;
    }
    return 0;
}

static int l_map(struct host *h, const struct link_map *m, void **ret, struct domo_err *err)
{
    int prot = m->write ? PROT_READ | PROT_WRITE : PROT_READ, sys = check_refs(m);
    uint8_t *at;

    (void)h;
    if (sys)
        return fail(err, sys, "no such grant");
    if (current->map_count == FAKE_LINK_MAPS)
        abort();
    at = mmap(NULL, m->n * HOST_PAGE_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < m->n; i++)
        if (at == MAP_FAILED || mmap(at + i * HOST_PAGE_SIZE, HOST_PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED, current->fd,
                                     (off_t)m->refs[i] * HOST_PAGE_SIZE) == MAP_FAILED)
            abort();
    current->maps[current->map_count].at = at;
    current->maps[current->map_count++].n = m->n;
    *ret = at;
    return 0;
}

static int l_unmap(struct host *h, void *pages, size_t n, struct domo_err *err)
{
    (void)h;
    (void)err;
    for (size_t i = 0; i < current->map_count; i++)
        if (current->maps[i].at == pages && current->maps[i].n == n) {
            (void)munmap(pages, n * HOST_PAGE_SIZE);
            current->maps[i] = current->maps[--current->map_count];
            return 0;
        }
    abort(); /* what is not mapped is unmapped */
}

static int l_port_bind(struct host *h, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *err)
{
    (void)h;
    if (domid != FAKE_LINK_DOMID || remote != FAKE_LINK_PORT || current->is_bound)
        return fail(err, EINVAL, "no such port");
    current->is_bound = current->has_event = true;
    current->is_masked = false;
    *ret_port = FAKE_LINK_OWN_PORT;
    return 0;
}

static int l_port_close(struct host *h, uint32_t port, struct domo_err *err)
{
    (void)h;
    (void)err;
    if (port != FAKE_LINK_OWN_PORT || !current->is_bound)
        abort();
    current->is_bound = current->has_event = false;
    return 0;
}

static int l_port_kick(struct host *h, uint32_t port, struct domo_err *err)
{
    (void)h;
    (void)err;
    if (port != FAKE_LINK_OWN_PORT || !current->is_bound)
        abort();
    current->kicks++;
    return 0;
}

static int l_fd(struct host *h, int *ret, struct domo_err *err)
{
    (void)h;
    (void)err;
    *ret = -1; /* nobody polls it: the fake's waits do not */
    return 0;
}

static int l_next_port(struct host *h, uint32_t *ret_port, bool *ret_any, struct domo_err *err)
{
    (void)h;
    (void)err;
    *ret_any = current->has_event && !current->is_masked;
    if (*ret_any) {
        current->has_event = false;
        current->is_masked = true;
        *ret_port = FAKE_LINK_OWN_PORT;
    }
    return 0;
}

static int l_port_unmask(struct host *h, uint32_t port, struct domo_err *err)
{
    (void)h;
    (void)err;
    if (port != FAKE_LINK_OWN_PORT || !current->is_bound)
        abort();
    current->is_masked = false;
    return 0;
}

static const struct link_ops ops = {
    .map = l_map,
    .unmap = l_unmap,
    .port_bind = l_port_bind,
    .port_close = l_port_close,
    .port_kick = l_port_kick,
    .fd = l_fd,
    .next_port = l_next_port,
    .port_unmask = l_port_unmask,
};

void fake_link_init(struct fake_link *l, struct fake *f)
{
    memset(l, 0, sizeof *l);
    l->fd = memfd_create("fake-link", MFD_CLOEXEC);
    if (l->fd < 0 || ftruncate(l->fd, (off_t)FAKE_LINK_PAGES * HOST_PAGE_SIZE))
        abort();
    l->pages = mmap(NULL, (size_t)FAKE_LINK_PAGES * HOST_PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, l->fd, 0);
    if (l->pages == MAP_FAILED)
        abort();
    f->host.link = &ops;
    current = l;
}

void fake_link_fini(struct fake_link *l)
{
    if (l->map_count || l->is_bound)
        abort();
    (void)munmap(l->pages, (size_t)FAKE_LINK_PAGES * HOST_PAGE_SIZE);
    (void)close(l->fd);
    current = NULL;
}

uint8_t *fake_link_page(struct fake_link *l, uint32_t ref)
{
    return l->pages + (size_t)ref * HOST_PAGE_SIZE;
}

void fake_link_kick(struct fake_link *l)
{
    l->has_event = l->is_bound;
}
