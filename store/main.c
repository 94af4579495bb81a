/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * domo-stored: the server as a daemon.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/fs.h"
#include "domostore.h"
#include "guestdir.h"

enum { QUOTAS_MAX = 32 };

struct opts {
    const char *socket, *rings, *pidfile;
    const char *quotas[QUOTAS_MAX];
    size_t quota_count;
    bool background, verbose;
    int resume; /* descriptor with the state of a process before us, -1 = none */
};

struct daemon {
    struct domostore *ds;
    struct guestdir *guests;
    int sig_fd;
    bool end, update;
};

static const char usage[] =
    "usage: domo-stored [options]\n"
    "  -s, --socket PATH    listen here (default: $XENSTORED_PATH, $XENSTORED_RUNDIR/socket,\n"
    "                       /var/run/xenstored/socket)\n"
    "  -r, --rings DIR      guests are files DIR/ring.<domid>, their event channels datagrams on DIR/evtchn\n"
    "  -p, --pid-file FILE  write the process number there\n"
    "  -q, --quota NAME=N   set a limit (see: xenstore-control quota)\n"
    "  -b, --background     return once the socket is there\n"
    "  -R, --resume FD      go on with the state another process left in this descriptor\n"
    "  -v, --verbose        log to standard error\n"
    "  -h, --help           this text\n";

static const struct option options[] = {
    {"socket", required_argument, NULL, 's'},
    {"rings", required_argument, NULL, 'r'},
    {"pid-file", required_argument, NULL, 'p'},
    {"quota", required_argument, NULL, 'q'},
    {"resume", required_argument, NULL, 'R'},
    {"background", no_argument, NULL, 'b'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* 0, or the exit status + 1. */
static int parse_options(int argc, char **argv, struct opts *o)
{
    int opt;

    while ((opt = getopt_long(argc, argv, "s:r:p:q:R:bvh", options, NULL)) >= 0) {
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
        case 'R':
            o->resume = atoi(optarg);
            break;
        case 'b':
            o->background = true;
            break;
        case 'v':
            o->verbose = true;
            break;
        default:
            (void)fputs(usage, opt == 'h' ? stdout : stderr);
            return opt == 'h' ? 1 : 3;
        }
    }
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

static bool log_verbose;

static void log_stderr(void *arg, int level, const char *line)
{
    (void)arg;
    if (log_verbose || level >= 2)
        (void)fprintf(stderr, "domo-stored: %s\n", line);
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

    if (read(d->sig_fd, &si, sizeof si) != (ssize_t)sizeof si)
        return;
    if (si.ssi_signo == SIGUSR1)
        d->update = true;
    else
        d->end = true;
}

static void on_update(void *arg)
{
    struct daemon *d = arg;

    d->update = true;
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

static int complain(const char *what, int rc)
{
    (void)fprintf(stderr, "domo-stored: %s: %s\n", what, strerror(-rc));
    return rc;
}

/* --- live update: the same program (perhaps a newer one by now) goes on with everything we have --- */

static int save_state(struct daemon *d, int *ret_fd)
{
    size_t len;
    char *AUTO_FREE text = domostore_dump(d->ds, false, &len);
    int fd = memfd_create("domo-stored", 0), rc;

    rc = !text ? -ENOMEM : fd < 0 ? -errno : fs_write_all(fd, text, len);
    if (rc == 0)
        rc = domostore_inherit(d->ds, true);
    if (rc < 0 && fd >= 0)
        (void)close(fd);
    if (rc == 0)
        *ret_fd = fd;
    return rc;
}

/* Arguments of ours with a new --resume. */
static void replace_self(int argc, char **argv, int fd)
{
    char number[16], **args = calloc((size_t)argc + 3, sizeof(char *));
    int i, n = 0;

    (void)snprintf(number, sizeof number, "%d", fd);
    for (i = 0; args && i < argc; i++) {
        if (strcmp(argv[i], "--resume") == 0)
            i++;
        else if (strcmp(argv[i], "-b") != 0 && strcmp(argv[i], "--background") != 0)
            args[n++] = argv[i];
    }
    if (args) {
        args[n++] = (char *)"--resume";
        args[n] = number;
        (void)execv("/proc/self/exe", args);
    }
    free(args);
}

/* Returns only if it did not work: then all goes on as before. */
static void update(struct daemon *d, int argc, char **argv)
{
    int fd = -1, rc = save_state(d, &fd);

    d->update = false;
    if (rc == 0) {
        replace_self(argc, argv, fd);
        rc = -errno;
        (void)close(fd);
    }
    (void)domostore_inherit(d->ds, false);
    (void)complain("live update", rc);
}

static int resume(struct daemon *d, int fd)
{
    char *AUTO_FREE text = NULL;
    off_t size = lseek(fd, 0, SEEK_END);
    int rc = 0;

    if (size < 0 || !(text = malloc((size_t)size + 1)))
        rc = -ENOMEM;
    else if (pread(fd, text, (size_t)size, 0) != size)
        rc = -EIO;
    (void)close(fd);
    if (rc == 0)
        rc = domostore_load(d->ds, text, (size_t)size, true);
    if (rc == 0)
        rc = domostore_inherit(d->ds, false);
    return rc < 0 ? complain("resume", rc) : 0;
}

static int start(struct daemon *d, const struct opts *o, const char *path)
{
    struct domostore_ops ops = {.domain_exists = any_domain, .log = log_stderr};
    size_t i;
    int rc;

    if (o->rings && !(d->guests = guestdir_open(o->rings, &ops)))
        return complain(o->rings, -errno);
    d->ds = domostore_new(&ops, d->guests);
    if (!d->ds)
        return complain("start", -ENOMEM);
    for (i = 0; i < o->quota_count; i++)
        if ((rc = set_quota(d->ds, o->quotas[i])) < 0)
            return complain(o->quotas[i], rc);
    rc = o->resume >= 0 ? 0 : domostore_listen(d->ds, path);
    if (rc < 0)
        return complain(path, rc);
    if (d->guests && (rc = guestdir_attach(d->guests, d->ds)) < 0)
        return complain(o->rings, rc);
    if (o->resume >= 0 && (rc = resume(d, o->resume)) < 0)
        return rc;
    domostore_on_update(d->ds, on_update, d);
    if (o->background && daemon(0, o->verbose) < 0)
        return complain("daemon", -errno);
    rc = catch_signals(d);
    if (rc == 0)
        rc = write_pid(o->pidfile);
    return rc < 0 ? complain("start", rc) : 0;
}

int main(int argc, char **argv)
{
    struct opts o = {.resume = -1};
    struct daemon d = {.sig_fd = -1};
    char *AUTO_FREE path = NULL;
    int rc = parse_options(argc, argv, &o);

    if (rc)
        return rc - 1;
    log_verbose = o.verbose;
    path = socket_path(&o);
    rc = path ? start(&d, &o, path) : -ENOMEM;
    while (rc >= 0 && !d.end) {
        rc = domostore_dispatch(d.ds, -1);
        if (d.update)
            update(&d, argc, argv);
    }
    if (d.end)
        (void)unlink(path);
    d.ds = domostore_free(d.ds);
    guestdir_close(d.guests);
    return rc < 0;
}
