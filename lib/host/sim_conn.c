/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The socket to domo-simd: one request, one reply, a line each.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/fs.h"
#include "host/sim.h"
#include "host/sim_wire.h"

/* Nothing that it is asked takes long; who waits longer than this waits for something that hangs. */
enum { REPLY_S = 60, CHUNK = 65536 };

/* ---- connecting ---- */

/* 0, -1, SIM_LOST */
static int check_hello(struct sim_host *s, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    int r = sim_ask(s, sim_request("hello"), &reply, err);

    if (r == SIM_LOST)
        return SIM_LOST;
    if (r == -ESRCH) {
        (void)err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "domain %u of '%s' is none that serves devices", s->domid, s->dir);
        return err_hint(err, "'serves' in world.json says which guests do, once they have booted");
    }
    if (r == 0 && json_get_int(reply, "wire", 0) == SIM_WIRE_VERSION) {
        (void)json_free(s->faults);
        s->faults = json_steal(reply, "faults");
        return 0;
    }
    (void)err_set(err, DOMO_E_SIM, "the domo-simd that serves '%s' is of another version", s->dir);
    return err_hint(err, "end it with 'domo host stop': the next command starts the right one");
}

static int connect_to(const struct sockaddr_un *addr, int fd, bool *ret_runs, struct domo_err *err)
{
    *ret_runs = connect(fd, (const struct sockaddr *)addr, sizeof *addr) == 0;
    if (*ret_runs || errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR)
        return 0;
    return err_sys(err, errno == EACCES ? DOMO_E_PERMISSION : DOMO_E_SIM, errno, "can't connect to '%s'",
                   addr->sun_path);
}

int sim_try_connect(struct sim_host *s, bool *ret_runs, struct domo_err *err)
{
    const struct timeval patience = {.tv_sec = REPLY_S};
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), r;

    *ret_runs = false;
    if (fd < 0)
        return err_sys(err, DOMO_E_SIM, errno, "can't make a socket");
    (void)snprintf(addr.sun_path, sizeof addr.sun_path, "%s/%s", s->dir, SIM_SEAM_SOCKET);
    r = connect_to(&addr, fd, ret_runs, err);
    if (!*ret_runs) {
        (void)close(fd);
        return r;
    }
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    s->fd = fd;
    return 0;
}

/* The same, and it must speak as we do. One that goes away at the first word was dying when we came: it does not run.
 */
static int try_talk(struct sim_host *s, bool *ret_runs, struct domo_err *err)
{
    int r = sim_try_connect(s, ret_runs, err);

    if (r < 0 || !*ret_runs)
        return r;
    r = check_hello(s, err);
    if (r == 0)
        return 0;
    sim_disconnect(s);
    *ret_runs = false;
    if (r != SIM_LOST)
        return -1;
    err_clear(err);
    return 0;
}

/* Only one process starts the host, the others wait for it. */
static int lock_dir(const char *dir, int *ret_fd, struct domo_err *err)
{
    int r = fs_mkdirs(dir, 0700);
    int fd = r < 0 ? r : open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 && r == 0)
        r = -errno;
    while (r == 0 && flock(fd, LOCK_EX) < 0)
        r = errno == EINTR ? 0 : -errno;
    if (r < 0) {
        if (fd >= 0)
            (void)close(fd);
        return err_sys(err, r == -EACCES ? DOMO_E_PERMISSION : DOMO_E_SIM, -r, "can't use directory '%s'", dir);
    }
    *ret_fd = fd;
    return 0;
}

int sim_connect(struct sim_host *s, const struct log *log, bool *ret_started, struct domo_err *err)
{
    bool runs = false, was_killed = false;
    int AUTO_CLOSE lock = -1;

    if (ret_started)
        *ret_started = false;
    if (try_talk(s, &runs, err) < 0)
        return -1;
    if (runs)
        return 0;
    if (lock_dir(s->dir, &lock, err) < 0 || try_talk(s, &runs, err) < 0)
        return -1;
    if (runs)
        return 0;
    if (sim_spawn(s->dir, &was_killed, err) < 0 || try_talk(s, &runs, err) < 0)
        return -1;
    if (!runs)
        return err_set(err, DOMO_E_SIM, "domo-simd started and ended at once");
    if (was_killed)
        log_line(log, LOG_LEVEL_WARN,
                 "the simulated host in '%s' was killed: its guests are gone, it has been started anew", s->dir);
    if (ret_started)
        *ret_started = true;
    return 0;
}

void sim_disconnect(struct sim_host *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
    sim_drop_fds(s);
    s->faults = json_free(s->faults);
    str_fini(&s->in);
}

/* ---- asking ---- */

static int send_line(struct sim_host *s, struct json *request, struct domo_err *err)
{
    char *AUTO_FREE text = request ? json_print(request, JSON_COMPACT) : NULL;
    size_t len = text ? strlen(text) : 0, sent = 0;

    if (!text) {
        (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        return SIM_LOST;
    }
    text[len++] = '\n'; /* in the place of the NUL */
    while (sent < len) {
        ssize_t n = send(s->fd, text + sent, len - sent, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR)
            return sim_lost(s, err, errno == EPIPE ? 0 : errno);
        sent += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* Descriptors travel beside the first byte of a reply. */
static void keep_fds(struct sim_host *s, struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t i = 0; i < n; i++) {
            int fd;

            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (s->fd_count < ARRAY_LEN(s->fds))
                s->fds[s->fd_count++] = fd;
            else
                (void)close(fd);
        }
    }
}

static ssize_t receive_some(struct sim_host *s, char *bytes, size_t len)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(HOST_LINK_PAGES_MAX * sizeof(int))];
    struct iovec iov = {.iov_base = bytes, .iov_len = len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(s->fd, &msg, MSG_CMSG_CLOEXEC);

    if (n > 0)
        keep_fds(s, &msg);
    return n;
}

/* Reads until there is a whole line; its length in *ret_len. */
static int receive_line(struct sim_host *s, size_t *ret_len, struct domo_err *err)
{
    char bytes[CHUNK];
    size_t seen = 0;

    for (;;) {
        const char *end = s->in.len > seen ? memchr(s->in.s + seen, '\n', s->in.len - seen) : NULL;
        ssize_t n;

        if (end) {
            *ret_len = (size_t)(end - s->in.s);
            return 0;
        }
        seen = s->in.len;
        n = receive_some(s, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return sim_lost(s, err, n < 0 && errno != ECONNRESET ? errno : 0);
        str_addn(&s->in, bytes, (size_t)n);
        if (s->in.failed) {
            (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
            return SIM_LOST;
        }
    }
}

static int exchange(struct sim_host *s, struct json *request, struct json **ret, struct domo_err *err)
{
    size_t len = 0;

    if (send_line(s, request, err) < 0 || receive_line(s, &len, err) < 0)
        return SIM_LOST;
    if (json_parse(s->in.s, len, ret, NULL) < 0)
        return sim_lost(s, err, EPROTO);
    s->in.len -= len + 1;
    memmove(s->in.s, s->in.s + len + 1, s->in.len + 1);
    return 0;
}

int sim_ask(struct sim_host *s, struct json *request, struct json **ret, struct domo_err *err)
{
    struct json *reply = NULL;
    int r;

    sim_drop_fds(s);
    if (s->domid)
        json_set_uint(request, "as", s->domid);
    request = json_done(request);
    r = exchange(s, request, &reply, err);
    (void)json_free(request);
    if (r < 0)
        return r;
    r = (int)json_get_int(reply, "r", -EPROTO);
    if (ret)
        *ret = reply;
    else
        (void)json_free(reply);
    return r;
}
