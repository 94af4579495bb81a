/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim/xs.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/vec.h"
#include "proto.h"
#include "ring/stream.h"

enum { TRIES = 8, CHUNK = 4096 };

struct xsc {
    struct domostore *ds;
    struct domostore_conn *conn; /* NULL for a ring */
    struct stream req, rsp;
    uint16_t domid;
    void (*kick)(void *arg);
    void *kick_arg;
    bool broken;
    uint32_t last_id;
    struct str out; /* what the ring had no room for yet */
    struct str in;  /* part of a message */
    VEC(struct xsc_event) events;
    size_t event_head;
};

/* A request and what becomes of it. */
struct call {
    struct proto_head head;
    bool done;
    int rc;
    char *reply; /* NUL-terminated */
    size_t reply_len;
};

struct xsc *xsc_new(struct domostore *ds, uint16_t domid)
{
    struct xsc *x = calloc(1, sizeof *x);

    if (!x)
        return NULL;
    x->ds = ds;
    x->domid = domid;
    x->conn = domostore_connect(ds, domid, domid == 0);
    return x->conn ? x : xsc_free(x);
}

struct xsc *xsc_new_ring(struct domostore *ds, uint16_t domid, void *page, void (*kick)(void *arg), void *arg)
{
    struct xsc *x = calloc(1, sizeof *x);

    if (!x)
        return NULL;
    x->ds = ds;
    x->domid = domid;
    x->kick = kick;
    x->kick_arg = arg;
    stream_writer(&x->req, &stream_store_req, page);
    stream_reader(&x->rsp, &stream_store_rsp, page);
    return x;
}

struct xsc *xsc_free(struct xsc *x)
{
    if (!x)
        return NULL;
    for (size_t i = x->event_head; i < x->events.len; i++)
        free(x->events.at[i].path);
    VEC_FINI(&x->events);
    str_fini(&x->out);
    str_fini(&x->in);
    (void)domostore_close(x->conn);
    free(x);
    return NULL;
}

/* ---- bytes ---- */

static void take(struct xsc *x, const void *bytes, ssize_t n)
{
    if (n > 0)
        str_addn(&x->in, bytes, (size_t)n);
    if (n < 0 || x->in.failed)
        x->broken = true;
}

/* Moves bytes both ways as long as any move. */
static void pump_ring(struct xsc *x)
{
    char bytes[CHUNK];
    bool moved = true;

    while (moved && !x->broken) {
        ssize_t n = stream_write(&x->req, x->out.s, x->out.len);

        if (n < 0)
            x->broken = true;
        moved = n > 0;
        if (n > 0) {
            memmove(x->out.s, x->out.s + n, x->out.len - (size_t)n + 1);
            x->out.len -= (size_t)n;
            x->kick(x->kick_arg);
        }
        /* The server would get there by the kick alone; but a caller waits. */
        domostore_ring_event(x->ds, x->domid);
        n = stream_read(&x->rsp, bytes, sizeof bytes);
        take(x, bytes, n);
        moved = moved || n > 0;
    }
}

static void pump_conn(struct xsc *x)
{
    char bytes[CHUNK];
    ssize_t n;

    if (x->out.len && domostore_send(x->conn, x->out.s, x->out.len))
        x->broken = true;
    str_clear(&x->out);
    while (!x->broken && (n = domostore_recv(x->conn, bytes, sizeof bytes)) != 0)
        take(x, bytes, n);
}

static void queue(struct xsc *x, const struct proto_head *head, const void *payload)
{
    char bytes[PROTO_HEAD_SIZE];

    proto_encode(bytes, head);
    str_addn(&x->out, bytes, sizeof bytes);
    str_addn(&x->out, payload, head->len);
    if (x->out.failed)
        x->broken = true;
}

/* ---- messages ---- */

static void keep_event(struct xsc *x, const char *payload, size_t len)
{
    const char *strings[2];
    struct xsc_event *e;
    char *copy;

    if (proto_strings(payload, len, strings, 2) < 2)
        return;
    copy = malloc(len);
    e = copy ? VEC_PUSH(&x->events) : NULL;
    if (!e) {
        free(copy);
        x->broken = true;
        return;
    }
    memcpy(copy, payload, len);
    e->path = copy;
    e->token = copy + (strings[1] - strings[0]);
}

static int error_of(const char *word)
{
    static const int known[] = {EINVAL, EACCES,    EEXIST, EISDIR, ENOENT, ENOMEM,  ENOSPC, EIO,
                                ENOSYS, ENOTEMPTY, EROFS,  EBUSY,  EAGAIN, EISCONN, E2BIG,  EPERM};

    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (str_eq(proto_error(-known[i]), word))
            return -known[i];
    }
    return -EIO;
}

/* Nobody waits for this answer any more. A transaction that it opened must not stay open. */
static void drop_answer(struct xsc *x, const struct proto_head *head, const char *payload)
{
    struct proto_head end = {.type = PROTO_TRANSACTION_END, .req_id = ++x->last_id, .len = 2};

    if (head->type != PROTO_TRANSACTION_START || str_to_u32(payload, &end.tx_id))
        return;
    queue(x, &end, "F");
}

static void settle(struct call *c, const struct proto_head *head, const char *payload)
{
    char *copy = malloc((size_t)head->len + 1);

    c->done = true;
    c->rc = -ENOMEM;
    if (!copy)
        return;
    memcpy(copy, payload, head->len);
    copy[head->len] = '\0';
    c->rc = head->type == PROTO_ERROR ? error_of(copy) : 0;
    if (c->rc) {
        free(copy);
        return;
    }
    c->reply = copy;
    c->reply_len = head->len;
}

/* Takes apart what has come; "c" may be NULL. */
static void parse(struct xsc *x, struct call *c)
{
    struct proto_head head;
    size_t at = 0;

    while (!x->broken && x->in.len - at >= PROTO_HEAD_SIZE) {
        const char *payload = x->in.s + at + PROTO_HEAD_SIZE;

        if (proto_decode(x->in.s + at, &head)) {
            x->broken = true;
            break;
        }
        if (x->in.len - at < PROTO_HEAD_SIZE + head.len)
            break;
        at += PROTO_HEAD_SIZE + head.len;
        if (head.type == PROTO_WATCH_EVENT)
            keep_event(x, payload, head.len);
        else if (c && !c->done && head.req_id == c->head.req_id)
            settle(c, &head, payload);
        else
            drop_answer(x, &head, payload);
    }
    if (at) {
        memmove(x->in.s, x->in.s + at, x->in.len - at + 1);
        x->in.len -= at;
    }
}

static void pump(struct xsc *x, struct call *c)
{
    if (x->conn)
        pump_conn(x);
    else
        pump_ring(x);
    parse(x, c);
}

/* ---- calls ---- */

/* On success the caller owns *ret (which may be NULL if it does not want it). */
static int call(struct xsc *x, uint32_t type, uint32_t tx, const void *payload, size_t len, char **ret, size_t *ret_len)
{
    struct call c = {.head = {.type = type, .req_id = ++x->last_id, .tx_id = tx, .len = (uint32_t)len}};

    if (len > PROTO_PAYLOAD_MAX)
        return -E2BIG;
    if (!x->broken && x->out.len) /* an earlier request still waits for the server */
        pump(x, NULL);
    if (x->broken)
        return -EIO;
    if (x->out.len)
        return -EAGAIN;
    queue(x, &c.head, payload);
    pump(x, &c);
    if (!c.done)
        return x->broken ? -EIO : -EAGAIN;
    if (c.rc)
        return c.rc;
    if (ret)
        *ret = c.reply;
    else
        free(c.reply);
    if (ret_len)
        *ret_len = c.reply_len;
    return 0;
}

/* A call whose payload is a path and "more" bytes. */
static int path_call(struct xsc *x, uint32_t type, uint32_t tx, const char *dir, const char *name, const void *more,
                     size_t more_len, char **ret, size_t *ret_len)
{
    struct str AUTO_STR payload = STR_INIT;

    str_add(&payload, dir);
    if (name) {
        str_addc(&payload, '/');
        str_add(&payload, name);
    }
    str_addc(&payload, '\0');
    str_addn(&payload, more, more_len);
    if (payload.failed)
        return -ENOMEM;
    return call(x, type, tx, payload.s, payload.len, ret, ret_len);
}

int xsc_read(struct xsc *x, uint32_t tx, const char *dir, const char *name, char **ret)
{
    return path_call(x, PROTO_READ, tx, dir, name, "", 0, ret, NULL);
}

int xsc_read_u32(struct xsc *x, uint32_t tx, const char *dir, const char *name, uint32_t *ret)
{
    char *AUTO_FREE text = NULL;
    int rc = xsc_read(x, tx, dir, name, &text);

    if (rc)
        return rc;
    return str_to_u32(text, ret) ? -EINVAL : 0;
}

bool xsc_exists(struct xsc *x, uint32_t tx, const char *dir, const char *name)
{
    return path_call(x, PROTO_READ, tx, dir, name, "", 0, NULL, NULL) == 0;
}

int xsc_write(struct xsc *x, uint32_t tx, const char *dir, const char *name, const char *value)
{
    return path_call(x, PROTO_WRITE, tx, dir, name, value, strlen(value), NULL, NULL);
}

int xsc_writef(struct xsc *x, uint32_t tx, const char *dir, const char *name, const char *fmt, ...)
{
    char value[1024];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(value, sizeof value, fmt, ap);
    va_end(ap);
    if (n < 0 || (size_t)n >= sizeof value)
        return -E2BIG;
    return xsc_write(x, tx, dir, name, value);
}

int xsc_mkdir(struct xsc *x, uint32_t tx, const char *dir, const char *name)
{
    return path_call(x, PROTO_MKDIR, tx, dir, name, "", 0, NULL, NULL);
}

int xsc_rm(struct xsc *x, uint32_t tx, const char *dir, const char *name)
{
    return path_call(x, PROTO_RM, tx, dir, name, "", 0, NULL, NULL);
}

int xsc_list(struct xsc *x, uint32_t tx, const char *dir, const char *name, char ***ret, size_t *ret_n)
{
    char *AUTO_FREE names = NULL;
    size_t len, n;
    char **list;
    int rc = path_call(x, PROTO_DIRECTORY, tx, dir, name, "", 0, &names, &len);

    if (rc)
        return rc;
    n = proto_count_strings(names, len);
    list = malloc(n * sizeof *list + len + 1);
    if (!list)
        return -ENOMEM;
    memcpy(list + n, names, len);
    n = 0;
    for (char *p = (char *)(list + proto_count_strings(names, len)), *end = p + len; p < end; p += strlen(p) + 1)
        list[n++] = p;
    *ret = list;
    *ret_n = n;
    return 0;
}

int xsc_set_perms(struct xsc *x, uint32_t tx, const char *dir, const char *name, const char *perms)
{
    char *AUTO_FREE words = strdup(perms);

    if (!words)
        return -ENOMEM;
    for (char *p = words; *p; p++) {
        if (*p == ' ')
            *p = '\0';
    }
    return path_call(x, PROTO_SET_PERMS, tx, dir, name, words, strlen(perms) + 1, NULL, NULL);
}

int xsc_watch(struct xsc *x, const char *path, const char *token)
{
    return path_call(x, PROTO_WATCH, 0, path, NULL, token, strlen(token) + 1, NULL, NULL);
}

int xsc_unwatch(struct xsc *x, const char *path, const char *token)
{
    return path_call(x, PROTO_UNWATCH, 0, path, NULL, token, strlen(token) + 1, NULL, NULL);
}

int xsc_begin(struct xsc *x, uint32_t *ret_tx)
{
    char *AUTO_FREE text = NULL;
    int rc = call(x, PROTO_TRANSACTION_START, 0, "", 1, &text, NULL);

    if (rc)
        return rc;
    return str_to_u32(text, ret_tx) ? -EIO : 0;
}

int xsc_end(struct xsc *x, uint32_t tx, bool commit)
{
    return call(x, PROTO_TRANSACTION_END, tx, commit ? "T" : "F", 2, NULL, NULL);
}

int xsc_transact(struct xsc *x, int (*body)(struct xsc *, uint32_t tx, void *arg), void *arg)
{
    int rc = -EAGAIN;

    for (int i = 0; i < TRIES && rc == -EAGAIN; i++) {
        uint32_t tx;

        rc = xsc_begin(x, &tx);
        if (rc)
            return rc;
        rc = body(x, tx, arg);
        if (rc)
            IGNORE(xsc_end(x, tx, false));
        else
            rc = xsc_end(x, tx, true);
    }
    return rc;
}

bool xsc_next(struct xsc *x, struct xsc_event *ret)
{
    if (x->event_head == x->events.len) {
        x->event_head = x->events.len = 0;
        if (!x->broken)
            pump(x, NULL);
        if (x->events.len == 0)
            return false;
    }
    *ret = x->events.at[x->event_head++];
    return true;
}
