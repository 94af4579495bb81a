/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli.h"

enum { ESCAPE = 0x1d, BUFFER = 4096 };

struct proxy {
    int guest;
    bool has_stdin, is_terminal;
    char to_guest[BUFFER]; /* typed, not yet taken by the guest */
    size_t pending;
    bool is_leaving;
};

static int close_with_errno(int fd, int error)
{
    (void)close(fd);
    errno = error;
    return -1;
}

int tty_open(const char *path)
{
    int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct termios t;

    if (fd < 0)
        return -1;
    /* The path stands in the store: whatever it names, only a terminal is spoken to. */
    if (tcgetattr(fd, &t) < 0)
        return close_with_errno(fd, errno);
    cfmakeraw(&t);
    if (tcsetattr(fd, TCSANOW, &t) < 0)
        return close_with_errno(fd, errno);
    return fd;
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t w = write(fd, p, n);

        if (w < 0 && errno == EINTR)
            continue;
        if (w < 0)
            return false;
        p += w;
        n -= (size_t)w;
    }
    return true;
}

/* True: go on. Else *ret_end. */
static bool read_guest(struct proxy *p, enum tty_end *ret_end)
{
    char buffer[BUFFER];
    ssize_t n = read(p->guest, buffer, sizeof buffer);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    if (n <= 0) {
        *ret_end = TTY_GONE;
        return false;
    }
    *ret_end = TTY_FAILED;
    return write_all(STDOUT_FILENO, buffer, (size_t)n);
}

static void read_user(struct proxy *p)
{
    char *new = p->to_guest + p->pending, *escape;
    ssize_t n = read(STDIN_FILENO, new, sizeof p->to_guest - p->pending);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        p->has_stdin = false;
        return;
    }
    escape = memchr(new, ESCAPE, (size_t)n);
    p->is_leaving = escape != NULL;
    p->pending += escape ? (size_t)(escape - new) : (size_t)n;
}

static bool write_guest(struct proxy *p)
{
    ssize_t n = write(p->guest, p->to_guest, p->pending);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    p->pending -= (size_t)n;
    memmove(p->to_guest, p->to_guest + n, p->pending);
    return true;
}

static enum tty_end run(struct proxy *p, const sigset_t *while_waiting)
{
    enum tty_end end;

    while (!p->is_leaving) {
        struct pollfd fds[2] = {
            {.fd = p->guest, .events = (short)(POLLIN | (p->pending ? POLLOUT : 0))},
            {.fd = p->has_stdin && p->pending < sizeof p->to_guest ? STDIN_FILENO : -1, .events = POLLIN},
        };

        if (cli_cancelled)
            return TTY_SIGNAL;
        if (ppoll(fds, 2, NULL, while_waiting) < 0) {
            if (errno == EINTR)
                continue;
            return TTY_FAILED;
        }
        if (fds[1].revents)
            read_user(p);
        if (p->pending && !write_guest(p))
            return TTY_GONE;
        if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) && !read_guest(p, &end))
            return end;
    }
    return TTY_LEFT;
}

static void on_signal(int sig)
{
    (void)sig;
    cli_cancelled = 1;
}

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { N_SIGNALS = sizeof signals / sizeof *signals };

/* Signals arrive only inside ppoll: none is missed, and none finds the terminal raw on its way out. */
static void hold_signals(struct sigaction *before, sigset_t *ret_mask)
{
    struct sigaction sa = {.sa_handler = on_signal};
    sigset_t held;

    (void)sigemptyset(&held);
    for (int i = 0; i < N_SIGNALS; i++) {
        (void)sigaddset(&held, signals[i]);
        (void)sigaction(signals[i], &sa, &before[i]);
    }
    (void)sigprocmask(SIG_BLOCK, &held, ret_mask);
    for (int i = 0; i < N_SIGNALS; i++)
        (void)sigdelset(ret_mask, signals[i]);
}

static void release_signals(const struct sigaction *before, const sigset_t *mask)
{
    (void)sigprocmask(SIG_SETMASK, mask, NULL);
    for (int i = 0; i < N_SIGNALS; i++)
        (void)sigaction(signals[i], &before[i], NULL);
}

enum tty_end tty_proxy(int guest)
{
    struct proxy p = {.guest = guest, .has_stdin = true};
    struct sigaction before[N_SIGNALS];
    struct termios saved, raw;
    sigset_t mask;
    enum tty_end end;
    int error;

    hold_signals(before, &mask);
    p.is_terminal = tcgetattr(STDIN_FILENO, &saved) == 0;
    if (p.is_terminal) {
        raw = saved;
        cfmakeraw(&raw);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
    }
    end = run(&p, &mask);
    error = errno;
    if (p.is_terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
        (void)write_all(STDERR_FILENO, "\n", 1);
    }
    release_signals(before, &mask);
    errno = error;
    return end;
}

static void NORETURN be_child(int guest)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    cli_cancelled = 0;
    (void)tty_proxy(guest);
    /* Buffers and connections belong to the parent. */
    _exit(0);
}

int tty_child_start(struct tty_child *child, const char *path)
{
    int guest = tty_open(path);

    if (guest < 0)
        return -1;
    (void)fflush(NULL);
    child->has_saved = tcgetattr(STDIN_FILENO, &child->saved) == 0;
    child->pid = fork();
    if (child->pid == 0)
        be_child(guest);
    (void)close(guest);
    if (child->pid > 0)
        return 0;
    child->pid = 0;
    return -1;
}

void tty_child_wait(struct tty_child *child, bool stop)
{
    if (child->pid == 0)
        return;
    if (stop)
        (void)kill(child->pid, SIGTERM);
    while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
        if (cli_cancelled)
            (void)kill(child->pid, SIGTERM);
    /* In case it was killed. */
    if (child->has_saved)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &child->saved);
    child->pid = 0;
}
