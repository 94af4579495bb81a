/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Processes that outlive the command that starts them: device models. A child
 * of fork() here, not of posix_spawn(): it writes its own pid file before it
 * becomes another program, so that there is no moment in which it runs and no
 * file names it, whatever happens to its parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/proc.h"
#include "base/str.h"
#include "host/os.h"

/* KILL_WAIT_MS: a killed process may sit in a system call that can't be interrupted. */
enum { KILL_WAIT_MS = 5000, FREE_FD = 10 };

/* Everything that the child needs, made before the fork: all descriptors are FREE_FD or above, so that the ones that it
 * is to have can't be in each other's way. */
struct launch {
    const struct os_daemon_new *new;
    char *program, *pid_tmp;
    const char **env;
    int null_fd, log_fd, listen_fd, report_fd; /* listen_fd -1 = none */
};

/* ---- what can fail before there is a process ---- */

/* The program's path. Caller frees; NULL: errno is set. */
static char *find_program(const char *name)
{
    const char *path = getenv("PATH");
    char *AUTO_FREE list = strdup(path ? path : "/usr/bin:/bin");
    char *rest = NULL;

    if (!list || strchr(name, '/'))
        return list ? strdup(name) : NULL;
    for (char *dir = strtok_r(list, ":", &rest); dir; dir = strtok_r(NULL, ":", &rest)) {
        char *file = str_format("%s/%s", dir, name);

        if (!file || access(file, X_OK) == 0)
            return file;
        free(file);
    }
    errno = ENOENT;
    return NULL;
}

/* Moves a descriptor out of the way of those that a program has. */
static int above(int fd)
{
    int high = fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, FREE_FD), sys = errno;

    if (fd >= 0)
        (void)close(fd);
    errno = sys;
    return high;
}

/* A socket that listens under a path of any length: what has to fit into its address is only the name. */
static int listen_at(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    const char *slash = strrchr(path, '/');
    char *AUTO_FREE dir = slash ? strndup(path, (size_t)(slash - path) + 1) : NULL;
    int AUTO_CLOSE dir_fd = dir ? open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    int fd;

    if (dir_fd < 0)
        return -1;
    if (snprintf(addr.sun_path, sizeof addr.sun_path, "/proc/self/fd/%d/%s", dir_fd, slash + 1) >=
        (int)sizeof addr.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    (void)unlink(path);
    fd = above(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd >= 0 &&
        (bind(fd, (const struct sockaddr *)&addr, sizeof addr) < 0 || chmod(path, 0600) < 0 || listen(fd, 4) < 0)) {
        int sys = errno;

        (void)close(fd);
        errno = sys;
        return -1;
    }
    return fd;
}

static void launch_fini(struct launch *l)
{
    const int fds[] = {l->null_fd, l->log_fd, l->listen_fd, l->report_fd};

    for (size_t i = 0; i < ARRAY_LEN(fds); i++)
        if (fds[i] >= 0)
            (void)close(fds[i]);
    free(l->program);
    free(l->pid_tmp);
    free(l->env);
}

static int launch_init(struct launch *l, struct domo_err *err)
{
    const struct os_daemon_new *new = l->new;

    l->program = find_program(new->program);
    if (!l->program) {
        (void)err_sys(err, DOMO_E_DEVICE_MODEL, errno, "can't find program '%s'", new->program);
        return err_hint(err, "install it, or put the folder that has it into PATH");
    }
    l->pid_tmp = str_format("%s.new", new->pid_path);
    l->env = os_merge_env(new->env);
    if (!l->pid_tmp || !l->env)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    l->null_fd = above(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (l->null_fd < 0)
        return err_sys(err, DOMO_E_IO, errno, "can't open '/dev/null'");
    l->log_fd = above(open(new->log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (l->log_fd < 0)
        return err_sys(err, DOMO_E_IO, errno, "can't open the log '%s'", new->log_path);
    if (!new->listen_path)
        return 0;
    l->listen_fd = listen_at(new->listen_path);
    return l->listen_fd < 0 ? err_sys(err, DOMO_E_IO, errno, "can't make the socket '%s'", new->listen_path) : 0;
}

/* ---- the child: only what is safe between fork and exec ---- */

static void default_signals(void)
{
    struct sigaction act;
    sigset_t none;

    memset(&act, 0, sizeof act);
    act.sa_handler = SIG_DFL;
    for (int i = 1; i < NSIG; i++)
        (void)sigaction(i, &act, NULL);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
}

static int child_files(const struct launch *l)
{
    if (dup2(l->null_fd, STDIN_FILENO) < 0 || dup2(l->log_fd, STDOUT_FILENO) < 0 || dup2(l->log_fd, STDERR_FILENO) < 0)
        return -errno;
    if (l->listen_fd >= 0 && dup2(l->listen_fd, HOST_DAEMON_LISTEN_FD) < 0)
        return -errno;
    /* Libraries do not mark all their descriptors as close-on-exec. */
    if (close_range(l->listen_fd >= 0 ? HOST_DAEMON_LISTEN_FD + 1 : HOST_DAEMON_LISTEN_FD, ~0U, CLOSE_RANGE_CLOEXEC) <
        0)
        return -errno;
    return 0;
}

static int confine(void)
{
    static const struct {
        int what;
        rlim_t most;
    } limits[] = {{RLIMIT_FSIZE, UINT64_C(256) << 10},
                  {RLIMIT_CORE, 0},
                  {RLIMIT_MSGQUEUE, 0},
                  {RLIMIT_LOCKS, 0},
                  {RLIMIT_MEMLOCK, 0}};

    if (unshare(CLONE_NEWNS | CLONE_NEWIPC) < 0)
        return -errno;
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        const struct rlimit both = {.rlim_cur = limits[i].most, .rlim_max = limits[i].most};

        if (setrlimit(limits[i].what, &both) < 0)
            return -errno;
    }
    return 0;
}

/* Gives back the errno that stopped it. */
static int become(const struct launch *l)
{
    int r;

    (void)setsid();
    default_signals();
    (void)umask(077);
    r = proc_write_self(l->pid_tmp);
    if (r == 0 && rename(l->pid_tmp, l->new->pid_path) < 0)
        r = -errno;
    if (r == 0)
        r = child_files(l);
    if (r == 0 && l->new->confined)
        r = confine();
    if (r < 0)
        return -r;
    (void)execve(l->program, (char *const *)l->new->argv, (char *const *)l->env);
    return errno;
}

/* ---- the parent ---- */

/* The report's other end closes when the child becomes its program; before that it may have an errno to tell. */
static int read_report(int fd)
{
    int sys = 0;
    ssize_t n;

    do
        n = read(fd, &sys, sizeof sys);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)sizeof sys ? sys : 0;
}

static int launch(struct launch *l, struct os_daemon *ret, struct domo_err *err)
{
    int ends[2], sys;
    int AUTO_CLOSE in = -1;
    struct proc p;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(err, DOMO_E_IO, errno, "can't make a pipe");
    in = ends[0];
    l->report_fd = above(ends[1]);
    pid = l->report_fd < 0 ? -1 : fork();
    if (pid < 0)
        return err_sys(err, DOMO_E_IO, errno, "can't make a process");
    if (pid == 0) {
        sys = become(l);
        (void)!write(l->report_fd, &sys, sizeof sys);
        _exit(127);
    }
    (void)close(l->report_fd);
    l->report_fd = -1;
    sys = read_report(in);
    if (sys) {
        (void)waitpid(pid, NULL, 0);
        return err_sys(err, DOMO_E_DEVICE_MODEL, sys, "can't run '%s'", l->program);
    }
    if (proc_read(l->new->pid_path, &p) < 0)
        return err_set(err, DOMO_E_BAD_STATE_FILE, "the pid file '%s' is damaged", l->new->pid_path);
    ret->pid = p.pid;
    ret->start = p.start;
    return 0;
}

int os_daemon_start(struct host *h, const struct os_daemon_new *new, struct os_daemon *ret, struct domo_err *err)
{
    struct launch l = {.new = new, .null_fd = -1, .log_fd = -1, .listen_fd = -1, .report_fd = -1};
    int r;

    h->stats.os_calls++;
    h->stats.forks++;
    r = launch_init(&l, err);
    if (r == 0)
        r = launch(&l, ret, err);
    if (r < 0) {
        if (l.listen_fd >= 0)
            (void)unlink(new->listen_path);
        if (l.pid_tmp)
            (void)unlink(l.pid_tmp);
        (void)unlink(new->pid_path);
    }
    launch_fini(&l);
    return r;
}

/* ---- looking and killing ---- */

int os_daemon_find(struct host *h, const char *pid_path, struct os_daemon *ret, bool *ret_runs, struct domo_err *err)
{
    struct proc p;
    int r = proc_read(pid_path, &p);

    h->stats.os_calls++;
    if (r == -EBADMSG)
        return err_set(err, DOMO_E_BAD_STATE_FILE, "'%s' is no pid file", pid_path);
    if (r < 0 && r != -ENOENT)
        return err_sys(err, DOMO_E_IO, -r, "can't read '%s'", pid_path);
    *ret_runs = r == 0 && proc_runs(&p);
    *ret = r == 0 ? (struct os_daemon){.pid = p.pid, .start = p.start} : (struct os_daemon){.pid = 0};
    return 0;
}

int os_daemon_named(struct host *h, pid_t pid, const char *option, const char *value, struct os_daemon *ret,
                    bool *ret_runs, struct domo_err *err)
{
    struct proc p = {.pid = 0};
    int r = proc_named(pid, option, value, &p);

    h->stats.os_calls++;
    if (r < 0 && r != -ESRCH)
        return err_sys(err, r == -EACCES ? DOMO_E_PERMISSION : DOMO_E_IO, -r, "can't look at process %d", (int)pid);
    *ret_runs = r == 0;
    *ret = (struct os_daemon){.pid = p.pid, .start = p.start};
    return 0;
}

static struct proc proc_of(const struct os_daemon *d)
{
    return (struct proc){.pid = d->pid, .start = d->start};
}

int os_daemon_watch(struct host *h, const struct os_daemon *d, int *ret_fd, struct domo_err *err)
{
    const struct proc p = proc_of(d);
    int fd = proc_open(&p);

    h->stats.os_calls++;
    if (fd < 0 && fd != -ESRCH)
        return err_sys(err, DOMO_E_IO, -fd, "can't watch process %d", (int)d->pid);
    *ret_fd = fd < 0 ? -1 : fd;
    return 0;
}

int os_daemon_kill(struct host *h, const struct os_daemon *d, struct domo_err *err)
{
    const struct proc p = proc_of(d);
    int r = proc_kill(&p, KILL_WAIT_MS);

    h->stats.os_calls++;
    if (r == -ETIMEDOUT)
        return err_set(err, DOMO_E_DEVICE_MODEL, "process %d was killed and does not go away", (int)d->pid);
    return r < 0 ? err_sys(err, r == -EPERM ? DOMO_E_PERMISSION : DOMO_E_IO, -r, "can't kill process %d", (int)d->pid)
                 : 0;
}
