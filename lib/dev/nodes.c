/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Lists of store nodes that a kind wants.
 */
#include "dev/nodes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

void nodes_add(struct nodes *n, enum node_side side, const char *name, const char *fmt, ...)
{
    struct node node = {.side = side, .name = strdup(name)};
    struct node *slot = node.name ? VEC_PUSH(&n->list) : NULL;
    va_list ap;
    int len;

    va_start(ap, fmt);
    len = slot ? vasprintf(&node.value, fmt, ap) : -1;
    va_end(ap);
    if (len >= 0) {
        *slot = node;
        return;
    }
    if (slot)
        n->list.len--;
    free(node.name);
    n->failed = true;
}

const char *nodes_get(const struct nodes *n, const char *name)
{
    for (size_t i = 0; i < n->list.len; i++) {
        if (str_eq(n->list.at[i].name, name))
            return n->list.at[i].value;
    }
    return NULL;
}

void nodes_fini(struct nodes *n)
{
    for (size_t i = 0; i < n->list.len; i++) {
        free(n->list.at[i].name);
        free(n->list.at[i].value);
    }
    VEC_FINI(&n->list);
    n->failed = false;
}
