/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Hotplug scripts as child processes: in a process group of their own, so that
 * a time-out kills all that they started, and with the end of their output
 * kept for the error message.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "base/vec.h"
#include "host/os.h"
#include "host/spawn.h"

/* How long a killed script may take to vanish: it may sit in a system call that can't be interrupted. */
enum { KILL_WAIT_MS = 2000 };

/* ---- environment ---- */

typedef VEC(const char *) env_list;

static bool same_name(const char *a, const char *b)
{
    size_t n = strcspn(a, "=");

    return n == strcspn(b, "=") && strncmp(a, b, n) == 0;
}

static bool is_replaced(const char *old, const char *const *additions)
{
    for (; additions && *additions; additions++)
        if (same_name(old, *additions))
            return true;
    return false;
}

static int push(env_list *list, const char *s)
{
    const char **slot = VEC_PUSH(list);

    if (!slot)
        return -1;
    *slot = s;
    return 0;
}

static int merge_env(const char *const *additions, env_list *ret)
{
    for (char **e = environ; e && *e; e++)
        if (!is_replaced(*e, additions) && push(ret, *e) < 0)
            return -1;
    for (const char *const *a = additions; a && *a; a++)
        if (push(ret, *a) < 0)
            return -1;
    return push(ret, NULL);
}

const char **os_merge_env(const char *const *additions)
{
    env_list list = VEC_INIT;

    if (merge_env(additions, &list) == 0)
        return list.at;
    VEC_FINI(&list);
    return NULL;
}

/* ---- start ---- */

/* In a process group of its own: a time-out kills all that it started. */
static int spawn(const struct os_script *s, char *const *env, int out, pid_t *ret_pid)
{
    const struct spawn child = {.program = s->path,
                                .argv = (char *const *)s->argv,
                                .env = env,
                                .fds = {-1, out, out},
                                .n_fds = STDERR_FILENO + 1,
                                .own_group = true};

    return host_spawn(&child, ret_pid);
}

/* Our own child that was not waited for: its number can't belong to anybody else yet. */
static int open_pidfd(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static int steal_fd(int *fd)
{
    int stolen = *fd;

    *fd = -1;
    return stolen;
}

static int start_failed(const struct os_script *s, int sys, struct domo_err *err)
{
    return err_sys(err, DOMO_E_SCRIPT_FAILED, sys, "can't run script '%s'", s->path);
}

int os_script_start(struct host *h, const struct os_script *s, struct os_child *ret, struct domo_err *err)
{
    int AUTO_CLOSE in = -1;
    int AUTO_CLOSE out = -1;
    const char **AUTO_FREE env = os_merge_env(s->env);
    int ends[2], pidfd, r;
    pid_t pid;

    if (!env)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (pipe2(ends, O_CLOEXEC) < 0)
        return start_failed(s, errno, err);
    in = ends[0];
    out = ends[1];
    /* Only our end: the script must not see "try again". */
    if (fcntl(in, F_SETFL, O_NONBLOCK) < 0)
        return start_failed(s, errno, err);
    h->stats.os_calls++;
    h->stats.forks++;
    r = spawn(s, (char *const *)env, out, &pid);
    if (r)
        return start_failed(s, r, err);
    pidfd = open_pidfd(pid);
    if (pidfd < 0) {
        r = errno;
        (void)kill(-pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
        return start_failed(s, r, err);
    }
    *ret = (struct os_child){.pid = pid, .pidfd = pidfd, .out_fd = steal_fd(&in)};
    return 0;
}

/* ---- collect ---- */

static void keep_tail(struct os_child *c, const char *bytes, size_t n)
{
    /* One byte stays free for the NUL. */
    size_t room = sizeof c->tail - 1, drop;

    if (n > room) {
        bytes += n - room;
        n = room;
    }
    drop = c->tail_len + n > room ? c->tail_len + n - room : 0;
    memmove(c->tail, c->tail + drop, c->tail_len - drop);
    memcpy(c->tail + c->tail_len - drop, bytes, n);
    c->tail_len += n - drop;
    c->tail[c->tail_len] = '\0';
}

static void read_output(struct os_child *c)
{
    char bytes[4096];
    ssize_t n;

    while (c->out_fd >= 0 && (n = read(c->out_fd, bytes, sizeof bytes)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return;
        keep_tail(c, bytes, (size_t)n);
    }
    /* All writers closed it: a poll on it would spin from now on. */
    if (c->out_fd >= 0)
        (void)close(c->out_fd);
    c->out_fd = -1;
}

static void kill_group(const struct os_child *c)
{
    struct pollfd p = {.fd = c->pidfd, .events = POLLIN};

    (void)kill(-c->pid, SIGKILL);
    (void)poll(&p, 1, KILL_WAIT_MS);
}

static void child_fini(struct os_child *c)
{
    (void)close(c->pidfd);
    if (c->out_fd >= 0)
        (void)close(c->out_fd);
    c->pidfd = c->out_fd = -1;
    c->pid = -1;
}

int os_script_collect(struct host *h, struct os_child *c, bool kill_it, bool *ret_ended, int *ret_status,
                      struct domo_err *err)
{
    int status = 0;
    pid_t got;

    h->stats.os_calls++;
    if (kill_it)
        kill_group(c);
    do
        got = waitpid(c->pid, &status, WNOHANG);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return err_sys(err, DOMO_E_INTERNAL, errno, "can't wait for script process %d", (int)c->pid);
    /* After the wait, so that nothing that it wrote before its end is missed. */
    read_output(c);
    *ret_ended = got > 0;
    if (got > 0) {
        *ret_status = status;
        child_fini(c);
    }
    return 0;
}
