/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * UNIX sockets and the loop over them. All socket clients are privileged: the
 * file's mode decides who may connect.
 *
 * A turn takes what each ready descriptor has (one read), serves it, and hands
 * out all replies of a connection in one write. An idle connection costs
 * nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "record.h"
#include "server.h"

enum {
    EVENTS_MAX = 64,
    BACKLOG = 128,
    ACCEPT_MAX = 16,
    READ_MAX = 16 << 10, /* what one client can make the others wait for in a turn */
};

/* A listening socket, or a descriptor of the embedding program. */
struct listener {
    struct listener *next;
    int fd;
    bool off;                 /* not polled: no descriptors were left */
    void (*ready)(void *arg); /* NULL for listening sockets */
    void *arg;
};

/* What epoll hands back: a connection, or a listener with the lowest bit set. */
static void *tag_listener(struct listener *l)
{
    return (char *)l + 1;
}

static ssize_t socket_write(struct conn *c, const void *bytes, size_t len)
{
    ssize_t n;

    do
        n = send(c->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS ? 0 : -errno;
    return n;
}

static void set_interest(struct conn *c)
{
    struct epoll_event ev = {.data.ptr = c};

    ev.events = (c->paused ? 0U : (uint32_t)EPOLLIN) | (c->blocked ? (uint32_t)EPOLLOUT : 0U);
    if (epoll_ctl(c->ds->epoll_fd, EPOLL_CTL_MOD, c->fd, &ev) < 0)
        conn_kill(c);
}

static void socket_want_write(struct conn *c, bool want)
{
    c->blocked = want;
    set_interest(c);
}

static void socket_pause(struct conn *c, bool paused)
{
    (void)paused;
    set_interest(c);
}

static void enable_listeners(struct domostore *ds)
{
    struct listener *l;

    for (l = ds->listeners; l; l = l->next) {
        struct epoll_event ev = {.events = EPOLLIN, .data.ptr = tag_listener(l)};

        if (l->off && epoll_ctl(ds->epoll_fd, EPOLL_CTL_MOD, l->fd, &ev) == 0)
            l->off = false;
    }
}

static void socket_close(struct conn *c)
{
    (void)close(c->fd);
    enable_listeners(c->ds);
}

static const struct transport socket_transport = {
    .kind = "socket",
    .write = socket_write,
    .want_write = socket_want_write,
    .close = socket_close,
    .pause = socket_pause,
};

static int need_epoll(struct domostore *ds)
{
    if (ds->epoll_fd < 0)
        ds->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    return ds->epoll_fd < 0 ? -errno : 0;
}

int domostore_add_client(struct domostore *ds, int fd)
{
    return domostore_add_client_of(ds, fd, 0);
}

int domostore_add_client_of(struct domostore *ds, int fd, uint16_t domid)
{
    struct who who = {.domid = domid, .privileged = domid == 0, .target = -1};
    struct epoll_event ev = {.events = EPOLLIN};
    struct domain *dom = NULL;
    struct conn *c;
    int rc = need_epoll(ds);

    if (rc == 0 && domid != 0)
        rc = store_domain_add(&ds->s, domid, &dom);
    if (rc < 0)
        return rc;
    if (domid == 0)
        dom = domain_get(&ds->s.domains, 0);
    else
        who.target = dom->target;
    c = conn_new(ds, &socket_transport, NULL, &who, dom);
    if (!c)
        return -ENOMEM;
    c->fd = fd;
    ev.data.ptr = c;
    if (epoll_ctl(ds->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0)
        return 0;
    rc = -errno;
    c->fd = -1;
    conn_free(c);
    return rc;
}

static int add_source(struct domostore *ds, int fd, void (*ready)(void *arg), void *arg)
{
    struct listener *l = calloc(1, sizeof *l);
    struct epoll_event ev = {.events = EPOLLIN};
    int rc = need_epoll(ds);

    if (!l)
        return -ENOMEM;
    l->fd = fd;
    l->ready = ready;
    l->arg = arg;
    ev.data.ptr = tag_listener(l);
    if (rc == 0 && epoll_ctl(ds->epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
        rc = -errno;
    if (rc < 0) {
        free(l);
        return rc;
    }
    l->next = ds->listeners;
    ds->listeners = l;
    return 0;
}

int domostore_add_listener(struct domostore *ds, int fd)
{
    return add_source(ds, fd, NULL, NULL);
}

int domostore_add_fd(struct domostore *ds, int fd, void (*ready)(void *arg), void *arg)
{
    return add_source(ds, fd, ready, arg);
}

int domostore_listen(struct domostore *ds, const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd, rc;

    if (strlen(path) >= sizeof addr.sun_path)
        return -EINVAL;
    memcpy(addr.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    (void)unlink(path);
    rc = bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0 || chmod(path, 0600) < 0 || listen(fd, BACKLOG) < 0
             ? -errno
             : 0;
    if (rc == 0)
        rc = domostore_add_listener(ds, fd);
    if (rc < 0)
        (void)close(fd);
    return rc;
}

static void accept_some(struct domostore *ds, struct listener *l)
{
    struct epoll_event none = {.events = 0, .data.ptr = tag_listener(l)};
    int i, fd;

    for (i = 0; i < ACCEPT_MAX; i++) {
        fd = accept4(l->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
            /* Not polled until a connection closes: no spinning on what cannot be accepted. */
            if (epoll_ctl(ds->epoll_fd, EPOLL_CTL_MOD, l->fd, &none) == 0)
                l->off = true;
            return;
        }
        if (fd < 0 && errno != ECONNABORTED && errno != EINTR)
            return;
        if (fd >= 0 && domostore_add_client(ds, fd) < 0)
            (void)close(fd);
    }
}

/* One read: its bytes, 0 when there was nothing or the connection is of no use any more. */
static size_t read_once(struct domostore *ds, struct conn *c)
{
    ssize_t n = recv(c->fd, ds->input, READ_MAX, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return 0;
    if (n <= 0 || conn_input(c, ds->input, (size_t)n) < 0) {
        conn_kill(c);
        return 0;
    }
    return c->dead || c->paused ? 0 : (size_t)n;
}

static void read_some(struct domostore *ds, struct conn *c)
{
    size_t n = read_once(ds, c);

    /* libxenstore sends a request as header and strings, one write each. With
     * the rest about to come, giving the client the processor for a moment is
     * cheaper than sleeping and being woken once more for each piece. Not for
     * a client that sends many requests at once and ends in the middle of one:
     * it would get one turn after the other. */
    if (n > 0 && conn_has(c) == n) {
        (void)sched_yield();
        (void)read_once(ds, c);
    }
    if (c->paused && !c->dead)
        set_interest(c);
}

static void serve_one(struct domostore *ds, const struct epoll_event *ev)
{
    struct conn *c = ev->data.ptr;

    if ((uintptr_t)ev->data.ptr & 1) {
        struct listener *l = (struct listener *)((char *)ev->data.ptr - 1);

        if (l->ready)
            l->ready(l->arg);
        else
            accept_some(ds, l);
        return;
    }
    if (c->dead)
        return;
    if (ev->events & EPOLLOUT)
        server_want_flush(c);
    if (ev->events & EPOLLIN)
        read_some(ds, c);
    else if (ev->events & (EPOLLHUP | EPOLLERR))
        conn_kill(c);
}

int domostore_dispatch(struct domostore *ds, int timeout_ms)
{
    struct epoll_event events[EVENTS_MAX];
    int i, n;

    if (timeout_ms < 0)
        timeout_ms = domostore_timeout_ms(ds);
    n = ds->epoll_fd < 0 ? 0 : epoll_wait(ds->epoll_fd, events, EVENTS_MAX, timeout_ms);
    if (n < 0 && errno != EINTR)
        return -errno;
    for (i = 0; i < n; i++)
        serve_one(ds, &events[i]);
    (void)domostore_turn(ds);
    return n < 0 ? 0 : n;
}

static int set_inherit(int fd, bool on)
{
    return fcntl(fd, F_SETFD, on ? 0 : FD_CLOEXEC) < 0 ? -errno : 0;
}

int domostore_inherit(struct domostore *ds, bool on)
{
    const struct listener *l;
    const struct conn *c;
    int rc = 0;

    for (l = ds->listeners; l && rc == 0; l = l->next)
        rc = l->ready ? 0 : set_inherit(l->fd, on);
    for (c = ds->conns; c && rc == 0; c = c->next)
        rc = c->fd < 0 ? 0 : set_inherit(c->fd, on);
    return rc;
}

void socket_save(struct domostore *ds, struct record_writer *w)
{
    const struct listener *l;

    for (l = ds->listeners; l; l = l->next) {
        if (l->ready)
            continue;
        record_begin(w, "listener");
        record_num(w, "fd", l->fd);
        record_end(w);
    }
}

void socket_fini(struct domostore *ds)
{
    struct listener *l, *next;

    for (l = ds->listeners; l; l = next) {
        next = l->next;
        if (!l->ready)
            (void)close(l->fd);
        free(l);
    }
    ds->listeners = NULL;
    if (ds->epoll_fd >= 0)
        (void)close(ds->epoll_fd);
    ds->epoll_fd = -1;
}
