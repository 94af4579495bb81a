/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Where removed subtrees and dropped snapshots go. Removing a directory takes
 * it out of the tree at once; visiting its nodes - to give their charge back
 * and to free them - is done here in slices, so that nobody waits for it.
 *
 * Burying cannot fail: the place is reserved before anything is changed.
 * The walk keeps its own stack; its depth is bounded by the longest path.
 */
#ifndef DOMO_STORE_GRAVE_H
#define DOMO_STORE_GRAVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/vec.h"
#include "node.h"
#include "path.h"

struct corpse {
    struct node *node;
    bool account;
};

struct grave_frame {
    struct node *node;
    uint32_t next; /* child to visit */
    bool ref;      /* the walk holds a reference on the node */
    bool dying;    /* it is the only one: free the node, its children's references are ours */
    bool account;
    /* Of a node that dies, the chunk that is being visited: */
    bool opened;  /* there is one */
    bool owned;   /* nobody else has it: its children's references are ours too */
    bool counted; /* its children were */
    uint32_t end; /* where it ends */
};

struct grave {
    VEC(struct corpse) queue;
    size_t reserved; /* places promised and not used */
    size_t depth;    /* frames in use */
    struct perm_table *perms;
    /* Called once for each node of an accounted subtree; "kept": a snapshot still holds it. */
    void (*discharge)(void *arg, const struct node *n, bool kept);
    void *arg;
    struct grave_frame frames[PATH_DEPTH_MAX + 2];
};

/* Promises room for one burial. -ENOMEM. */
int grave_reserve(struct grave *g) MUST_CHECK;
/* Takes a promise back. */
void grave_unreserve(struct grave *g);
/* Takes over the caller's reference, using one promise. "account": the subtree has left the live tree. */
void grave_bury(struct grave *g, struct node *n, bool account);
/* Visits up to "budget" nodes. True when nothing is left. */
bool grave_work(struct grave *g, size_t budget);
static inline bool grave_idle(const struct grave *g)
{
    return g->depth == 0 && g->queue.len == 0;
}
void grave_fini(struct grave *g);

#endif
