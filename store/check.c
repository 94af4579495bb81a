/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The invariant checker: recomputes what the store keeps count of. Used by
 * the tests after every operation and by CONTROL check.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "server.h"

struct sums {
    int64_t nodes, node_bytes, other_bytes;
    uint32_t watches, transactions;
};

struct check {
    struct domostore *ds;
    struct sums *sums; /* by domid, up to the highest known */
    char **why;
    int rc;
};

static void PRINTF_LIKE(2, 3) fail(struct check *k, const char *fmt, ...)
{
    va_list ap;
    char *text = NULL;

    if (k->rc == 0) {
        va_start(ap, fmt);
        if (vasprintf(&text, fmt, ap) >= 0 && k->why)
            *k->why = text;
        else
            free(text);
        va_end(ap);
    }
    k->rc = -EIO;
}

static void check_dir(struct check *k, const struct node *n, const char *path)
{
    const struct tree *t = &k->ds->s.t;
    const struct node *child;
    uint32_t i = 0, count = 0;

    while ((child = dir_next(n->dir, &i))) {
        uint32_t hash = path_hash(t->seed, child->bytes, child->name_len);

        count++;
        if (dir_find(n->dir, child->bytes, child->name_len, hash) != child)
            fail(k, "%s: child %.*s is not found by its name", path, (int)child->name_len, child->bytes);
        if (node_mask(child) & ~n->dir->owners)
            fail(k, "%s: owners below are not known", path);
    }
    if (n->dir && count != n->dir->count)
        fail(k, "%s: %u children, %u counted", path, (unsigned)n->dir->count, (unsigned)count);
}

static void check_tree(struct check *k)
{
    struct tree_walk *w = tree_walk_new(k->ds->s.root, "/", 1);
    const struct node *n;
    size_t len;

    if (!w) {
        k->rc = -ENOMEM;
        return;
    }
    while ((n = tree_walk_next(w, false, &len))) {
        uint16_t owner = perms_owner(n->perms);

        if (n->refs == 0)
            fail(k, "%s: no references", w->path);
        if (!domain_get(&k->ds->s.domains, owner))
            fail(k, "%s: owner %u is not known", w->path, (unsigned)owner);
        if (owner < k->ds->s.domains.top) {
            k->sums[owner].nodes++;
            k->sums[owner].node_bytes += (int64_t)node_charge(n->name_len, n->value_len);
        }
        check_dir(k, n, w->path);
    }
    free(w);
}

static void sum_conn(struct check *k, const struct conn *c, size_t *watches, size_t *txns)
{
    struct sums *sums = c->dom ? &k->sums[c->dom->domid] : NULL;
    char path[PATH_ABS_MAX + 2];
    const struct watch *w;
    const struct txn *tx;

    for (w = c->watches; w; w = w->next_mine) {
        (*watches)++;
        if (!sums)
            continue;
        sums->watches++;
        sums->other_bytes += (int64_t)watch_charge(watch_path(w, path), w->token_len);
    }
    for (tx = c->txns; tx; tx = tx->next_mine) {
        (*txns)++;
        if (!sums)
            continue;
        sums->transactions++;
        sums->other_bytes += (int64_t)tx->bytes;
    }
    if (sums)
        sums->other_bytes += (int64_t)(c->in.cap + c->out.cap);
}

static void check_conns(struct check *k)
{
    const struct store *s = &k->ds->s;
    size_t watches = 0, txns = 0, open = 0;
    const struct conn *c;
    const struct txn *tx;

    for (c = k->ds->conns; c; c = c->next)
        sum_conn(k, c, &watches, &txns);
    for (tx = s->txns; tx; tx = tx->next)
        open++;
    if (watches != s->watches.count || watches != HASH_COUNT(s->watches.all))
        fail(k, "%zu watches of connections, %zu known", watches, s->watches.count);
    if (txns != open)
        fail(k, "%zu transactions of connections, %zu open", txns, open);
}

static void check_domain(struct check *k, const struct domain *dom)
{
    const struct sums *sums = &k->sums[dom->domid];
    unsigned d = dom->domid;

    if (sums->nodes != dom->nodes)
        fail(k, "domain %u: charged %lld nodes, has %lld", d, (long long)dom->nodes, (long long)sums->nodes);
    if (sums->node_bytes != dom->node_bytes)
        fail(k, "domain %u: charged %lld bytes of nodes, has %lld", d, (long long)dom->node_bytes,
             (long long)sums->node_bytes);
    if (sums->other_bytes != dom->other_bytes)
        fail(k, "domain %u: charged %lld other bytes, has %lld", d, (long long)dom->other_bytes,
             (long long)sums->other_bytes);
    if (sums->watches != dom->watches)
        fail(k, "domain %u: charged %u watches, has %u", d, dom->watches, sums->watches);
    if (sums->transactions != dom->transactions)
        fail(k, "domain %u: charged %u transactions, has %u", d, dom->transactions, sums->transactions);
}

int domostore_check(struct domostore *ds, char **ret_why)
{
    struct check k = {.ds = ds, .why = ret_why};
    const struct domain *dom;
    unsigned i = 0;

    if (ret_why)
        *ret_why = NULL;
    while (!grave_work(&ds->s.t.grave, SIZE_MAX))
        ;
    k.sums = calloc(ds->s.domains.top, sizeof *k.sums);
    if (!k.sums)
        return -ENOMEM;
    check_tree(&k);
    check_conns(&k);
    while ((dom = domain_next(&ds->s.domains, &i)))
        if (!dom->dead)
            check_domain(&k, dom);
    free(k.sums);
    return k.rc;
}
