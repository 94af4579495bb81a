/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: whichever call of the seam fails while a command works, with
 * whichever error that call can give, the command either does all the same what
 * it was asked, or says why it did not: a code, what it was doing, the exit
 * status of its class. Then the world is as it was, or a sweep finds the rest
 * and removes it.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <unistd.h>

#include "base/json.h"
#include "base/str.h"
#include "command.h"
#include "host/sim.h"
#include "inproc.h"
#include "world.h"

/* What the kernel does after a command, and how long a command may take, with all its waits. */
enum { SETTLE_MS = 3000, COMMAND_MS_MAX = 200000, ERRNOS_MAX = 12, CALLS_MIN = 40 };

static const struct row {
    const char *op;
    int errnos[ERRNOS_MAX]; /* ends with 0 */
} ops[] = {
#define OP(table, name, ...) {#table "." #name, {__VA_ARGS__}},
#include "host/ops.def"
#undef OP
};

struct bed {
    char dir[64], uri[80], kernel[96], disk_a[128], disk_b[96], vif[64];
    struct host *host; /* without faults */
    lines empty;       /* no guest */
    int cases, swept, through, failures;
};

static struct bed bed;

/* ---- commands ---- */

#define RUN(o, ...) command_run((char *const[]){(char *)"domo", __VA_ARGS__, NULL}, o)
#define W(word)     ((char *)(word))

static void create(struct outcome *o)
{
    RUN(o, W("create"), W("--json"), W("/dev/null"), W("name=victim"), W("type='pv'"), W("memory=4"), bed.kernel,
        bed.disk_a, bed.vif);
}

static void attach_disk(struct outcome *o)
{
    RUN(o, W("block-attach"), W("--json"), W("victim"), bed.disk_b);
}

static void attach_vif(struct outcome *o)
{
    RUN(o, W("network-attach"), W("--json"), W("victim"), W("bridge=xenbr0"), W("mac=00:16:3e:00:00:02"));
}

static void detach_disk(struct outcome *o)
{
    RUN(o, W("block-detach"), W("--json"), W("victim"), W("xvdb"));
}

static void destroy(struct outcome *o)
{
    RUN(o, W("destroy"), W("--json"), W("victim"));
}

/* A command that must work. */
static void well(void (*command)(struct outcome *))
{
    struct outcome o;

    command(&o);
    if (o.status)
        fail_msg("%s", o.out);
    outcome_fini(&o);
}

/* ---- looking at the world ---- */

static bool has(const char *wanted)
{
    lines now;
    bool found = false;

    world_take(bed.host, &now);
    for (size_t i = 0; i < now.len; i++)
        found = found || str_starts(now.at[i], wanted);
    world_lines_fini(&now);
    return found;
}

static bool node_is(const char *path, const char *value)
{
    char *AUTO_FREE text = NULL;

    return store_read_opt(bed.host, 0, path, &text, NULL) == 0 && str_eq(text, value);
}

/* 0: there is none. */
static uint32_t victim(void)
{
    struct hyp_info all[4];
    size_t n = 0;

    assert_int_equal(bed.host->hyp->list(bed.host, 1, all, 4, &n, NULL), 0);
    assert_true(n <= 1);
    return n && !all[0].is_dying ? all[0].domid : 0;
}

static bool is_connected(const char *kind, const char *devid)
{
    char *AUTO_FREE front = str_format("/local/domain/%u/device/%s/%s/state", victim(), kind, devid);
    char *AUTO_FREE back = str_format("/local/domain/0/backend/%s/%u/%s/state", kind, victim(), devid);

    return node_is(front, "4") && node_is(back, "4");
}

static bool is_absent(const char *kind, const char *devid)
{
    char *AUTO_FREE front = str_format("/local/domain/%u/device/%s/%s ", victim(), kind, devid);
    char *AUTO_FREE back = str_format("/local/domain/0/backend/%s/%u/%s ", kind, victim(), devid);
    char *AUTO_FREE xl = str_format("/libxl/%u/device/%s/%s ", victim(), kind, devid);

    return !has(front) && !has(back) && !has(xl);
}

/* What stays by design: indices and locks, and directories that the next device of the kind needs again. */
static bool is_kept(const char *line)
{
    static const char *const begins[] = {"file run/domid-history", "file domo/names/", "file domo/history/",
                                         "file domo/known/0."};
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

    world_take(bed.host, ret);
    for (size_t i = 0; i < ret->len; i++)
        if (is_kept(ret->at[i]))
            free(ret->at[i]);
        else
            ret->at[kept++] = ret->at[i];
    ret->len = kept;
}

/* ---- the list of commands: what is there before, and what each must have done when it says that it did ---- */

static bool created(void)
{
    return victim() && is_connected("vbd", "51712") && is_connected("vif", "0") && !has("domain 1 4096 KiB paused");
}

static bool disk_is_there(void)
{
    return is_connected("vbd", "51728");
}

static bool vif_is_there(void)
{
    return is_connected("vif", "1");
}

static bool disk_is_gone(void)
{
    return is_absent("vbd", "51728") && !has("loop1");
}

static bool destroyed(void)
{
    lines now;
    bool same;

    take(&now);
    same = world_same(&bed.empty, &now);
    world_lines_fini(&now);
    return same;
}

/* Once it runs a guest is not taken away, whatever becomes of the wait for it. */
static bool guest_stands(const struct outcome *o)
{
    return victim() && has("file lib/userdata-d.") &&
           (strstr(o->out, "wait for the guest's front ends") || strstr(o->out, "look at the guest's devices"));
}

/* Once it has let go of its device a guest does not get it back. */
static bool detach_is_finished(const struct outcome *o)
{
    (void)o;
    return disk_is_gone();
}

/* A destroy does not go back: it is begun, or it is done. */
static bool destroy_is_begun(const struct outcome *o)
{
    (void)o;
    return destroyed() || victim();
}

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
    well(attach_disk);
}

static const struct subject {
    const char *name;
    void (*prepare)(void);
    void (*command)(struct outcome *);
    bool (*is_done)(void);
    /* Where it fails and the world is not as before all the same: is it one in which that is right? NULL: never. */
    bool (*is_right)(const struct outcome *);
} subjects[] = {
    {"create", nothing, create, created, guest_stands},
    {"block-attach", guest, attach_disk, disk_is_there, NULL},
    {"network-attach", guest, attach_vif, vif_is_there, NULL},
    {"block-detach", guest_with_disk, detach_disk, disk_is_gone, detach_is_finished},
    {"destroy", guest_with_disk, destroy, destroyed, destroy_is_begun},
};

/* ---- one case ---- */

struct trial {
    const struct subject *s;
    const char *op;
    unsigned nth;
    int sys;
    struct outcome o;
    lines before;
};

static void complain(const struct trial *t, const char *what)
{
    lines now;

    take(&now);
    print_error("%s, %s:%u %s (exit %d): %s\n%s%s", t->s->name, t->op, t->nth, strerrorname_np(t->sys), t->o.status,
                what, t->o.err, t->o.out);
    world_diff(&t->before, &now, "  ", stderr);
    world_lines_fini(&now);
    bed.failures++;
}

/* It failed: is it said why, what it was about, and with the exit status of its class? */
static void check_error(const struct trial *t)
{
    struct json *j AUTO_JSON = NULL;
    const struct json *e;
    int code = 0;

    if (json_parse(t->o.out, strlen(t->o.out), &j, NULL) < 0 || !(e = json_get(j, "error")))
        return complain(t, "no error is printed");
    while (code < DOMO_E_COUNT && !str_eq(err_id((enum domo_code)code), json_get_str(e, "code", "")))
        code++;
    if (code == DOMO_E_OK || code == DOMO_E_COUNT)
        complain(t, "no code");
    if (t->o.status != err_class_status(err_class((enum domo_code)code)))
        complain(t, "another exit status than the class'");
    if (!json_get_str(e, "message", "")[0])
        complain(t, "no message");
    if (!strstr(t->o.out, "victim") && !strstr(t->o.out, "domain "))
        complain(t, "it is not said which guest it was about");
}

/* The guest is as it was before the command, or it is taken away now with a command that works. */
static void clean_up(const struct trial *t)
{
    struct outcome o;

    if (victim()) {
        destroy(&o);
        if (o.status)
            complain(t, o.out);
        outcome_fini(&o);
    }
    inproc_run(SETTLE_MS);
    if (!destroyed())
        complain(t, "something is left");
}

static bool is_clean(void)
{
    struct json *rows AUTO_JSON = NULL;
    struct outcome o;
    bool clean;

    RUN(&o, W("sweep"), W("--json"));
    clean = o.status == 0 && json_parse(o.out, strlen(o.out), &rows, NULL) == 0 && json_len(rows) == 0;
    outcome_fini(&o);
    return clean;
}

static bool is_as_before(const struct trial *t)
{
    lines now;
    bool same;

    take(&now);
    same = world_same(&t->before, &now);
    world_lines_fini(&now);
    return same;
}

static void sweep(const struct trial *t)
{
    struct outcome o;

    bed.swept++;
    RUN(&o, W("sweep"), W("--remove"), W("--json"));
    if (o.status)
        complain(t, o.out);
    outcome_fini(&o);
    inproc_run(SETTLE_MS);
    if (!is_clean())
        complain(t, "a sweep leaves something to sweep");
}

static void check_world(const struct trial *t)
{
    if (!is_as_before(t) || !is_clean())
        sweep(t);
    if (!is_as_before(t) && !(t->s->is_right && t->s->is_right(&t->o)))
        complain(t, "it failed, and the world is another");
}

static void check_books(const struct trial *t)
{
    char *why = NULL;

    if (machine_check(sim_machine(inproc_sim()), &why) < 0 || domostore_check(sim_store(inproc_sim()), &why) < 0)
        complain(t, why);
}

/* The hypervisor has said that there is no such domain: it is so. */
static void make_true(const struct trial *t)
{
    if (t->sys != ESRCH || t->o.status || !str_eq(t->op, "hyp.destroy") || !victim())
        return;
    assert_int_equal(machine_destroy(sim_machine(inproc_sim()), victim()), 0);
    inproc_run(SETTLE_MS);
}

/* False: the command makes no such call. */
static bool try_one(const struct subject *s, const struct row *row, unsigned nth, int sys)
{
    struct trial t = {.s = s, .op = row->op, .nth = nth, .sys = sys};
    char *AUTO_FREE fault = str_format("%s:%u %s", row->op, nth, strerrorname_np(sys));
    int64_t start;
    bool struck;

    s->prepare();
    inproc_run(SETTLE_MS);
    take(&t.before);
    assert_int_equal(setenv("DOMO_FAULTS", fault, 1), 0);
    start = inproc_now_ms();
    s->command(&t.o);
    assert_int_equal(unsetenv("DOMO_FAULTS"), 0);
    struck = strstr(t.o.err, "fault on request");
    if (inproc_now_ms() - start > COMMAND_MS_MAX)
        complain(&t, "it hung");
    make_true(&t);
    /* Of what the store says is not there a command can't know: a sweep finds it. */
    if (t.o.status == 0 && sys == ENOENT && str_starts(row->op, "store.") && !s->is_done())
        sweep(&t);
    if (t.o.status == 0 && !s->is_done())
        complain(&t, "a success that is none");
    if (t.o.status) {
        check_error(&t);
        inproc_run(SETTLE_MS);
        check_world(&t);
    }
    clean_up(&t);
    check_books(&t);
    bed.cases += struck;
    bed.through += struck && t.o.status == 0;
    world_lines_fini(&t.before);
    outcome_fini(&t.o);
    return struck;
}

/* ---- all of them ---- */

static unsigned try_op(const struct subject *s, const struct row *row)
{
    unsigned nth = 1;

    for (;; nth++) {
        bool struck = true;

        for (size_t i = 0; struck && i < ERRNOS_MAX && row->errnos[i]; i++)
            struck = try_one(s, row, nth, row->errnos[i]);
        if (!struck)
            return nth - 1;
    }
}

static void test_each_call_of(const struct subject *s)
{
    unsigned calls = 0;

    bed.cases = bed.swept = bed.through = bed.failures = 0;
    for (size_t i = 0; i < ARRAY_LEN(ops); i++)
        calls += try_op(s, &ops[i]);
    print_message("%s: %u calls, %d cases, in %d it did its work, after %d a sweep was needed\n", s->name, calls,
                  bed.cases, bed.through, bed.swept);
    assert_true(calls > CALLS_MIN);
    assert_int_equal(bed.failures, 0);
}

static void test_subject(void **state)
{
    test_each_call_of(*state);
}

/* A row without an error would be a call that is not tried. */
static void test_each_row_has_errors_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        const struct row *r = &ops[i];

        if (!r->errnos[0] || r->errnos[ERRNOS_MAX - 1])
            fail_msg("%s: no errors, or more than there is room for", r->op);
        for (size_t j = 1; r->errnos[j]; j++)
            if (strcmp(strerrorname_np(r->errnos[j - 1]), strerrorname_np(r->errnos[j])) >= 0)
                fail_msg("%s: %s is not in its place", r->op, strerrorname_np(r->errnos[j]));
    }
}

/* ---- the bed ---- */

static void make_disk(const char *name)
{
    char *AUTO_FREE path = str_format("%s/%s", bed.dir, name);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 1 << 20), 0);
    (void)close(fd);
}

static int set_up(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    char *AUTO_FREE here = getcwd(NULL, 0);
    char *AUTO_FREE dir = NULL;

    (void)state;
    (void)snprintf(bed.dir, sizeof bed.dir, "%s/domo-every-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    assert_non_null(mkdtemp(bed.dir));
    dir = str_format("%s/host", bed.dir);
    (void)snprintf(bed.uri, sizeof bed.uri, "sim:%s", dir);
    (void)snprintf(bed.kernel, sizeof bed.kernel, "kernel=%s/tests/sim/tiny", here);
    (void)snprintf(bed.disk_a, sizeof bed.disk_a, "disk=['%s/a.img,raw,xvda,w']", bed.dir);
    (void)snprintf(bed.disk_b, sizeof bed.disk_b, "%s/b.img,raw,xvdb,w", bed.dir);
    (void)snprintf(bed.vif, sizeof bed.vif, "vif=['bridge=xenbr0']");
    make_disk("a.img");
    make_disk("b.img");
    assert_int_equal(setenv("DOMO_HOST", bed.uri, 1), 0);
    assert_int_equal(inproc_start(dir, &err), 0);
    bed.host = calloc(1, sizeof *bed.host);
    assert_non_null(bed.host);
    assert_int_equal(sim_open(bed.host, bed.uri, &err), 0);
    /* What the first guest of a host leaves is there from here on. */
    well(create);
    well(destroy);
    take(&bed.empty);
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static int tear_down(void **state)
{
    (void)state;
    world_lines_fini(&bed.empty);
    (void)host_close(bed.host);
    inproc_stop();
    return nftw(bed.dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#define SUBJECT(i)                                                                                                     \
    {                                                                                                                  \
        subjects[i].name, test_subject, NULL, NULL, (void *)&subjects[i]                                               \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_row_has_errors_in_order), SUBJECT(0), SUBJECT(1), SUBJECT(2), SUBJECT(3), SUBJECT(4),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
