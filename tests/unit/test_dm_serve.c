/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a device model that only serves back ends is started with the words
 * of its table and is ready when its monitor says so; what it says about a
 * device, its end, and a program that can't be run, are errors at once that
 * quote it. A script plays the device model.
 */
#include "unit.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "dom/dm.h"
#include "host/xen.h"

#define UUID "11111111-2222-4333-8444-555555555555"

/* Greets, says yes to all, and ends when it is told to. "taken" as an argument: what QEMU says of a port that is
 * taken. */
static const char script[] =
    "#!/usr/bin/python3\n"
    "import json, socket, sys\n"
    "if 'taken' in sys.argv:\n"
    "    sys.stderr.write('qemu: -vnc 127.0.0.1:7: Failed to bind socket: Address already in use\\n'); sys.exit(1)\n"
    "l = socket.socket(fileno=3)\n"
    "while True:\n"
    "    f = l.accept()[0].makefile('rw')\n"
    "    def say(o): f.write(json.dumps(o) + '\\r\\n'); f.flush()\n"
    "    say({'QMP': {'version': {}, 'capabilities': []}})\n"
    "    for line in f:\n"
    "        q = json.loads(line)\n"
    "        say({'return': {'status': 'running'} if q['execute'] == 'query-status' else {}, 'id': q.get('id', 0)})\n"
    "        if q['execute'] == 'quit': sys.exit(0)\n";

struct world {
    struct host host;
    char dir[64], program[96];
    const char *machine[3];
    struct hyp_dm dm;
    struct dm_guest guest;
    struct domo_err err;
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    assert_non_null(w);
    (void)snprintf(w->dir, sizeof w->dir, "/tmp/test-dm-XXXXXX");
    assert_non_null(mkdtemp(w->dir));
    (void)snprintf(w->program, sizeof w->program, "%s/qemu", w->dir);
    assert_int_equal(fs_write_atomic(w->program, script, sizeof script - 1, 0755, false), 0);
    w->host = (struct host){.os = &linux_os_ops, .env = &linux_env_ops};
    (void)snprintf(w->host.paths.own_run, sizeof w->host.paths.own_run, "%s/run", w->dir);
    (void)snprintf(w->host.paths.log, sizeof w->host.paths.log, "%s/log", w->dir);
    w->machine[0] = "-machine";
    w->machine[1] = "xenpv";
    w->dm = (struct hyp_dm){.program = w->program, .machine = w->machine, .attaches = true};
    w->guest = (struct dm_guest){.name = "web", .uuid = UUID, .host = &w->dm, .domid = 9};
    *state = w;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static int teardown(void **state)
{
    struct world *w = *state;

    assert_int_equal(dm_stop(&w->host, UUID, &w->err), 0);
    assert_string_equal(dm_state(&w->host, UUID), "none");
    assert_int_equal(nftw(w->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(w);
    return 0;
}

static void start(struct world *w)
{
    struct qmp *q = NULL;

    if (dm_start(&w->host, &w->guest, &q, &w->err))
        fail_msg("%s", w->err.msg);
    (void)qmp_close(q);
    assert_string_equal(dm_state(&w->host, UUID), "running");
    assert_true(dm_exists(&w->host, UUID));
}

static void say(const struct world *w, const char *text)
{
    char *path = str_format("%s/log/qemu-dm-web.log", w->dir);
    FILE *f = fopen(path, "a");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    free(path);
}

static int check(struct world *w, int64_t from)
{
    err_clear(&w->err);
    return dm_check_device(&w->host, UUID, "web", from, "qdisk", 51712, &w->err);
}

static void test_complaints(void **state)
{
    static const char why[] = "qemu: failed to create 'qdisk' device '51712': bad luck";
    struct world *w = *state;
    int64_t from;

    start(w);
    from = dm_log_size(&w->host, "web");
    assert_true(from > 0);
    assert_int_equal(check(w, from), 0);
    say(w, "qemu: warning: something\nqemu: failed to create 'qdisk' device '51728': not ours\nxen be: vfb-0: oh\n");
    assert_int_equal(check(w, from), 0);
    say(w, why);
    say(w, "\nmore\n");
    assert_int_equal(check(w, from), -1);
    assert_int_equal(w->err.code, DOMO_E_DEVICE_MODEL);
    assert_non_null(strstr(w->err.msg, why));
    assert_null(strstr(w->err.msg, "more"));
    /* Said before is not said now. */
    from = dm_log_size(&w->host, "web");
    assert_int_equal(check(w, from), 0);
    say(w, "qemu: failed to create 'qdisk' device '51712': Failed to get \"write\" lock\n");
    assert_int_equal(check(w, from), -1);
    assert_int_equal(w->err.code, DOMO_E_DISK_SHARED);
    say(w, "xen be: 9pfs-0: no such directory\n");
    assert_int_equal(dm_check_device(&w->host, UUID, "web", from, "9pfs", 0, &w->err), -1);
    assert_non_null(strstr(w->err.msg, "no such directory"));
}

static void test_end(void **state)
{
    struct world *w = *state;
    struct os_daemon d;
    bool runs = false;
    char *path = str_format("%s/run/dm-" UUID ".pid", w->dir);

    start(w);
    assert_int_equal(w->host.os->daemon_find(&w->host, path, &d, &runs, &w->err), 0);
    assert_int_equal(w->host.os->daemon_kill(&w->host, &d, &w->err), 0);
    say(w, "qemu: the last word\n");
    assert_int_equal(check(w, 0), -1);
    assert_int_equal(w->err.code, DOMO_E_DEVICE_MODEL);
    assert_string_equal(w->err.msg, "the device model has ended: qemu: the last word");
    free(path);
}

static void test_failed_starts(void **state)
{
    struct world *w = *state;
    int64_t began = linux_env_ops.now_ms(&w->host);
    struct qmp *q = NULL;

    w->machine[1] = "taken";
    assert_int_equal(dm_start(&w->host, &w->guest, &q, &w->err), -1);
    assert_int_equal(w->err.code, DOMO_E_DEVICE_MODEL);
    assert_non_null(strstr(w->err.msg, "Address already in use"));
    assert_int_equal(dm_stop(&w->host, UUID, NULL), 0);
    err_clear(&w->err);
    w->dm.program = "/no/such/qemu";
    assert_int_equal(dm_start(&w->host, &w->guest, &q, &w->err), -1);
    assert_non_null(strstr(w->err.msg, "/no/such/qemu"));
    assert_true(linux_env_ops.now_ms(&w->host) - began < 30000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_complaints), TEST(test_end), TEST(test_failed_starts)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
