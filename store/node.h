/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One node of the store and the table of a directory's children: memory
 * layout only, no paths and no rights.
 *
 * A node is one allocation: header, name, value. Its children are in a second
 * one that exists only while there are any: pointers in creation order, the
 * hashes of their names beside them, and from DIR_LINEAR_MAX slots on an open
 * addressing index. Removing leaves a hole
 * (none at the end, none in the index); holes go when the table is rebuilt.
 *
 * Nodes are counted references, because a transaction holds the root as it
 * was. Whoever holds the only reference, and got to the node through nodes
 * that were not shared either, may change it in place; everybody else works
 * on a copy (node_copy), whose children become shared by that.
 */
#ifndef DOMO_STORE_NODE_H
#define DOMO_STORE_NODE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "perm.h"

enum { DIR_LINEAR_MAX = 16, NODE_VALUE_MAX = 4096 };

struct node;

struct dir {
    uint64_t gen;    /* when a child was last added or removed */
    uint64_t owners; /* perms_mask() of everything below, or more */
    uint32_t used;   /* slots taken, holes included */
    uint32_t count;  /* children */
    uint32_t cap;    /* slots */
    uint32_t index;  /* entries of the hash index, a power of two, or 0 */
    struct node *kids[];
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
/* Frees a node without looking at its children. */
void node_free(struct perm_table *t, struct node *n);
/* Replaces the value of an unshared node, which may move: *link is updated. -ENOMEM. */
int node_set_value(struct node **link, const void *value, size_t len, uint64_t gen) MUST_CHECK;

static inline const char *node_value(const struct node *n)
{
    return n->bytes + n->name_len;
}

/* Bytes that a node with such a name and value is charged with. */
size_t node_charge(size_t name_len, size_t value_len);

/* The child's slot, NULL if there is none. */
struct node **dir_find(const struct dir *d, const char *name, size_t len, uint32_t hash);
/* Makes room for one more child of an unshared node. -ENOMEM. */
int dir_reserve(struct node *n) MUST_CHECK;
/* Adds a child after dir_reserve(); cannot fail. */
void dir_add(struct node *n, struct node *child, uint32_t hash, uint64_t gen);
/* Takes the child in a slot out of an unshared node and returns it. */
struct node *dir_take(struct node *n, struct node **slot, uint64_t gen);

/* Walks the children: start with *i = 0; NULL at the end. */
struct node *dir_next(const struct dir *d, uint32_t *i);

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
