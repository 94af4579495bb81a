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

/* ---- the table ---- */

static uint32_t *dir_hashes(const struct dir *d)
{
    return (uint32_t *)(d->at + d->places);
}

static uint32_t *dir_index(const struct dir *d)
{
    return dir_hashes(d) + d->cap;
}

static size_t dir_size(uint32_t places, uint32_t cap, uint32_t index)
{
    return sizeof(struct dir) + places * sizeof(union dir_place) + ((size_t)cap + index) * sizeof(uint32_t);
}

static struct dir *dir_alloc(uint32_t cap)
{
    uint32_t index = 0, places = cap;
    struct dir *d;

    if (cap > DIR_LINEAR_MAX) {
        for (index = 32; index < cap + cap / 2; index *= 2)
            ;
        places = (cap + DIR_CHUNK - 1) / DIR_CHUNK;
    }
    d = malloc(dir_size(places, cap, index));
    if (!d)
        return NULL;
    memset(d, 0, sizeof *d + places * sizeof d->at[0]);
    d->cap = cap;
    d->index = index;
    d->places = places;
    memset(dir_index(d), 0, index * sizeof(uint32_t));
    return d;
}

static void chunk_put(struct dir_chunk *c)
{
    if (c && --c->refs == 0)
        free(c);
}

/* The children are left alone. */
static void dir_free(struct dir *d)
{
    uint32_t i;

    for (i = 0; d && d->index && i < d->places; i++)
        chunk_put(d->at[i].chunk);
    free(d);
}

/* A slot in use. */
static struct node **slot_at(struct dir *d, uint32_t i)
{
    return d->index ? &d->at[i / DIR_CHUNK].chunk->kids[i % DIR_CHUNK] : &d->at[i].kid;
}

/* Makes sure that nobody else sees the chunk that slot "i" is in, and that there is one. */
static int own_chunk(struct dir *d, uint32_t i, uint64_t *retired)
{
    struct dir_chunk **link = d->index ? &d->at[i / DIR_CHUNK].chunk : NULL, *c;
    size_t k;

    if (!link || (*link && (*link)->refs == 1))
        return 0;
    c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    c->refs = 1;
    if (*link) {
        memcpy(c->kids, (*link)->kids, sizeof c->kids);
        for (k = 0; k < DIR_CHUNK; k++)
            if (c->kids[k])
                c->kids[k]->refs++;
        (*link)->refs--;
        *retired += sizeof *c;
    }
    *link = c;
    return 0;
}

static void index_add(struct dir *d, uint32_t slot)
{
    uint32_t *index = dir_index(d), i;

    if (!d->index)
        return;
    for (i = dir_hashes(d)[slot] & (d->index - 1); index[i]; i = (i + 1) & (d->index - 1))
        ;
    index[i] = slot + 1;
}

/* The chunk is there and nobody else's. */
static void dir_append(struct dir *d, struct node *child, uint32_t hash)
{
    uint32_t slot = d->used++;

    *slot_at(d, slot) = child;
    dir_hashes(d)[slot] = hash;
    d->count++;
    index_add(d, slot);
}

/* Moves the chunks of a table without holes into a larger one. */
static void move_chunks(struct dir *d, struct dir *old)
{
    uint32_t i;

    d->used = old->used;
    d->count = old->count;
    memcpy(dir_hashes(d), dir_hashes(old), old->used * sizeof(uint32_t));
    for (i = 0; i < old->places; i++) {
        d->at[i].chunk = old->at[i].chunk;
        old->at[i].chunk = NULL;
    }
    for (i = 0; i < d->used; i++)
        index_add(d, i);
}

/* Moves each child. What others see in the old chunks they keep. */
static int move_kids(struct dir *d, struct dir *old)
{
    uint64_t none = 0;
    uint32_t i;

    for (i = 0; i < old->count; i += DIR_CHUNK)
        if (own_chunk(d, i, &none) < 0)
            return -ENOMEM;
    for (i = 0; i < old->used; i++) {
        const struct dir_chunk *c = old->index ? old->at[i / DIR_CHUNK].chunk : NULL;
        struct node *kid = dir_kid(old, i);

        if (!kid)
            continue;
        kid->refs += c && c->refs > 1;
        dir_append(d, kid, dir_hashes(old)[i]);
    }
    return 0;
}

/* The same children in a table of "cap" slots, without holes, in place of an unshared node's. */
static int dir_rebuild(struct node *n, uint32_t cap)
{
    struct dir *old = n->dir, *d = dir_alloc(cap);

    if (!d)
        return -ENOMEM;
    d->gen = old->gen;
    d->owners = old->owners;
    if (old->index && d->index && old->count == old->used && d->places >= old->places) {
        move_chunks(d, old);
    } else if (move_kids(d, old) < 0) {
        dir_free(d);
        return -ENOMEM;
    }
    n->dir = d;
    dir_free(old);
    return 0;
}

static struct dir *dir_copy(const struct dir *old)
{
    size_t size = dir_size(old->places, old->cap, old->index);
    struct dir *d = malloc(size);
    uint32_t i;

    if (!d)
        return NULL;
    memcpy(d, old, size);
    for (i = 0; d->index && i < d->places; i++)
        if (d->at[i].chunk)
            d->at[i].chunk->refs++;
    for (i = 0; !d->index && i < d->used; i++)
        if (d->at[i].kid)
            d->at[i].kid->refs++;
    return d;
}

/* ---- nodes ---- */

struct node *node_copy(struct node *n)
{
    struct node *c = malloc(node_size(n->name_len, n->value_len));

    if (!c)
        return NULL;
    memcpy(c, n, offsetof(struct node, bytes) + n->name_len + n->value_len);
    c->refs = 1;
    if (n->dir) {
        c->dir = dir_copy(n->dir);
        if (!c->dir) {
            free(c);
            return NULL;
        }
    }
    (void)perms_ref(c->perms);
    return c;
}

size_t node_bytes(const struct node *n)
{
    return node_charge(n->name_len, n->value_len) + (n->dir ? dir_size(n->dir->places, n->dir->cap, n->dir->index) : 0);
}

void node_free(struct perm_table *t, struct node *n)
{
    perms_put(t, n->perms);
    dir_free(n->dir);
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

/* ---- children ---- */

static bool is_named(const struct node *n, const char *name, size_t len)
{
    return n->name_len == len && memcmp(n->bytes, name, len) == 0;
}

static bool slot_is(const struct dir *d, uint32_t slot, const char *name, size_t len, uint32_t hash)
{
    const struct node *n = dir_hashes(d)[slot] == hash ? dir_kid(d, slot) : NULL;

    return n && is_named(n, name, len);
}

/* The slot of a child, UINT32_MAX if there is none. */
static uint32_t find_slot(const struct dir *d, const char *name, size_t len, uint32_t hash)
{
    const uint32_t *index = dir_index(d);
    uint32_t i;

    if (!d->index) {
        for (i = 0; i < d->used; i++)
            if (slot_is(d, i, name, len, hash))
                return i;
        return UINT32_MAX;
    }
    for (i = hash & (d->index - 1); index[i]; i = (i + 1) & (d->index - 1))
        if (slot_is(d, index[i] - 1, name, len, hash))
            return index[i] - 1;
    return UINT32_MAX;
}

struct node *dir_find(const struct dir *d, const char *name, size_t len, uint32_t hash)
{
    uint32_t slot = d ? find_slot(d, name, len, hash) : UINT32_MAX;

    return slot == UINT32_MAX ? NULL : dir_kid(d, slot);
}

struct node **dir_edit(struct node *n, const char *name, size_t len, uint32_t hash, uint64_t *retired)
{
    uint32_t slot = find_slot(n->dir, name, len, hash);

    return own_chunk(n->dir, slot, retired) < 0 ? NULL : slot_at(n->dir, slot);
}

int dir_reserve(struct node *n, uint64_t *retired)
{
    struct dir *old = n->dir;
    uint32_t cap;

    if (!old) {
        n->dir = dir_alloc(4);
        return n->dir ? 0 : -ENOMEM;
    }
    if (old->used == old->cap) {
        /* Mostly full: grow by half. Many holes: the same size is enough, and
         * pays for at least a quarter of its slots in further insertions. */
        cap = old->count > old->cap - old->cap / 4 ? old->cap + old->cap / 2 + 2 : old->cap;
        if (dir_rebuild(n, cap) < 0)
            return -ENOMEM;
    }
    return own_chunk(n->dir, n->dir->used, retired);
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
    if (n->dir->cap > DIR_LINEAR_MAX && n->dir->count <= n->dir->cap / 4)
        IGNORE(dir_rebuild(n, n->dir->cap / 2));
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

/* No holes at the end, and no chunks that hold nothing else. */
static void trim(struct dir *d)
{
    while (d->used && !dir_kid(d, d->used - 1)) {
        d->used--;
        if (d->index && d->used % DIR_CHUNK == 0) {
            chunk_put(d->at[d->used / DIR_CHUNK].chunk);
            d->at[d->used / DIR_CHUNK].chunk = NULL;
        }
    }
}

struct node *dir_take(struct node *n, const char *name, size_t len, uint32_t hash, uint64_t gen, uint64_t *retired)
{
    uint32_t slot = find_slot(n->dir, name, len, hash);
    struct node *child;

    if (own_chunk(n->dir, slot, retired) < 0)
        return NULL;
    child = dir_kid(n->dir, slot);
    if (n->dir->index)
        unindex(n->dir, slot);
    *slot_at(n->dir, slot) = NULL;
    trim(n->dir);
    n->gen = gen;
    n->dir->gen = gen;
    if (--n->dir->count == 0) {
        dir_free(n->dir);
        n->dir = NULL;
        return child;
    }
    dir_shrink(n);
    return child;
}

struct node *dir_next(const struct dir *d, uint32_t *i)
{
    while (d && *i < d->used) {
        struct node *n = dir_kid(d, (*i)++);

        if (n)
            return n;
    }
    return NULL;
}
