/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/qmp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/str.h"

enum { CHUNK = 16384 };

struct qmp {
    struct host *host;
    struct qmp_options opt;
    int fd;
    uint64_t last_id;
    struct str in;          /* what was read and not yet taken as a line */
    size_t seen;            /* bytes of it that hold no end of a line */
    struct domo_err broken; /* the failure that ended the conversation; OK while it goes on */
};

/* ---- ends of the conversation ---- */

static int give_up(struct qmp *q, struct domo_err *err)
{
    if (err)
        *err = q->broken;
    return -1;
}

static int ended(struct qmp *q, struct domo_err *err)
{
    (void)err_set(&q->broken, DOMO_E_DEVICE_MODEL, "the device model has ended");
    return give_up(q, err);
}

static int no_sense(struct qmp *q, const char *what, struct domo_err *err)
{
    (void)err_set(&q->broken, DOMO_E_QMP, "the device model's monitor %s", what);
    return give_up(q, err);
}

static int failed(struct qmp *q, int sys, struct domo_err *err)
{
    if (sys == EPIPE || sys == ECONNRESET)
        return ended(q, err);
    (void)err_sys(&q->broken, DOMO_E_QMP, sys, "can't talk to the device model's monitor");
    return give_up(q, err);
}

/* ---- waiting ---- */

/* Until the socket is ready for "events". The end of the process counts only when nothing is left to be read. */
static int await(struct qmp *q, short events, int64_t deadline_ms, struct domo_err *err)
{
    struct pollfd fds[2] = {{.fd = q->fd, .events = events}, {.fd = q->opt.end_fd, .events = POLLIN}};
    int r = q->host->env->wait(q->host, fds, 2, deadline_ms, &q->broken);

    if (r < 0)
        return give_up(q, err);
    if (fds[0].revents)
        return 0;
    if (fds[1].revents)
        return ended(q, err);
    if (q->host->env->now_ms(q->host) < deadline_ms)
        return 0;
    (void)err_set(&q->broken, DOMO_E_TIMEOUT, "the device model's monitor did not answer within %lld ms",
                  (long long)q->opt.timeout_ms);
    return give_up(q, err);
}

/* ---- lines ---- */

/* What goes out: text, and with its first byte a descriptor (-1 = none). */
struct outgoing {
    const char *text;
    size_t len;
    int fd;
};

static ssize_t send_some(int to, const struct outgoing *out)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = ""};
    struct iovec iov = {.iov_base = (void *)out->text, .iov_len = out->len};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    struct cmsghdr *c;

    if (out->fd < 0)
        return send(to, out->text, out->len, MSG_NOSIGNAL);
    m.msg_control = control.bytes;
    m.msg_controllen = sizeof control.bytes;
    c = CMSG_FIRSTHDR(&m);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof out->fd);
    memcpy(CMSG_DATA(c), &out->fd, sizeof out->fd);
    return sendmsg(to, &m, MSG_NOSIGNAL);
}

static int send_out(struct qmp *q, struct outgoing *out, int64_t deadline_ms, struct domo_err *err)
{
    while (out->len) {
        ssize_t n = send_some(q->fd, out);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno != EAGAIN)
            return failed(q, errno, err);
        if (n < 0 && await(q, POLLOUT, deadline_ms, err) < 0)
            return -1;
        if (n <= 0)
            continue;
        out->text += n;
        out->len -= (size_t)n;
        out->fd = -1;
    }
    return 0;
}

/* Reads what there is. */
static int read_more(struct qmp *q, int64_t deadline_ms, struct domo_err *err)
{
    char bytes[CHUNK];
    ssize_t n = recv(q->fd, bytes, sizeof bytes, 0);

    if (n < 0 && errno == EAGAIN)
        return await(q, POLLIN, deadline_ms, err);
    if (n < 0)
        return errno == EINTR ? 0 : failed(q, errno, err);
    if (n == 0)
        return ended(q, err);
    str_addn(&q->in, bytes, (size_t)n);
    if (!q->in.failed)
        return 0;
    (void)err_set(&q->broken, DOMO_E_NO_MEMORY, "out of memory");
    return give_up(q, err);
}

/* Takes the next line off the input as an object. */
static int next_object(struct qmp *q, int64_t deadline_ms, struct json **ret, struct domo_err *err)
{
    struct json *AUTO_JSON j = NULL;
    const char *end;
    size_t len;

    while (!(end = q->in.len > q->seen ? memchr(q->in.s + q->seen, '\n', q->in.len - q->seen) : NULL)) {
        q->seen = q->in.len;
        if (q->seen > QMP_LINE_MAX)
            return no_sense(q, "sent a line that has no end", err);
        /* Also when lines keep coming: a flood of events is no answer. */
        if (q->host->env->now_ms(q->host) >= deadline_ms && await(q, 0, deadline_ms, err) < 0)
            return -1;
        if (read_more(q, deadline_ms, err) < 0)
            return -1;
    }
    len = (size_t)(end - q->in.s);
    if (json_parse(q->in.s, len, &j, NULL) < 0 || !json_is_object(j))
        return no_sense(q, "sent a line that is no JSON object", err);
    q->in.len -= len + 1;
    memmove(q->in.s, q->in.s + len + 1, q->in.len + 1);
    q->seen = 0;
    *ret = j;
    j = NULL;
    return 0;
}

/* ---- the conversation ---- */

static int refused(const char *command, const struct json *error, struct domo_err *err)
{
    const char *class = json_get_str(error, "class", "?"), *desc = json_get_str(error, "desc", "no reason given");

    (void)err_set(err, DOMO_E_QMP, "the device model refused '%s': %s", command, desc);
    (void)err_fact(err, "class", "%s", class);
    return err_fact(err, "desc", "%s", desc);
}

/* The answer to command "id"; those to commands that nobody waits for any more are dropped. */
static int take_answer(struct qmp *q, const char *command, uint64_t id, int64_t deadline_ms, struct json **ret,
                       struct domo_err *err)
{
    for (;;) {
        struct json *AUTO_JSON j = NULL;
        const struct json *error;

        if (next_object(q, deadline_ms, &j, err) < 0)
            return -1;
        if (json_get(j, "event")) {
            if (q->opt.on_event)
                q->opt.on_event(q->opt.on_event_arg, json_get_str(j, "event", ""), json_get(j, "data"));
            continue;
        }
        error = json_get(j, "error");
        if (!error && !json_get(j, "return"))
            return no_sense(q, "sent something that is no answer", err);
        /* What could not even be parsed is refused without its number. */
        if (json_get(j, "id") ? json_uint(json_get(j, "id"), 0) != id : !error)
            continue;
        if (error)
            return refused(command, error, err);
        if (ret)
            *ret = json_steal(j, "return");
        return 0;
    }
}

int qmp_call(struct qmp *q, const char *command, const struct json *arguments, struct json **ret, struct domo_err *err)
{
    return qmp_call_fd(q, command, arguments, -1, ret, err);
}

int qmp_call_fd(struct qmp *q, const char *command, const struct json *arguments, int fd, struct json **ret,
                struct domo_err *err)
{
    int64_t deadline_ms = q->host->env->now_ms(q->host) + q->opt.timeout_ms;
    struct json *AUTO_JSON j = json_new_object();
    char *AUTO_FREE text = NULL;
    struct str line AUTO_STR = STR_INIT;
    struct outgoing out = {.fd = fd};

    if (q->broken.code != DOMO_E_OK)
        return give_up(q, err);
    json_set_str(j, "execute", command);
    if (arguments)
        json_set(j, "arguments", json_copy(arguments));
    json_set_uint(j, "id", ++q->last_id);
    j = json_done(j);
    text = j ? json_print(j, JSON_COMPACT) : NULL;
    if (text)
        str_addf(&line, "%s\n", text);
    if (!text || line.failed)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    out.text = line.s;
    out.len = line.len;
    if (send_out(q, &out, deadline_ms, err) < 0)
        return -1;
    return take_answer(q, command, q->last_id, deadline_ms, ret, err);
}

/* The greeting comes once the device model runs its main loop. */
static int greet(struct qmp *q, struct domo_err *err)
{
    struct json *AUTO_JSON j = NULL;

    if (next_object(q, q->host->env->now_ms(q->host) + q->opt.timeout_ms, &j, err) < 0)
        return -1;
    if (!json_is_object(json_get(j, "QMP")))
        return no_sense(q, "begins with something else than QMP's greeting", err);
    return qmp_call(q, "qmp_capabilities", NULL, NULL, err);
}

/* ---- connecting ---- */

static int connect_to(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    const char *slash = strrchr(path, '/');
    char *AUTO_FREE dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup("./");
    int AUTO_CLOSE dir_fd = dir ? open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    int fd;

    if (dir_fd < 0)
        return -errno;
    /* Only the name has to fit into the address. */
    if (snprintf(addr.sun_path, sizeof addr.sun_path, "/proc/self/fd/%d/%s", dir_fd, slash ? slash + 1 : path) >=
        (int)sizeof addr.sun_path)
        return -ENAMETOOLONG;
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&addr, sizeof addr) < 0) {
        int sys = errno;

        (void)close(fd);
        return -sys;
    }
    return fd < 0 ? -errno : fd;
}

static int not_connected(const char *path, int r, struct domo_err *err)
{
    if (r == -EAGAIN)
        return err_set(err, DOMO_E_QMP, "too many others wait for the device model's monitor at '%s'", path);
    if (r == -ENOENT || r == -ECONNREFUSED)
        return err_sys(err, DOMO_E_DEVICE_MODEL, -r, "no device model listens at '%s'", path);
    return err_sys(err, r == -EACCES ? DOMO_E_PERMISSION : DOMO_E_QMP, -r, "can't connect to '%s'", path);
}

static void close_options(const struct qmp_options *opt)
{
    if (opt->end_fd >= 0)
        (void)close(opt->end_fd);
    if (opt->on_close)
        opt->on_close(opt->on_close_arg);
}

int qmp_open(struct host *h, const char *path, const struct qmp_options *opt, struct qmp **ret, struct domo_err *err)
{
    struct qmp *q = calloc(1, sizeof *q);
    int fd = q ? connect_to(path) : -ENOMEM;

    if (fd < 0) {
        close_options(opt);
        free(q);
        return fd == -ENOMEM ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : not_connected(path, fd, err);
    }
    *q = (struct qmp){.host = h, .opt = *opt, .fd = fd};
    if (greet(q, err) < 0) {
        (void)qmp_close(q);
        return -1;
    }
    *ret = q;
    return 0;
}

struct qmp *qmp_close(struct qmp *q)
{
    if (!q)
        return NULL;
    (void)close(q->fd);
    close_options(&q->opt);
    str_fini(&q->in);
    free(q);
    return NULL;
}
