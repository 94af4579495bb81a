/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct node *tree_near(const struct tree *t, const struct node *root, const char *path, size_t len, size_t *ret_len)
{
    const struct node *n = root;
    const char *name;
    size_t pos = 0, name_len, at = 1;

    while (path_next(path, len, &pos, &name, &name_len)) {
        const struct node *child;

        child = n->dir ? dir_find(n->dir, name, name_len, path_hash(t->seed, name, name_len)) : NULL;
        if (!child)
            break;
        n = child;
        at = pos;
    }
    *ret_len = at;
    return (struct node *)n;
}

struct node *tree_find(const struct tree *t, const struct node *root, const char *path, size_t len)
{
    size_t at;
    struct node *n = tree_near(t, root, path, len, &at);

    return at == len ? n : NULL;
}

/* Makes sure that nobody else sees *link. */
static int unshare(struct tree *t, struct node **link)
{
    struct node *n = *link, *c;

    if (n->refs == 1)
        return 0;
    c = node_copy(n);
    if (!c)
        return -ENOMEM;
    n->refs--;
    *link = c;
    t->retired += node_bytes(n);
    return 0;
}

/* Unshares an existing node and all above it. "mask" is added to what the
 * directories on the way say about owners below. */
static int own(struct tree *t, struct node **root, const char *path, size_t len, uint64_t mask, struct node ***ret_link)
{
    struct node **link = root;
    const char *name;
    size_t pos = 0, name_len;

    for (;;) {
        if (unshare(t, link) < 0)
            return -ENOMEM;
        if (!path_next(path, len, &pos, &name, &name_len))
            break;
        (*link)->dir->owners |= mask;
        link = dir_edit(*link, name, name_len, path_hash(t->seed, name, name_len), &t->retired);
        if (!link)
            return -ENOMEM;
    }
    *ret_link = link;
    return 0;
}

int tree_set_value(struct tree *t, struct node **root, const char *path, size_t len, const void *value,
                   size_t value_len)
{
    struct node **link;
    int rc = own(t, root, path, len, 0, &link);

    if (rc < 0)
        return rc;
    return node_set_value(link, value, value_len, ++t->gen);
}

int tree_set_perms(struct tree *t, struct node **root, const char *path, size_t len, struct perms *perms)
{
    struct node **link;
    int rc = own(t, root, path, len, perms_mask(perms), &link);

    if (rc < 0)
        return rc;
    perms_put(&t->perms, (*link)->perms);
    (*link)->perms = perms;
    (*link)->gen = ++t->gen;
    return 0;
}

/* Frees a chain that make_chain() built. */
static void free_chain(struct tree *t, struct node *top)
{
    while (top) {
        uint32_t i = 0;
        struct node *child = dir_next(top->dir, &i);

        node_free(&t->perms, top);
        top = child;
    }
}

/* The levels below "near_len", built from the last one up. */
static int make_chain(struct tree *t, const char *path, size_t len, size_t near_len, struct perms *perms,
                      const void *value, size_t value_len, struct node **ret)
{
    struct node *below = NULL, *n;
    size_t end = len, start;

    for (; end > near_len; end = path_parent_len(path, end)) {
        start = path_parent_len(path, end);
        start += start > 1;
        n = node_new(path + start, end - start, value, value_len, perms, t->gen + 1);
        if (!n)
            break;
        (void)perms_ref(perms);
        if (below && dir_reserve(n, &t->retired) < 0) {
            node_free(&t->perms, n);
            break;
        }
        if (below)
            dir_add(n, below, path_hash(t->seed, below->bytes, below->name_len), t->gen + 1);
        below = n;
        value_len = 0;
    }
    if (end > near_len) {
        free_chain(t, below);
        return -ENOMEM;
    }
    *ret = below;
    return 0;
}

int tree_create(struct tree *t, struct node **root, const char *path, size_t len, size_t near_len, struct perms *perms,
                const void *value, size_t value_len)
{
    struct node *chain = NULL, **link;
    int rc = make_chain(t, path, len, near_len, perms, value, value_len, &chain);

    if (rc)
        return rc;
    if (!chain)
        return -EEXIST; /* the caller's mistake: nothing is missing */
    rc = own(t, root, path, near_len, perms_mask(perms), &link);
    if (rc == 0)
        rc = dir_reserve(*link, &t->retired);
    if (rc < 0) {
        free_chain(t, chain);
        return rc;
    }
    dir_add(*link, chain, path_hash(t->seed, chain->bytes, chain->name_len), ++t->gen);
    return 0;
}

int tree_remove(struct tree *t, struct node **root, const char *path, size_t len, struct node **ret)
{
    size_t parent = path_parent_len(path, len), start = parent + (parent > 1);
    struct node **link, *child;
    int rc = own(t, root, path, parent, 0, &link);

    if (rc < 0)
        return rc;
    child = dir_take(*link, path + start, len - start, path_hash(t->seed, path + start, len - start), t->gen + 1,
                     &t->retired);
    if (!child)
        return -ENOMEM;
    t->gen++;
    *ret = child;
    return 0;
}

struct tree_walk *tree_walk_new(const struct node *top, const char *path, size_t len)
{
    struct tree_walk *w = malloc(sizeof *w);

    if (!w)
        return NULL;
    w->depth = 0;
    memcpy(w->path, path, len);
    w->path[len] = '\0';
    w->frames[0].node = top;
    w->frames[0].path_len = (uint16_t)len;
    w->frames[0].next = UINT32_MAX; /* not returned yet */
    return w;
}

const struct node *tree_walk_next(struct tree_walk *w, bool skip, size_t *ret_len)
{
    const struct node *child = NULL;
    size_t len;

    if (w->frames[0].next == UINT32_MAX) {
        w->frames[0].next = 0;
        w->depth = 1;
        *ret_len = w->frames[0].path_len;
        return w->frames[0].node;
    }
    if (skip && w->depth)
        w->depth--;
    for (; w->depth; w->depth--) {
        child = dir_next(w->frames[w->depth - 1].node->dir, &w->frames[w->depth - 1].next);
        if (child)
            break;
    }
    if (!w->depth)
        return NULL;
    len = w->frames[w->depth - 1].path_len;
    if (len > 1)
        w->path[len++] = '/';
    memcpy(w->path + len, child->bytes, child->name_len);
    len += child->name_len;
    w->path[len] = '\0';
    w->frames[w->depth].node = child;
    w->frames[w->depth].next = 0;
    w->frames[w->depth].path_len = (uint16_t)len;
    w->depth++;
    *ret_len = len;
    return child;
}
