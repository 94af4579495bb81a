/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * domo-stored: the server as a daemon.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <syslog.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fs.h"
#include "base/str.h"
#include "domostore.h"
#include "guestdir.h"
#include "host/stored.h"
#include "update.h"
#include "xenside.h"

enum { QUOTAS_MAX = 32 };

struct opts {
    const char *socket, *rings, *pidfile, *resume;
    const char *quotas[QUOTAS_MAX];
    size_t quota_count;
    bool xen, background, verbose;
    int try; /* descriptor of a state that is only to be read, -1 = none */
};

struct daemon {
    struct domostore *ds;
    struct guestdir *guests; /* either, or neither */
    struct xenside *xen;
    struct update update;
    int sig_fd;
    int ready_fd; /* the process that started us waits here for our word; -1 = nobody does */
    bool end;
};

static const char usage[] =
    "usage: domo-stored [options]\n"
    "  -s, --socket PATH    listen here (default: $XENSTORED_PATH, $XENSTORED_RUNDIR/socket,\n"
    "                       /var/run/xenstored/socket)\n"
    "  -x, --xen            serve this host's guests (the default where there is a hypervisor and no --rings)\n"
    "  -r, --rings DIR      guests are files DIR/ring.<domid>, their event channels datagrams on DIR/evtchn\n"
    "  -p, --pid-file FILE  write the process number there\n"
    "  -q, --quota NAME=N   set a limit (see: xenstore-control quota)\n"
    "  -b, --background     return once all can use the store; messages go to syslog\n"
    "  -N, --no-fork        stay in the foreground (the default)\n"
    "  -v, --verbose        say more\n"
    "  -h, --help           this text\n";

enum { OPT_RESUME = 0x100, OPT_TRY };

static const struct option options[] = {
    {"socket", required_argument, NULL, 's'},  {"xen", no_argument, NULL, 'x'},
    {"rings", required_argument, NULL, 'r'},   {"pid-file", required_argument, NULL, 'p'},
    {"quota", required_argument, NULL, 'q'},   {"background", no_argument, NULL, 'b'},
    {"no-fork", no_argument, NULL, 'N'},       {"resume", required_argument, NULL, OPT_RESUME}, /* live update */
    {"try", required_argument, NULL, OPT_TRY}, {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
};

/* 0, or the exit status + 1. */
static int parse_options(int argc, char **argv, struct opts *o)
{
    int opt;

    while ((opt = getopt_long(argc, argv, "s:xr:p:q:bNvh", options, NULL)) >= 0) {
        switch (opt) {
        case 's':
            o->socket = optarg;
            break;
        case 'r':
            o->rings = optarg;
            break;
        case 'p':
            o->pidfile = optarg;
            break;
        case 'q':
            if (o->quota_count < QUOTAS_MAX)
                o->quotas[o->quota_count++] = optarg;
            break;
        case 'b':
        case 'N':
            o->background = opt == 'b';
            break;
        case 'x':
            o->xen = true;
            break;
        case OPT_RESUME:
            o->resume = optarg;
            break;
        case OPT_TRY:
            o->try = atoi(optarg);
            break;
        case 'v':
            o->verbose = true;
            break;
        default:
            (void)fputs(usage, opt == 'h' ? stdout : stderr);
            return opt == 'h' ? 1 : 3;
        }
    }
    if (optind < argc || (o->xen && o->rings)) {
        (void)fputs(usage, stderr);
        return 3;
    }
    if (!o->rings && stored_xen_is_here())
        o->xen = true;
    return 0;
}

static char *socket_path(const struct opts *o)
{
    const char *path = o->socket ? o->socket : getenv("XENSTORED_PATH"), *dir = getenv("XENSTORED_RUNDIR");
    char *s = NULL;

    if (path)
        return strdup(path);
    return asprintf(&s, "%s/socket", dir ? dir : "/var/run/xenstored") < 0 ? NULL : s;
}

static bool log_verbose, log_syslog;

static void log_line(void *arg, int level, const char *line)
{
    static const int priority[] = {LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERR};

    (void)arg;
    if (!log_verbose && level < 2)
        return;
    if (log_syslog)
        syslog(priority[level & 3], "%s", line);
    else
        (void)fprintf(stderr, "domo-stored: %s\n", line);
}

static int complain(const char *what, int rc)
{
    char line[512];

    (void)snprintf(line, sizeof line, "%s: %s", what, strerror(-rc));
    log_line(NULL, 3, line);
    return rc;
}

static bool any_domain(void *arg, uint16_t domid)
{
    (void)arg;
    (void)domid;
    return true;
}

/* "name=number" */
static int set_quota(struct domostore *ds, const char *text)
{
    char name[64], *end;
    const char *eq = strchr(text, '=');
    unsigned long n;

    if (!eq || (size_t)(eq - text) >= sizeof name)
        return -EINVAL;
    memcpy(name, text, (size_t)(eq - text));
    name[eq - text] = '\0';
    n = strtoul(eq + 1, &end, 10);
    return *end || end == eq + 1 || n > UINT32_MAX ? -EINVAL : domostore_set_quota(ds, name, (uint32_t)n);
}

static void on_signal(void *arg)
{
    struct daemon *d = arg;
    struct signalfd_siginfo si;
    int rc;

    if (read(d->sig_fd, &si, sizeof si) != (ssize_t)sizeof si)
        return;
    if (si.ssi_signo != SIGUSR1) {
        d->end = true;
        return;
    }
    rc = update_ask(&d->update, NULL);
    if (rc < 0)
        IGNORE(complain("live update", rc));
}

static int on_update(void *arg, const char *file)
{
    struct daemon *d = arg;

    return update_ask(&d->update, file);
}

static int catch_signals(struct daemon *d)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGUSR1);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    d->sig_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return d->sig_fd < 0 ? -errno : domostore_add_fd(d->ds, d->sig_fd, on_signal, d);
}

static int write_pid(const char *path)
{
    char text[16];
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());

    return path ? fs_write_atomic(path, text, (size_t)n, 0644, false) : 0;
}

/* --- background --- */

/* The first process leaves when the second one says how it went. To be called before anything is mapped: a page of a
 * guest is not there in a child. */
static int go_background(struct daemon *d)
{
    int fds[2];
    char ok = 0;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return complain("pipe", -errno);
    pid = fork();
    if (pid < 0)
        return complain("fork", -errno);
    if (pid > 0) {
        (void)close(fds[1]);
        _exit(read(fds[0], &ok, 1) == 1 ? 0 : 1);
    }
    (void)close(fds[0]);
    (void)setsid();
    d->ready_fd = fds[1];
    return 0;
}

/* From here on there is nobody to read what we print. */
static int say_ready(struct daemon *d, const struct opts *o)
{
    int null_fd, i;

    if (o->background) {
        openlog("domo-stored", LOG_PID, LOG_DAEMON);
        log_syslog = true;
    }
    if (d->ready_fd < 0)
        return 0;
    null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null_fd < 0 || chdir("/") < 0)
        return -errno;
    for (i = 0; i < 3; i++)
        if (dup2(null_fd, i) < 0)
            return -errno;
    if (null_fd > 2)
        (void)close(null_fd);
    if (write(d->ready_fd, "", 1) != 1)
        return -errno;
    (void)close(d->ready_fd);
    d->ready_fd = -1;
    return 0;
}

/* --- start --- */

/* The guests, as a hypervisor has them, or as a directory has. */
static int open_guests(struct daemon *d, const struct opts *o, int xen_fd, struct domostore_ops *ops)
{
    char *AUTO_FREE text = NULL;
    size_t len = 0;
    int rc;

    if (o->rings) {
        d->guests = guestdir_open(o->rings, ops);
        return d->guests ? 0 : complain(o->rings, -errno);
    }
    if (!o->xen)
        return 0;
    if (xen_fd < 0)
        rc = xenside_open(&stored_xen_ops, ops, &d->xen);
    else if ((rc = update_read(xen_fd, &text, &len)) == 0)
        rc = xenside_resume(&stored_xen_ops, text, len, ops, &d->xen);
    if (rc == -EBUSY)
        (void)fputs("domo-stored: another store daemon serves this host\n", stderr);
    else if (rc < 0)
        IGNORE(complain("can't reach the hypervisor", rc));
    return rc;
}

static int resume(struct daemon *d, int fd)
{
    char *AUTO_FREE text = NULL;
    size_t len;
    int rc = update_read(fd, &text, &len);

    if (rc == 0)
        rc = domostore_load(d->ds, text, len, true);
    if (rc == 0)
        rc = domostore_inherit(d->ds, false);
    if (rc < 0)
        return complain("resume", rc);
    if (d->xen)
        xenside_settle(d->xen);
    /* Guests asked while nobody was there: they come before new requests. */
    (void)domostore_turn(d->ds);
    return 0;
}

/* A new store. Its socket comes last: who fails before that has not taken an older daemon's away. */
static int begin(struct daemon *d, const char *path)
{
    int rc = d->xen ? xenside_start(d->xen) : 0;

    if (rc < 0)
        return complain("can't serve this domain's kernel", rc);
    rc = domostore_listen(d->ds, path);
    return rc < 0 ? complain(path, rc) : 0;
}

static int attach_guests(struct daemon *d)
{
    int rc = d->guests ? guestdir_attach(d->guests, d->ds) : d->xen ? xenside_attach(d->xen, d->ds) : 0;

    return rc < 0 ? complain("can't listen to guests", rc) : 0;
}

static int start(struct daemon *d, const struct opts *o, const char *path)
{
    struct domostore_ops ops = {.domain_exists = any_domain, .log = log_line};
    int state_fd = -1, xen_fd = -1, rc = o->resume ? update_parse(o->resume, &state_fd, &xen_fd) : 0;
    size_t i;

    if (rc < 0)
        return complain("--resume", rc);
    if ((rc = open_guests(d, o, xen_fd, &ops)) < 0)
        return rc;
    d->ds = domostore_new(&ops, d->xen ? (void *)d->xen : (void *)d->guests);
    if (!d->ds)
        return complain("start", -ENOMEM);
    for (i = 0; i < o->quota_count; i++)
        if ((rc = set_quota(d->ds, o->quotas[i])) < 0)
            return complain(o->quotas[i], rc);
    rc = attach_guests(d);
    if (rc == 0)
        rc = state_fd >= 0 ? resume(d, state_fd) : begin(d, path);
    if (rc < 0)
        return rc;
    d->update.ds = d->ds;
    d->update.xen = d->xen;
    domostore_on_update(d->ds, on_update, d);
    rc = catch_signals(d);
    if (rc == 0)
        rc = write_pid(o->pidfile);
    if (rc == 0)
        rc = say_ready(d, o);
    return rc < 0 ? complain("start", rc) : 0;
}

/* A host with hundreds of guests has more clients than a shell may have files. */
static void raise_limits(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

static int serve(struct daemon *d)
{
    int rc = 0;

    while (rc >= 0 && !d->end) {
        rc = domostore_dispatch(d->ds, -1);
        if (d->update.next)
            IGNORE(complain("live update", update_run(&d->update)));
    }
    return rc;
}

int main(int argc, char **argv)
{
    struct opts o = {.try = -1};
    struct daemon d = {.sig_fd = -1, .ready_fd = -1};
    char *AUTO_FREE path = NULL;
    int rc = parse_options(argc, argv, &o);

    if (rc)
        return rc - 1;
    if (o.try >= 0)
        return update_try(o.try) < 0;
    log_verbose = o.verbose;
    if (o.background && !o.resume && go_background(&d) < 0)
        return 1;
    raise_limits();
    path = socket_path(&o);
    rc = path ? update_init(&d.update, argv) : -ENOMEM;
    if (rc == 0)
        rc = start(&d, &o, path);
    if (rc >= 0)
        rc = serve(&d);
    if (d.end)
        (void)unlink(path);
    d.ds = domostore_free(d.ds);
    guestdir_close(d.guests);
    xenside_close(d.xen);
    update_fini(&d.update);
    return rc < 0;
}
