/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The operations on nodes. Each looks first, then checks rights and limits,
 * then records what it saw and will change in the transaction, and changes
 * last, in one step that either happens or does not.
 */
#include <errno.h>
#include <string.h>

#include "store.h"
#include "txn.h"

enum { RM_NOW = 512 /* nodes of a removed subtree that are visited at once */ };

static struct node **view(struct store *s, struct txn *tx)
{
    if (tx)
        txn_refresh(s, tx);
    return tx && !tx->doomed ? &tx->root : &s->root;
}

/* A doomed transaction changes nothing, but its operations answer as if. */
static bool is_doomed(const struct txn *tx)
{
    return tx && tx->doomed;
}

/* A caller whose rights were looked at depends on the list. */
static unsigned seen(const struct who *who, unsigned what)
{
    return TXN_EXIST | what | (who->privileged ? 0 : TXN_PERMS);
}

/* Length of the first level of "p" below its first "near_len" bytes. */
static size_t next_level(const struct path *p, size_t near_len)
{
    size_t pos = near_len > 1 ? near_len : 0, len;
    const char *name;

    return path_next(p->s, p->len, &pos, &name, &len) ? pos : p->len;
}

/* The path does not exist; "near" is its nearest ancestor. Who may not even
 * look there does not learn that the node is missing: so the answer depends
 * on which ancestor is the nearest, and on its list. */
static int missing(struct store *s, const struct who *who, struct txn *tx, const struct path *p,
                   const struct node *near, size_t near_len, unsigned want)
{
    int rc;

    if (who->privileged) {
        rc = txn_touch(s, tx, p->s, p->len, TXN_EXIST);
    } else {
        rc = txn_touch(s, tx, p->s, next_level(p, near_len), TXN_EXIST);
        if (rc == 0)
            rc = txn_touch(s, tx, p->s, near_len, TXN_EXIST | TXN_PERMS);
    }
    if (rc < 0)
        return rc;
    return perms_allow(near->perms, who, want) ? -ENOENT : -EACCES;
}

/* The node that the path has in the caller's view, or the nearest ancestor; *ret_len is how much of the path that is.
 */
static struct node *nearest(struct store *s, struct txn *tx, const struct path *p, struct node ***ret_root,
                            size_t *ret_len)
{
    *ret_root = view(s, tx);
    return tree_near(&s->t, **ret_root, p->s, p->len, ret_len);
}

static int look(struct store *s, const struct who *who, struct txn *tx, const struct path *p, unsigned aspects,
                const struct node **ret)
{
    struct node **root, *n;
    size_t at;
    int rc;

    if (p->special)
        return -EINVAL;
    n = nearest(s, tx, p, &root, &at);
    if (at != p->len)
        return missing(s, who, tx, p, n, at, PERM_READ);
    rc = txn_touch(s, tx, p->s, p->len, seen(who, aspects));
    if (rc < 0)
        return rc;
    if (!perms_allow(n->perms, who, PERM_READ))
        return -EACCES;
    *ret = n;
    return 0;
}

int store_read(struct store *s, const struct who *who, struct txn *tx, const struct path *p, const struct node **ret)
{
    return look(s, who, tx, p, TXN_VALUE, ret);
}

int store_directory(struct store *s, const struct who *who, struct txn *tx, const struct path *p,
                    const struct node **ret)
{
    return look(s, who, tx, p, TXN_CHILDREN, ret);
}

int store_get_perms(struct store *s, const struct who *who, struct txn *tx, const struct path *p,
                    const struct perms **ret)
{
    const struct node *n;
    enum special_node special;
    int rc;

    if (!p->special) {
        rc = look(s, who, tx, p, TXN_PERMS, &n);
        if (rc == 0)
            *ret = n->perms;
        return rc;
    }
    rc = store_special(p->s, &special);
    if (rc < 0)
        return who->privileged ? rc : -EACCES;
    if (!perms_allow(s->special[special], who, PERM_READ))
        return -EACCES;
    *ret = s->special[special];
    return 0;
}

/* A limit that seems reached may be held by nodes that are already removed:
 * count those off before refusing. */
static bool over(struct store *s, const struct domain *dom, enum quota_kind kind, int64_t more)
{
    int tries;

    for (tries = 0; tries < 2; tries++) {
        int64_t have = kind == QUOTA_NODES ? dom->nodes : domain_bytes(dom);

        if (!domain_over(&s->domains, dom, kind, have, more))
            return false;
        while (!grave_work(&s->t.grave, SIZE_MAX))
            ;
    }
    return true;
}

/* Limits on one node's size and its owner's memory. */
static int check_size(struct store *s, const struct who *who, const struct perms *perms, size_t len, int64_t more)
{
    struct domain *own = domain_get(&s->domains, who->domid), *owner = domain_get(&s->domains, perms_owner(perms));

    if (who->privileged)
        return 0;
    if (own &&
        domain_over(&s->domains, own, QUOTA_NODE_SIZE, 0, (int64_t)(len + perms_count(perms) * sizeof(struct perm))))
        return -ENOSPC;
    if (owner && owner->domid != 0 && over(s, owner, QUOTA_MEMORY, more))
        return -ENOMEM;
    return 0;
}

static int write_existing(struct store *s, const struct who *who, struct txn *tx, struct node **root,
                          const struct node *n, const struct path *p, const void *value, size_t len)
{
    int64_t more = (int64_t)len - n->value_len;
    const struct perms *perms = n->perms;
    int rc = txn_touch(s, tx, p->s, p->len, seen(who, 0));

    if (rc < 0)
        return rc;
    if (!perms_allow(perms, who, PERM_WRITE))
        return -EACCES;
    rc = check_size(s, who, perms, len, more);
    if (is_doomed(tx))
        return rc;
    if (rc == 0)
        rc = txn_hold(s, tx, len);
    if (rc == 0)
        rc = txn_touch(s, tx, p->s, p->len, TXN_WRITTEN | TXN_FIRE);
    if (rc == 0)
        rc = tree_set_value(&s->t, root, p->s, p->len, value, len);
    if (tx) {
        tx->failed |= rc < 0;
        return rc;
    }
    if (rc < 0)
        return rc;
    store_charge_value(s, perms, more);
    store_fire(s, p->s, p->len, NULL);
    return 0;
}

/* Levels and bytes that making "p" below its first "near_len" bytes will take. */
static unsigned count_levels(const struct path *p, size_t near_len, size_t value_len, int64_t *ret_bytes)
{
    size_t pos = near_len > 1 ? near_len : 0, name_len;
    const char *name;
    unsigned n = 0;

    *ret_bytes = (int64_t)value_len;
    while (path_next(p->s, p->len, &pos, &name, &name_len)) {
        *ret_bytes += (int64_t)node_charge(name_len, 0);
        n++;
    }
    return n;
}

static int check_create(struct store *s, const struct who *who, struct txn *tx, const struct perms *perms,
                        unsigned levels, size_t len, int64_t bytes)
{
    struct domain *owner = domain_get(&s->domains, perms_owner(perms));
    int rc = check_size(s, who, perms, len, bytes);

    if (rc < 0 || who->privileged || !owner)
        return rc;
    /* What the transaction removed counts at its end only. */
    if (tx && tx->removed)
        return 0;
    if (!over(s, owner, QUOTA_NODES, (int64_t)levels + (tx ? tx->created : 0)))
        return 0;
    if (!tx || is_doomed(tx))
        return -ENOSPC;
    tx->created = txn_created(s, tx);
    return over(s, owner, QUOTA_NODES, (int64_t)levels + tx->created) ? -ENOSPC : 0;
}

/* Records the levels that are made. */
static int touch_levels(struct store *s, struct txn *tx, const struct path *p, size_t near_len)
{
    size_t pos = near_len > 1 ? near_len : 0, name_len;
    const char *name;
    int rc = txn_touch(s, tx, p->s, near_len, TXN_EXIST | TXN_PERMS);

    while (rc == 0 && tx && path_next(p->s, p->len, &pos, &name, &name_len))
        rc = txn_touch(s, tx, p->s, pos, TXN_EXIST | TXN_CREATED | (pos == p->len ? TXN_FIRE : 0));
    return rc;
}

static void charge_levels(struct store *s, const struct path *p, size_t near_len, const struct perms *perms, size_t len)
{
    size_t pos = near_len > 1 ? near_len : 0, name_len;
    const char *name;

    while (path_next(p->s, p->len, &pos, &name, &name_len))
        store_charge(s, perms, name_len, pos == p->len ? len : 0, 1);
}

static int create(struct store *s, const struct who *who, struct txn *tx, struct node **root, const struct node *near,
                  size_t near_len, const struct path *p, const void *value, size_t len)
{
    struct perms *perms;
    unsigned levels;
    int64_t bytes;
    int rc;

    if (!perms_allow(near->perms, who, PERM_WRITE))
        return missing(s, who, tx, p, near, near_len, PERM_WRITE);
    perms = perms_inherit(&s->t.perms, near->perms, who);
    if (!perms)
        return -ENOMEM;
    levels = count_levels(p, near_len, len, &bytes);
    rc = check_create(s, who, tx, perms, levels, len, bytes);
    if (is_doomed(tx)) {
        perms_put(&s->t.perms, perms);
        return rc;
    }
    if (rc == 0)
        rc = txn_hold(s, tx, (size_t)bytes);
    if (rc == 0)
        rc = touch_levels(s, tx, p, near_len);
    if (rc == 0)
        rc = tree_create(&s->t, root, p->s, p->len, near_len, perms, value, len);
    if (tx) {
        tx->failed |= rc < 0;
        tx->created += rc < 0 ? 0 : levels;
    } else if (rc == 0) {
        charge_levels(s, p, near_len, perms, len);
        store_fire(s, p->s, p->len, NULL);
    }
    perms_put(&s->t.perms, perms);
    return rc;
}

int store_write(struct store *s, const struct who *who, struct txn *tx, const struct path *p, const void *value,
                size_t len)
{
    struct node **root, *n;
    size_t at;

    if (p->special || len > NODE_VALUE_MAX)
        return -EINVAL;
    n = nearest(s, tx, p, &root, &at);
    if (at == p->len)
        return write_existing(s, who, tx, root, n, p, value, len);
    return create(s, who, tx, root, n, at, p, value, len);
}

int store_mkdir(struct store *s, const struct who *who, struct txn *tx, const struct path *p)
{
    struct node **root, *n;
    size_t at;
    int rc;

    if (p->special)
        return -EINVAL;
    n = nearest(s, tx, p, &root, &at);
    if (at != p->len)
        return create(s, who, tx, root, n, at, p, "", 0);
    rc = txn_touch(s, tx, p->s, p->len, seen(who, 0));
    if (rc < 0)
        return rc;
    return perms_allow(n->perms, who, PERM_WRITE) ? 0 : -EACCES;
}

static int rm_live(struct store *s, const struct path *p)
{
    struct node *gone = NULL;
    int rc = grave_reserve(&s->t.grave);

    if (rc < 0)
        return rc;
    rc = tree_remove(&s->t, &s->root, p->s, p->len, &gone);
    if (rc < 0) {
        grave_unreserve(&s->t.grave);
        return rc;
    }
    store_fire_removed(s, p->s, p->len, gone);
    grave_bury(&s->t.grave, gone, true);
    (void)grave_work(&s->t.grave, RM_NOW);
    return 0;
}

static int rm_txn(struct store *s, struct txn *tx, const struct path *p)
{
    struct node *gone = NULL;
    unsigned what = TXN_FIRE;
    int rc = grave_reserve(&s->t.grave);

    if (rc < 0)
        return rc;
    if (tree_find(&s->t, tx->base, p->s, p->len))
        what |= TXN_REMOVED | TXN_SUBTREE;
    rc = txn_touch(s, tx, p->s, p->len, what);
    if (rc == 0)
        rc = tree_remove(&s->t, &tx->root, p->s, p->len, &gone);
    if (rc < 0) {
        grave_unreserve(&s->t.grave);
        tx->failed = true;
        return rc;
    }
    grave_bury(&s->t.grave, gone, false);
    return 0;
}

int store_rm(struct store *s, const struct who *who, struct txn *tx, const struct path *p)
{
    struct node **root, *n;
    size_t at, parent;
    int rc;

    if (p->special || p->len == 1)
        return -EINVAL;
    n = nearest(s, tx, p, &root, &at);
    parent = path_parent_len(p->s, p->len);
    if (at != p->len) {
        /* The answer tells whether the parent is there. */
        rc = txn_touch(s, tx, p->s, parent, TXN_EXIST);
        if (rc == 0)
            rc = missing(s, who, tx, p, n, at, PERM_WRITE);
        return rc == -ENOENT && at == parent ? 0 : rc;
    }
    rc = txn_touch(s, tx, p->s, p->len, seen(who, 0));
    if (rc < 0)
        return rc;
    if (!perms_allow(n->perms, who, PERM_WRITE))
        return -EACCES;
    if (is_doomed(tx))
        return 0;
    return tx ? rm_txn(s, tx, p) : rm_live(s, p);
}

/* Who may set which list. Entries that name nobody are marked. */
static int check_perms(struct store *s, const struct who *who, const struct perms *old, struct perm *list, size_t n)
{
    struct domain *own = domain_get(&s->domains, who->domid);
    size_t i;

    if (!perms_allow(old, who, PERM_WRITE) || !perms_owned_by(old, who))
        return -EACCES;
    if (!who->privileged && own && domain_over(&s->domains, own, QUOTA_NODE_PERMS, 0, (int64_t)n))
        return -ENOSPC;
    if (!who->privileged && list[0].domid != perms_owner(old))
        return -EPERM;
    if (!store_domain(s, list[0].domid))
        return -ENOENT;
    for (i = 1; i < n; i++)
        list[i].ignore = list[i].domid != PERM_DOMID_ANY && !store_domain(s, list[i].domid);
    return 0;
}

static int set_special(struct store *s, const struct who *who, const struct path *p, struct perm *list, size_t n)
{
    enum special_node special;
    struct perms *perms;
    int rc = store_special(p->s, &special);

    if (rc < 0)
        return who->privileged ? rc : -EACCES;
    rc = check_perms(s, who, s->special[special], list, n);
    if (rc < 0)
        return rc;
    perms = perms_get(&s->t.perms, list, n);
    if (!perms)
        return -ENOMEM;
    perms_put(&s->t.perms, s->special[special]);
    s->special[special] = perms;
    return 0;
}

/* Takes "perms" over. */
static int set_live(struct store *s, const struct path *p, const struct node *n, struct perms *perms)
{
    struct perms *was = perms_ref(n->perms);
    size_t name_len = n->name_len, value_len = n->value_len;
    int rc = tree_set_perms(&s->t, &s->root, p->s, p->len, perms);

    if (rc < 0) {
        perms_put(&s->t.perms, perms);
    } else {
        store_charge(s, was, name_len, value_len, -1);
        store_charge(s, perms, name_len, value_len, 1);
        store_fire(s, p->s, p->len, was);
    }
    perms_put(&s->t.perms, was);
    return rc;
}

/* Takes "perms" over. */
static int set_txn(struct store *s, struct txn *tx, const struct path *p, struct perms *perms)
{
    int rc = txn_touch(s, tx, p->s, p->len, TXN_PERMS_SET | TXN_FIRE);

    if (rc == 0)
        rc = tree_set_perms(&s->t, &tx->root, p->s, p->len, perms);
    if (rc < 0) {
        perms_put(&s->t.perms, perms);
        tx->failed = true;
    }
    return rc;
}

int store_set_perms(struct store *s, const struct who *who, struct txn *tx, const struct path *p, struct perm *list,
                    size_t n)
{
    struct node **root, *node;
    struct perms *perms;
    size_t at;
    int rc;

    if (p->special)
        return set_special(s, who, p, list, n);
    node = nearest(s, tx, p, &root, &at);
    if (at != p->len)
        return missing(s, who, tx, p, node, at, PERM_WRITE);
    rc = txn_touch(s, tx, p->s, p->len, seen(who, 0));
    if (rc == 0)
        rc = check_perms(s, who, node->perms, list, n);
    if (rc < 0 || is_doomed(tx))
        return rc;
    perms = perms_get(&s->t.perms, list, n);
    if (!perms)
        return -ENOMEM;
    return tx ? set_txn(s, tx, p, perms) : set_live(s, p, node, perms);
}
