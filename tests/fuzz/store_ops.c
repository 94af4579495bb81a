/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store_ops.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domostore.h"
#include "proto.h"
#include "store_model.h"

enum { REQ = 77 };

struct run {
    const uint8_t *bytes;
    size_t len, pos;
    struct domostore *ds;
    struct domostore_conn *mc[MODEL_CONNS];
    struct model m;
    struct model_events want, got;
    char reply[MODEL_REPLY]; /* of the server, strings separated by '\n' */
    uint32_t reply_type;
    bool have_reply;
    char *why;
};

static char why_text[1024];

static void __attribute__((format(printf, 2, 3))) differ(struct run *r, const char *fmt, ...)
{
    va_list ap;

    if (r->why)
        return;
    va_start(ap, fmt);
    (void)vsnprintf(why_text, sizeof why_text, fmt, ap);
    va_end(ap);
    r->why = why_text;
}

static unsigned take(struct run *r, unsigned below)
{
    return r->pos < r->len ? r->bytes[r->pos++] % below : 0;
}

static bool exists(void *arg, uint16_t domid)
{
    const struct run *r = arg;

    return domid < 8 && r->m.domain[domid];
}

/* --- the wire --- */

static void send_req(struct run *r, int conn, uint32_t type, uint32_t tx, const void *payload, size_t len)
{
    struct proto_head head = {.type = type, .req_id = REQ, .tx_id = tx, .len = (uint32_t)len};
    char msg[PROTO_MSG_MAX];

    proto_encode(msg, &head);
    memcpy(msg + PROTO_HEAD_SIZE, payload, len);
    if (domostore_send(r->mc[conn], msg, PROTO_HEAD_SIZE + len) < 0)
        differ(r, "connection %d was closed", conn);
}

static void got_message(struct run *r, int conn, const struct proto_head *head, const char *payload)
{
    struct model_event *e = &r->got.at[r->got.count];
    size_t i;

    if (head->type != PROTO_WATCH_EVENT) {
        if (r->have_reply || head->req_id != REQ)
            differ(r, "more than one reply");
        r->have_reply = true;
        r->reply_type = head->type;
        memcpy(r->reply, payload, head->len);
        r->reply[head->len] = '\0';
        if (head->type == PROTO_DIRECTORY || head->type == PROTO_GET_PERMS)
            for (i = 0; i < head->len; i++)
                r->reply[i] = r->reply[i] ? r->reply[i] : '\n';
        return;
    }
    if (r->got.count == MODEL_EVENTS)
        return;
    e->conn = conn;
    (void)snprintf(e->path, sizeof e->path, "%s", payload);
    (void)snprintf(e->token, sizeof e->token, "%s", payload + strlen(payload) + 1);
    r->got.count++;
}

static void collect(struct run *r)
{
    static char buf[1 << 16];
    struct proto_head head;
    size_t have, at;
    ssize_t n;
    int i;

    for (i = 0; i < MODEL_CONNS; i++) {
        for (have = 0; r->mc[i] && (n = domostore_recv(r->mc[i], buf + have, sizeof buf - have)) > 0;)
            have += (size_t)n;
        for (at = 0; at < have; at += PROTO_HEAD_SIZE + head.len) {
            if (proto_decode(buf + at, &head) < 0) {
                differ(r, "bad header");
                return;
            }
            got_message(r, i, &head, buf + at + PROTO_HEAD_SIZE);
        }
    }
}

static void trace(const struct run *r, int conn, uint32_t type, uint32_t tx, const char *payload, size_t len)
{
    size_t i;

    (void)fprintf(stderr, "%d type %u tx %u:", conn, (unsigned)type, (unsigned)tx);
    for (i = 0; i < len; i++)
        (void)fputc(payload[i] ? payload[i] : ' ', stderr);
    (void)fprintf(stderr, " -> %s\n", r->reply);
}

static void ask(struct run *r, int conn, uint32_t type, uint32_t tx, const void *payload, size_t len)
{
    r->got.count = 0;
    r->have_reply = false;
    r->reply[0] = '\0';
    send_req(r, conn, type, tx, payload, len);
    collect(r);
    if (getenv("STORE_TRACE"))
        trace(r, conn, type, tx, payload, len);
    if (!r->have_reply)
        differ(r, "no reply to type %u", (unsigned)type);
}

/* --- comparing --- */

static bool has_event(const struct model_events *ev, const struct model_event *e)
{
    int i;

    for (i = 0; i < ev->count; i++)
        if (ev->at[i].conn == e->conn && strcmp(ev->at[i].path, e->path) == 0 && strcmp(ev->at[i].token, e->token) == 0)
            return true;
    return false;
}

static void compare_events(struct run *r, const char *what, bool exact)
{
    int i;

    for (i = 0; i < r->want.count; i++)
        if (!has_event(&r->got, &r->want.at[i]))
            differ(r, "%s: event %s %s missing on connection %d", what, r->want.at[i].path, r->want.at[i].token,
                   r->want.at[i].conn);
    for (i = 0; exact && i < r->got.count; i++)
        if (!has_event(&r->want, &r->got.at[i]))
            differ(r, "%s: event %s %s not expected on connection %d", what, r->got.at[i].path, r->got.at[i].token,
                   r->got.at[i].conn);
}

static void compare_reply(struct run *r, int conn, const struct model_op *op, const char *want)
{
    if (strcmp(r->reply, want) != 0)
        differ(r, "connection %d: operation %d on %s answers '%s', should '%s'", conn, (int)op->kind, op->path,
               r->reply, want);
}

/* --- operations --- */

static void make_path(struct run *r, char *path)
{
    static const char *const tops[] = {"/",  "/s", "/local/domain/1", "/local/domain/2",
                                       "/a", "/g", "/local/domain/0", "/p"};
    static const char *const names[] = {"a", "b", "c", "dd"};
    unsigned top = take(r, 8), depth = take(r, 4);
    size_t len;

    (void)snprintf(path, MODEL_PATH, "%s", tops[top]);
    while (depth--) {
        len = strlen(path);
        (void)snprintf(path + len, MODEL_PATH - len, "%s%s", len > 1 ? "/" : "", names[take(r, 4)]);
    }
}

static void make_perms(struct run *r, struct model_op *op)
{
    int i;

    op->perm_count = 1 + (int)take(r, 3);
    for (i = 0; i < op->perm_count; i++) {
        op->perms[i].letter = "nrwb"[take(r, 4)];
        op->perms[i].domid = (int)take(r, 5);
        op->perms[i].ignore = false;
    }
}

static size_t encode(const struct model_op *op, char *payload)
{
    size_t len = (size_t)sprintf(payload, "%s", op->path) + 1;
    int i;

    if (op->kind == M_WRITE)
        len += (size_t)sprintf(payload + len, "%s", op->value);
    for (i = 0; op->kind == M_SET_PERMS && i < op->perm_count; i++)
        len += (size_t)sprintf(payload + len, "%c%d", op->perms[i].letter, op->perms[i].domid) + 1;
    return len;
}

static const uint32_t wire_types[M_KIND_COUNT] = {
    PROTO_READ, PROTO_DIRECTORY, PROTO_GET_PERMS, PROTO_WRITE, PROTO_MKDIR, PROTO_RM, PROTO_SET_PERMS,
};

static void do_op(struct run *r, int conn, struct model_txn *tx)
{
    static struct model_tree old;
    struct model_op op = {.kind = (enum model_kind)take(r, M_KIND_COUNT)};
    char payload[256], want[MODEL_REPLY] = "";
    struct model_tree *t = tx ? &tx->tree : &r->m.live;
    bool changed;

    make_path(r, op.path);
    (void)snprintf(op.value, sizeof op.value, "v%u", take(r, 256));
    if (op.kind == M_SET_PERMS)
        make_perms(r, &op);
    if (t->count > MODEL_NODES - 8 || (tx && tx->count == MODEL_OPS))
        return;
    old = *t;
    changed = model_apply(&r->m, t, &r->m.conn[conn], &op, want);
    ask(r, conn, wire_types[op.kind], tx ? tx->id : 0, payload, encode(&op, payload));
    compare_reply(r, conn, &op, want);
    r->want.count = 0;
    if (changed && !tx)
        model_fire(&r->m, &old, t, &op, &r->want);
    compare_events(r, "operation", true);
    r->m.changes += changed && !tx;
    if (tx) {
        tx->op[tx->count] = op;
        tx->changed[tx->count] = changed;
        (void)snprintf(tx->reply[tx->count++], sizeof tx->reply[0], "%.255s", want);
    }
}

static void do_start(struct run *r, int conn)
{
    struct model_txn *tx = &r->m.txn[conn][take(r, MODEL_TXNS)];

    if (tx->open)
        return;
    ask(r, conn, PROTO_TRANSACTION_START, 0, "", 1);
    tx->open = true;
    tx->id = (unsigned)strtoul(r->reply, NULL, 10);
    tx->started = r->m.changes;
    tx->tree = r->m.live;
    tx->count = 0;
}

/* Does the list of a transaction again on the live tree. */
static bool replay(struct run *r, int conn, const struct model_txn *tx, struct model_tree *to)
{
    char again[MODEL_REPLY];
    bool changed = false;
    int i;

    for (i = 0; i < tx->count; i++) {
        changed |= model_apply(&r->m, to, &r->m.conn[conn], &tx->op[i], again);
        if (strncmp(again, tx->reply[i], 255) != 0)
            differ(r, "commit accepted, but operation %d on %s would answer '%s' now, was '%s'", (int)tx->op[i].kind,
                   tx->op[i].path, again, tx->reply[i]);
    }
    return changed;
}

/* Each path that the transaction changed, in the end, is told once. */
static void fire_commit(struct run *r, const struct model_txn *tx, const struct model_tree *old)
{
    struct model *m = &r->m;
    struct model_op op;
    int i;

    for (i = 0; i < tx->count; i++) {
        op = tx->op[i];
        if (!tx->changed[i])
            continue;
        if (!model_find((struct model_tree *)old, op.path) && !model_find(&m->live, op.path))
            continue;
        if (op.kind == M_RM && model_find(&m->live, op.path))
            op.kind = M_WRITE;
        /* What lies under another removed path is told by that. */
        if (!model_find(&m->live, op.path))
            op.kind = M_RM;
        model_fire(m, old, &m->live, &op, &r->want);
    }
}

/* Events beyond those that must come are allowed, leaks are not. */
static void check_leaks(struct run *r, const struct model_tree *old)
{
    int i;

    for (i = 0; i < r->got.count; i++) {
        const struct model_event *e = &r->got.at[i];
        const struct model_conn *c = &r->m.conn[e->conn];
        char path[2 * MODEL_PATH];

        if (e->path[0] == '/')
            (void)snprintf(path, sizeof path, "%s", e->path);
        else
            (void)snprintf(path, sizeof path, "/local/domain/%d/%s", c->domid, e->path);
        if (!model_may_see(old, c, path) && !model_may_see(&r->m.live, c, path))
            differ(r, "commit: connection %d learns of %s", e->conn, path);
    }
}

static void do_end(struct run *r, int conn)
{
    static struct model_tree old, now;
    struct model_txn *tx = &r->m.txn[conn][take(r, MODEL_TXNS)];
    bool commit = take(r, 4) != 0, changed;

    if (!tx->open)
        return;
    tx->open = false;
    ask(r, conn, PROTO_TRANSACTION_END, tx->id, commit ? "T" : "F", 2);
    r->want.count = 0;
    if (commit && strcmp(r->reply, "EAGAIN") == 0) {
        if (tx->started == r->m.changes)
            differ(r, "conflict without any change by others");
    } else if (strcmp(r->reply, "OK") != 0) {
        differ(r, "end answers '%s'", r->reply);
    } else if (commit) {
        old = r->m.live;
        now = r->m.live;
        changed = replay(r, conn, tx, &now);
        r->m.live = now;
        r->m.changes += changed;
        fire_commit(r, tx, &old);
        check_leaks(r, &old);
        compare_events(r, "commit", false);
        return;
    }
    compare_events(r, "end", true);
}

static int find_watch(const struct run *r, int conn, const char *path, const char *token)
{
    int i;

    for (i = 0; i < MODEL_WATCHES; i++)
        if (r->m.watch[i].conn == conn &&
            (conn < 0 || (strcmp(r->m.watch[i].path, path) == 0 && strcmp(r->m.watch[i].token, token) == 0)))
            return i;
    return -1;
}

static void do_watch(struct run *r, int conn, bool add)
{
    char path[MODEL_PATH], home[32], payload[2 * MODEL_PATH], token[8];
    size_t n, len, prefix = 0;
    int depth = -1, twin, slot;
    const char *want = "OK";

    make_path(r, path);
    (void)snprintf(token, sizeof token, "t%u", take(r, 3));
    if (add && take(r, 4) == 0)
        depth = (int)take(r, 3);
    n = (size_t)snprintf(home, sizeof home, "/local/domain/%d/", r->m.conn[conn].domid);
    if (take(r, 2) && strncmp(path, home, n) == 0)
        prefix = n;
    twin = find_watch(r, conn, path, token);
    slot = find_watch(r, -1, "", "");
    if (add && slot < 0)
        return;
    len = (size_t)sprintf(payload, "%s", path + prefix) + 1;
    len += (size_t)sprintf(payload + len, "%s", token) + 1;
    if (depth >= 0)
        len += (size_t)sprintf(payload + len, "%d", depth) + 1;
    ask(r, conn, add ? PROTO_WATCH : PROTO_UNWATCH, 0, payload, len);
    if (add && twin >= 0)
        want = "EEXIST";
    else if (!add && twin < 0)
        want = "ENOENT";
    if (strcmp(r->reply, want) != 0)
        differ(r, "watch %d %s answers '%s', should '%s'", add, path, r->reply, want);
    r->want.count = 0;
    if (add && twin < 0) {
        r->m.watch[slot] = (struct model_watch){.conn = conn, .prefix = prefix, .depth = depth};
        memcpy(r->m.watch[slot].path, path, sizeof path);
        memcpy(r->m.watch[slot].token, token, sizeof token);
        r->want.at[0].conn = conn;
        (void)snprintf(r->want.at[0].path, MODEL_PATH, "%s", path + prefix);
        memcpy(r->want.at[0].token, token, sizeof token);
        r->want.count = 1;
    } else if (!add && twin >= 0) {
        r->m.watch[twin].conn = -1;
    }
    compare_events(r, "watch", true);
}

static void forget_conn(struct run *r, int conn)
{
    int i;

    for (i = 0; i < MODEL_WATCHES; i++)
        if (r->m.watch[i].conn == conn)
            r->m.watch[i].conn = -1;
    for (i = 0; i < MODEL_TXNS; i++)
        r->m.txn[conn][i].open = false;
}

static void do_reset(struct run *r, int conn)
{
    ask(r, conn, PROTO_RESET_WATCHES, 0, "", 1);
    if (strcmp(r->reply, "OK") != 0)
        differ(r, "reset answers '%s'", r->reply);
    forget_conn(r, conn);
}

static void connect_guest(struct run *r, int conn, int domid)
{
    r->m.domain[domid] = true;
    r->m.conn[conn] = (struct model_conn){.domid = domid, .target = -1};
    r->mc[conn] = domostore_connect(r->ds, (uint16_t)domid, false);
    if (!r->mc[conn])
        differ(r, "no memory");
}

/* Domain 2 dies and its number is used again. */
static void do_death(struct run *r)
{
    int conn = 2;

    forget_conn(r, conn);
    r->want.count = r->got.count = 0;
    r->m.domain[2] = false; /* no events to the dying */
    domostore_domain_destroyed(r->ds, 2);
    model_kill(&r->m, 2, &r->want);
    collect(r);
    compare_events(r, "death", true);
    r->mc[conn] = domostore_close(r->mc[conn]);
    connect_guest(r, conn, 2);
}

static void setup(struct run *r)
{
    static const char *const dirs[] = {"/local/domain/1", "/local/domain/2", "/s", "/g"};
    static const char perms[4][2][4] = {{"n1", ""}, {"n2", ""}, {"b0", ""}, {"n0", "r1"}};
    char payload[64];
    size_t i, len;

    r->mc[0] = domostore_connect(r->ds, 0, true);
    r->mc[3] = domostore_connect(r->ds, 0, true);
    r->m.conn[0] = r->m.conn[3] = (struct model_conn){.domid = 0, .privileged = true, .target = -1};
    connect_guest(r, 1, 1);
    connect_guest(r, 2, 2);
    for (i = 0; i < 4 && !r->why; i++) {
        struct model_op op = {.kind = M_MKDIR}, set = {.kind = M_SET_PERMS, .perm_count = perms[i][1][0] ? 2 : 1};
        char want[MODEL_REPLY];

        (void)snprintf(op.path, sizeof op.path, "%s", dirs[i]);
        memcpy(set.path, op.path, sizeof op.path);
        set.perms[0] = (struct model_perm){perms[i][0][0], perms[i][0][1] - '0', false};
        set.perms[1] = (struct model_perm){perms[i][1][0], 1, false};
        (void)model_apply(&r->m, &r->m.live, &r->m.conn[0], &op, want);
        ask(r, 0, PROTO_MKDIR, 0, op.path, strlen(op.path) + 1);
        (void)model_apply(&r->m, &r->m.live, &r->m.conn[0], &set, want);
        len = encode(&set, payload);
        ask(r, 0, PROTO_SET_PERMS, 0, payload, len);
        compare_reply(r, 0, &set, want);
    }
}

static void step(struct run *r)
{
    unsigned what = take(r, 16);
    int conn = (int)take(r, MODEL_CONNS);
    struct model_txn *tx = &r->m.txn[conn][take(r, MODEL_TXNS)];

    if (what < 6)
        do_op(r, conn, NULL);
    else if (what < 10)
        do_op(r, conn, tx->open ? tx : NULL);
    else if (what == 10)
        do_start(r, conn);
    else if (what == 11)
        do_end(r, conn);
    else if (what == 12 || what == 13)
        do_watch(r, conn, true);
    else if (what == 14)
        do_watch(r, conn, false);
    else if (take(r, 8) == 0)
        do_death(r);
    else if (take(r, 4) == 0)
        do_reset(r, conn);
}

const char *store_ops_run(const uint8_t *bytes, size_t len, unsigned checks)
{
    struct run *r = calloc(1, sizeof *r);
    struct domostore_ops ops = {.domain_exists = exists};
    unsigned n = 0, i;
    char *why = NULL;

    if (!r)
        return NULL;
    r->bytes = bytes;
    r->len = len;
    model_init(&r->m);
    r->ds = domostore_new(&ops, r);
    if (r->ds) {
        domostore_set_guard(r->ds, 0); /* the model knows no waiting */
        setup(r);
    }
    while (r->ds && !r->why && r->pos < r->len) {
        step(r);
        if (++n % checks == 0 && domostore_check(r->ds, &why) < 0)
            differ(r, "after operation %u: %s", n, why ? why : "no memory");
        free(why);
        why = NULL;
    }
    for (i = 0; i < MODEL_CONNS; i++)
        (void)domostore_close(r->mc[i]);
    (void)domostore_free(r->ds);
    why = r->why;
    free(r);
    return why;
}
