/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Writing the whole state. Records, in this order:
 *
 *   store gen                                       the generation counter
 *   quota name limit                                defaults that differ
 *   domain domid introduced shutdown features gfn port target
 *   domain-quota domid name limit
 *   special name perms
 *   node path perms value                           parents before children
 *   listener fd
 *   connection id kind domid privileged fd tx in out [req-cons rsp-prod deaf]
 *   watch connection path token depth prefix lost
 *   transaction connection id failed doomed created
 *   tx-remove path                                  of the transaction before
 *   tx-node path touched [value perms]
 *   end
 *
 * Permission lists are "n0,r7,b9!", "!" marking an entry that counts for
 * nobody. A transaction that would fail is written as doomed; any other is as
 * good as one that began now and did the same, so its snapshot need not be
 * kept.
 */
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "server.h"

static void put_perms(struct record_writer *w, const struct perms *p)
{
    struct str AUTO_STR text = STR_INIT;
    size_t i;

    for (i = 0; i < perms_count(p); i++) {
        char one[PERM_TEXT_MAX];

        (void)perm_format(&perms_list(p)[i], one);
        str_addf(&text, "%s%s%s", i ? "," : "", one, perms_list(p)[i].ignore ? "!" : "");
    }
    w->failed |= text.failed;
    record_bytes(w, "perms", str_text(&text), text.len);
}

static void put_text(struct record_writer *w, const char *name, const char *text)
{
    record_bytes(w, name, text, strlen(text));
}

static void put_quotas(struct record_writer *w, const struct domains *d)
{
    int i;

    for (i = 0; i < QUOTA_COUNT; i++) {
        record_begin(w, "quota");
        put_text(w, "name", quota_rows[i].name);
        record_num(w, "limit", d->limit[i]);
        record_end(w);
    }
}

static void put_domain(struct record_writer *w, const struct domain *dom)
{
    int i;

    record_begin(w, "domain");
    record_num(w, "domid", dom->domid);
    record_num(w, "introduced", dom->introduced);
    record_num(w, "shutdown", dom->shutdown);
    record_num(w, "features", dom->has_features ? (int64_t)dom->features : -1);
    record_num(w, "gfn", (int64_t)dom->gfn);
    record_num(w, "port", dom->port);
    record_num(w, "target", dom->target);
    record_end(w);
    for (i = 0; i < QUOTA_COUNT; i++) {
        if (!dom->quota.own[i])
            continue;
        record_begin(w, "domain-quota");
        record_num(w, "domid", dom->domid);
        put_text(w, "name", quota_rows[i].name);
        record_num(w, "limit", dom->quota.limit[i]);
        record_end(w);
    }
}

static void put_specials(struct record_writer *w, const struct store *s)
{
    int i;

    for (i = 0; i < SPECIAL_COUNT; i++) {
        record_begin(w, "special");
        put_text(w, "name", store_special_name((enum special_node)i));
        put_perms(w, s->special[i]);
        record_end(w);
    }
}

static void put_nodes(struct record_writer *w, const struct store *s)
{
    struct tree_walk *walk = tree_walk_new(s->root, "/", 1);
    const struct node *n;
    size_t len;

    w->failed |= !walk;
    while (walk && (n = tree_walk_next(walk, false, &len))) {
        record_begin(w, "node");
        record_bytes(w, "path", walk->path, len);
        put_perms(w, n->perms);
        record_bytes(w, "value", node_value(n), n->value_len);
        record_end(w);
    }
    free(walk);
}

static void put_watches(struct record_writer *w, const struct conn *c)
{
    const struct watch *at;
    char path[PATH_ABS_MAX + 2];
    size_t len;

    for (at = c->watches; at; at = at->next_mine) {
        len = watch_path(at, path);
        record_begin(w, "watch");
        record_num(w, "connection", (int64_t)c->id);
        record_bytes(w, "path", path, len);
        put_text(w, "token", at->token);
        record_num(w, "depth", at->depth);
        record_num(w, "prefix", at->prefix);
        record_num(w, "lost", at->lost);
        record_end(w);
    }
}

static void put_tx_nodes(struct record_writer *w, const struct store *s, const struct txn *tx)
{
    const struct txn_record *r;
    const struct node *n;

    for (r = tx->first; r; r = r->next) {
        if (!txn_is_top_removal(s, tx, r))
            continue;
        record_begin(w, "tx-remove");
        record_bytes(w, "path", r->path, r->len);
        record_end(w);
    }
    for (r = tx->first; r; r = r->next) {
        n = tree_find(&s->t, tx->root, r->path, r->len);
        record_begin(w, "tx-node");
        record_bytes(w, "path", r->path, r->len);
        record_num(w, "touched", r->touched);
        if (n && (r->touched & (TXN_CREATED | TXN_WRITTEN | TXN_PERMS_SET))) {
            record_bytes(w, "value", node_value(n), n->value_len);
            put_perms(w, n->perms);
        }
        record_end(w);
    }
}

/* Oldest first, so that loading makes the same list. */
static void put_txns(struct record_writer *w, struct store *s, const struct conn *c)
{
    const struct txn *tx, *last = NULL;
    bool doomed;

    while (c->txns != last) {
        for (tx = c->txns; tx->next_mine != last;)
            tx = tx->next_mine;
        last = tx;
        doomed = txn_conflicts(s, tx);
        record_begin(w, "transaction");
        record_num(w, "connection", (int64_t)c->id);
        record_num(w, "id", tx->id);
        record_num(w, "failed", tx->failed);
        record_num(w, "doomed", doomed);
        record_num(w, "created", tx->created);
        record_end(w);
        if (!doomed)
            put_tx_nodes(w, s, tx);
    }
}

static void put_conn(struct record_writer *w, struct domostore *ds, const struct conn *c)
{
    record_begin(w, "connection");
    record_num(w, "id", (int64_t)c->id);
    put_text(w, "kind", c->transport->kind);
    record_num(w, "domid", c->who.domid);
    record_num(w, "privileged", c->who.privileged);
    record_num(w, "fd", c->fd);
    record_num(w, "tx", c->last_tx_id);
    record_bytes(w, "in", c->in.p + c->in.head, c->in.tail - c->in.head);
    record_bytes(w, "out", c->out.p + c->out.head, conn_queued(c));
    if (c->transport->save)
        c->transport->save(c, w);
    record_end(w);
    put_watches(w, c);
    put_txns(w, &ds->s, c);
}

char *domostore_dump(struct domostore *ds, bool json, size_t *ret_len)
{
    struct record_writer w;
    const struct domain *dom;
    const struct conn *c;
    unsigned i = 0;
    size_t len;

    record_writer_init(&w, json);
    record_begin(&w, "store");
    record_num(&w, "gen", (int64_t)ds->s.t.gen);
    record_end(&w);
    put_quotas(&w, &ds->s.domains);
    while ((dom = domain_next(&ds->s.domains, &i)))
        if (!dom->dead)
            put_domain(&w, dom);
    put_specials(&w, &ds->s);
    put_nodes(&w, &ds->s);
    socket_save(ds, &w);
    for (c = ds->conns; c; c = c->next)
        if (!c->dead)
            put_conn(&w, ds, c);
    return record_finish(&w, ret_len ? ret_len : &len);
}
