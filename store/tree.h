/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Trees of nodes by path. A tree is a root pointer; several roots share
 * nodes (the live tree and the views of open transactions). Every change
 * copies what is shared on the way down from its root and works in place on
 * what is not. No rights, no quotas, no watches here.
 *
 * Paths are canonical. A change either happens or returns -ENOMEM and leaves
 * the tree with the same content.
 */
#ifndef DOMO_STORE_TREE_H
#define DOMO_STORE_TREE_H

#include "grave.h"
#include "node.h"

/* What all roots of one store have in common. */
struct tree {
    uint64_t gen;     /* counts every change */
    uint64_t retired; /* bytes of nodes that live on only for snapshots, summed up over time */
    uint32_t seed;    /* of path_hash() */
    struct perm_table perms;
    struct grave grave;
};

/* The node at a path, NULL if there is none. */
struct node *tree_find(const struct tree *t, const struct node *root, const char *path, size_t len);
/* The node, or its nearest ancestor that exists; *ret_len is the length of that one's path. */
struct node *tree_near(const struct tree *t, const struct node *root, const char *path, size_t len, size_t *ret_len);

int tree_set_value(struct tree *t, struct node **root, const char *path, size_t len, const void *value,
                   size_t value_len) MUST_CHECK;
/* Takes over "perms" on success. */
int tree_set_perms(struct tree *t, struct node **root, const char *path, size_t len, struct perms *perms) MUST_CHECK;
/* Makes the node at "path" and those missing above it, up to the existing "near_len" bytes of it. Each gets a
 * reference of "perms" (the caller keeps its own); only the last gets the value. */
int tree_create(struct tree *t, struct node **root, const char *path, size_t len, size_t near_len, struct perms *perms,
                const void *value, size_t value_len) MUST_CHECK;
/* Takes the existing node (not the root) out; the caller gets its reference. */
int tree_remove(struct tree *t, struct node **root, const char *path, size_t len, struct node **ret) MUST_CHECK;

/* Walks a tree without recursion, parents before children, with the path of each node. */
struct tree_walk {
    size_t depth;
    struct {
        const struct node *node;
        uint32_t next;
        uint16_t path_len;
    } frames[PATH_DEPTH_MAX + 2];
    char path[PATH_ABS_MAX + 2];
};

/* Allocates a walk starting at "top", whose path is given; free() it. NULL when out of memory. */
struct tree_walk *tree_walk_new(const struct node *top, const char *path, size_t len);
/* The next node; its path is w->path, *ret_len long. NULL at the end. With "skip" the children of the node that was
 * returned last are left out. */
const struct node *tree_walk_next(struct tree_walk *w, bool skip, size_t *ret_len);

#endif
