/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One row a message type: who may send it, what its payload looks like, who
 * serves it. The dispatcher checks what the row says; the functions start with
 * a request of the right shape. The functions on nodes are here.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

enum shape {
    SHAPE_ANY,
    SHAPE_ONE,  /* one string: exactly one NUL, at the end */
    SHAPE_PATH, /* a NUL somewhere: a path, then whatever */
};

struct row {
    const char *name;
    int (*serve)(struct conn *c, struct req *q);
    enum shape shape;
    bool privileged; /* from privileged connections only */
    bool any_tx;     /* tx_id is not looked at */
};

int server_path(const struct conn *c, const char *text, struct path *ret)
{
    int rc = path_parse(ret, text, strlen(text), c->who.domid);

    if (rc < 0 || c->who.privileged || !c->dom)
        return rc;
    return domain_over(&server_store(c->ds)->domains, c->dom, QUOTA_PATH_MAX, 0, (int64_t)ret->rel) ? -EINVAL : 0;
}

static int parse_path(const struct conn *c, const struct req *q, struct path *ret)
{
    return server_path(c, q->payload, ret);
}

/* --- reading --- */

static int serve_read(struct conn *c, struct req *q)
{
    const struct node *n = NULL;
    struct path p;
    int rc = parse_path(c, q, &p);

    if (rc == 0)
        rc = store_read(server_store(c->ds), &c->who, q->tx, &p, &n);
    return rc ? rc : conn_reply(c, q, node_value(n), n->value_len);
}

/* Bytes of all names with their NULs, or something above "max". */
static size_t names_len(const struct dir *d, size_t max)
{
    const struct node *n = NULL;
    size_t len = d ? d->count * 2 : 0;
    uint32_t i = 0;

    if (len > max)
        return len;
    for (len = 0; len <= max && (n = dir_next(d, &i));)
        len += n->name_len + 1U;
    return len;
}

static void put_names(const struct dir *d, char *to)
{
    const struct node *n = NULL;
    uint32_t i = 0;

    while ((n = dir_next(d, &i))) {
        memcpy(to, n->bytes, n->name_len);
        to[n->name_len] = '\0';
        to += n->name_len + 1;
    }
}

static int serve_directory(struct conn *c, struct req *q)
{
    const struct node *n = NULL;
    struct path p;
    size_t len;
    char *room;
    int rc = parse_path(c, q, &p);

    if (rc == 0)
        rc = store_directory(server_store(c->ds), &c->who, q->tx, &p, &n);
    if (rc)
        return rc;
    len = names_len(n->dir, PROTO_PAYLOAD_MAX);
    if (len > PROTO_PAYLOAD_MAX)
        return -E2BIG;
    room = conn_reply_room(c, q, len);
    if (!room)
        return -ENOMEM;
    put_names(n->dir, room);
    return 0;
}

/* All names of a directory in one piece, kept until another directory (or
 * another state of it) is asked for: a client fetches a large one in parts. */
static int get_listing(struct domostore *ds, const struct dir *d, const struct listing **ret)
{
    struct listing *l = &ds->listing;
    size_t len;
    char *names;

    if (d && l->gen == d->gen) {
        *ret = l;
        return 0;
    }
    len = names_len(d, SIZE_MAX);
    names = malloc(len ? len : 1);
    if (!names)
        return -ENOMEM;
    put_names(d, names);
    free(l->names);
    l->names = names;
    l->len = len;
    l->gen = d ? d->gen : 0;
    *ret = l;
    return 0;
}

/* As many whole names from "offset" on as fit beside the generation; an empty
 * name says that the end is reached. */
static int reply_part(struct conn *c, const struct req *q, uint64_t gen, const struct listing *l, size_t offset)
{
    char head[24];
    size_t head_len = (size_t)snprintf(head, sizeof head, "%llu", (unsigned long long)gen) + 1, len;
    char *room;

    if (offset > l->len)
        offset = l->len;
    len = l->len - offset;
    if (head_len + len + 1 > PROTO_PAYLOAD_MAX) {
        len = PROTO_PAYLOAD_MAX - head_len;
        while (len > 0 && l->names[offset + len - 1] != '\0')
            len--;
    }
    room = conn_reply_room(c, q, head_len + len + (offset + len == l->len));
    if (!room)
        return -ENOMEM;
    memcpy(room, head, head_len);
    memcpy(room + head_len, l->names + offset, len);
    if (offset + len == l->len)
        room[head_len + len] = '\0';
    return 0;
}

static int serve_directory_part(struct conn *c, struct req *q)
{
    const char *args[2];
    const struct listing *l = NULL;
    const struct node *n = NULL;
    struct path p;
    unsigned long offset;
    int rc;

    if (proto_count_strings(q->payload, q->head.len) != 2 || proto_strings(q->payload, q->head.len, args, 2) != 2)
        return -EINVAL;
    rc = parse_path(c, q, &p);
    if (rc == 0)
        rc = store_directory(server_store(c->ds), &c->who, q->tx, &p, &n);
    if (rc == 0)
        rc = get_listing(c->ds, n->dir, &l);
    if (rc)
        return rc;
    offset = strtoul(args[1], NULL, 10);
    return reply_part(c, q, n->gen, l, offset);
}

static int serve_get_perms(struct conn *c, struct req *q)
{
    const struct perms *perms = NULL;
    char text[PROTO_PAYLOAD_MAX + PERM_TEXT_MAX];
    size_t len = 0, i;
    struct path p;
    int rc = parse_path(c, q, &p);

    if (rc == 0)
        rc = store_get_perms(server_store(c->ds), &c->who, q->tx, &p, &perms);
    if (rc)
        return rc;
    for (i = 0; i < perms_count(perms) && len <= PROTO_PAYLOAD_MAX; i++)
        len += perm_format(&perms_list(perms)[i], text + len);
    return conn_reply(c, q, text, len);
}

/* --- changing --- */

static int done(struct conn *c, const struct req *q, int rc)
{
    return rc < 0 ? rc : conn_reply_ok(c, q);
}

static int serve_write(struct conn *c, struct req *q)
{
    size_t path_len = strlen(q->payload);
    struct path p;
    int rc = parse_path(c, q, &p);

    if (rc == 0)
        rc =
            store_write(server_store(c->ds), &c->who, q->tx, &p, q->payload + path_len + 1, q->head.len - path_len - 1);
    return done(c, q, rc);
}

static int serve_mkdir(struct conn *c, struct req *q)
{
    struct path p;
    int rc = parse_path(c, q, &p);

    if (rc == 0)
        rc = store_mkdir(server_store(c->ds), &c->who, q->tx, &p);
    return done(c, q, rc);
}

static int serve_rm(struct conn *c, struct req *q)
{
    struct path p;
    int rc = parse_path(c, q, &p);

    if (rc == 0)
        rc = store_rm(server_store(c->ds), &c->who, q->tx, &p);
    return done(c, q, rc);
}

static int serve_set_perms(struct conn *c, struct req *q)
{
    struct perm list[PERM_LIST_MAX];
    size_t strings = proto_count_strings(q->payload, q->head.len), i;
    const char *text = q->payload + strlen(q->payload) + 1;
    struct path p;
    int rc = parse_path(c, q, &p);

    if (rc == 0 && (strings < 2 || strings - 1 > PERM_LIST_MAX))
        rc = -EINVAL;
    for (i = 0; rc == 0 && i < strings - 1; i++, text += strlen(text) + 1)
        rc = perm_parse(text, &list[i]);
    if (rc == 0)
        rc = store_set_perms(server_store(c->ds), &c->who, q->tx, &p, list, strings - 1);
    return done(c, q, rc);
}

/* --- the table --- */

static const struct row rows[PROTO_TYPE_COUNT] = {
    [PROTO_CONTROL] = {.name = "control", .serve = control_serve, .shape = SHAPE_ANY, .privileged = true},
    [PROTO_DIRECTORY] = {.name = "directory", .serve = serve_directory, .shape = SHAPE_ONE},
    [PROTO_READ] = {.name = "read", .serve = serve_read, .shape = SHAPE_ONE},
    [PROTO_GET_PERMS] = {.name = "get-perms", .serve = serve_get_perms, .shape = SHAPE_ONE},
    [PROTO_WATCH] = {.name = "watch", .serve = watch_serve, .shape = SHAPE_PATH, .any_tx = true},
    [PROTO_UNWATCH] = {.name = "unwatch", .serve = unwatch_serve, .shape = SHAPE_PATH, .any_tx = true},
    [PROTO_TRANSACTION_START] = {.name = "transaction-start", .serve = txn_start_serve, .shape = SHAPE_ANY},
    [PROTO_TRANSACTION_END] = {.name = "transaction-end", .serve = txn_end_serve, .shape = SHAPE_ONE},
    [PROTO_INTRODUCE] = {.name = "introduce", .serve = introduce_serve, .shape = SHAPE_ANY, .privileged = true},
    [PROTO_RELEASE] = {.name = "release", .serve = release_serve, .shape = SHAPE_ONE, .privileged = true},
    [PROTO_GET_DOMAIN_PATH] = {.name = "get-domain-path", .serve = domain_path_serve, .shape = SHAPE_ONE},
    [PROTO_WRITE] = {.name = "write", .serve = serve_write, .shape = SHAPE_PATH},
    [PROTO_MKDIR] = {.name = "mkdir", .serve = serve_mkdir, .shape = SHAPE_ONE},
    [PROTO_RM] = {.name = "rm", .serve = serve_rm, .shape = SHAPE_ONE},
    [PROTO_SET_PERMS] = {.name = "set-perms", .serve = serve_set_perms, .shape = SHAPE_PATH},
    [PROTO_IS_DOMAIN_INTRODUCED] = {.name = "is-domain-introduced",
                                    .serve = is_introduced_serve,
                                    .shape = SHAPE_ONE,
                                    .privileged = true},
    [PROTO_RESUME] = {.name = "resume", .serve = resume_serve, .shape = SHAPE_ONE, .privileged = true},
    [PROTO_SET_TARGET] = {.name = "set-target", .serve = set_target_serve, .shape = SHAPE_ANY, .privileged = true},
    [PROTO_RESET_WATCHES] = {.name = "reset-watches", .serve = reset_watches_serve, .shape = SHAPE_ANY},
    [PROTO_DIRECTORY_PART] = {.name = "directory-part", .serve = serve_directory_part, .shape = SHAPE_PATH},
    [PROTO_GET_FEATURE] = {.name = "get-feature", .serve = feature_get_serve, .shape = SHAPE_ANY},
    [PROTO_SET_FEATURE] = {.name = "set-feature", .serve = feature_set_serve, .shape = SHAPE_ANY, .privileged = true},
    [PROTO_GET_QUOTA] = {.name = "get-quota", .serve = quota_get_serve, .shape = SHAPE_ANY, .privileged = true},
    [PROTO_SET_QUOTA] = {.name = "set-quota", .serve = quota_set_serve, .shape = SHAPE_ANY, .privileged = true},
};

static bool has_shape(enum shape shape, const char *payload, size_t len)
{
    const char *nul = len ? memchr(payload, '\0', len) : NULL;

    switch (shape) {
    case SHAPE_ANY:
        return true;
    case SHAPE_ONE:
        return nul && nul == payload + len - 1;
    case SHAPE_PATH:
        return nul != NULL;
    }
    return false;
}

/* *ret is set whenever there is a row for the type. */
static int check(const struct conn *c, struct req *q, const struct row **ret)
{
    const struct row *row = q->head.type < PROTO_TYPE_COUNT ? &rows[q->head.type] : NULL;

    if (!row || !row->serve)
        return -ENOSYS;
    *ret = row;
    if (row->privileged && !c->who.privileged)
        return -EACCES;
    if (q->head.tx_id && !row->any_tx) {
        q->tx = txn_find(c->txns, q->head.tx_id);
        if (!q->tx)
            return -ENOENT;
    }
    if (!has_shape(row->shape, q->payload, q->head.len))
        return -EINVAL;
    return 0;
}

/* Says once that a domain holds more than its soft limit, and again only after it held less. */
static void check_soft(const struct conn *c)
{
    uint32_t limit = domain_limit(&server_store(c->ds)->domains, c->dom, QUOTA_SOFT_MEMORY);
    bool above = limit && domain_bytes(c->dom) > (int64_t)limit;

    if (above && !c->dom->warned)
        server_log(c->ds, 2, "domain %u: %lld bytes are above its soft limit", (unsigned)c->dom->domid,
                   (long long)domain_bytes(c->dom));
    c->dom->warned = above;
}

void server_serve(struct conn *c, struct req *q)
{
    const struct row *row = NULL;
    int rc = check(c, q, &row);

    c->ds->serving = c;
    if (rc == 0)
        rc = row->serve(c, q);
    c->ds->serving = NULL;
    if (rc < 0)
        conn_reply_error(c, q, rc);
    if (c->dom && !c->who.privileged)
        check_soft(c);
    if (c->ds->trace.on)
        trace_request(c, q, row ? row->name : "unknown", rc);
}
