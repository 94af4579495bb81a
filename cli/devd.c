/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * devd: the toolstack's part in a driver domain, as a daemon. The process is
 * this file's business: going to the background, the pid file, the log.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "groups.h"
#include "out.h"
#include "text.h"

static const char DEFAULT_LOG[] = "/var/log/xen/domo-devd.log";

struct devd_opts {
    bool foreground;
    const char *pid_file, *log;
};

static const struct opt devd_opts[] = {
    OPT_BOOL(struct devd_opts, foreground, "foreground", 'F', "stay in the foreground, events on standard output"),
    OPT_ROW(struct devd_opts, pid_file, OPT_TEXT, "pidfile", 'p', "FILE", WORD_FILE,
            "names the process as long as it runs; another one with the same file is refused"),
    OPT_ROW(struct devd_opts, log, OPT_TEXT, "log", 'l', "FILE", WORD_FILE,
            "where events go in the background; /var/log/xen/domo-devd.log if not given"),
    OPT_END,
};

/* What the running daemon needs. */
struct devd {
    struct cli *cli;
    int pid_fd;   /* locked; -1 = none */
    int ready_fd; /* told when the first look is done; -1 = nobody waits */
};

/* ---- what happens ---- */

static void put_text(const struct domo_value *e)
{
    const char *event = domo_value_str(domo_value_get(e, "event"), "");
    time_t now = time(NULL);
    struct tm tm;
    char when[32] = "";

    if (localtime_r(&now, &tm))
        (void)strftime(when, sizeof when, "%F %T", &tm);
    if (strcmp(event, "ready") == 0) {
        (void)printf("%s ready: serves the back ends of domain %lld, %lld there\n", when,
                     (long long)domo_value_int(domo_value_get(e, "domid"), -1),
                     (long long)domo_value_int(domo_value_get(e, "devices"), 0));
        return;
    }
    (void)printf("%s %s: %s of domain %lld", when, event, domo_value_str(domo_value_get(e, "device"), "?"),
                 (long long)domo_value_int(domo_value_get(e, "domid"), -1));
    if (domo_value_get(e, "error"))
        (void)printf(": %s", domo_value_str(domo_value_get(e, "error.message"), ""));
    (void)putchar('\n');
}

static void on_event(void *arg, const struct domo_value *e)
{
    struct devd *d = arg;
    AUTO_FREE char *text = d->cli->g.json ? text_need(domo_value_print(e, false)) : NULL;

    if (text)
        (void)puts(text);
    else
        put_text(e);
    (void)fflush(stdout);
    if (d->ready_fd < 0)
        return;
    /* The first event of all is that it is ready, or comes just before: whoever started us may go. */
    if (strcmp(domo_value_str(domo_value_get(e, "event"), ""), "ready") == 0) {
        (void)!write(d->ready_fd, "r", 1);
        (void)close(d->ready_fd);
        d->ready_fd = -1;
    }
}

/* ---- the process ---- */

static int open_pid_file(const char *path, int *ret, struct domo_err *err)
{
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644) : -1;
    AUTO_FREE char *why = NULL;

    *ret = fd;
    if (!path || (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0))
        return 0;
    why = fd >= 0 && errno == EWOULDBLOCK ? text_fmt("a devd with the pid file '%s' runs already", path)
                                          : text_fmt("can't use the pid file '%s': %s", path, strerror(errno));
    if (fd >= 0)
        (void)close(fd);
    *ret = -1;
    return domo_err_set(err, "host.io", why);
}

static int write_pid(int fd, struct domo_err *err)
{
    char text[24];
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());

    if (fd < 0)
        return 0;
    if (ftruncate(fd, 0) == 0 && pwrite(fd, text, (size_t)n, 0) == n)
        return 0;
    return domo_err_set(err, "host.io", "can't write the pid file");
}

/* From here on standard output and error are the log. */
static int turn_to_log(const char *path, struct domo_err *err)
{
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    AUTO_FREE char *why = NULL;
    bool ok = log >= 0 && nothing >= 0 && dup2(nothing, 0) >= 0 && dup2(log, 1) >= 0 && dup2(log, 2) >= 0;

    if (!ok)
        why = text_fmt("can't write the log '%s': %s", path, strerror(errno));
    if (log > 2)
        (void)close(log);
    if (nothing > 2)
        (void)close(nothing);
    return ok ? 0 : domo_err_set(err, "host.io", why);
}

/* The one who started us waits until the daemon has taken over what there is, or has failed and said why. Returns the
 * exit status there; -1 in the daemon. */
static int to_background(struct devd *d)
{
    int ends[2], status = 1;
    char word;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
        perror("devd");
        return 1;
    }
    if (pid == 0) {
        (void)close(ends[0]);
        d->ready_fd = ends[1];
        (void)setsid();
        return -1;
    }
    (void)close(ends[1]);
    if (read(ends[0], &word, 1) == 1)
        return 0;
    (void)waitpid(pid, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) ? WEXITSTATUS(status) : 1;
}

static int serve(struct devd *d, const struct devd_opts *o, struct domo_err *err)
{
    const struct domo_devd devd = {.event = on_event, .arg = d};
    struct domo_ctx *ctx = cli_ctx(d->cli, err);
    int r;

    if (!ctx || write_pid(d->pid_fd, err) < 0)
        return -1;
    if (d->ready_fd >= 0 && turn_to_log(o->log ? o->log : DEFAULT_LOG, err) < 0)
        return -1;
    r = domo_devd(ctx, &devd, err);
    if (d->pid_fd >= 0)
        (void)unlink(o->pid_file);
    return r;
}

static int devd(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct devd_opts *o = inv->opts;
    struct devd d = {.cli = cli, .pid_fd = -1, .ready_fd = -1};
    int r;

    if (open_pid_file(o->pid_file, &d.pid_fd, err) < 0)
        return -1;
    /* Before anything of the host is open: its connections do not survive a fork. */
    r = o->foreground ? -1 : to_background(&d);
    return r >= 0 ? r : serve(&d, o, err);
}

const struct cmd devd_cmds[] = {
    {
        .name = "devd",
        .args = "",
        .summary = "Serve devices to other guests, in a driver domain",
        .about =
            "Runs in a guest with driver_domain=1 whose kernel has block or network back ends. It does the hotplug "
            "of the devices that domain 0 makes with backend=, whichever tool made them, and gives back what they "
            "held when they go. It ends on SIGTERM; the devices stay, and the next devd goes on with them.",
        .opts = devd_opts,
        .opts_size = sizeof(struct devd_opts),
        .flags = CMD_XL | CMD_JSON,
        .run = devd,
    },
    {.name = NULL},
};
