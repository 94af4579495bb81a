/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Grant tables: who may map which page, and who has.
 */
#include <errno.h>

#include "sim/machine_impl.h"

/* ---- the table ---- */

static size_t table_limit(const struct domain *d)
{
    int32_t frames = d->made.max_grant_frames < 0 ? GRANT_FRAMES_DEFAULT : d->made.max_grant_frames;

    return (size_t)frames * GRANTS_PER_FRAME;
}

int grants_init(struct domain *d)
{
    for (int i = 0; i < GRANTS_RESERVED; i++)
        if (!VEC_PUSH(&d->grants))
            return -ENOMEM;
    return 0;
}

int grant_at(struct domain *d, uint32_t ref, uint32_t remote, uint64_t gfn)
{
    if (ref >= d->grants.len)
        return -EINVAL;
    d->grants.at[ref] = (struct grant){.used = true, .remote = remote, .gfn = gfn};
    return 0;
}

/* A free entry's number, or -ENOSPC. */
static int free_ref(struct domain *d)
{
    for (size_t i = GRANTS_RESERVED; i < d->grants.len; i++)
        if (!d->grants.at[i].used)
            return (int)i;
    if (d->grants.len >= table_limit(d))
        return -ENOSPC;
    return VEC_PUSH(&d->grants) ? (int)d->grants.len - 1 : -ENOMEM;
}

int machine_grant(struct machine *m, uint32_t domid, uint32_t remote, uint64_t gfn, bool read_only)
{
    struct domain *d = machine_find(m, domid);
    int ref;

    if (!d || d->is_dying)
        return -ESRCH;
    if (gfn >= d->memory_pages || remote >= DOMID_END)
        return -EINVAL;
    ref = free_ref(d);
    if (ref < 0)
        return ref;
    d->grants.at[ref] = (struct grant){.used = true, .read_only = read_only, .remote = remote, .gfn = gfn};
    return ref;
}

static struct grant *entry(struct domain *d, uint32_t ref)
{
    return ref < d->grants.len && d->grants.at[ref].used ? &d->grants.at[ref] : NULL;
}

int machine_ungrant(struct machine *m, uint32_t domid, uint32_t ref)
{
    struct domain *d = machine_find(m, domid);
    struct grant *g = d ? entry(d, ref) : NULL;

    if (!d)
        return -ESRCH;
    if (!g)
        return -ENOENT;
    if (g->maps)
        return -EBUSY;
    *g = (struct grant){.used = false};
    return 0;
}

/* ---- maps ---- */

static struct map *find_map(struct domain *d, uint32_t mapper, uint32_t ref)
{
    for (size_t i = 0; i < d->maps.len; i++)
        if (d->maps.at[i].mapper == mapper && d->maps.at[i].ref == ref)
            return &d->maps.at[i];
    return NULL;
}

static int add_map(struct domain *d, uint32_t mapper, uint32_t ref, struct page *page)
{
    struct map *map = find_map(d, mapper, ref);

    if (!map) {
        map = VEC_PUSH(&d->maps);
        if (!map)
            return -ENOMEM;
        *map = (struct map){.mapper = mapper, .ref = ref, .page = page};
    }
    map->count++;
    page->maps++;
    d->grants.at[ref].maps++;
    return 0;
}

int machine_map(struct machine *m, uint32_t mapper, uint32_t domid, uint32_t ref, bool write, void **ret)
{
    struct domain *d = machine_find(m, domid);
    const struct grant *g;
    struct page *page;
    int r;

    if (!d || d->is_dying || !machine_find(m, mapper))
        return -ESRCH;
    g = entry(d, ref);
    if (!g)
        return -EINVAL;
    if (g->remote != mapper || (write && g->read_only))
        return -EPERM;
    page = page_get(d, g->gfn);
    if (!page)
        return -ENOMEM;
    r = add_map(d, mapper, ref, page);
    if (r < 0)
        return r;
    *ret = page->bytes;
    return 0;
}

static void drop_map(struct machine *m, struct domain *d, struct map *map, uint32_t times)
{
    struct page *page = map->page;

    map->count -= times;
    page->maps -= times;
    d->grants.at[map->ref].maps -= times;
    if (!map->count)
        VEC_REMOVE(&d->maps, (size_t)(map - d->maps.at));
    if (d->is_dying && !page->maps) {
        page_drop(d, page);
        d->mem_kib -= PAGE_KIB;
        m->free_kib += PAGE_KIB;
    }
}

int machine_unmap(struct machine *m, uint32_t mapper, uint32_t domid, uint32_t ref)
{
    struct domain *d = machine_find(m, domid);
    struct map *map = d ? find_map(d, mapper, ref) : NULL;

    if (!d)
        return -ESRCH;
    if (!map)
        return -EINVAL;
    drop_map(m, d, map, 1);
    machine_reap(m, d);
    return 0;
}

int machine_map_fd(struct machine *m, uint32_t mapper, uint32_t domid, uint32_t ref)
{
    struct domain *d = machine_find(m, domid);
    struct map *map = d ? find_map(d, mapper, ref) : NULL;

    return map ? page_fd(map->page) : -EINVAL;
}

static bool unmap_one(struct machine *m, struct domain *d, uint32_t mapper)
{
    for (size_t i = 0; i < d->maps.len; i++)
        if (d->maps.at[i].mapper == mapper) {
            drop_map(m, d, &d->maps.at[i], d->maps.at[i].count);
            return true;
        }
    return false;
}

void grants_unmap_all(struct machine *m, uint32_t mapper)
{
    /* From the end: a dying domain may go in the middle of it. */
    for (size_t i = m->domains.len; i-- > 0;) {
        struct domain *d = m->domains.at[i];

        while (unmap_one(m, d, mapper))
            ;
        if (d->domid != mapper)
            machine_reap(m, d);
    }
}
