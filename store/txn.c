/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "txn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    RELEASE_NOW = 512, /* nodes of a dropped snapshot that are visited at once */
    TXN_OVERHEAD = 256,
    CHANGES = TXN_CREATED | TXN_WRITTEN | TXN_REMOVED | TXN_PERMS_SET,
};

/* --- life --- */

int txn_start(struct store *s, const struct who *who, struct txn **mine, uint32_t id, struct txn **ret)
{
    struct domain *dom = domain_get(&s->domains, who->domid);
    struct txn *tx;

    if (!who->privileged && dom && domain_over(&s->domains, dom, QUOTA_TRANSACTIONS, dom->transactions, 1))
        return -ENOSPC;
    tx = calloc(1, sizeof *tx);
    if (!tx)
        return -ENOMEM;
    if (grave_reserve(&s->t.grave) < 0) {
        free(tx);
        return -ENOMEM;
    }
    if (grave_reserve(&s->t.grave) < 0) {
        grave_unreserve(&s->t.grave);
        free(tx);
        return -ENOMEM;
    }
    tx->id = id;
    tx->limited = !who->privileged;
    tx->dom = dom;
    tx->base = tx->root = s->root;
    s->root->refs += 2;
    tx->last = &tx->first;
    tx->retired = s->t.retired;
    tx->bytes = TXN_OVERHEAD;
    if (dom) {
        dom->transactions++;
        dom->other_bytes += TXN_OVERHEAD;
    }
    tx->next = s->txns;
    tx->link = &s->txns;
    if (tx->next)
        tx->next->link = &tx->next;
    s->txns = tx;
    tx->next_mine = *mine;
    tx->link_mine = mine;
    if (tx->next_mine)
        tx->next_mine->link_mine = &tx->next_mine;
    *mine = tx;
    *ret = tx;
    return 0;
}

struct txn *txn_find(struct txn *mine, uint32_t id)
{
    while (mine && mine->id != id)
        mine = mine->next_mine;
    return mine;
}

static void drop_snapshot(struct store *s, struct txn *tx)
{
    if (!tx->root)
        return;
    grave_bury(&s->t.grave, tx->root, false);
    grave_bury(&s->t.grave, tx->base, false);
    tx->root = tx->base = NULL;
    (void)grave_work(&s->t.grave, RELEASE_NOW);
}

static void drop_records(struct txn *tx)
{
    struct txn_record *r, *next;

    HASH_CLEAR(hh, tx->records);
    for (r = tx->first; r; r = next) {
        next = r->next;
        free(r);
    }
    tx->first = NULL;
    tx->last = &tx->first;
}

void txn_abort(struct store *s, struct txn *tx)
{
    drop_snapshot(s, tx);
    drop_records(tx);
    *tx->link = tx->next;
    if (tx->next)
        tx->next->link = tx->link;
    *tx->link_mine = tx->next_mine;
    if (tx->next_mine)
        tx->next_mine->link_mine = tx->link_mine;
    if (tx->dom) {
        tx->dom->transactions--;
        tx->dom->other_bytes -= (int64_t)tx->bytes;
    }
    free(tx);
}

void txn_doom(struct store *s, struct txn *tx)
{
    tx->doomed = true;
    drop_records(tx);
    drop_snapshot(s, tx);
}

static bool too_old(const struct store *s, const struct txn *tx)
{
    return tx->limited && !tx->doomed && s->t.retired - tx->retired > s->doom_limit;
}

void txn_refresh(struct store *s, struct txn *tx)
{
    if (too_old(s, tx))
        txn_doom(s, tx);
}

void txn_doom_old(struct store *s)
{
    struct txn *tx;

    if (s->t.retired - s->doom_checked <= s->doom_limit / 8)
        return;
    s->doom_checked = s->t.retired;
    for (tx = s->txns; tx; tx = tx->next)
        txn_refresh(s, tx);
}

/* --- records --- */

static struct txn_record *find_record(const struct store *s, const struct txn *tx, const char *path, size_t len)
{
    struct txn_record *r = NULL;
    uint32_t hash = path_hash(s->t.seed, path, len);

    HASH_FIND_BYHASHVALUE(hh, tx->records, path, len, hash, r);
    return r;
}

int txn_hold(struct store *s, struct txn *tx, size_t bytes)
{
    if (!tx || !tx->dom)
        return 0;
    if (tx->limited && domain_over(&s->domains, tx->dom, QUOTA_MEMORY, domain_bytes(tx->dom), (int64_t)bytes))
        return -ENOMEM;
    tx->bytes += bytes;
    tx->dom->other_bytes += (int64_t)bytes;
    return 0;
}

static void append(struct txn *tx, struct txn_record *r)
{
    r->next = NULL;
    r->link = tx->last;
    *tx->last = r;
    tx->last = &r->next;
}

/* A node may have been looked at before its parent was made; making them again
 * at the end wants the parent first. */
static void move_last(struct txn *tx, struct txn_record *r)
{
    if (!r->next)
        return;
    *r->link = r->next;
    r->next->link = r->link;
    append(tx, r);
}

static int add_record(struct store *s, struct txn *tx, const char *path, size_t len, struct txn_record **ret)
{
    struct txn_record *r;
    uint32_t hash = path_hash(s->t.seed, path, len);

    if (tx->limited && tx->dom && domain_over(&s->domains, tx->dom, QUOTA_TRANSACTION_NODES, tx->count, 1))
        return -ENOSPC;
    r = calloc(1, sizeof *r + len + 1);
    if (!r)
        return -ENOMEM;
    if (txn_hold(s, tx, sizeof *r + len) < 0) {
        free(r);
        return -ENOMEM;
    }
    r->len = (uint16_t)len;
    memcpy(r->path, path, len);
    HASH_ADD_KEYPTR_BYHASHVALUE(hh, tx->records, r->path, len, hash, r);
    if (!HASH_ADDED(r)) {
        free(r);
        return -ENOMEM;
    }
    append(tx, r);
    tx->count++;
    *ret = r;
    return 0;
}

int txn_touch(struct store *s, struct txn *tx, const char *path, size_t len, unsigned what)
{
    struct txn_record *r;
    int rc;

    if (!tx || tx->doomed)
        return 0;
    r = find_record(s, tx, path, len);
    if (!r) {
        rc = add_record(s, tx, path, len, &r);
        if (rc < 0)
            return rc;
    }
    /* What the transaction wrote itself it does not read from others. */
    if (r->touched & (TXN_CREATED | TXN_WRITTEN))
        what &= ~(unsigned)TXN_VALUE;
    if (r->touched & (TXN_CREATED | TXN_PERMS_SET))
        what &= ~(unsigned)TXN_PERMS;
    if (r->touched & TXN_CREATED)
        what &= ~(unsigned)TXN_CHILDREN;
    if (what & TXN_CREATED)
        move_last(tx, r);
    if (what & TXN_PERMS_SET)
        r->gen = s->t.gen;
    if (what & ~r->touched & TXN_REMOVED)
        tx->removed++;
    r->touched |= what;
    return 0;
}

uint32_t txn_created(struct store *s, struct txn *tx)
{
    const struct txn_record *r;
    uint32_t n = 0;

    for (r = tx->first; r; r = r->next)
        if ((r->touched & TXN_CREATED) && tree_find(&s->t, tx->root, r->path, r->len))
            n++;
    return n;
}

/* --- the end --- */

static bool lists_alive(struct store *s, const struct txn_record *r, const struct node *n)
{
    const struct perm *list = perms_list(n->perms);
    size_t i, count = perms_count(n->perms);

    for (i = 0; i < count; i++) {
        const struct domain *dom = domain_get(&s->domains, list[i].domid);

        if (list[i].ignore || list[i].domid == PERM_DOMID_ANY)
            continue;
        if (!dom || dom->birth > r->gen)
            return false;
    }
    return true;
}

static bool unchanged(unsigned touched, const struct node *base, const struct node *now)
{
    if (base == now)
        return true;
    if (!base || !now)
        return !(touched & (TXN_EXIST | TXN_SUBTREE));
    if (touched & TXN_SUBTREE)
        return false;
    if ((touched & TXN_VALUE) && base->value_gen != now->value_gen)
        return false;
    if ((touched & TXN_PERMS) && base->perms != now->perms)
        return false;
    return !(touched & TXN_CHILDREN) || node_dir_gen(base) == node_dir_gen(now);
}

static int validate(struct store *s, const struct txn *tx)
{
    const struct txn_record *r;
    const struct node *n;

    for (r = tx->first; r; r = r->next) {
        if (s->root != tx->base && !unchanged(r->touched, tree_find(&s->t, tx->base, r->path, r->len),
                                              tree_find(&s->t, s->root, r->path, r->len)))
            return -EAGAIN;
        /* A domain that was named died meanwhile; its number may be another's by now. */
        n = r->touched & TXN_PERMS_SET ? tree_find(&s->t, tx->root, r->path, r->len) : NULL;
        if (n && !lists_alive(s, r, n))
            return -EAGAIN;
    }
    return 0;
}

bool txn_conflicts(struct store *s, const struct txn *tx)
{
    return tx->doomed || validate(s, tx) < 0;
}

/* Was something above the record removed, so that what base has there went with it? */
static bool above_removed(const struct store *s, const struct txn *tx, const struct txn_record *r)
{
    const struct txn_record *up;
    size_t len = r->len;

    if (!tx->removed)
        return false;
    while ((len = path_parent_len(r->path, len)) > 1) {
        up = find_record(s, tx, r->path, len);
        if (up && (up->touched & TXN_REMOVED))
            return true;
    }
    return false;
}

bool txn_is_top_removal(const struct store *s, const struct txn *tx, const struct txn_record *r)
{
    return (r->touched & TXN_REMOVED) && !above_removed(s, tx, r);
}

/* Nodes of "dom" that the removals give back. */
static int64_t count_freed(const struct store *s, const struct txn *tx, const struct domain *dom)
{
    const struct txn_record *r;
    int64_t n = 0;

    for (r = tx->first; r; r = r->next) {
        const struct node *top = txn_is_top_removal(s, tx, r) ? tree_find(&s->t, s->root, r->path, r->len) : NULL, *at;
        struct tree_walk *w = top ? tree_walk_new(top, "/", 1) : NULL;
        size_t len;

        while (w && (at = tree_walk_next(w, false, &len)))
            n += perms_owner(at->perms) == dom->domid;
        free(w);
    }
    return n;
}

/* Would the owner of the transaction end with too many nodes? */
static int check_nodes(struct store *s, const struct txn *tx)
{
    const struct txn_record *r;
    const struct node *n;
    int64_t more = 0;

    if (!tx->limited || !tx->dom || !tx->created)
        return 0;
    for (r = tx->first; r; r = r->next) {
        n = r->touched & TXN_CREATED ? tree_find(&s->t, tx->root, r->path, r->len) : NULL;
        more += n && perms_owner(n->perms) == tx->dom->domid;
    }
    if (!domain_over(&s->domains, tx->dom, QUOTA_NODES, tx->dom->nodes, more))
        return 0;
    while (!grave_work(&s->t.grave, SIZE_MAX))
        ;
    more -= tx->removed ? count_freed(s, tx, tx->dom) : 0;
    return domain_over(&s->domains, tx->dom, QUOTA_NODES, tx->dom->nodes, more) ? -ENOSPC : 0;
}

/* Makes one recorded change in another tree. */
static int redo(struct store *s, const struct txn *tx, const struct txn_record *r, struct node **root)
{
    const struct node *n = tree_find(&s->t, tx->root, r->path, r->len);
    size_t near;
    int rc = 0;

    if (!n || !(r->touched & CHANGES))
        return 0;
    if (r->touched & TXN_CREATED) {
        (void)tree_near(&s->t, *root, r->path, r->len, &near);
        return tree_create(&s->t, root, r->path, r->len, near, n->perms, node_value(n), n->value_len);
    }
    if (r->touched & TXN_WRITTEN)
        rc = tree_set_value(&s->t, root, r->path, r->len, node_value(n), n->value_len);
    if (rc == 0 && (r->touched & TXN_PERMS_SET)) {
        rc = tree_set_perms(&s->t, root, r->path, r->len, perms_ref(n->perms));
        if (rc < 0)
            perms_put(&s->t.perms, n->perms);
    }
    return rc;
}

/* The live tree with the transaction's changes, as a new root. */
static int merge(struct store *s, const struct txn *tx, struct node **root)
{
    const struct txn_record *r;
    struct node *gone;
    int rc = 0;

    for (r = tx->first; r && rc == 0; r = r->next) {
        if (!txn_is_top_removal(s, tx, r))
            continue;
        rc = tree_remove(&s->t, root, r->path, r->len, &gone);
        if (rc == 0)
            gone->refs--; /* the live tree has it still */
    }
    for (r = tx->first; r && rc == 0; r = r->next)
        rc = redo(s, tx, r, root);
    return rc;
}

/* Moves charges and tells watchers, after the new root is in place. */
static void settle(struct store *s, const struct txn *tx, const struct node *old)
{
    const struct txn_record *r;

    for (r = tx->first; r; r = r->next) {
        const struct node *was = tree_find(&s->t, old, r->path, r->len);
        const struct node *now = tree_find(&s->t, s->root, r->path, r->len);
        bool above = above_removed(s, tx, r);

        if (!(r->touched & CHANGES) || (!was && !now))
            continue;
        if (was && now && !above && !(r->touched & TXN_REMOVED)) {
            store_charge(s, was->perms, was->name_len, was->value_len, -1);
            store_charge(s, now->perms, now->name_len, now->value_len, 1);
        } else if (now && (r->touched & TXN_CREATED)) {
            store_charge(s, now->perms, now->name_len, now->value_len, 1);
        }
        if (!(r->touched & TXN_FIRE))
            continue;
        if (now || above)
            store_fire(s, r->path, r->len, was ? was->perms : NULL);
        else
            store_fire_removed(s, r->path, r->len, was);
        if (now && was && !above && (r->touched & TXN_REMOVED))
            store_fire_below(s, r->path, r->len, was);
    }
}

/* One promise for each removed subtree and one for a root. */
static int reserve(struct store *s, const struct txn *tx)
{
    uint32_t i;

    for (i = 0; i <= tx->removed; i++) {
        if (grave_reserve(&s->t.grave) == 0)
            continue;
        while (i-- > 0)
            grave_unreserve(&s->t.grave);
        return -ENOMEM;
    }
    return 0;
}

static void bury_removed(struct store *s, const struct txn *tx, const struct node *old)
{
    const struct txn_record *r;

    for (r = tx->first; r; r = r->next) {
        struct node *n = txn_is_top_removal(s, tx, r) ? tree_find(&s->t, old, r->path, r->len) : NULL;

        if (n) {
            n->refs++;
            grave_bury(&s->t.grave, n, true);
        } else if (r->touched & TXN_REMOVED) {
            grave_unreserve(&s->t.grave);
        }
    }
}

static int apply(struct store *s, struct txn *tx)
{
    struct node *root = s->root == tx->base ? tx->root : s->root, *old = s->root;
    uint32_t i;
    int rc = reserve(s, tx);

    if (rc < 0)
        return rc;
    root->refs++;
    if (s->root != tx->base)
        rc = merge(s, tx, &root);
    if (rc < 0) {
        grave_bury(&s->t.grave, root, false);
        for (i = 0; i < tx->removed; i++)
            grave_unreserve(&s->t.grave);
        return rc;
    }
    s->root = root;
    settle(s, tx, old);
    bury_removed(s, tx, old);
    grave_bury(&s->t.grave, old, false);
    return 0;
}

int txn_commit(struct store *s, struct txn *tx)
{
    int rc;

    txn_refresh(s, tx);
    if (tx->doomed)
        rc = -EAGAIN;
    else
        rc = tx->failed ? -ENOMEM : validate(s, tx);
    if (rc == 0)
        rc = check_nodes(s, tx);
    if (rc == 0 && tx->root != tx->base)
        rc = apply(s, tx);
    txn_abort(s, tx);
    return rc;
}
