/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One node of the store and the table of a directory's children: memory
 * layout only, no paths and no rights.
 *
 * A node is one allocation: header, name, value. Its children are in a second
 * one that exists only while there are any: pointers in creation order and the
 * hashes of their names beside them. Above DIR_LINEAR_MAX slots there is an
 * open addressing index too, and the pointers are in chunks. Removing leaves a
 * hole (none at the end, none in the index); holes go when the table is
 * rebuilt.
 *
 * Nodes are counted references, because a transaction holds the root as it
 * was. Whoever holds the only reference, and got to the node through nodes and
 * chunks that were not shared either, may change it in place; everybody else
 * works on a copy (node_copy), whose children become shared by that. The copy
 * of a large directory shares its chunks as they are, so that it does not
 * touch each child; a chunk is copied when something below it changes. A chunk
 * holds one reference of each of its children.
 */
#ifndef DOMO_STORE_NODE_H
#define DOMO_STORE_NODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "perm.h"

enum { DIR_LINEAR_MAX = 16, DIR_CHUNK = 32, NODE_VALUE_MAX = 4096 };

struct node;

struct dir_chunk {
    uint32_t refs;
    struct node *kids[DIR_CHUNK];
};

union dir_place {
    struct node *kid;        /* without an index: a slot */
    struct dir_chunk *chunk; /* with one: DIR_CHUNK slots; NULL where none is in use */
};

struct dir {
    uint64_t gen;    /* when a child was last added or removed */
    uint64_t owners; /* perms_mask() of everything below, or more */
    uint32_t used;   /* slots taken, holes included */
    uint32_t count;  /* children */
    uint32_t cap;    /* slots */
    uint32_t index;  /* entries of the hash index, a power of two, or 0 */
    uint32_t places;
    union dir_place at[];
    /* uint32_t hashes[cap], uint32_t index[index] follow; an index entry is slot + 1, 0 = free */
};

struct node {
    uint32_t refs;
    uint32_t value_gen; /* low bits of the generation that wrote the value */
    uint64_t gen;       /* when anything of the node last changed */
    struct perms *perms;
    struct dir *dir; /* NULL without children */
    uint16_t name_len, value_len;
    char bytes[]; /* name, value */
};

/* A new node with one reference; takes "perms" over on success. NULL when out of memory. */
struct node *node_new(const char *name, size_t name_len, const void *value, size_t value_len, struct perms *perms,
                      uint64_t gen);
/* A copy that shares the children. NULL when out of memory. */
struct node *node_copy(struct node *n);
/* Bytes of a node and its table of children, chunks left out. */
size_t node_bytes(const struct node *n);
/* Frees a node and its table without looking at its children. Nobody else may have its chunks. */
void node_free(struct perm_table *t, struct node *n);
/* Replaces the value of an unshared node, which may move: *link is updated. -ENOMEM. */
int node_set_value(struct node **link, const void *value, size_t len, uint64_t gen) MUST_CHECK;

static inline const char *node_value(const struct node *n)
{
    return n->bytes + n->name_len;
}

/* Bytes that a node with such a name and value is charged with. */
size_t node_charge(size_t name_len, size_t value_len);

/* The child, NULL if there is none. */
struct node *dir_find(const struct dir *d, const char *name, size_t len, uint32_t hash);

/* The following change an unshared node. Chunks that have to be copied for it are added to *retired, in bytes. */

/* Where a child that is there hangs, to be changed. NULL when out of memory. */
struct node **dir_edit(struct node *n, const char *name, size_t len, uint32_t hash, uint64_t *retired);
/* Makes room for one more child. -ENOMEM. */
int dir_reserve(struct node *n, uint64_t *retired) MUST_CHECK;
/* Adds a child after dir_reserve(); cannot fail. */
void dir_add(struct node *n, struct node *child, uint32_t hash, uint64_t gen);
/* Takes a child that is there out and returns it. NULL when out of memory. */
struct node *dir_take(struct node *n, const char *name, size_t len, uint32_t hash, uint64_t gen, uint64_t *retired);

/* Walks the children: start with *i = 0; NULL at the end. */
struct node *dir_next(const struct dir *d, uint32_t *i);
/* What is in a slot below "used"; NULL is a hole. */
static inline struct node *dir_kid(const struct dir *d, uint32_t i)
{
    return d->index ? d->at[i / DIR_CHUNK].chunk->kids[i % DIR_CHUNK] : d->at[i].kid;
}

static inline size_t node_count(const struct node *n)
{
    return n->dir ? n->dir->count : 0;
}

static inline uint64_t node_dir_gen(const struct node *n)
{
    return n->dir ? n->dir->gen : 0;
}

/* perms_mask() of the node and everything below it, or more. */
static inline uint64_t node_mask(const struct node *n)
{
    return perms_mask(n->perms) | (n->dir ? n->dir->owners : 0);
}

#endif
