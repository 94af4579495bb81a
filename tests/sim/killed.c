/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a command may be killed (kill -9) at any call of the seam: the world
 * is then as it was, or as the command would have left it, or a sweep finds,
 * explains and removes the rest. domo-simd may be killed at any call of a
 * command: the command says so at once, and the next one starts a new host that
 * has nothing of the old one.
 *
 * Real processes and real time: a command is a child of this one.
 *
 * usage: killed command|host [STRIDE]: at every call, or every so many.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "command.h"
#include "dom/sweep.h"
#include "world.h"

/* How long a command may go on when its host has died, how long the kernel of a host may need to settle. */
enum { AT_ONCE_MS = 5000, SETTLE_MS = 5000, LOOK_AGAIN_MS = 2, CALLS_MIN = 30, SPARE_STATUS = 99 };

struct bed {
    char dir[64], host_dir[80], uri[88], kernel[128], disk_a[128], disk_b[96];
    struct host *host; /* NULL: not open */
    lines empty;
    unsigned tests, failed;
};

static struct bed bed;

static pid_t host_pid(void)
{
    char *AUTO_FREE path = str_format("%s/lock", bed.host_dir);
    char *AUTO_FREE text = NULL;
    size_t len = 0;

    return fs_read(path, 64, &text, &len) == 0 ? (pid_t)strtol(text, NULL, 10) : 0;
}

/* Builds with sanitizers: the client library of the store forgets the events that it drops when a watch ends. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libxenstore\n";
}

/* The host is not left behind. */
static _Noreturn void give_up(void)
{
    if (host_pid() > 0)
        (void)kill(host_pid(), SIGTERM);
    exit(1);
}

static _Noreturn void die(const char *what, const struct domo_err *err)
{
    (void)printf("Bail out! %s: %s\n", what, err ? err->msg : strerror(errno));
    give_up();
}

/* ---- what is killed ---- */

/* In a child: whom the fault kills instead of the child itself; 0 = the child. */
static pid_t victim_pid;

int __real_raise(int sig);
int __wrap_raise(int sig);

/* The fault decorator raises SIGKILL; here it can be meant for the host's process. */
int __wrap_raise(int sig)
{
    struct pollfd gone = {.events = POLLIN};

    if (sig != SIGKILL || !victim_pid)
        return __real_raise(sig);
    gone.fd = pidfd_open(victim_pid, 0);
    if (gone.fd >= 0 && kill(victim_pid, SIGKILL) == 0)
        (void)poll(&gone, 1, AT_ONCE_MS);
    return 0;
}

/* ---- the host ---- */

static void open_host(void)
{
    struct domo_err err = DOMO_ERR_INIT;

    if (!bed.host && host_open(bed.uri, NULL, &bed.host, &err) < 0)
        die("host", &err);
}

static void close_host(void)
{
    bed.host = host_close(bed.host);
}

/* ---- commands ---- */

#define RUN(o, ...) command_run((char *const[]){(char *)"domo", __VA_ARGS__, NULL}, o)
#define W(word)     ((char *)(word))

static void create(struct outcome *o)
{
    RUN(o, W("create"), W("/dev/null"), W("name=victim"), W("type='pv'"), W("memory=4"), bed.kernel, bed.disk_a,
        W("vif=['bridge=xenbr0']"));
}

static void attach(struct outcome *o)
{
    RUN(o, W("block-attach"), W("victim"), bed.disk_b);
}

static void detach(struct outcome *o)
{
    RUN(o, W("block-detach"), W("victim"), W("xvdb"));
}

static void destroy(struct outcome *o)
{
    RUN(o, W("destroy"), W("victim"));
}

static void list(struct outcome *o)
{
    RUN(o, W("list"));
}

static void well(void (*command)(struct outcome *))
{
    struct outcome o;

    command(&o);
    if (o.status) {
        (void)printf("Bail out! %s%s\n", o.out, o.err);
        give_up();
    }
    outcome_fini(&o);
}

/* ---- looking ---- */

/* What stays by design: indices, and locks, which are files that nobody holds. */
static bool is_kept(const char *line)
{
    static const char *const begins[] = {"file run/domid-history", "file domo/names/", "file domo/history/",
                                         "file domo/known/0.", "file lib/userdata-l."};
    static const char *const ends[] = {
        "/device/vbd = ", "/device/vif = ", "/backend = ", "/backend/vbd = ", "/backend/vif = ", "/backend/console = "};

    for (size_t i = 0; i < ARRAY_LEN(begins); i++)
        if (str_starts(line, begins[i]))
            return true;
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        if (strstr(line, ends[i]))
            return true;
    return false;
}

static void take(lines *ret)
{
    size_t kept = 0;

    open_host();
    world_take(bed.host, ret);
    for (size_t i = 0; i < ret->len; i++)
        if (is_kept(ret->at[i]))
            free(ret->at[i]);
        else
            ret->at[kept++] = ret->at[i];
    ret->len = kept;
}

/* The kernel of the host may need a moment. */
static bool becomes(const lines *wanted)
{
    int64_t end = clock_now_ms() + SETTLE_MS;
    bool same;

    do {
        lines now;

        take(&now);
        same = world_same(wanted, &now);
        world_lines_fini(&now);
        if (!same)
            (void)poll(NULL, 0, LOOK_AGAIN_MS);
    } while (!same && clock_now_ms() < end);
    return same;
}

static bool has_domain(void)
{
    struct hyp_info info;
    struct domo_err err = DOMO_ERR_INIT;
    size_t n = 0;

    open_host();
    if (bed.host->hyp->list(bed.host, 1, &info, 1, &n, &err) < 0)
        die("domains", &err);
    return n && !info.is_dying;
}

/* ---- subjects ---- */

static void nothing(void)
{
}

static void guest(void)
{
    well(create);
}

static void guest_with_disk(void)
{
    well(create);
    well(attach);
}

static const struct subject {
    const char *name;
    void (*prepare)(void);
    void (*command)(struct outcome *);
    void (*undo)(struct outcome *); /* the guest is then as it was; NULL: nothing makes it so */
} subjects[] = {
    {"create", nothing, create, NULL},
    {"attach", guest, attach, detach},
    {"detach", guest_with_disk, detach, attach},
    {"destroy", guest_with_disk, destroy, NULL},
};

/* ---- a trial ---- */

struct trial {
    const struct subject *s;
    unsigned k;
    lines before; /* where an undo brings it back to */
    bool complained;
};

static void complain(struct trial *t, const char *what, const lines *wanted)
{
    lines now;

    (void)printf("# %s, call %u: %s\n", t->s->name, t->k, what);
    t->complained = true;
    if (!wanted)
        return;
    take(&now);
    world_diff(wanted, &now, "#   ", stdout);
    world_lines_fini(&now);
}

struct ending {
    int status; /* as of wait() */
    int64_t ms; /* that it took */
    char *out;  /* what it printed, both streams; the caller frees */
};

/* Runs the command in a child, with the fault at call "k" that kills "pid" (0 = the child). */
static void run_struck(const struct subject *s, unsigned k, pid_t pid, struct ending *ret)
{
    char *AUTO_FREE fault = str_format("*:%u KILL", k);
    char *AUTO_FREE path = str_format("%s/said", bed.dir);
    int64_t start = clock_now_ms();
    size_t len = 0;
    pid_t child;

    (void)fflush(stdout);
    (void)unlink(path);
    child = fork();
    if (child == 0) {
        struct outcome o;

        victim_pid = pid;
        (void)setenv("DOMO_FAULTS", fault, 1);
        s->command(&o);
        if (fs_write_atomic(path, o.err, strlen(o.err), 0600, false) < 0)
            _exit(SPARE_STATUS);
        _exit(o.status);
    }
    if (child < 0 || waitpid(child, &ret->status, 0) < 0)
        die("child", NULL);
    ret->ms = clock_now_ms() - start;
    ret->out = NULL;
    if (fs_read(path, 65536, &ret->out, &len) < 0)
        ret->out = strdup("");
}

/* ---- the command is killed ---- */

/* Each thing that is found has a reason, and is removed; a second look finds nothing. */
static void sweep(struct trial *t)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON rows = NULL, *AUTO_JSON rest = NULL;

    if (sweep_run(bed.host, true, &rows, &err) < 0 || sweep_run(bed.host, false, &rest, &err) < 0) {
        complain(t, err.msg, NULL);
        return;
    }
    for (size_t i = 0; i < json_len(rows); i++) {
        const struct json *row = json_at(rows, i, NULL);

        if (!json_get_str(row, "why", "")[0] || !json_get_str(row, "id", "")[0])
            complain(t, "something is swept without a reason", NULL);
        if (!json_get_bool(row, "removed", false))
            complain(t, json_get_str(row, "error", "something can't be swept"), NULL);
    }
    if (json_len(rest))
        complain(t, "a sweep leaves something to sweep", NULL);
}

static bool has_disk(void)
{
    struct domo_err err = DOMO_ERR_INIT;
    char *AUTO_FREE value = NULL;
    struct hyp_info info;
    size_t n = 0;
    char path[64];

    if (bed.host->hyp->list(bed.host, 1, &info, 1, &n, &err) < 0 || n != 1)
        die("domains", &err);
    (void)snprintf(path, sizeof path, "/libxl/%u/device/vbd/51728", info.domid);
    if (store_read_opt(bed.host, 0, path, &value, &err) < 0)
        die(path, &err);
    return value;
}

/* It is there or it is not, and wholly so: then it can be had as it was before. */
static void look_at_disk(struct trial *t)
{
    bool was_there = t->s->command == detach;
    struct outcome o;

    if (has_disk() != was_there) {
        t->s->undo(&o);
        if (o.status)
            complain(t, o.err, NULL);
        outcome_fini(&o);
    }
    if (!becomes(&t->before))
        complain(t, "the guest is neither as before nor as the command makes it", &t->before);
}

/* False: there was no such call. */
static bool kill_command(struct trial *t)
{
    struct ending e;
    bool killed;

    t->s->prepare();
    if (t->s->undo)
        take(&t->before);
    run_struck(t->s, t->k, 0, &e);
    killed = WIFSIGNALED(e.status);
    if (killed)
        sweep(t);
    else if (e.status)
        complain(t, e.out, NULL);
    free(e.out);
    if (has_domain() && t->s->undo)
        look_at_disk(t);
    if (has_domain())
        well(destroy);
    if (!becomes(&bed.empty))
        complain(t, "something is left", &bed.empty);
    world_lines_fini(&t->before);
    return killed;
}

/* ---- the host is killed ---- */

/* A new host: nothing in it, and nothing to sweep. */
static void look_at_new_host(struct trial *t)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON rows = NULL;
    struct outcome o;

    list(&o);
    if (o.status)
        complain(t, o.err, NULL);
    if (!strstr(o.err, "was killed: its guests are gone"))
        complain(t, "the next command does not say that the host was killed", NULL);
    outcome_fini(&o);
    open_host();
    if (has_domain())
        complain(t, "the new host has guests", NULL);
    if (sweep_run(bed.host, false, &rows, &err) < 0 || json_len(rows))
        complain(t, "the new host has something to sweep", NULL);
}

static bool kill_host(struct trial *t)
{
    struct pollfd gone = {.events = POLLIN};
    struct ending e;
    bool killed;
    pid_t pid;

    open_host();
    t->s->prepare();
    close_host();
    pid = host_pid();
    gone.fd = pidfd_open(pid, 0);
    if (gone.fd < 0)
        die("the host's process", NULL);
    run_struck(t->s, t->k, pid, &e);
    killed = poll(&gone, 1, 0) == 1;
    (void)close(gone.fd);
    if (killed && e.status == 0)
        complain(t, "it says that all is well", NULL);
    if (killed && e.status && !strstr(e.out, "error: "))
        complain(t, "it says nothing", NULL);
    if (e.ms > AT_ONCE_MS)
        complain(t, "it took long to notice", NULL);
    if (t->complained)
        (void)printf("# %lld ms, status %x: %s", (long long)e.ms, (unsigned)e.status, e.out);
    free(e.out);
    if (killed)
        look_at_new_host(t);
    else if (has_domain())
        well(destroy);
    return killed;
}

/* ---- all calls ---- */

static void each_call(const struct subject *s, const char *what, bool (*trial)(struct trial *), unsigned stride)
{
    int64_t start = clock_now_ms();
    unsigned bad = 0, k = 1, tried = 0;
    bool struck = true;

    for (; struck; k += stride, tried++) {
        struct trial t = {.s = s, .k = k};

        struck = trial(&t);
        bad += t.complained;
    }
    bed.tests++;
    bed.failed += bad || k < CALLS_MIN;
    (void)printf("%s %u - %s: the %s is killed at each call (%u of %u calls, %lld ms)\n",
                 bad || k < CALLS_MIN ? "not ok" : "ok", bed.tests, s->name, what, tried - 1, k - stride - 1,
                 (long long)(clock_now_ms() - start));
}

/* ---- the bed ---- */

static void make_disk(const char *name)
{
    char *AUTO_FREE path = str_format("%s/%s", bed.dir, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (fd < 0 || ftruncate(fd, 1 << 20) < 0)
        die(name, NULL);
    (void)close(fd);
}

static void set_up(void)
{
    char *AUTO_FREE here = getcwd(NULL, 0);
    char *AUTO_FREE simd = str_format("%s/lib/sim/domo-simd", here);

    (void)snprintf(bed.dir, sizeof bed.dir, "%s/domo-killed-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    if (!mkdtemp(bed.dir))
        die("mkdtemp", NULL);
    (void)snprintf(bed.host_dir, sizeof bed.host_dir, "%s/host", bed.dir);
    (void)snprintf(bed.uri, sizeof bed.uri, "sim:%s", bed.host_dir);
    (void)snprintf(bed.kernel, sizeof bed.kernel, "kernel=%s/tests/sim/tiny", here);
    (void)snprintf(bed.disk_a, sizeof bed.disk_a, "disk=['%s/a.img,raw,xvda,w']", bed.dir);
    (void)snprintf(bed.disk_b, sizeof bed.disk_b, "%s/b.img,raw,xvdb,w", bed.dir);
    make_disk("a.img");
    make_disk("b.img");
    if (setenv("DOMO_HOST", bed.uri, 1) < 0 || setenv("DOMO_SIMD", simd, 1) < 0 ||
        setenv("DOMO_SUPERVISOR", "none", 1) < 0)
        die("setenv", NULL);
    well(create);
    well(destroy);
    take(&bed.empty);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void tear_down(void)
{
    struct domo_err err = DOMO_ERR_INIT;
    bool ran;

    world_lines_fini(&bed.empty);
    close_host();
    if (host_stop(bed.uri, &ran, &err) < 0)
        die("stop", &err);
    (void)nftw(bed.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int main(int argc, char **argv)
{
    unsigned stride = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 1;
    bool host = argc > 1 && str_eq(argv[1], "host");

    set_up();
    for (size_t i = 0; i < ARRAY_LEN(subjects); i++)
        each_call(&subjects[i], host ? "host" : "command", host ? kill_host : kill_command, stride ? stride : 1);
    tear_down();
    (void)printf("1..%u\n", bed.tests);
    return bed.failed != 0;
}
