/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a daemon has a pid file before its program runs, is told from
 * another process that got its number, inherits nothing, and is gone when it
 * was killed. One that can't be run leaves nothing.
 */
#include "unit.h"

#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/proc.h"
#include "base/str.h"
#include "host/xen.h"

enum { PATIENCE_MS = 10000 };

struct world {
    struct host host;
    char dir[160], pid[200], log[200], sock[200];
};

static int setup(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    char *base;

    assert_non_null(w);
    /* Longer than what fits into the address of a socket. */
    base = str_format("/tmp/domo-daemon-XXXXXX");
    assert_non_null(base);
    assert_non_null(mkdtemp(base));
    (void)snprintf(w->dir, sizeof w->dir, "%s/%0100d", base, 0);
    free(base);
    assert_int_equal(mkdir(w->dir, 0700), 0);
    (void)snprintf(w->pid, sizeof w->pid, "%s/dm.pid", w->dir);
    (void)snprintf(w->log, sizeof w->log, "%s/dm.log", w->dir);
    (void)snprintf(w->sock, sizeof w->sock, "%s/dm.sock", w->dir);
    w->host = (struct host){.os = &linux_os_ops, .env = &linux_env_ops};
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

    *strrchr(w->dir, '/') = '\0';
    assert_int_equal(nftw(w->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    free(w);
    return 0;
}

static int start(struct world *w, const char *program, const char *script, bool listens, struct os_daemon *ret,
                 struct domo_err *err)
{
    const char *const argv[] = {program, "-c", script, NULL};
    const char *const env[] = {"DOMO_TEST=from-here", NULL};
    const struct os_daemon_new new = {
        .program = program,
        .argv = argv,
        .env = env,
        .pid_path = w->pid,
        .log_path = w->log,
        .listen_path = listens ? w->sock : NULL,
    };

    return w->host.os->daemon_start(&w->host, &new, ret, err);
}

static void wait_end(struct world *w, const struct os_daemon *d)
{
    struct pollfd p = {.events = POLLIN};
    int fd = -1;

    assert_int_equal(w->host.os->daemon_watch(&w->host, d, &fd, NULL), 0);
    p.fd = fd;
    if (fd < 0)
        return;
    assert_int_equal(w->host.env->wait(&w->host, &p, 1, clock_now_ms() + PATIENCE_MS, NULL), 1);
    (void)close(fd);
}

static char *log_text(const struct world *w)
{
    char *text = NULL;
    size_t len;

    assert_int_equal(fs_read(w->log, 65536, &text, &len), 0);
    return text;
}

static void test_it_is_found_by_its_pid_file(void **state)
{
    struct world *w = *state;
    struct os_daemon d, found;
    bool runs = false;

    assert_int_equal(w->host.os->daemon_find(&w->host, w->pid, &found, &runs, NULL), 0);
    assert_false(runs);
    assert_int_equal(start(w, "sh", "exec sleep 100", false, &d, NULL), 0);
    assert_int_equal(w->host.os->daemon_find(&w->host, w->pid, &found, &runs, NULL), 0);
    assert_true(runs);
    assert_int_equal(found.pid, d.pid);
    assert_int_equal(found.start, d.start);
    assert_int_equal(getsid(d.pid), d.pid);
    assert_int_equal(w->host.os->daemon_kill(&w->host, &d, NULL), 0);
    assert_int_equal(kill(d.pid, 0), -1);
    assert_int_equal(w->host.os->daemon_find(&w->host, w->pid, &found, &runs, NULL), 0);
    assert_false(runs);
    assert_int_equal(w->host.os->daemon_kill(&w->host, &d, NULL), 0);
}

static void test_a_number_in_other_hands_is_left_alone(void **state)
{
    struct world *w = *state;
    struct os_daemon d, other, found;
    char text[64];
    bool runs = true;
    int fd;

    assert_int_equal(start(w, "sh", "exec sleep 100", false, &d, NULL), 0);
    other = d;
    other.start--;
    assert_int_equal(w->host.os->daemon_watch(&w->host, &other, &fd, NULL), 0);
    assert_int_equal(fd, -1);
    assert_int_equal(w->host.os->daemon_kill(&w->host, &other, NULL), 0);
    assert_int_equal(kill(d.pid, 0), 0);
    (void)snprintf(text, sizeof text, "%d %llu\n", (int)d.pid, (unsigned long long)other.start);
    assert_int_equal(fs_write_atomic(w->pid, text, strlen(text), 0600, false), 0);
    assert_int_equal(w->host.os->daemon_find(&w->host, w->pid, &found, &runs, NULL), 0);
    assert_false(runs);
    assert_int_equal(w->host.os->daemon_kill(&w->host, &d, NULL), 0);
}

static void test_damaged_pid_files_are_told(void **state)
{
    static const char *const texts[] = {"", "12", "12 \n", "x 5\n", "0 5\n", "12 5", "99999999999 5\n", "-4 5\n"};
    struct world *w = *state;
    struct os_daemon d;
    bool runs;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct domo_err err = DOMO_ERR_INIT;

        assert_int_equal(fs_write_atomic(w->pid, texts[i], strlen(texts[i]), 0600, false), 0);
        assert_int_equal(w->host.os->daemon_find(&w->host, w->pid, &d, &runs, &err), -1);
        assert_int_equal(err.code, DOMO_E_BAD_STATE_FILE);
    }
}

static void test_it_inherits_nothing(void **state)
{
    struct world *w = *state;
    struct os_daemon d;
    char *AUTO_FREE text = NULL;
    int fd = open("/dev/null", O_RDONLY); /* without close-on-exec */

    assert_true(fd > 2);
    assert_int_equal(start(w, "sh", "ls -l /proc/$$/fd; echo to-stderr >&2; echo $DOMO_TEST", true, &d, NULL), 0);
    wait_end(w, &d);
    (void)waitpid(d.pid, NULL, 0);
    text = log_text(w);
    assert_non_null(strstr(text, "3 -> socket:"));
    assert_null(strstr(text, " 4 -> "));
    assert_null(strstr(text, " 5 -> "));
    assert_non_null(strstr(text, "to-stderr"));
    assert_non_null(strstr(text, "from-here"));
    (void)close(fd);
}

static void test_its_log_goes_on(void **state)
{
    struct world *w = *state;
    struct os_daemon first, second;
    char *AUTO_FREE text = NULL;
    struct stat st;

    assert_int_equal(start(w, "sh", "echo one", false, &first, NULL), 0);
    wait_end(w, &first);
    (void)waitpid(first.pid, NULL, 0);
    assert_int_equal(start(w, "sh", "echo two", false, &second, NULL), 0);
    wait_end(w, &second);
    (void)waitpid(second.pid, NULL, 0);
    text = log_text(w);
    assert_string_equal(text, "one\ntwo\n");
    assert_int_equal(stat(w->log, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void test_one_that_can_not_be_run_leaves_nothing(void **state)
{
    struct world *w = *state;
    struct domo_err err = DOMO_ERR_INIT;
    struct os_daemon d;
    char *AUTO_FREE bad = str_format("%s/bad", w->dir);

    assert_int_equal(start(w, "domo-no-such-program", "", true, &d, &err), -1);
    assert_int_equal(err.code, DOMO_E_DEVICE_MODEL);
    assert_non_null(strstr(err.msg, "domo-no-such-program"));
    assert_non_null(bad);
    assert_int_equal(fs_write_atomic(bad, "\177ELF", 4, 0700, false), 0);
    err = (struct domo_err)DOMO_ERR_INIT;
    assert_int_equal(start(w, bad, "", true, &d, &err), -1);
    assert_int_equal(err.code, DOMO_E_DEVICE_MODEL);
    assert_int_equal(access(w->pid, F_OK), -1);
    assert_int_equal(access(w->sock, F_OK), -1);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/* Whoever connects at once is not refused, whenever the program begins to accept. */
static void test_its_socket_listens_at_once(void **state)
{
    struct world *w = *state;
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    struct os_daemon d;
    int dir = open(w->dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(start(w, "sh", "exec sleep 100", true, &d, NULL), 0);
    (void)snprintf(addr.sun_path, sizeof addr.sun_path, "/proc/self/fd/%d/dm.sock", dir);
    assert_int_equal(connect(fd, (const struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(w->host.os->daemon_kill(&w->host, &d, NULL), 0);
    (void)close(fd);
    (void)close(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_it_is_found_by_its_pid_file, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_number_in_other_hands_is_left_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_damaged_pid_files_are_told, setup, teardown),
        cmocka_unit_test_setup_teardown(test_it_inherits_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_its_log_goes_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_one_that_can_not_be_run_leaves_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_its_socket_listens_at_once, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
