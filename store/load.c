/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reading what dump.c wrote, into a new server. One row a record type.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"
#include "server.h"

struct load {
    struct domostore *ds;
    bool live;      /* connections as well */
    bool ended;     /* the last record was seen */
    struct txn *tx; /* that the records after it belong to */
    bool limited;   /* limits bind it, once it is complete */
};

/* "n0,r7,b9!" */
static int get_perms(struct store *s, const struct record *r, struct perms **ret)
{
    const char *text = record_get(r, "perms", NULL);
    struct perm list[PERM_LIST_MAX];
    char one[PERM_TEXT_MAX];
    size_t n = 0, len;

    for (; text && *text; text += len + (text[len] == ',')) {
        bool ignore;

        len = strcspn(text, ",");
        ignore = len > 0 && text[len - 1] == '!';
        if (n == PERM_LIST_MAX || len - ignore >= sizeof one)
            return -EINVAL;
        memcpy(one, text, len - ignore);
        one[len - ignore] = '\0';
        if (perm_parse(one, &list[n]) < 0)
            return -EINVAL;
        list[n++].ignore = ignore;
    }
    if (n == 0)
        return -EINVAL;
    *ret = perms_get(&s->t.perms, list, n);
    return *ret ? 0 : -ENOMEM;
}

static int get_path(const struct record *r, struct path *ret)
{
    size_t len;
    const char *text = record_get(r, "path", &len);

    return text && (text[0] == '/' || text[0] == '@') && strlen(text) == len ? path_parse(ret, text, len, 0) : -EINVAL;
}

/* Number fields with their range. */
static int get(const struct record *r, const char *name, int64_t low, int64_t high, int64_t *ret)
{
    int rc = record_get_num(r, name, ret);

    return rc < 0 || *ret < low || *ret > high ? -EINVAL : 0;
}

static int load_store(struct load *l, const struct record *r)
{
    int64_t gen;

    if (get(r, "gen", 0, INT64_MAX / 2, &gen) < 0)
        return -EINVAL;
    if ((uint64_t)gen > l->ds->s.t.gen)
        l->ds->s.t.gen = (uint64_t)gen;
    return 0;
}

static int load_quota(struct load *l, const struct record *r)
{
    const char *name = record_get(r, "name", NULL);
    int64_t limit;

    if (!name || get(r, "limit", 0, UINT32_MAX, &limit) < 0)
        return -EINVAL;
    return domostore_set_quota(l->ds, name, (uint32_t)limit);
}

static int load_domain(struct load *l, const struct record *r)
{
    int64_t domid, introduced, shutdown, features, gfn, port, target;
    struct domain *dom;

    if (get(r, "domid", 0, DOMID_FIRST_RESERVED - 1, &domid) < 0 || get(r, "introduced", 0, 1, &introduced) < 0 ||
        get(r, "shutdown", 0, 1, &shutdown) < 0 || get(r, "features", -1, UINT32_MAX, &features) < 0 ||
        get(r, "gfn", INT64_MIN, INT64_MAX, &gfn) < 0 || get(r, "port", 0, UINT32_MAX, &port) < 0 ||
        get(r, "target", -1, DOMID_FIRST_RESERVED - 1, &target) < 0)
        return -EINVAL;
    if (store_domain_add(&l->ds->s, (uint16_t)domid, &dom) < 0)
        return -ENOMEM;
    dom->introduced = introduced && l->live;
    dom->shutdown = shutdown;
    dom->has_features = features >= 0;
    dom->features = features >= 0 ? (uint32_t)features : 0;
    dom->gfn = (uint64_t)gfn;
    dom->port = (uint32_t)port;
    dom->target = (int32_t)target;
    return 0;
}

static int load_domain_quota(struct load *l, const struct record *r)
{
    const char *name = record_get(r, "name", NULL);
    enum quota_kind kind;
    struct domain *dom;
    int64_t limit, domid;

    if (!name || quota_find(name, &kind) < 0 || get(r, "limit", 0, UINT32_MAX, &limit) < 0 ||
        get(r, "domid", 0, DOMID_COUNT - 1, &domid) < 0)
        return -EINVAL;
    dom = domain_get(&l->ds->s.domains, (unsigned)domid);
    if (!dom)
        return -EINVAL;
    dom->quota.limit[kind] = (uint32_t)limit;
    dom->quota.own[kind] = true;
    return 0;
}

static int load_special(struct load *l, const struct record *r)
{
    const char *name = record_get(r, "name", NULL);
    enum special_node node;
    struct perms *p;
    int rc;

    if (!name || store_special(name, &node) < 0)
        return -EINVAL;
    rc = get_perms(&l->ds->s, r, &p);
    if (rc < 0)
        return rc;
    perms_put(&l->ds->s.t.perms, l->ds->s.special[node]);
    l->ds->s.special[node] = p;
    return 0;
}

/* Makes a node, or sets one that is there. Takes "p" over. */
static int put_node(struct store *s, struct node **root, const struct path *path, struct perms *p, const char *value,
                    size_t len)
{
    size_t near;
    int rc;

    (void)tree_near(&s->t, *root, path->s, path->len, &near);
    if (near != path->len) {
        rc = near == path_parent_len(path->s, path->len)
                 ? tree_create(&s->t, root, path->s, path->len, near, p, value, len)
                 : -EINVAL;
        perms_put(&s->t.perms, p);
        return rc;
    }
    rc = tree_set_value(&s->t, root, path->s, path->len, value, len);
    if (rc == 0)
        rc = tree_set_perms(&s->t, root, path->s, path->len, p);
    if (rc < 0)
        perms_put(&s->t.perms, p);
    return rc;
}

static int load_node(struct load *l, const struct record *r)
{
    struct store *s = &l->ds->s;
    const struct node *n;
    struct path path;
    struct perms *p;
    size_t len;
    const char *value = record_get(r, "value", &len);
    int rc = get_path(r, &path);

    if (rc < 0 || path.special || !value || len > NODE_VALUE_MAX)
        return -EINVAL;
    rc = get_perms(s, r, &p);
    if (rc < 0)
        return rc;
    n = tree_find(&s->t, s->root, path.s, path.len);
    if (n)
        store_charge(s, n->perms, n->name_len, n->value_len, -1);
    if (!domain_get(&s->domains, perms_owner(p))) {
        perms_put(&s->t.perms, p);
        return -EINVAL;
    }
    rc = put_node(s, &s->root, &path, p, value, len);
    n = tree_find(&s->t, s->root, path.s, path.len);
    if (n)
        store_charge(s, n->perms, n->name_len, n->value_len, 1);
    return rc;
}

static int load_listener(struct load *l, const struct record *r)
{
    int64_t fd;

    if (get(r, "fd", 0, INT32_MAX, &fd) < 0)
        return -EINVAL;
    return l->live ? domostore_add_listener(l->ds, (int)fd) : 0;
}

/* In-memory connections belong to a process that is gone. */
static int make_conn(struct load *l, const struct record *r, const char *kind, struct conn **ret)
{
    struct domain *dom;
    int64_t fd, domid;
    int rc;

    if (get(r, "fd", -1, INT32_MAX, &fd) < 0 || get(r, "domid", 0, DOMID_FIRST_RESERVED - 1, &domid) < 0)
        return -EINVAL;
    *ret = NULL;
    if (strcmp(kind, "socket") == 0) {
        rc = domostore_add_client(l->ds, (int)fd);
        *ret = rc < 0 ? NULL : l->ds->conns;
        return rc;
    }
    dom = domain_get(&l->ds->s.domains, (unsigned)domid);
    if (strcmp(kind, "ring") != 0)
        return 0;
    if (!dom || !dom->introduced)
        return -EINVAL;
    rc = server_reconnect(l->ds, dom);
    *ret = rc < 0 ? NULL : dom->conn;
    if (*ret)
        return ring_restore(*ret, r);
    /* A guest can make its ring impossible to map, or die meanwhile: that is no reason to give up the others. */
    if (rc < 0)
        server_log(l->ds, 2, "domain %u: lost its connection in the live update: %s", (unsigned)domid, strerror(-rc));
    return rc == -ENOMEM ? rc : 0;
}

static int load_conn(struct load *l, const struct record *r)
{
    const char *kind = record_get(r, "kind", NULL), *in, *out;
    size_t in_len, out_len;
    struct conn *c;
    int64_t id, tx;
    int rc;

    in = record_get(r, "in", &in_len);
    out = record_get(r, "out", &out_len);
    if (!kind || !in || !out || get(r, "id", 1, INT64_MAX, &id) < 0 || get(r, "tx", 0, UINT32_MAX, &tx) < 0)
        return -EINVAL;
    if (!l->live)
        return 0;
    rc = make_conn(l, r, kind, &c);
    if (rc < 0 || !c)
        return rc;
    c->id = (uint64_t)id;
    if (c->id > l->ds->last_id)
        l->ds->last_id = c->id;
    c->last_tx_id = (uint32_t)tx;
    return conn_restore(c, in, in_len, out, out_len);
}

static int find_conn(struct load *l, const struct record *r, struct conn **ret)
{
    int64_t id;

    if (get(r, "connection", 1, INT64_MAX, &id) < 0)
        return -EINVAL;
    *ret = l->live ? server_conn(l->ds, (uint64_t)id) : NULL;
    return 0;
}

static int load_watch(struct load *l, const struct record *r)
{
    const char *token = record_get(r, "token", NULL);
    int64_t depth, prefix, lost;
    struct conn *c;
    struct path path;
    struct watch *w;
    int rc = find_conn(l, r, &c);

    if (rc < 0 || !token || get_path(r, &path) < 0 || get(r, "depth", -1, INT32_MAX, &depth) < 0 ||
        get(r, "prefix", 0, PATH_ABS_MAX, &prefix) < 0 || get(r, "lost", 0, 1, &lost) < 0 || (size_t)prefix >= path.len)
        return -EINVAL;
    if (!c)
        return 0;
    rc = conn_add_watch(c, &path, token, (int32_t)depth, &w);
    if (rc < 0)
        return rc;
    w->prefix = (uint16_t)prefix;
    w->lost = lost;
    c->lost |= lost;
    return 0;
}

/* What was allowed once is loaded, even if limits have shrunk since. */
static void finish_tx(struct load *l)
{
    if (l->tx)
        l->tx->limited = l->limited;
    l->tx = NULL;
}

static int load_transaction(struct load *l, const struct record *r)
{
    int64_t id, failed, doomed, created;
    struct conn *c;
    struct who who;
    int rc = find_conn(l, r, &c);

    finish_tx(l);
    if (rc < 0 || get(r, "id", 1, UINT32_MAX, &id) < 0 || get(r, "failed", 0, 1, &failed) < 0 ||
        get(r, "doomed", 0, 1, &doomed) < 0 || get(r, "created", 0, UINT32_MAX, &created) < 0)
        return -EINVAL;
    if (!c)
        return 0;
    who = c->who;
    who.privileged = true;
    rc = txn_start(&l->ds->s, &who, &c->txns, (uint32_t)id, &l->tx);
    if (rc < 0)
        return rc;
    l->limited = !c->who.privileged;
    l->tx->failed = failed;
    l->tx->created = (uint32_t)created;
    if (doomed)
        txn_doom(&l->ds->s, l->tx);
    return 0;
}

static int load_tx_remove(struct load *l, const struct record *r)
{
    struct store *s = &l->ds->s;
    struct node *gone;
    struct path path;

    if (get_path(r, &path) < 0 || path.special || path.len == 1)
        return -EINVAL;
    if (!l->tx || l->tx->doomed)
        return 0;
    if (!tree_find(&s->t, l->tx->root, path.s, path.len))
        return -EINVAL;
    if (grave_reserve(&s->t.grave) < 0)
        return -ENOMEM;
    if (tree_remove(&s->t, &l->tx->root, path.s, path.len, &gone) < 0) {
        grave_unreserve(&s->t.grave);
        return -ENOMEM;
    }
    grave_bury(&s->t.grave, gone, false);
    return 0;
}

static int load_tx_node(struct load *l, const struct record *r)
{
    struct store *s = &l->ds->s;
    const char *value;
    struct perms *p;
    struct path path;
    int64_t touched;
    size_t len;
    int rc;

    if (get_path(r, &path) < 0 || path.special || get(r, "touched", 0, UINT16_MAX, &touched) < 0)
        return -EINVAL;
    if (!l->tx || l->tx->doomed)
        return 0;
    rc = txn_touch(s, l->tx, path.s, path.len, (unsigned)touched);
    value = record_get(r, "value", &len);
    if (rc < 0 || !value)
        return rc;
    if (len > NODE_VALUE_MAX)
        return -EINVAL;
    rc = get_perms(s, r, &p);
    return rc < 0 ? rc : put_node(s, &l->tx->root, &path, p, value, len);
}

static int load_end(struct load *l, const struct record *r)
{
    (void)r;
    finish_tx(l);
    l->ended = true;
    return 0;
}

static const struct {
    const char *type;
    int (*load)(struct load *l, const struct record *r);
} rows[] = {
    {"store", load_store},
    {"quota", load_quota},
    {"domain", load_domain},
    {"domain-quota", load_domain_quota},
    {"special", load_special},
    {"node", load_node},
    {"listener", load_listener},
    {"connection", load_conn},
    {"watch", load_watch},
    {"transaction", load_transaction},
    {"tx-remove", load_tx_remove},
    {"tx-node", load_tx_node},
    {"end", load_end},
};

static int load_record(void *arg, const struct record *r)
{
    struct load *l = arg;
    size_t i;

    for (i = 0; i < ARRAY_LEN(rows) && !l->ended; i++)
        if (strcmp(rows[i].type, r->type) == 0)
            return rows[i].load(l, r);
    return -EINVAL;
}

/* A new store has nodes that the dumped one may have removed. */
static int clear(struct store *s)
{
    struct node *gone;

    if (!tree_find(&s->t, s->root, "/tool", 5))
        return -EINVAL; /* it was used before */
    if (grave_reserve(&s->t.grave) < 0)
        return -ENOMEM;
    if (tree_remove(&s->t, &s->root, "/tool", 5, &gone) < 0) {
        grave_unreserve(&s->t.grave);
        return -ENOMEM;
    }
    grave_bury(&s->t.grave, gone, true);
    (void)grave_work(&s->t.grave, SIZE_MAX);
    return 0;
}

int domostore_load(struct domostore *ds, const char *text, size_t len, bool live)
{
    struct load l = {.ds = ds, .live = live};
    int rc = clear(&ds->s);

    if (rc == 0)
        rc = record_parse(text, len, load_record, &l);
    return rc == 0 && !l.ended ? -EINVAL : rc;
}
