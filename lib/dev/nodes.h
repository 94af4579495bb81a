/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The nodes of one device in the making: a list of names and values, each
 * with the side that it goes to.
 */
#ifndef DOMO_DEV_NODES_H
#define DOMO_DEV_NODES_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/vec.h"

/* Who may see and change a node. */
enum node_side {
    NODE_BACK,      /* back end's directory: owner back end domain, guest may read; copied into /libxl */
    NODE_BACK_ONLY, /* the same, but not copied (what a hotplug script would write) */
    NODE_FRONT,     /* front end's directory: owner guest, back end may read */
    NODE_FRONT_RO,  /* front end's directory: owner back end, guest may read */
};

struct node {
    enum node_side side;
    char *name, *value;
};
struct nodes {
    VEC(struct node) list;
    bool failed; /* out of memory */
};

/* Adds one node; a lack of memory shows in `failed`. */
void nodes_add(struct nodes *, enum node_side, const char *name, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* The value of the first node of that name, whatever its side; NULL if there is none. */
const char *nodes_get(const struct nodes *, const char *name);
void nodes_fini(struct nodes *);

static inline void cleanup_nodes_(struct nodes *n)
{
    nodes_fini(n);
}
#define AUTO_NODES CLEANUP(cleanup_nodes_)

#endif
