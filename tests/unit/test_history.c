/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: each event that was written down is read once, in order, also by a reader that stopped and goes on with its
 * token, by one that is there while the file is full and another begins, and after a writer was killed in the middle of
 * a line; what is not there any more is said to be lost; the history does not grow without end.
 */
#include "unit.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "plan/history.h"

enum { PADDING = 3000, FILL = HISTORY_FILE_BYTES / PADDING + 2 };

static char dir[64];
static struct host host;

static int64_t now_ms(struct host *h)
{
    (void)h;
    return clock_now_ms();
}

static void wall(struct host *h, int64_t *ret_sec, unsigned *ret_centi)
{
    (void)h;
    *ret_sec = 1795281791;
    *ret_centi = 5;
}

static int do_poll(struct host *h, struct pollfd *fds, size_t n, int64_t deadline_ms, struct domo_err *err)
{
    (void)err;
    return poll(fds, n, clock_left_ms(deadline_ms, now_ms(h)));
}

static const struct env_ops env = {.now_ms = now_ms, .wall = wall, .wait = do_poll};

static char *path_of(const char *name)
{
    return str_format("%s/run/history/%s", dir, name);
}

static int setup(void **state)
{
    (void)state;
    (void)snprintf(dir, sizeof dir, "/tmp/domo-history.XXXXXX");
    assert_non_null(mkdtemp(dir));
    memset(&host, 0, sizeof host);
    host.env = &env;
    (void)snprintf(host.paths.own_run, sizeof host.paths.own_run, "%s/run", dir);
    return 0;
}

static int teardown(void **state)
{
    static const char *const files[] = {"now", "before", "lock"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        char *AUTO_FREE path = path_of(files[i]);

        (void)unlink(path);
    }
    {
        char *AUTO_FREE history = str_format("%s/run/history", dir);
        char *AUTO_FREE run = str_format("%s/run", dir);

        (void)rmdir(history);
        (void)rmdir(run);
        (void)rmdir(dir);
    }
    return 0;
}

static void add(unsigned number, size_t padding)
{
    struct json *about = json_new_object();
    char *AUTO_FREE text = calloc(1, padding + 1);

    memset(text, 'x', padding);
    json_set_uint(about, "number", number);
    json_set_str(about, "padding", text);
    history_add(&host, "test", about);
}

static struct history *begin(const char *from)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct history *y = NULL;

    if (history_open(&host, from, &y, &err))
        fail_msg("%s", err.msg);
    return y;
}

/* The number of the next event; -1: none. Its token goes to "token". */
static int64_t next(struct history *y, char token[32])
{
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON row = NULL;

    if (history_next(y, &row, &err))
        fail_msg("%s", err.msg);
    if (!row)
        return -1;
    if (token)
        (void)snprintf(token, 32, "%s", json_get_str(row, "token", ""));
    return json_get_int(row, "number", -2);
}

static enum domo_code code_of_next(struct history *y)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON row = NULL;

    assert_int_equal(history_next(y, &row, &err), -1);
    return err.code;
}

static enum domo_code code_of_open(const char *from)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct history *y = NULL;

    assert_int_equal(history_open(&host, from, &y, &err), -1);
    return err.code;
}

static void test_a_line(void **state)
{
    struct history *y;
    struct domo_err err = DOMO_ERR_INIT;
    struct json *AUTO_JSON row = NULL;

    (void)state;
    history_add(&host, "create", history_of(7, "web", "6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f"));
    y = begin("oldest");
    assert_int_equal(history_next(y, &row, &err), 0);
    assert_int_equal(strspn(json_get_str(row, "token", ""), "0123456789abcdef"), 8);
    assert_string_equal(json_get_str(row, "token", "?????????") + 8, "-1");
    assert_string_equal(json_get_str(row, "time", ""), "2026-11-21T17:23:11.05Z");
    assert_string_equal(json_get_str(row, "event", ""), "create");
    assert_string_equal(json_get_str(row, "name", ""), "web");
    assert_int_equal(json_get_int(row, "domid", -1), 7);
    assert_int_equal(next(y, NULL), -1);
    history_close(y);
}

static void test_from_now_on(void **state)
{
    struct history *y;

    (void)state;
    y = begin(NULL);
    assert_int_equal(next(y, NULL), -1);
    add(1, 0);
    assert_int_equal(next(y, NULL), 1);
    history_close(y);
    y = begin(NULL);
    assert_int_equal(next(y, NULL), -1);
    add(2, 0);
    assert_int_equal(next(y, NULL), 2);
    assert_int_equal(next(y, NULL), -1);
    history_close(y);
}

static void test_readers_are_woken(void **state)
{
    struct history *y = begin(NULL);
    struct domo_err err = DOMO_ERR_INIT;

    (void)state;
    assert_int_equal(history_wait(y, 1, &err), 0);
    add(1, 0);
    assert_int_equal(history_wait(y, 5000, &err), 1);
    assert_int_equal(next(y, NULL), 1);
    assert_int_equal(next(y, NULL), -1);
    assert_int_equal(history_wait(y, 1, &err), 0);
    history_close(y);
}

/* Whoever stops after any event and goes on with its token sees the rest once. */
static void test_every_token_resumes(void **state)
{
    char tokens[21][32];
    struct history *y;

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        add(i, i * 97 % 500);
    y = begin("oldest");
    for (unsigned i = 0; i < 20; i++)
        assert_int_equal(next(y, tokens[i]), i);
    history_close(y);
    for (unsigned i = 0; i < 20; i++) {
        y = begin(tokens[i]);
        for (unsigned k = i + 1; k < 20; k++)
            assert_int_equal(next(y, NULL), k);
        assert_int_equal(next(y, NULL), -1);
        history_close(y);
    }
}

/* "EPOCH" and a rest. */
static enum domo_code code_of_token(const char *token, const char *rest)
{
    char *AUTO_FREE text = str_format("%.8s%s", token, rest);

    return code_of_open(text);
}

static void test_bad_tokens(void **state)
{
    char token[32];
    struct history *y;

    (void)state;
    assert_int_equal(code_of_open("17"), DOMO_E_USAGE);
    assert_int_equal(code_of_open("1f1f1f1f-1"), DOMO_E_EVENTS_LOST); /* there is no history at all */
    add(1, 0);
    y = begin("oldest");
    assert_int_equal(next(y, token), 1);
    history_close(y);
    assert_int_equal(code_of_open(""), DOMO_E_USAGE);
    assert_int_equal(code_of_token(token, ""), DOMO_E_USAGE);
    assert_int_equal(code_of_token(token, "-"), DOMO_E_USAGE);
    assert_int_equal(code_of_token(token, "-1\""), DOMO_E_USAGE);
    assert_int_equal(code_of_token(token, "-99999999999999999999999"), DOMO_E_USAGE);
    assert_int_equal(code_of_token(token, "-2"), DOMO_E_USAGE);
    token[0] = token[0] == '0' ? '1' : '0';
    assert_int_equal(code_of_open(token), DOMO_E_EVENTS_LOST);
}

/* A reader follows through several files, whether it reads at once or a file later. */
static void test_full_files(void **state)
{
    struct history *eager = begin(NULL), *late = begin(NULL);
    unsigned read_late = 0;

    (void)state;
    for (unsigned i = 0; i < 4 * FILL; i++) {
        add(i, PADDING);
        assert_int_equal(next(eager, NULL), i);
        /* In lumps of half a file. */
        for (; i % (FILL / 2) == 0 && read_late <= i; read_late++)
            assert_int_equal(next(late, NULL), read_late);
    }
    assert_int_equal(next(eager, NULL), -1);
    for (; read_late < 4 * FILL; read_late++)
        assert_int_equal(next(late, NULL), read_late);
    assert_int_equal(next(late, NULL), -1);
    history_close(eager);
    history_close(late);
}

static void test_too_slow(void **state)
{
    char *AUTO_FREE now = path_of("now"), *AUTO_FREE before = path_of("before");
    struct domo_err err = DOMO_ERR_INIT;
    struct history *y = begin(NULL);
    struct json *row = NULL;
    int64_t seen = 0;
    char token[32];
    struct stat st;
    int r;

    (void)state;
    add(0, PADDING);
    assert_int_equal(next(y, token), 0);
    for (unsigned i = 1; i < 4 * FILL; i++)
        add(i, PADDING);
    /* The file that it has open was renamed and then replaced: what is in it is still read, then there is a gap. */
    do {
        (void)json_free(row);
        r = history_next(y, &row, &err);
        assert_true(r == 0 ? row && json_get_int(row, "number", -1) == ++seen : err.code == DOMO_E_EVENTS_LOST);
    } while (r == 0);
    assert_true(seen > 0 && seen < FILL);
    history_close(y);
    y = begin(token);
    assert_int_equal(code_of_next(y), DOMO_E_EVENTS_LOST);
    history_close(y);
    assert_int_equal(stat(now, &st), 0);
    assert_true(st.st_size < HISTORY_FILE_BYTES + HISTORY_LINE_BYTES);
    assert_int_equal(stat(before, &st), 0);
    assert_true(st.st_size < HISTORY_FILE_BYTES + HISTORY_LINE_BYTES);
}

/* A writer that was killed in its write, with a reader that has seen the half line. */
static void test_half_a_line(void **state)
{
    static const char half[] = "{\"token\":\"00000000-2\",\"time\":\"2026";
    char *AUTO_FREE now = path_of("now");
    struct history *y = begin(NULL);
    int fd;

    (void)state;
    add(1, 0);
    fd = open(now, O_WRONLY | O_APPEND);
    assert_int_equal(write(fd, half, sizeof half - 1), sizeof half - 1);
    (void)close(fd);
    assert_int_equal(next(y, NULL), 1);
    assert_int_equal(next(y, NULL), -1);
    add(2, 100);
    add(3, 0);
    assert_int_equal(next(y, NULL), 2);
    assert_int_equal(next(y, NULL), 3);
    assert_int_equal(next(y, NULL), -1);
    history_close(y);
}

static void test_too_long_for_a_line(void **state)
{
    struct history *y = begin(NULL);

    (void)state;
    add(1, HISTORY_LINE_BYTES);
    add(2, 0);
    assert_int_equal(next(y, NULL), -2); /* there, without what it was about */
    assert_int_equal(next(y, NULL), 2);
    history_close(y);
}

/* Several processes write, one reads meanwhile: no number is lost, doubled, or out of order for its writer. */
static void test_many_writers(void **state)
{
    enum { WRITERS = 4, EACH = 300 };
    struct history *y = begin(NULL);
    unsigned expected[WRITERS] = {0}, n = 0;
    struct domo_err err = DOMO_ERR_INIT;

    (void)state;
    for (unsigned w = 0; w < WRITERS; w++) {
        if (fork() == 0) {
            for (unsigned i = 0; i < EACH; i++)
                add(w * EACH + i, 2000);
            _exit(0);
        }
    }
    while (n < WRITERS * EACH) {
        int64_t number = next(y, NULL);

        if (number < 0) {
            assert_int_equal(history_wait(y, 20000, &err), 1);
            continue;
        }
        assert_int_equal((unsigned)number % EACH, expected[(unsigned)number / EACH]++);
        n++;
    }
    for (unsigned w = 0; w < WRITERS; w++)
        assert_true(wait(NULL) > 0);
    assert_int_equal(next(y, NULL), -1);
    history_close(y);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_from_now_on, setup, teardown),
        cmocka_unit_test_setup_teardown(test_readers_are_woken, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_token_resumes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bad_tokens, setup, teardown),
        cmocka_unit_test_setup_teardown(test_full_files, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_slow, setup, teardown),
        cmocka_unit_test_setup_teardown(test_half_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_long_for_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many_writers, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
