/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim/desk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/vec.h"

/* A request is small; who sends more than this without a newline, or reads nothing, is closed. */
enum { REQUEST_MAX = 1 << 20, UNREAD_MAX = 64 << 20, BACKLOG = 512, CHUNK = 16384 };

struct client {
    int fd;
    struct str in, out;
    size_t sent; /* of "out" */
    bool wants_room;
    uint32_t about;
};

struct desk {
    int listen_fd, epoll_fd;
    desk_line *line;
    VEC(struct client *) clients; /* at the index of the descriptor; NULL: none */
};

/* ---- clients ---- */

static void client_free(struct desk *d, struct client *c)
{
    d->clients.at[c->fd] = NULL;
    (void)close(c->fd);
    str_fini(&c->in);
    str_fini(&c->out);
    free(c);
}

static int client_add(struct desk *d, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    struct client *c;

    while (d->clients.len <= (size_t)fd)
        if (!VEC_PUSH(&d->clients))
            return -ENOMEM;
    c = calloc(1, sizeof *c);
    if (!c || epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        free(c);
        return -ENOMEM;
    }
    c->fd = fd;
    d->clients.at[fd] = c;
    return 0;
}

static void accept_all(struct desk *d)
{
    int fd;

    while ((fd = accept4(d->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
        if (client_add(d, fd) < 0)
            (void)close(fd);
}

/* ---- bytes ---- */

/* False: the client is gone. */
static bool send_some(struct desk *d, struct client *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = c->fd};
    bool wants_room;

    while (c->sent < c->out.len) {
        ssize_t n = send(c->fd, c->out.s + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0)
            return false;
        c->sent += (size_t)n;
    }
    wants_room = c->sent < c->out.len;
    if (!wants_room) {
        str_clear(&c->out);
        c->sent = 0;
    }
    if (wants_room != c->wants_room) {
        event.events |= wants_room ? (uint32_t)EPOLLOUT : 0;
        (void)epoll_ctl(d->epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
        c->wants_room = wants_room;
    }
    return !c->out.failed && c->out.len < UNREAD_MAX;
}

/* False: the client is gone. */
static bool receive(struct client *c)
{
    char bytes[CHUNK];

    for (;;) {
        ssize_t n = recv(c->fd, bytes, sizeof bytes, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        if (n == 0)
            return false;
        str_addn(&c->in, bytes, (size_t)n);
        if (c->in.failed)
            return false;
    }
}

/* ---- requests ---- */

/* Answers every complete line. */
static bool answer(const struct desk *d, struct client *c, struct sim *sim, int64_t now_ms)
{
    char *line = c->in.s, *end;
    bool stop = false;

    /* What was due before the question comes before the answer. */
    (void)sim_step(sim, now_ms);
    while (!stop && line && (end = memchr(line, '\n', c->in.len - (size_t)(line - c->in.s)))) {
        d->line(sim, &c->about, line, (size_t)(end - line), &c->out, &stop);
        (void)sim_step(sim, now_ms);
        line = end + 1;
    }
    if (line && line != c->in.s) {
        c->in.len -= (size_t)(line - c->in.s);
        memmove(c->in.s, line, c->in.len + 1);
    }
    return stop;
}

bool desk_ready(struct desk *d, int fd, uint32_t events, struct sim *sim, int64_t now_ms)
{
    struct client *c;
    bool stop = false, here = true;

    if (fd == d->listen_fd) {
        accept_all(d);
        return false;
    }
    c = fd >= 0 && (size_t)fd < d->clients.len ? d->clients.at[fd] : NULL;
    if (!c)
        return false;
    if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        here = receive(c);
        stop = answer(d, c, sim, now_ms);
    }
    if (!send_some(d, c) || !here || c->in.len > REQUEST_MAX)
        client_free(d, c);
    return stop;
}

/* ---- the socket ---- */

static int listen_at(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    mode_t old;
    int fd, r;

    if (snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path) >= (int)sizeof addr.sun_path)
        return -ENAMETOOLONG;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    (void)unlink(path);
    old = umask(0177);
    r = bind(fd, (const struct sockaddr *)&addr, sizeof addr) < 0 || listen(fd, BACKLOG) < 0 ? -errno : 0;
    (void)umask(old);
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    return fd;
}

int desk_open(const char *path, int epoll_fd, desk_line *line, struct desk **ret)
{
    struct desk *d = calloc(1, sizeof *d);
    struct epoll_event event = {.events = EPOLLIN};
    int r;

    if (!d)
        return -ENOMEM;
    d->epoll_fd = epoll_fd;
    d->line = line;
    d->listen_fd = listen_at(path);
    event.data.fd = d->listen_fd;
    r = d->listen_fd < 0 ? d->listen_fd : epoll_ctl(epoll_fd, EPOLL_CTL_ADD, d->listen_fd, &event) < 0 ? -errno : 0;
    if (r < 0) {
        (void)desk_close(d);
        return r;
    }
    *ret = d;
    return 0;
}

struct desk *desk_close(struct desk *d)
{
    if (!d)
        return NULL;
    for (size_t i = 0; i < d->clients.len; i++)
        if (d->clients.at[i]) {
            (void)send_some(d, d->clients.at[i]);
            client_free(d, d->clients.at[i]);
        }
    if (d->listen_fd >= 0)
        (void)close(d->listen_fd);
    VEC_FINI(&d->clients);
    free(d);
    return NULL;
}
