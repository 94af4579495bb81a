/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: whatever stands at the other end of a QMP socket, a command ends in
 * time, with its answer or with the true reason.
 */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "dom/qmp.h"
#include "host/xen.h"

enum { PATIENCE_MS = 5000, SHORT_MS = 150 };

#define GREETING "{\"QMP\": {\"version\": {\"qemu\": {\"major\": 7}}, \"capabilities\": []}}\r\n"
#define OK_1     "{\"return\": {}, \"id\": 1}\r\n"

/* What the other end does, a letter and its text: 'S' sends, 'B' sends byte by byte, 'R' reads a line and goes away if
 * it has not the text in it, 'F' the same if no file with that text comes with the next line, 'N' sends the text again
 * and again, 'H' stays and says nothing. After the last it closes.
 */
struct move {
    char what;
    const char *text;
};

struct world {
    struct host host;
    char dir[64], path[96];
    pid_t server;
};

static struct world w;

static int setup(void **state)
{
    (void)state;
    w = (struct world){.host = {.os = &linux_os_ops, .env = &linux_env_ops}, .server = -1};
    (void)snprintf(w.dir, sizeof w.dir, "/tmp/domo-qmp-XXXXXX");
    assert_non_null(mkdtemp(w.dir));
    (void)snprintf(w.path, sizeof w.path, "%s/sock", w.dir);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    if (w.server > 0) {
        (void)kill(w.server, SIGKILL);
        (void)waitpid(w.server, NULL, 0);
    }
    (void)unlink(w.path);
    (void)rmdir(w.dir);
    return 0;
}

static bool read_line(int fd, const char *wanted)
{
    char line[4096];
    size_t n = 0;

    while (n < sizeof line - 1 && read(fd, line + n, 1) == 1 && line[n] != '\n')
        n++;
    line[n] = '\0';
    return strstr(line, wanted) != NULL;
}

/* The next byte, and the file that comes with it. */
static bool take_file(int fd, const char *wanted)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {.bytes = ""};
    char byte, text[64] = "";
    struct iovec iov = {.iov_base = &byte, .iov_len = 1};
    struct msghdr m = {
        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    struct cmsghdr *c = recvmsg(fd, &m, 0) == 1 ? CMSG_FIRSTHDR(&m) : NULL;
    int file;

    if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof file))
        return false;
    memcpy(&file, CMSG_DATA(c), sizeof file);
    return pread(file, text, sizeof text - 1, 0) > 0 && strcmp(text, wanted) == 0;
}

static void play_one(int fd, const struct move *m)
{
    struct timespec a_bit = {.tv_nsec = 1000000};

    switch (m->what) {
    case 'S':
        if (fs_write_all(fd, m->text, strlen(m->text)) < 0)
            _exit(2);
        break;
    case 'B':
        for (const char *p = m->text; *p; p++) {
            if (write(fd, p, 1) != 1)
                _exit(2);
            (void)nanosleep(&a_bit, NULL);
        }
        break;
    case 'R':
        if (!read_line(fd, m->text))
            _exit(3);
        break;
    case 'F':
        if (!take_file(fd, m->text))
            _exit(3);
        break;
    case 'N':
        while (fs_write_all(fd, m->text, strlen(m->text)) == 0)
            ;
        _exit(2);
    default:
        (void)pause();
    }
}

static void serve(const struct move *moves)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)strncat(addr.sun_path, w.path, sizeof addr.sun_path - 1);
    assert_int_equal(bind(fd, (const struct sockaddr *)&addr, sizeof addr), 0);
    assert_int_equal(listen(fd, 4), 0);
    w.server = fork();
    assert_true(w.server >= 0);
    if (w.server == 0) {
        (void)signal(SIGPIPE, SIG_IGN);
        fd = accept(fd, NULL, NULL);
        for (; moves->what; moves++)
            play_one(fd, moves);
        _exit(0);
    }
    (void)close(fd);
}

static int open_it(int64_t timeout_ms, int end_fd, struct qmp **ret, struct domo_err *err)
{
    const struct qmp_options opt = {.timeout_ms = timeout_ms, .end_fd = end_fd};

    return qmp_open(&w.host, w.path, &opt, ret, err);
}

/* ---- a good end ---- */

static void test_commands_are_answered(void **state)
{
    static const struct move moves[] = {
        {'S', GREETING},
        {'R', "{\"execute\":\"qmp_capabilities\",\"id\":1}"},
        {'S', OK_1},
        {'R', "{\"execute\":\"query-status\",\"id\":2}"},
        {'S', "{\"return\": {\"status\": \"prelaunch\", \"running\": false}, \"id\": 2}\r\n"},
        {'R', "{\"execute\":\"eject\",\"arguments\":{\"id\":\"ide-0\",\"force\":true},\"id\":3}"},
        {'S', "{\"id\": 3, \"error\": {\"class\": \"DeviceNotFound\", \"desc\": \"Device 'ide-0' not found\"}}\r\n"},
        {'R', "\"id\":4"},
        {'S', "{\"return\": {}, \"id\": 4}\r\n"},
        {0},
    };
    struct json *AUTO_JSON answer = NULL, *AUTO_JSON arguments = json_new_object();
    struct domo_err err = DOMO_ERR_INIT;
    struct qmp *q = NULL;

    (void)state;
    serve(moves);
    json_set_str(arguments, "id", "ide-0");
    json_set_bool(arguments, "force", true);
    assert_int_equal(open_it(PATIENCE_MS, -1, &q, &err), 0);
    assert_int_equal(qmp_call(q, "query-status", NULL, &answer, &err), 0);
    assert_string_equal(json_get_str(answer, "status", ""), "prelaunch");
    assert_int_equal(qmp_call(q, "eject", arguments, NULL, &err), -1);
    assert_int_equal(err.code, DOMO_E_QMP);
    assert_string_equal(err.msg, "the device model refused 'eject': Device 'ide-0' not found");
    /* A refusal is an answer: the conversation goes on. */
    assert_int_equal(qmp_call(q, "cont", NULL, NULL, &err), 0);
    (void)qmp_close(q);
}

static void test_pieces_become_lines(void **state)
{
    static const struct move moves[] = {
        {'B', GREETING},          {'R', "qmp_capabilities"}, {'B', OK_1}, {'R', "stop"},
        {'B', "{\"return\": {}"}, {'S', ", \"id\": 2}\r"},   {'S', "\n"}, {0},
    };
    struct qmp *q = NULL;

    (void)state;
    serve(moves);
    assert_int_equal(open_it(PATIENCE_MS, -1, &q, NULL), 0);
    assert_int_equal(qmp_call(q, "stop", NULL, NULL, NULL), 0);
    (void)qmp_close(q);
}

struct heard {
    char names[128];
    const char *guest;
};

static void hear(void *arg, const char *name, const struct json *data)
{
    struct heard *h = arg;

    (void)snprintf(h->names + strlen(h->names), sizeof h->names - strlen(h->names), "%s(%s) ", name,
                   json_get(data, "guest") ? "with data" : "");
}

static void test_events_come_between(void **state)
{
    static const struct move moves[] = {
        {'S', GREETING},
        {'R', "qmp_capabilities"},
        {'S', "{\"timestamp\": {\"seconds\": 1}, \"event\": \"NIC_RX\"}\r\n" OK_1},
        {'R', "cont"},
        {'S', "{\"event\": \"RESUME\"}\r\n{\"return\": {\"late\": 1}, \"id\": 1}\r\n"
              "{\"event\": \"SHUTDOWN\", \"data\": {\"guest\": true}}\r\n{\"return\": {\"mine\": 2}, \"id\": 2}\r\n"
              "{\"event\": \"AFTER\"}\r\n"},
        {'H', NULL},
        {0},
    };
    struct heard heard = {.names = ""};
    const struct qmp_options opt = {.timeout_ms = PATIENCE_MS, .end_fd = -1, .on_event = hear, .on_event_arg = &heard};
    struct json *AUTO_JSON answer = NULL;
    struct qmp *q = NULL;

    (void)state;
    serve(moves);
    assert_int_equal(qmp_open(&w.host, w.path, &opt, &q, NULL), 0);
    assert_int_equal(qmp_call(q, "cont", NULL, &answer, NULL), 0);
    assert_int_equal(json_get_int(answer, "mine", 0), 2);
    assert_string_equal(heard.names, "NIC_RX() RESUME() SHUTDOWN(with data) ");
    (void)qmp_close(q);
}

/* ---- bad ends: what the other side does instead of answering the first command, and what is said of it ---- */

static char long_line[QMP_LINE_MAX + 65536];

static void test_bad_ends(void **state)
{
    static const struct {
        const char *answer; /* after the command; NULL = it closes */
        enum domo_code code;
        const char *message;
    } rows[] = {
        {NULL, DOMO_E_DEVICE_MODEL, "the device model has ended"},
        {"garbage\n", DOMO_E_QMP, "the device model's monitor sent a line that is no JSON object"},
        {"\377\376\001\n", DOMO_E_QMP, "the device model's monitor sent a line that is no JSON object"},
        {"[1]\n", DOMO_E_QMP, "the device model's monitor sent a line that is no JSON object"},
        {"\n", DOMO_E_QMP, "the device model's monitor sent a line that is no JSON object"},
        {"{\"return\": {}\n", DOMO_E_QMP, "the device model's monitor sent a line that is no JSON object"},
        {"{\"hello\": 1}\n", DOMO_E_QMP, "the device model's monitor sent something that is no answer"},
        {"{\"error\": 5, \"id\": 2}\n", DOMO_E_QMP, "the device model refused 'stop': no reason given"},
        {"{\"error\": {\"class\": \"GenericError\", \"desc\": \"JSON parse error\"}}\n", DOMO_E_QMP,
         "the device model refused 'stop': JSON parse error"},
        {long_line, DOMO_E_QMP, "the device model's monitor sent a line that has no end"},
    };

    memset(long_line, ' ', sizeof long_line - 1);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct move moves[] = {
            {'S', GREETING},
            {'R', "qmp_capabilities"},
            {'S', OK_1},
            {'R', "stop"},
            {rows[i].answer ? 'S' : 0, rows[i].answer},
            {'H', NULL},
            {0},
        };
        struct domo_err err = DOMO_ERR_INIT;
        struct qmp *q = NULL;

        assert_int_equal(setup(state), 0);
        serve(moves);
        assert_int_equal(open_it(PATIENCE_MS, -1, &q, &err), 0);
        assert_int_equal(qmp_call(q, "stop", NULL, NULL, &err), -1);
        assert_string_equal(err.msg, rows[i].message);
        assert_int_equal(err.code, rows[i].code);
        (void)qmp_close(q);
        assert_int_equal(teardown(state), 0);
    }
}

static void test_nobody_there(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct qmp *q = NULL;

    (void)state;
    assert_int_equal(open_it(PATIENCE_MS, -1, &q, &err), -1);
    assert_int_equal(err.code, DOMO_E_DEVICE_MODEL);
    assert_non_null(strstr(err.msg, "no device model listens at"));
}

static void test_something_else_listens(void **state)
{
    static const struct move moves[] = {{'S', "{\"return\": {}}\r\n"}, {'H', NULL}, {0}};
    struct domo_err err = DOMO_ERR_INIT;
    struct qmp *q = NULL;

    (void)state;
    serve(moves);
    assert_int_equal(open_it(PATIENCE_MS, -1, &q, &err), -1);
    assert_int_equal(err.code, DOMO_E_QMP);
    assert_non_null(strstr(err.msg, "begins with something else than QMP's greeting"));
}

/* Asks for "stop" and gets no answer: an error when the time is up, not long after. */
static struct qmp *ask_in_vain(const struct move *moves)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct qmp *q = NULL;
    int64_t start;

    serve(moves);
    assert_int_equal(open_it(SHORT_MS, -1, &q, NULL), 0);
    start = clock_now_ms();
    assert_int_equal(qmp_call(q, "stop", NULL, NULL, &err), -1);
    assert_int_equal(err.code, DOMO_E_TIMEOUT);
    assert_true(clock_now_ms() - start >= SHORT_MS);
    assert_true(clock_now_ms() - start < PATIENCE_MS);
    return q;
}

static void test_silence_ends_in_time(void **state)
{
    static const struct move moves[] = {
        {'S', GREETING}, {'R', "qmp_capabilities"}, {'S', OK_1}, {'R', "stop"}, {'H', NULL}, {0}};
    struct domo_err err = DOMO_ERR_INIT;
    struct qmp *q;
    int64_t start;

    (void)state;
    q = ask_in_vain(moves);
    /* Nobody waits twice for one that is mute. */
    start = clock_now_ms();
    assert_int_equal(qmp_call(q, "cont", NULL, NULL, &err), -1);
    assert_int_equal(err.code, DOMO_E_TIMEOUT);
    assert_true(clock_now_ms() - start < SHORT_MS);
    (void)qmp_close(q);
}

static void test_a_flood_of_events_ends_in_time(void **state)
{
    static const struct move moves[] = {{'S', GREETING},
                                        {'R', "qmp_capabilities"},
                                        {'S', OK_1},
                                        {'R', "stop"},
                                        {'N', "{\"event\": \"RTC_CHANGE\", \"data\": {\"offset\": 1}}\r\n"},
                                        {0}};

    (void)state;
    (void)qmp_close(ask_in_vain(moves));
}

/* The socket may outlive the process: a child of it can hold it open. */
static void test_the_end_of_the_process_is_seen(void **state)
{
    static const struct move moves[] = {{'S', GREETING}, {'R', "qmp_capabilities"}, {'S', OK_1}, {'H', NULL}, {0}};
    struct domo_err err = DOMO_ERR_INIT;
    struct qmp *q = NULL;
    pid_t other = fork();
    int64_t start;
    int fd;

    (void)state;
    if (other == 0) {
        (void)usleep(SHORT_MS * 1000);
        _exit(1);
    }
    fd = (int)syscall(SYS_pidfd_open, other, 0);
    assert_true(fd >= 0);
    serve(moves);
    assert_int_equal(open_it(PATIENCE_MS, fd, &q, &err), 0);
    start = clock_now_ms();
    assert_int_equal(qmp_call(q, "stop", NULL, NULL, &err), -1);
    assert_int_equal(err.code, DOMO_E_DEVICE_MODEL);
    assert_true(clock_now_ms() - start < PATIENCE_MS / 2);
    (void)qmp_close(q);
    (void)waitpid(other, NULL, 0);
}

static void test_waiting_can_be_interrupted(void **state)
{
    static const struct move moves[] = {{'H', NULL}, {0}};
    volatile int cancelled = 1;
    struct domo_err err = DOMO_ERR_INIT;
    struct qmp *q = NULL;

    (void)state;
    serve(moves);
    w.host.cancelled = &cancelled;
    assert_int_equal(open_it(PATIENCE_MS, -1, &q, &err), -1);
    assert_int_equal(err.code, DOMO_E_CANCELLED);
    w.host.cancelled = NULL;
}

/* A descriptor goes with its command and with no other, and stays open here. */
static void test_files_are_handed_over(void **state)
{
    static const struct move moves[] = {
        {'S', GREETING},
        {'R', "qmp_capabilities"},
        {'S', OK_1},
        {'F', "what is in the file"},
        {'R', "\"execute\":\"add-fd\",\"id\":2}"},
        {'S', "{\"return\": {\"fdset-id\": 4}, \"id\": 2}\r\n"},
        {'R', "{\"execute\":\"query-status\",\"id\":3}"},
        {'S', "{\"return\": {}, \"id\": 3}\r\n"},
        {0},
    };
    char *AUTO_FREE path = str_format("%s/file", w.dir);
    struct json *AUTO_JSON answer = NULL;
    struct domo_err err = DOMO_ERR_INIT;
    struct qmp *q = NULL;
    int file;

    (void)state;
    assert_int_equal(fs_write_atomic(path, "what is in the file", 19, 0600, false), 0);
    file = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(file >= 0);
    serve(moves);
    assert_int_equal(open_it(PATIENCE_MS, -1, &q, &err), 0);
    assert_int_equal(qmp_call_fd(q, "add-fd", NULL, file, &answer, &err), 0);
    assert_int_equal(json_get_int(answer, "fdset-id", -1), 4);
    assert_int_equal(qmp_call(q, "query-status", NULL, NULL, &err), 0);
    assert_int_equal(close(file), 0);
    (void)unlink(path);
    (void)qmp_close(q);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_commands_are_answered),
        TEST(test_pieces_become_lines),
        TEST(test_events_come_between),
        TEST(test_files_are_handed_over),
        cmocka_unit_test(test_bad_ends),
        TEST(test_nobody_there),
        TEST(test_something_else_listens),
        TEST(test_silence_ends_in_time),
        TEST(test_a_flood_of_events_ends_in_time),
        TEST(test_the_end_of_the_process_is_seen),
        TEST(test_waiting_can_be_interrupted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
