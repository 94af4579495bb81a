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
    struct peer *peer;            /* what it has mapped, shared and bound */
    int fds[HOST_LINK_PAGES_MAX]; /* to go with the reply at "fds_at" of "out" */
    size_t fd_count, fds_at;
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
    peer_free(c->peer);
    for (size_t i = 0; i < c->fd_count; i++)
        (void)close(c->fds[i]);
    (void)close(c->fd);
    str_fini(&c->in);
    str_fini(&c->out);
    free(c);
}

static int client_add(struct desk *d, struct sim *sim, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    struct client *c;

    while (d->clients.len <= (size_t)fd)
        if (!VEC_PUSH(&d->clients))
            return -ENOMEM;
    c = calloc(1, sizeof *c);
    if (c)
        c->peer = peer_new(sim_machine(sim));
    if (!c || !c->peer || epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) {
        if (c)
            peer_free(c->peer);
        free(c);
        return -ENOMEM;
    }
    c->fd = fd;
    d->clients.at[fd] = c;
    return 0;
}

static void accept_all(struct desk *d, struct sim *sim)
{
    int fd;

    while ((fd = accept4(d->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0)
        if (client_add(d, sim, fd) < 0)
            (void)close(fd);
}

/* ---- bytes ---- */

/* As send(): up to the byte that descriptors go with, or from it on with them. */
static ssize_t send_part(struct client *c)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof c->fds)];
    bool with_fds = c->fd_count && c->sent == c->fds_at;
    size_t end = c->fd_count && c->sent < c->fds_at ? c->fds_at : c->out.len;
    struct iovec iov = {.iov_base = c->out.s + c->sent, .iov_len = end - c->sent};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    ssize_t n;

    if (with_fds) {
        struct cmsghdr *head = (struct cmsghdr *)control;

        memset(control, 0, sizeof control);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(c->fd_count * sizeof *c->fds);
        memcpy(CMSG_DATA(head), c->fds, c->fd_count * sizeof *c->fds);
        msg.msg_control = control;
        msg.msg_controllen = CMSG_SPACE(c->fd_count * sizeof *c->fds);
    }
    n = sendmsg(c->fd, &msg, MSG_NOSIGNAL);
    for (; n > 0 && with_fds && c->fd_count; c->fd_count--)
        (void)close(c->fds[c->fd_count - 1]);
    return n;
}

/* False: the client is gone. */
static bool send_some(struct desk *d, struct client *c)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = c->fd};
    bool wants_room;

    while (c->sent < c->out.len) {
        ssize_t n = send_part(c);

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

/* The descriptors that go with the reply that begins "at" there. Only one reply with descriptors is under way: who asks
 * before he has read it gets the words alone. */
static void take_fds(struct client *c, size_t at)
{
    if (c->fd_count) {
        peer_drop_fds(c->peer);
        return;
    }
    c->fd_count = peer_take_fds(c->peer, c->fds);
    c->fds_at = at;
}

/* Answers every complete line. */
static bool answer(const struct desk *d, struct client *c, struct sim *sim, int64_t now_ms)
{
    char *line = c->in.s, *end;
    bool stop = false;

    /* What was due before the question comes before the answer. */
    (void)sim_step(sim, now_ms);
    while (!stop && line && (end = memchr(line, '\n', c->in.len - (size_t)(line - c->in.s)))) {
        size_t at = c->out.len;

        d->line(sim, c->peer, &c->about, line, (size_t)(end - line), &c->out, &stop);
        take_fds(c, at);
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
        accept_all(d, sim);
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

void desk_let_go(struct desk *d)
{
    for (size_t i = 0; d && i < d->clients.len; i++)
        if (d->clients.at[i])
            d->clients.at[i]->peer = peer_free(d->clients.at[i]->peer);
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
