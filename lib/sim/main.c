/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * domo-simd: a simulated host as a daemon. Started by the first command that
 * names the host's directory, ended by "domo host stop" or SIGTERM.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "host/sim_wire.h"
#include "sim/desk.h"
#include "sim/doors.h"
#include "sim/home.h"
#include "sim/model.h"
#include "sim/serve.h"

enum { EVENTS_MAX = 64 };

struct opts {
    const char *dir;
    int report_fd; /* where to say, as one line of JSON, that the host runs, or why not; -1 = nowhere */
    bool foreground;
};

struct daemon {
    struct home home;
    struct sim *sim;
    struct desk *desk, *models;
    struct doors *doors;
    int epoll_fd, signal_fd;
    int64_t due_ms; /* when the world wants to be stepped; -1 = no time */
    bool end;
};

static const char usage[] = "usage: domo-simd [options] DIR\n"
                            "Serves the simulated host in DIR, which is made if it is missing.\n"
                            "  -f, --foreground  stay in the foreground and log to standard error\n"
                            "  -r, --report FD   say there, in JSON, when the host runs or why it does not\n"
                            "  -h, --help        this text\n";

static const struct option options[] = {
    {"foreground", no_argument, NULL, 'f'},
    {"report", required_argument, NULL, 'r'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

/* 0, or the exit status + 1. */
static int parse_options(int argc, char **argv, struct opts *o)
{
    uint32_t fd;
    int opt;

    while ((opt = getopt_long(argc, argv, "fr:h", options, NULL)) >= 0) {
        if (opt == 'f') {
            o->foreground = true;
        } else if (opt == 'r' && str_to_u32(optarg, &fd) == 0) {
            o->report_fd = (int)fd;
        } else {
            (void)fputs(usage, opt == 'h' ? stdout : stderr);
            return opt == 'h' ? 1 : 3;
        }
    }
    if (optind + 1 != argc) {
        (void)fputs(usage, stderr);
        return 3;
    }
    o->dir = argv[optind];
    return 0;
}

/* ---- what it says ---- */

static void say(const char *what)
{
    int64_t sec;
    unsigned centi;

    clock_wall(&sec, &centi);
    (void)fprintf(stderr, "%lld.%02u domo-simd[%d]: %s\n", (long long)sec, centi, (int)getpid(), what);
}

/* Where whoever started us reads, or on standard error. */
static void report(const struct opts *o, const struct home *home, const struct domo_err *err)
{
    struct json *j AUTO_JSON = err ? err_to_json(err) : json_new_object();
    char *AUTO_FREE text = NULL;

    if (!err)
        json_set_bool(j, "was_killed", home->was_killed);
    if (err) {
        say(err->msg);
        if (err_hint_text(err)[0])
            say(err_hint_text(err));
    }
    if (o->report_fd < 0)
        return;
    text = json_print(j, JSON_COMPACT);
    if (text)
        IGNORE(fs_write_all(o->report_fd, text, strlen(text)));
    (void)close(o->report_fd);
}

/* From here on standard error is the log; the other two are nothing. */
static int turn_to_log(const struct home *home)
{
    char *AUTO_FREE path = home_path(home, SIM_LOG);
    int log = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    int r = log < 0 || nothing < 0 || dup2(nothing, 0) < 0 || dup2(nothing, 1) < 0 || dup2(log, 2) < 0 ? -errno : 0;

    if (log > 2)
        (void)close(log);
    if (nothing > 2)
        (void)close(nothing);
    return r;
}

/* ---- start ---- */

/* Each disk of a guest has a descriptor here. */
static void want_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int add_fd(struct daemon *d, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    if (fd < 0)
        return 0;
    return epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0 ? -errno : 0;
}

static int catch_signals(struct daemon *d)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    (void)signal(SIGPIPE, SIG_IGN);
    d->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return d->signal_fd < 0 ? -errno : add_fd(d, d->signal_fd);
}

static void serve_line(struct sim *sim, struct peer *peer, uint32_t *about, const char *line, size_t len,
                       struct str *out, bool *ret_stop)
{
    char *AUTO_FREE reply = serve_request(sim, peer, line, len, ret_stop);

    (void)about;
    str_add(out, reply ? reply : "{\"r\":-12}");
    str_addc(out, '\n');
}

static int open_sockets(struct daemon *d)
{
    char *AUTO_FREE store = home_path(&d->home, SIM_STORE_SOCKET);
    char *AUTO_FREE seam = home_path(&d->home, SIM_SEAM_SOCKET);
    char *AUTO_FREE model = home_path(&d->home, SIM_MODEL_SOCKET);
    int r = store && seam && model ? domostore_listen(sim_store(d->sim), store) : -ENOMEM;

    if (r == 0)
        r = add_fd(d, domostore_fd(sim_store(d->sim)));
    if (r == 0)
        r = add_fd(d, consoles_fd(sim_consoles(d->sim)));
    if (r == 0)
        r = desk_open(model, d->epoll_fd, model_line, &d->models);
    /* The seam's socket last: who can connect to it finds everything there. */
    return r < 0 ? r : desk_open(seam, d->epoll_fd, serve_line, &d->desk);
}

static int start(struct daemon *d, const struct opts *o, struct domo_err *err)
{
    struct world *world = NULL;
    int r;

    if (home_enter(&d->home, o->dir, err) < 0 || home_world(&d->home, &world, err) < 0)
        return -1;
    want_descriptors();
    d->sim = sim_new(world);
    if (!d->sim) {
        (void)world_free(world);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory for a simulated host");
    }
    d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    r = d->epoll_fd < 0 ? -errno : catch_signals(d);
    d->doors = r == 0 ? doors_new(&d->home, d->sim, d->epoll_fd) : NULL;
    if (r == 0)
        r = d->doors ? open_sockets(d) : -ENOMEM;
    if (r == -ENAMETOOLONG) {
        (void)err_set(err, DOMO_E_USAGE, "the path '%s' is too long for sockets in it", o->dir);
        return err_hint(err, "name a directory with a path of at most 90 bytes");
    }
    return r < 0 ? err_sys(err, DOMO_E_IO, -r, "can't serve '%s'", o->dir) : 0;
}

/* ---- the loop ---- */

static void step(struct daemon *d)
{
    d->due_ms = sim_step(d->sim, clock_now_ms());
    doors_follow(d->doors);
}

static int timeout_ms(const struct daemon *d)
{
    int store = domostore_timeout_ms(sim_store(d->sim));
    int world = d->due_ms < 0 ? -1 : clock_left_ms(d->due_ms, clock_now_ms());

    if (store < 0 || world < 0)
        return store < 0 ? world : store;
    return store < world ? store : world;
}

static void one(struct daemon *d, const struct epoll_event *e)
{
    int fd = e->data.fd;

    if (fd == d->signal_fd)
        d->end = true;
    else if (doors_ready(d->doors, fd))
        return;
    else if (desk_ready(d->desk, fd, e->events, d->sim, clock_now_ms()) ||
             desk_ready(d->models, fd, e->events, d->sim, clock_now_ms()))
        d->end = true;
}

static void loop(struct daemon *d)
{
    struct epoll_event events[EVENTS_MAX];

    step(d);
    while (!d->end) {
        int n = epoll_wait(d->epoll_fd, events, EVENTS_MAX, timeout_ms(d));

        for (int i = 0; i < n; i++)
            one(d, &events[i]);
        if (domostore_dispatch(sim_store(d->sim), 0) < 0)
            say("the store's sockets can't be served");
        step(d);
    }
}

static void finish(struct daemon *d)
{
    char *AUTO_FREE store = home_path(&d->home, SIM_STORE_SOCKET);
    char *AUTO_FREE seam = home_path(&d->home, SIM_SEAM_SOCKET);
    char *AUTO_FREE model = home_path(&d->home, SIM_MODEL_SOCKET);

    if (d->desk && store && seam && model) {
        (void)unlink(seam);
        (void)unlink(model);
        (void)unlink(store);
    }
    desk_let_go(d->desk);
    desk_let_go(d->models);
    d->doors = doors_free(d->doors);
    d->sim = sim_free(d->sim);
    home_leave(&d->home);
    /* Replies go last: who waits for the end sees it when the connection closes. */
    d->desk = desk_close(d->desk);
    d->models = desk_close(d->models);
}

/* The parent stays until the child has taken over, so that its end says that all is ready. */
static int to_background(void)
{
    pid_t pid = fork();

    if (pid < 0)
        return -errno;
    if (pid > 0)
        _exit(0);
    return setsid() < 0 ? -errno : 0;
}

int main(int argc, char **argv)
{
    struct daemon d = {.home = HOME_INIT, .epoll_fd = -1, .signal_fd = -1, .due_ms = -1};
    struct opts o = {.report_fd = -1};
    struct domo_err err = DOMO_ERR_INIT;
    int r = parse_options(argc, argv, &o);

    if (r)
        return r - 1;
    /* The lock names the process that serves: fork first. */
    if (!o.foreground && to_background() < 0)
        return 1;
    if (start(&d, &o, &err) < 0) {
        report(&o, &d.home, &err);
        finish(&d);
        return 1;
    }
    if (!o.foreground && turn_to_log(&d.home) < 0)
        say("can't open the log");
    if (d.home.was_killed)
        say("the host before this one was killed, its world is gone");
    say("runs");
    report(&o, &d.home, NULL);
    loop(&d);
    say("ends");
    finish(&d);
    return 0;
}
