/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Removing a dead domain from the store. Directories know which owners are
 * named below them (dir.owners, folded to 64 bits), so that only the parts of
 * the tree that can name the domain are walked.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/vec.h"
#include "store.h"

struct find {
    char *path;
    size_t len;
    bool remove;
};

struct finds {
    VEC(struct find) list;
};

static void finds_fini(struct finds *f)
{
    size_t i;

    for (i = 0; i < f->list.len; i++)
        free(f->list.at[i].path);
    VEC_FINI(&f->list);
}

static int note(struct finds *f, const char *path, size_t len, bool remove)
{
    struct find *one = VEC_PUSH(&f->list);

    if (!one)
        return -ENOMEM;
    one->path = strndup(path, len);
    one->len = len;
    one->remove = remove;
    return one->path ? 0 : -ENOMEM;
}

/* All nodes that name the domain; below an owned one nothing more, it goes as a whole. */
static int search(struct store *s, uint16_t domid, struct finds *f)
{
    uint64_t mask = perms_mask_of(domid);
    struct tree_walk *w = tree_walk_new(s->root, "/", 1);
    const struct node *n;
    bool skip = false;
    size_t len;
    int rc = 0;

    if (!w)
        return -ENOMEM;
    while (rc == 0 && (n = tree_walk_next(w, skip, &len))) {
        bool owned = perms_owner(n->perms) == domid && len > 1;

        if (owned || perms_names(n->perms, domid))
            rc = note(f, w->path, len, owned);
        skip = owned || !n->dir || !(n->dir->owners & mask);
    }
    free(w);
    return rc;
}

static int remove_node(struct store *s, const struct find *f)
{
    struct node *gone;

    if (grave_reserve(&s->t.grave) < 0)
        return -ENOMEM;
    if (tree_remove(&s->t, &s->root, f->path, f->len, &gone) < 0) {
        grave_unreserve(&s->t.grave);
        return -ENOMEM;
    }
    store_fire_removed(s, f->path, f->len, gone);
    grave_bury(&s->t.grave, gone, true);
    return 0;
}

/* The list without the domain; a root that was given away returns to domain 0. */
static struct perms *strip(struct store *s, const struct perms *old, uint16_t domid)
{
    struct perms *p = perms_without(&s->t.perms, old, domid), *q;
    struct perm list[PERM_LIST_MAX];

    if (!p || perms_owner(p) != domid)
        return p;
    memcpy(list, perms_list(p), perms_count(p) * sizeof *list);
    list[0].domid = 0;
    q = perms_get(&s->t.perms, list, perms_count(p));
    perms_put(&s->t.perms, p);
    return q;
}

static int strip_node(struct store *s, const struct find *f, uint16_t domid)
{
    const struct node *n = tree_find(&s->t, s->root, f->path, f->len);
    struct perms *old = perms_ref(n->perms), *p = strip(s, old, domid);
    size_t name_len = n->name_len, value_len = n->value_len;
    int rc = p ? tree_set_perms(&s->t, &s->root, f->path, f->len, p) : -ENOMEM;

    if (rc == 0) {
        store_charge(s, old, name_len, value_len, -1);
        store_charge(s, p, name_len, value_len, 1);
    } else {
        perms_put(&s->t.perms, p);
    }
    perms_put(&s->t.perms, old);
    return rc;
}

static int strip_special(struct store *s, uint16_t domid)
{
    struct perms *p;
    int i;

    for (i = 0; i < SPECIAL_COUNT; i++) {
        if (!perms_names(s->special[i], domid))
            continue;
        p = strip(s, s->special[i], domid);
        if (!p)
            return -ENOMEM;
        perms_put(&s->t.perms, s->special[i]);
        s->special[i] = p;
    }
    return 0;
}

/* Recomputes dir.owners where it says the domain may be named, so that it does
 * not stay full of the dead. The answer for a shared node is right for all who
 * share it, so this needs no copies. */
static void refresh_masks(struct node *n, uint64_t mask)
{
    size_t depth;
    struct {
        struct node *node;
        uint32_t next;
        uint64_t owners;
    } * frames, *f;

    if (!n->dir || !(n->dir->owners & mask))
        return;
    frames = malloc((PATH_DEPTH_MAX + 2) * sizeof *frames);
    if (!frames)
        return; /* more to walk next time, nothing wrong */
    frames[0].node = n;
    frames[0].next = 0;
    frames[0].owners = 0;
    for (depth = 1; depth;) {
        f = &frames[depth - 1];
        n = dir_next(f->node->dir, &f->next);
        if (n && n->dir && (n->dir->owners & mask)) {
            f->owners |= perms_mask(n->perms);
            f[1].node = n;
            f[1].next = 0;
            f[1].owners = 0;
            depth++;
        } else if (n) {
            f->owners |= node_mask(n);
        } else {
            f->node->dir->owners = f->owners;
            if (--depth)
                f[-1].owners |= f->owners;
        }
    }
    free(frames);
}

static void drop_record(struct store *s, uint16_t domid)
{
    struct domain *dom;
    unsigned i = 0;

    while ((dom = domain_next(&s->domains, &i)))
        if (dom->target == domid)
            dom->target = -1;
    domain_drop(&s->domains, domid);
}

int store_domain_purge(struct store *s, uint16_t domid)
{
    struct finds f = {.list = VEC_INIT};
    size_t i;
    int rc = search(s, domid, &f);

    for (i = 0; i < f.list.len && rc == 0; i++)
        rc = f.list.at[i].remove ? remove_node(s, &f.list.at[i]) : strip_node(s, &f.list.at[i], domid);
    finds_fini(&f);
    if (rc == 0)
        rc = strip_special(s, domid);
    if (rc < 0)
        return rc;
    refresh_masks(s->root, perms_mask_of(domid));
    s->t.gen++;
    drop_record(s, domid);
    return 0;
}
