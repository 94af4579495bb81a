/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "txn.h"

enum {
    DOOM_LIMIT = 4 << 20, /* bytes kept for one guest's snapshot */
};

static const char *const special_names[SPECIAL_COUNT] = {
    [SPECIAL_INTRODUCE] = "@introduceDomain",
    [SPECIAL_RELEASE] = "@releaseDomain",
};

void store_charge(struct store *s, const struct perms *perms, size_t name_len, size_t value_len, int sign)
{
    struct domain *dom = domain_get(&s->domains, perms_owner(perms));

    if (!dom)
        return;
    dom->nodes += sign;
    dom->node_bytes += sign * (int64_t)node_charge(name_len, value_len);
}

void store_charge_value(struct store *s, const struct perms *perms, int64_t more)
{
    struct domain *dom = domain_get(&s->domains, perms_owner(perms));

    if (dom)
        dom->node_bytes += more;
}

/* A node that left the live tree is visited by the grave. */
static void discharge(void *arg, const struct node *n, bool kept)
{
    struct store *s = arg;

    store_charge(s, n->perms, n->name_len, n->value_len, -1);
    if (kept)
        s->t.retired += node_charge(n->name_len, n->value_len);
}

static int make_initial_nodes(struct store *s)
{
    struct perm none = {.domid = 0, .right = PERM_NONE},
                release[2] = {none, {.domid = PERM_DOMID_ANY, .right = PERM_READ}};
    struct perms *p = perms_get(&s->t.perms, &none, 1);

    if (!p)
        return -ENOMEM;
    s->root = node_new("", 0, "", 0, p, ++s->t.gen);
    if (!s->root) {
        perms_put(&s->t.perms, p);
        return -ENOMEM;
    }
    store_charge(s, p, 0, 0, 1);
    s->special[SPECIAL_INTRODUCE] = perms_ref(p);
    s->special[SPECIAL_RELEASE] = perms_get(&s->t.perms, release, 2);
    if (!s->special[SPECIAL_RELEASE] || tree_create(&s->t, &s->root, "/tool/xenstored", 15, 1, p, "", 0) < 0)
        return -ENOMEM;
    store_charge(s, p, 4, 0, 1);
    store_charge(s, p, 9, 0, 1);
    return 0;
}

int store_init(struct store *s, uint32_t seed, const struct store_hooks *hooks)
{
    struct domain *dom;
    int rc;

    memset(s, 0, sizeof *s);
    s->t.seed = seed;
    s->t.grave.perms = &s->t.perms;
    s->t.grave.discharge = discharge;
    s->t.grave.arg = s;
    s->hooks = *hooks;
    s->doom_limit = DOOM_LIMIT;
    rc = domains_init(&s->domains);
    if (rc == 0)
        rc = watches_init(&s->watches, seed);
    if (rc == 0)
        rc = store_domain_add(s, 0, &dom);
    if (rc == 0)
        rc = make_initial_nodes(s);
    if (rc < 0)
        store_fini(s);
    return rc;
}

void store_fini(struct store *s)
{
    int i;

    while (s->txns)
        txn_abort(s, s->txns);
    grave_fini(&s->t.grave);
    if (s->root && grave_reserve(&s->t.grave) == 0)
        grave_bury(&s->t.grave, s->root, false);
    grave_fini(&s->t.grave);
    s->root = NULL;
    for (i = 0; i < SPECIAL_COUNT; i++) {
        perms_put(&s->t.perms, s->special[i]);
        s->special[i] = NULL;
    }
    watches_fini(&s->watches);
    domains_fini(&s->domains);
}

bool store_work(struct store *s, size_t budget)
{
    txn_doom_old(s);
    return grave_work(&s->t.grave, budget);
}

/* --- domains --- */

struct domain *store_domain(struct store *s, unsigned domid)
{
    struct domain *dom = domain_get(&s->domains, domid);

    if (dom && dom->dead)
        return NULL;
    if (dom || domid >= DOMID_FIRST_RESERVED || !s->hooks.domain_exists ||
        !s->hooks.domain_exists(s->hooks.arg, (uint16_t)domid))
        return dom;
    return store_domain_add(s, (uint16_t)domid, &dom) < 0 ? NULL : dom;
}

int store_domain_add(struct store *s, uint16_t domid, struct domain **ret)
{
    struct domain *dom;

    if (!domain_get(&s->domains, domid)) {
        /* Nodes of an earlier domain of this number may still wait to be
         * counted off; the new one starts from zero. */
        while (!grave_idle(&s->t.grave))
            (void)grave_work(&s->t.grave, SIZE_MAX);
        s->t.gen++;
    }
    dom = domain_add(&s->domains, domid, s->t.gen);
    if (!dom)
        return -ENOMEM;
    *ret = dom;
    return 0;
}

/* --- events --- */

struct fire {
    struct store *s;
    const struct node *top; /* tree to look in */
    size_t skip;            /* bytes of a path above "top" */
    const struct perms *was, *above;
};

static void fire_hit(void *arg, struct watch *w, const char *path, size_t len)
{
    struct fire *f = arg;
    size_t parent = path_parent_len(path, len);
    const struct perms *lists[4] = {f->was, f->above, NULL, NULL};
    const struct node *n = NULL, *up = NULL;

    if (len == f->skip)
        n = f->top;
    else
        n = tree_find(&f->s->t, f->top, path + f->skip, len - f->skip);
    if (parent == f->skip && f->skip)
        up = f->top;
    else if (parent > f->skip)
        up = tree_find(&f->s->t, f->top, path + f->skip, parent - f->skip);
    if (n)
        lists[2] = n->perms;
    if (up)
        lists[3] = up->perms;
    if (f->s->hooks.may_see(f->s->hooks.arg, w->conn, lists, 4))
        f->s->hooks.event(f->s->hooks.arg, w, path, len);
}

void store_fire(struct store *s, const char *path, size_t len, const struct perms *was)
{
    struct fire f = {.s = s, .top = s->root, .was = was};

    watches_fire(&s->watches, path, len, fire_hit, &f);
}

/* Below a removed path only watches on nodes that were there are told. */
static void below_hit(void *arg, struct watch *w, const char *path, size_t len)
{
    struct fire *f = arg;

    if (tree_find(&f->s->t, f->top, path + f->skip, len - f->skip))
        fire_hit(arg, w, path, len);
}

void store_fire_below(struct store *s, const char *path, size_t len, const struct node *gone)
{
    struct fire f = {.s = s, .top = gone, .skip = len};

    watches_below(&s->watches, path, len, below_hit, &f);
}

void store_fire_removed(struct store *s, const char *path, size_t len, const struct node *gone)
{
    const struct node *up = tree_find(&s->t, s->root, path, path_parent_len(path, len));
    struct fire f = {.s = s, .top = gone, .skip = len, .above = up ? up->perms : NULL};

    watches_fire(&s->watches, path, len, fire_hit, &f);
    store_fire_below(s, path, len, gone);
}

const char *store_special_name(enum special_node node)
{
    return special_names[node];
}

int store_special(const char *name, enum special_node *ret)
{
    int i;

    for (i = 0; i < SPECIAL_COUNT; i++) {
        if (strcmp(name, special_names[i]) == 0) {
            *ret = (enum special_node)i;
            return 0;
        }
    }
    return -ENOENT;
}

/* Watchers of "@releaseDomain" get that name, with a depth the name with the
 * domain; "@releaseDomain/7" may be watched as well. */
struct special_fire {
    struct store *s;
    const struct perms *perms;
    const char *full;
    size_t full_len;
};

static void special_hit(void *arg, struct watch *w, const char *path, size_t len)
{
    struct special_fire *f = arg;

    if (!f->s->hooks.may_see(f->s->hooks.arg, w->conn, &f->perms, 1))
        return;
    if (w->depth > 0)
        f->s->hooks.event(f->s->hooks.arg, w, f->full, f->full_len);
    else
        f->s->hooks.event(f->s->hooks.arg, w, path, len);
}

void store_fire_special(struct store *s, enum special_node node, uint16_t domid)
{
    char full[32];
    struct special_fire f = {.s = s, .perms = s->special[node], .full = full};

    f.full_len = (size_t)snprintf(full, sizeof full, "%s/%u", special_names[node], (unsigned)domid);
    watches_exact(&s->watches, special_names[node], strlen(special_names[node]), special_hit, &f);
    watches_exact(&s->watches, full, f.full_len, special_hit, &f);
}
