/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * In the place of libxenstore: its functions, as far as lib/host/xen_store.c
 * calls them, over an in-memory connection to the store of the simulated host.
 */
#include "inproc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <xenstore.h>

#include "base/str.h"
#include "base/vec.h"
#include "proto.h"

enum { CHUNK = 4096 };

struct xs_handle {
    struct domostore_conn *conn; /* NULL: the store has gone */
    struct str in;
    VEC(char *) events; /* "path\0token\0" */
    int fd;             /* readable while there are any */
    uint32_t last_id;
    struct xs_handle *next;
};

static struct xs_handle *handles;

static void *need(void *p)
{
    if (!p)
        abort();
    return p;
}

struct xs_handle *xs_open(unsigned long flags)
{
    struct xs_handle *x;

    (void)flags;
    if (!inproc_sim()) {
        errno = ENOENT;
        return NULL;
    }
    x = need(calloc(1, sizeof *x));
    x->conn = need(domostore_connect(sim_store(inproc_sim()), 0, true));
    x->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (x->fd < 0)
        abort();
    x->next = handles;
    handles = x;
    return x;
}

void xs_close(struct xs_handle *x)
{
    if (!x)
        return;
    for (struct xs_handle **p = &handles; *p; p = &(*p)->next)
        if (*p == x) {
            *p = x->next;
            break;
        }
    (void)domostore_close(x->conn);
    for (size_t i = 0; i < x->events.len; i++)
        free(x->events.at[i]);
    VEC_FINI(&x->events);
    str_fini(&x->in);
    (void)close(x->fd);
    free(x);
    (void)inproc_step();
}

void inproc_xs_drop(void)
{
    for (struct xs_handle *x = handles; x; x = x->next)
        x->conn = domostore_close(x->conn);
}

/* ---- messages ---- */

/* The word of an error; those that a store gives. */
static int errno_of(const char *word)
{
    static const int known[] = {EINVAL, EACCES,    EEXIST, EISDIR, ENOENT, ENOMEM,  ENOSPC, EIO,
                                ENOSYS, ENOTEMPTY, EROFS,  EBUSY,  EAGAIN, EISCONN, E2BIG,  EPERM};

    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (str_eq(proto_error(-known[i]), word))
            return known[i];
    return EINVAL;
}

static void keep_event(struct xs_handle *x, const char *payload, size_t len)
{
    char **slot = need(VEC_PUSH(&x->events));

    *slot = need(malloc(len));
    memcpy(*slot, payload, len);
}

static void receive(struct xs_handle *x)
{
    char bytes[CHUNK];
    ssize_t n;

    while (x->conn && (n = domostore_recv(x->conn, bytes, sizeof bytes)) > 0)
        str_addn(&x->in, bytes, (size_t)n);
}

/* Takes whole messages off; the reply to request "id" (0 = none is awaited) into *ret, with a NUL behind it. */
static int parse(struct xs_handle *x, uint32_t id, char **ret, size_t *ret_len)
{
    struct proto_head head;
    size_t at = 0;
    int sys = EIO;

    while (x->in.len - at >= PROTO_HEAD_SIZE && proto_decode(x->in.s + at, &head) == 0 &&
           x->in.len - at >= PROTO_HEAD_SIZE + head.len) {
        const char *payload = x->in.s + at + PROTO_HEAD_SIZE;

        at += PROTO_HEAD_SIZE + head.len;
        if (head.type == PROTO_WATCH_EVENT) {
            keep_event(x, payload, head.len);
        } else if (id && head.req_id == id) {
            char *copy = need(calloc(1, (size_t)head.len + 1));

            memcpy(copy, payload, head.len);
            sys = head.type == PROTO_ERROR ? errno_of(copy) : 0;
            *ret = copy;
            *ret_len = head.len;
        }
    }
    if (at) {
        memmove(x->in.s, x->in.s + at, x->in.len - at + 1);
        x->in.len -= at;
    }
    return sys;
}

/* Caller frees. NULL with errno. */
static char *ask(struct xs_handle *x, enum proto_type type, uint32_t tx, const struct str *payload, size_t *ret_len)
{
    struct proto_head head = {.type = type, .req_id = ++x->last_id, .tx_id = tx, .len = (uint32_t)payload->len};
    char bytes[PROTO_HEAD_SIZE];
    char *reply = NULL;
    size_t len = 0;
    int sys;

    if (payload->len > PROTO_PAYLOAD_MAX) {
        errno = E2BIG;
        return NULL;
    }
    proto_encode(bytes, &head);
    if (!x->conn || domostore_send(x->conn, bytes, sizeof bytes) || domostore_send(x->conn, payload->s, payload->len)) {
        errno = EPIPE;
        return NULL;
    }
    receive(x);
    sys = parse(x, head.req_id, &reply, &len);
    /* Looking makes nobody do anything. */
    if (type != PROTO_READ && type != PROTO_DIRECTORY && type != PROTO_GET_PERMS)
        (void)inproc_step();
    if (sys) {
        free(reply);
        errno = sys;
        return NULL;
    }
    if (ret_len)
        *ret_len = len;
    return reply;
}

/* A path and what follows it. */
static char *ask_path(struct xs_handle *x, enum proto_type type, uint32_t tx, const char *path, const void *more,
                      size_t more_len, size_t *ret_len)
{
    struct str AUTO_STR payload = STR_INIT;

    str_addn(&payload, path, strlen(path) + 1);
    str_addn(&payload, more, more_len);
    return ask(x, type, tx, &payload, ret_len);
}

static bool done(char *reply)
{
    free(reply);
    return reply != NULL;
}

/* ---- nodes ---- */

void *xs_read(struct xs_handle *x, xs_transaction_t t, const char *path, unsigned *len)
{
    size_t n = 0;
    char *reply = ask_path(x, PROTO_READ, t, path, "", 0, &n);

    if (len)
        *len = (unsigned)n;
    return reply;
}

bool xs_write(struct xs_handle *x, xs_transaction_t t, const char *path, const void *data, unsigned len)
{
    return done(ask_path(x, PROTO_WRITE, t, path, data, len, NULL));
}

bool xs_mkdir(struct xs_handle *x, xs_transaction_t t, const char *path)
{
    return done(ask_path(x, PROTO_MKDIR, t, path, "", 0, NULL));
}

bool xs_rm(struct xs_handle *x, xs_transaction_t t, const char *path)
{
    return done(ask_path(x, PROTO_RM, t, path, "", 0, NULL));
}

char **xs_directory(struct xs_handle *x, xs_transaction_t t, const char *path, unsigned *num)
{
    size_t len = 0, n = 0;
    char *AUTO_FREE reply = ask_path(x, PROTO_DIRECTORY, t, path, "", 0, &len);
    char **list, *names;

    if (!reply)
        return NULL;
    *num = (unsigned)proto_count_strings(reply, len);
    list = need(malloc(*num * sizeof *list + len + 1));
    names = (char *)(list + *num);
    memcpy(names, reply, len);
    for (char *p = names; n < *num; p += strlen(p) + 1)
        list[n++] = p;
    return list;
}

/* ---- permissions: "n0" "r5" … ---- */

static unsigned rights_of(char letter)
{
    return letter == 'w'   ? XS_PERM_WRITE
           : letter == 'r' ? XS_PERM_READ
           : letter == 'b' ? XS_PERM_READ | XS_PERM_WRITE
                           : XS_PERM_NONE;
}

static char letter_of(unsigned rights)
{
    const unsigned both = XS_PERM_READ | XS_PERM_WRITE;

    return (rights & both) == both ? 'b' : rights & XS_PERM_WRITE ? 'w' : rights & XS_PERM_READ ? 'r' : 'n';
}

struct xs_permissions *xs_get_permissions(struct xs_handle *x, xs_transaction_t t, const char *path, unsigned *num)
{
    size_t len = 0;
    char *AUTO_FREE reply = ask_path(x, PROTO_GET_PERMS, t, path, "", 0, &len);
    struct xs_permissions *list;
    const char *p = reply;

    if (!reply)
        return NULL;
    *num = (unsigned)proto_count_strings(reply, len);
    list = need(calloc(*num + 1, sizeof *list));
    for (unsigned i = 0; i < *num; i++, p += strlen(p) + 1) {
        list[i].perms = rights_of(p[0]);
        list[i].id = (unsigned)strtoul(p + 1, NULL, 10);
    }
    return list;
}

bool xs_set_permissions(struct xs_handle *x, xs_transaction_t t, const char *path, struct xs_permissions *perms,
                        unsigned num)
{
    struct str AUTO_STR words = STR_INIT;

    for (unsigned i = 0; i < num; i++) {
        str_addf(&words, "%c%u", letter_of(perms[i].perms), perms[i].id);
        str_addc(&words, '\0');
    }
    return done(ask_path(x, PROTO_SET_PERMS, t, path, words.s, words.len, NULL));
}

/* ---- transactions, domains ---- */

xs_transaction_t xs_transaction_start(struct xs_handle *x)
{
    char *AUTO_FREE reply = ask_path(x, PROTO_TRANSACTION_START, 0, "", "", 0, NULL);

    return reply ? (xs_transaction_t)strtoul(reply, NULL, 10) : XBT_NULL;
}

bool xs_transaction_end(struct xs_handle *x, xs_transaction_t t, bool abandon)
{
    return done(ask_path(x, PROTO_TRANSACTION_END, t, abandon ? "F" : "T", "", 0, NULL));
}

bool xs_introduce_domain(struct xs_handle *x, unsigned domid, unsigned long mfn, unsigned eventchn)
{
    struct str AUTO_STR words = STR_INIT;

    str_addf(&words, "%u", domid);
    str_addc(&words, '\0');
    str_addf(&words, "%lu", mfn);
    str_addc(&words, '\0');
    str_addf(&words, "%u", eventchn);
    str_addc(&words, '\0');
    return done(ask(x, PROTO_INTRODUCE, 0, &words, NULL));
}

bool xs_resume_domain(struct xs_handle *x, unsigned domid)
{
    struct str AUTO_STR words = STR_INIT;

    str_addf(&words, "%u", domid);
    str_addc(&words, '\0');
    return done(ask(x, PROTO_RESUME, 0, &words, NULL));
}

/* ---- watches ---- */

bool xs_watch(struct xs_handle *x, const char *path, const char *token)
{
    return done(ask_path(x, PROTO_WATCH, 0, path, token, strlen(token) + 1, NULL));
}

/* As with XS_UNWATCH_FILTER: no event of this token and of a path below comes after it. */
bool xs_unwatch(struct xs_handle *x, const char *path, const char *token)
{
    if (!done(ask_path(x, PROTO_UNWATCH, 0, path, token, strlen(token) + 1, NULL)))
        return false;
    for (size_t i = 0; i < x->events.len;) {
        char *e = x->events.at[i];

        if (str_eq(e + strlen(e) + 1, token) && str_starts(e, path)) {
            free(e);
            VEC_REMOVE(&x->events, i);
        } else {
            i++;
        }
    }
    return true;
}

int xs_fileno(struct xs_handle *x)
{
    return x->fd;
}

char **xs_check_watch(struct xs_handle *x)
{
    char **vec, *event;
    size_t path, token;

    receive(x);
    (void)parse(x, 0, NULL, NULL);
    if (!x->events.len) {
        errno = x->conn ? EAGAIN : EPIPE;
        return NULL;
    }
    event = x->events.at[0];
    path = strlen(event) + 1;
    token = strlen(event + path) + 1;
    vec = need(malloc(2 * sizeof *vec + path + token));
    memcpy(vec + 2, event, path + token);
    vec[XS_WATCH_PATH] = (char *)(vec + 2);
    vec[XS_WATCH_TOKEN] = vec[XS_WATCH_PATH] + path;
    free(event);
    VEC_REMOVE(&x->events, 0);
    return vec;
}

void inproc_xs_signal(void)
{
    for (struct xs_handle *x = handles; x; x = x->next) {
        uint64_t count;

        receive(x);
        (void)parse(x, 0, NULL, NULL);
        IGNORE(read(x->fd, &count, sizeof count));
        if (x->events.len || !x->conn) {
            count = 1;
            IGNORE(write(x->fd, &count, sizeof count));
        }
    }
}
