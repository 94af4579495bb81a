/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "node.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* What a node costs beside its bytes: header, slot in its parent, allocator. */
enum { NODE_OVERHEAD = 72 };

static size_t node_size(size_t name_len, size_t value_len)
{
    size_t n = offsetof(struct node, bytes) + name_len + value_len;

    return n < sizeof(struct node) ? sizeof(struct node) : n;
}

size_t node_charge(size_t name_len, size_t value_len)
{
    return NODE_OVERHEAD + name_len + value_len;
}

struct node *node_new(const char *name, size_t name_len, const void *value, size_t value_len, struct perms *perms,
                      uint64_t gen)
{
    struct node *n = malloc(node_size(name_len, value_len));

    if (!n)
        return NULL;
    n->refs = 1;
    n->gen = gen;
    n->value_gen = (uint32_t)gen;
    n->perms = perms;
    n->dir = NULL;
    n->name_len = (uint16_t)name_len;
    n->value_len = (uint16_t)value_len;
    memcpy(n->bytes, name, name_len);
    if (value_len)
        memcpy(n->bytes + name_len, value, value_len);
    return n;
}

static uint32_t *dir_hashes(const struct dir *d)
{
    return (uint32_t *)(d->kids + d->cap);
}

static uint32_t *dir_index(const struct dir *d)
{
    return dir_hashes(d) + d->cap;
}

static struct dir *dir_alloc(uint32_t cap)
{
    uint32_t index = 0;
    struct dir *d;

    if (cap > DIR_LINEAR_MAX)
        for (index = 32; index < cap + cap / 2; index *= 2)
            ;
    d = malloc(sizeof *d + cap * (sizeof(struct node *) + sizeof(uint32_t)) + index * sizeof(uint32_t));
    if (!d)
        return NULL;
    memset(d, 0, sizeof *d);
    d->cap = cap;
    d->index = index;
    memset(dir_index(d), 0, index * sizeof(uint32_t));
    return d;
}

static void dir_append(struct dir *d, struct node *child, uint32_t hash)
{
    uint32_t slot = d->used++, *index = dir_index(d), i;

    d->kids[slot] = child;
    dir_hashes(d)[slot] = hash;
    d->count++;
    if (!d->index)
        return;
    for (i = hash & (d->index - 1); index[i]; i = (i + 1) & (d->index - 1))
        ;
    index[i] = slot + 1;
}

/* The same children in a table of "cap" slots, without holes. */
static struct dir *dir_rebuild(const struct dir *old, uint32_t cap)
{
    struct dir *d = dir_alloc(cap);
    uint32_t i;

    if (!d)
        return NULL;
    d->gen = old->gen;
    d->owners = old->owners;
    for (i = 0; i < old->used; i++)
        if (old->kids[i])
            dir_append(d, old->kids[i], dir_hashes(old)[i]);
    return d;
}

struct node *node_copy(struct node *n)
{
    struct node *c = malloc(node_size(n->name_len, n->value_len));
    uint32_t i;

    if (!c)
        return NULL;
    memcpy(c, n, offsetof(struct node, bytes) + n->name_len + n->value_len);
    c->refs = 1;
    if (n->dir) {
        c->dir = dir_rebuild(n->dir, n->dir->cap);
        if (!c->dir) {
            free(c);
            return NULL;
        }
        for (i = 0; i < c->dir->used; i++)
            c->dir->kids[i]->refs++;
    }
    (void)perms_ref(c->perms);
    return c;
}

void node_free(struct perm_table *t, struct node *n)
{
    perms_put(t, n->perms);
    free(n->dir);
    free(n);
}

int node_set_value(struct node **link, const void *value, size_t len, uint64_t gen)
{
    struct node *n = *link;

    if (len != n->value_len) {
        n = realloc(n, node_size(n->name_len, len));
        if (!n)
            return -ENOMEM;
        *link = n;
    }
    if (len)
        memcpy(n->bytes + n->name_len, value, len);
    n->value_len = (uint16_t)len;
    n->gen = gen;
    n->value_gen = (uint32_t)gen;
    return 0;
}

static bool is_named(const struct node *n, const char *name, size_t len)
{
    return n->name_len == len && memcmp(n->bytes, name, len) == 0;
}

static struct node **find_linear(const struct dir *d, const char *name, size_t len, uint32_t hash)
{
    const uint32_t *hashes = dir_hashes(d);
    uint32_t i;

    for (i = 0; i < d->used; i++)
        if (hashes[i] == hash && d->kids[i] && is_named(d->kids[i], name, len))
            return (struct node **)&d->kids[i];
    return NULL;
}

struct node **dir_find(const struct dir *d, const char *name, size_t len, uint32_t hash)
{
    const uint32_t *hashes, *index;
    uint32_t i, slot;

    if (!d)
        return NULL;
    if (!d->index)
        return find_linear(d, name, len, hash);
    hashes = dir_hashes(d);
    index = dir_index(d);
    for (i = hash & (d->index - 1); index[i]; i = (i + 1) & (d->index - 1)) {
        slot = index[i] - 1;
        if (hashes[slot] == hash && d->kids[slot] && is_named(d->kids[slot], name, len))
            return (struct node **)&d->kids[slot];
    }
    return NULL;
}

int dir_reserve(struct node *n)
{
    struct dir *old = n->dir, *d;
    uint32_t cap;

    if (!old) {
        n->dir = dir_alloc(4);
        return n->dir ? 0 : -ENOMEM;
    }
    if (old->used < old->cap)
        return 0;
    /* Mostly full: grow by half. Many holes: the same size is enough, and
     * pays for at least a quarter of its slots in further insertions. */
    cap = old->count > old->cap - old->cap / 4 ? old->cap + old->cap / 2 + 2 : old->cap;
    d = dir_rebuild(old, cap);
    if (!d)
        return -ENOMEM;
    n->dir = d;
    free(old);
    return 0;
}

void dir_add(struct node *n, struct node *child, uint32_t hash, uint64_t gen)
{
    dir_append(n->dir, child, hash);
    n->dir->owners |= node_mask(child);
    n->dir->gen = gen;
    n->gen = gen;
}

/* Gives memory back when three quarters of a table are empty; staying large
 * is no error. */
static void dir_shrink(struct node *n)
{
    struct dir *d;

    if (n->dir->cap <= DIR_LINEAR_MAX || n->dir->count > n->dir->cap / 4)
        return;
    d = dir_rebuild(n->dir, n->dir->cap / 2);
    if (!d)
        return;
    free(n->dir);
    n->dir = d;
}

/* Takes the entry of a slot out of the index, closing the gap: an entry moves
 * back unless that would put it before the place its hash asks for. */
static void unindex(struct dir *d, uint32_t slot)
{
    uint32_t *index = dir_index(d), mask = d->index - 1, hole = dir_hashes(d)[slot] & mask, i;

    while (index[hole] != slot + 1)
        hole = (hole + 1) & mask;
    for (i = (hole + 1) & mask; index[i]; i = (i + 1) & mask) {
        uint32_t home = dir_hashes(d)[index[i] - 1] & mask;

        if (((i - home) & mask) >= ((i - hole) & mask)) {
            index[hole] = index[i];
            hole = i;
        }
    }
    index[hole] = 0;
}

struct node *dir_take(struct node *n, struct node **slot, uint64_t gen)
{
    struct node *child = *slot;

    if (n->dir->index)
        unindex(n->dir, (uint32_t)(slot - n->dir->kids));
    *slot = NULL;
    while (n->dir->used && !n->dir->kids[n->dir->used - 1])
        n->dir->used--;
    n->gen = gen;
    n->dir->gen = gen;
    if (--n->dir->count == 0) {
        free(n->dir);
        n->dir = NULL;
        return child;
    }
    dir_shrink(n);
    return child;
}

struct node *dir_next(const struct dir *d, uint32_t *i)
{
    while (d && *i < d->used) {
        struct node *n = d->kids[(*i)++];

        if (n)
            return n;
    }
    return NULL;
}
