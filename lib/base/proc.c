/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"

enum { STAT_MAX = 1024, PID_FILE_MAX = 64, START_FIELD = 22, STATE_FIELD = 3, NUMBER_MAX = 24, CMDLINE_MAX = 1 << 20 };

/* Field "n", counted from 1 as in proc(5), of the text of a stat file; NULL if there are not so many. The second one,
 * the name, can have anything in it: the others begin behind its last bracket. */
static const char *field(const char *text, int n)
{
    const char *p = strrchr(text, ')');

    for (int i = 2; p && i < n; i++) {
        p = strchr(p + 1, ' ');
        if (p && p[1] == '\0')
            p = NULL;
    }
    return p ? p + 1 : NULL;
}

/* Digits at the beginning of a text, without anything that is unsafe after a fork. */
static uint64_t digits(const char *p)
{
    uint64_t v = 0;

    for (; *p >= '0' && *p <= '9'; p++)
        v = v * 10 + (uint64_t)(*p - '0');
    return v;
}

/* A stat file's text; it never is longer than what is looked at here needs. */
static int read_stat(const char *path, char out[STAT_MAX])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return -errno;
    do
        n = read(fd, out, STAT_MAX - 1);
    while (n < 0 && errno == EINTR);
    (void)close(fd);
    if (n <= 0)
        return n < 0 ? -errno : -ESRCH;
    out[n] = '\0';
    return 0;
}

bool proc_runs(const struct proc *p)
{
    char *AUTO_FREE path = str_format("/proc/%d/stat", (int)p->pid);
    char text[STAT_MAX];
    const char *state, *start;

    if (!path || read_stat(path, text) < 0)
        return false;
    state = field(text, STATE_FIELD);
    start = field(text, START_FIELD);
    return state && start && *state != 'Z' && *state != 'X' && digits(start) == p->start;
}

int proc_read(const char *pid_path, struct proc *ret)
{
    char *AUTO_FREE text = NULL, *space, *end;
    uint32_t pid;
    uint64_t start;
    size_t len;
    int r = fs_read(pid_path, PID_FILE_MAX, &text, &len);

    if (r < 0)
        return r == -EFBIG ? -EBADMSG : r;
    space = strchr(text, ' ');
    end = strchr(text, '\n');
    if (!space || !end)
        return -EBADMSG;
    *space = *end = '\0';
    if (str_to_u32(text, &pid) < 0 || str_to_u64(space + 1, &start) < 0 || pid < 1 || pid > INT32_MAX)
        return -EBADMSG;
    *ret = (struct proc){.pid = (pid_t)pid, .start = start};
    return 0;
}

static bool says(const char *cmdline, size_t len, const char *option, const char *value)
{
    const char *end = cmdline + len;

    for (const char *word = cmdline, *next; word < end; word = next) {
        next = word + strlen(word) + 1;
        if (next < end && str_eq(word, option) && str_eq(next, value))
            return true;
    }
    return false;
}

int proc_named(pid_t pid, const char *option, const char *value, struct proc *ret)
{
    char *AUTO_FREE stat = str_format("/proc/%d/stat", (int)pid),
                    *AUTO_FREE path = str_format("/proc/%d/cmdline", (int)pid);
    char text[STAT_MAX], *AUTO_FREE words = NULL;
    const char *start;
    struct proc p = {.pid = pid};
    size_t len;
    int r;

    if (!stat || !path)
        return -ENOMEM;
    /* Its start first: if the number changes hands in between, the process with this start has ended. */
    if (pid < 1 || read_stat(stat, text) < 0 || !(start = field(text, START_FIELD)))
        return -ESRCH;
    p.start = digits(start);
    r = fs_read(path, CMDLINE_MAX, &words, &len);
    if (r == -ENOMEM || r == -EACCES)
        return r;
    if (r < 0 || !says(words, len, option, value) || !proc_runs(&p))
        return -ESRCH;
    *ret = p;
    return 0;
}

int proc_open(const struct proc *p)
{
    int fd = (int)syscall(SYS_pidfd_open, p->pid, 0);

    if (fd < 0)
        return -errno;
    /* The descriptor holds on to whoever has the number now: is that still the one that is meant? */
    if (proc_runs(p))
        return fd;
    (void)close(fd);
    return -ESRCH;
}

static int wait_gone(int fd, int wait_ms)
{
    int64_t deadline = clock_now_ms() + wait_ms;

    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int n = poll(&p, 1, clock_left_ms(deadline, clock_now_ms()));

        if (n > 0)
            return 0;
        if (n == 0)
            return -ETIMEDOUT;
        if (errno != EINTR)
            return -errno;
    }
}

int proc_kill(const struct proc *p, int wait_ms)
{
    int fd = proc_open(p);
    int r = fd == -ESRCH ? 0 : fd;

    if (fd >= 0) {
        r = syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0) < 0 && errno != ESRCH ? -errno : 0;
        if (r == 0)
            r = wait_gone(fd, wait_ms);
        (void)close(fd);
    }
    /* If it is a child of this process, nobody else will take its number off the list. */
    if (r == 0)
        (void)waitpid(p->pid, NULL, WNOHANG);
    return r;
}

static size_t put_number(char *out, uint64_t v)
{
    char backwards[NUMBER_MAX];
    size_t n = 0;

    do
        backwards[n++] = (char)('0' + v % 10);
    while (v /= 10);
    for (size_t i = 0; i < n; i++)
        out[i] = backwards[n - 1 - i];
    return n;
}

int proc_write_self(const char *pid_path)
{
    char text[STAT_MAX], line[2 * NUMBER_MAX + 2];
    const char *start;
    int fd, r = read_stat("/proc/self/stat", text);
    size_t n;

    if (r < 0)
        return r;
    start = field(text, START_FIELD);
    if (!start)
        return -EBADMSG;
    n = put_number(line, (uint64_t)getpid());
    line[n++] = ' ';
    n += put_number(line + n, digits(start));
    line[n++] = '\n';
    fd = open(pid_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    r = fs_write_all(fd, line, n);
    (void)close(fd);
    return r;
}

char *proc_find_beside(const char *const *names, size_t n)
{
    char folder[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", folder, sizeof folder - 1);
    char *slash;

    if (len <= 0)
        return NULL;
    folder[len] = '\0';
    slash = strrchr(folder, '/');
    if (!slash)
        return NULL;
    slash[1] = '\0';
    for (size_t i = 0; i < n; i++) {
        char *path = str_format("%s%s", folder, names[i]);

        if (path && access(path, X_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}
