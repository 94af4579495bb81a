/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the store's wrappers count, forgive a missing node where they say
 * so, and repeat a transaction after a lost race - a bounded number of times,
 * never in step; and a trace line is the same in every run.
 */
#include "unit.h"

#include <stdio.h>

#include "base/str.h"
#include "host/host.h"

/* A store that answers what a test tells it to. */
struct fake {
    int conflicts; /* how many commits lose */
    enum domo_code read_code;
    int bodies, commits, discards, begun;
    int64_t now_ms, slept[64];
    size_t n_slept;
    uint8_t dice;
    char lines[4096];
};

static struct fake fake;
static volatile int cancelled;

static int fake_begin(struct host *h, store_txn *ret, struct domo_err *err)
{
    (void)h;
    (void)err;
    *ret = (store_txn)++fake.begun;
    return 0;
}

static int fake_end(struct host *h, store_txn t, bool commit, struct domo_err *err)
{
    (void)h;
    (void)t;
    if (!commit) {
        fake.discards++;
        return 0;
    }
    fake.commits++;
    return fake.conflicts-- > 0 ? err_set(err, DOMO_E_STORE_CONFLICT, "lost") : 0;
}

static int fake_read(struct host *h, store_txn t, const char *path, char **ret, size_t *ret_len, struct domo_err *err)
{
    (void)h;
    (void)t;
    if (fake.read_code)
        return err_set(err, fake.read_code, "can't read '%s'", path);
    *ret = strdup("a\"b\n");
    if (ret_len)
        *ret_len = 4;
    return *ret ? 0 : -1;
}

static int fake_list(struct host *h, store_txn t, const char *path, char ***ret, size_t *ret_n, struct domo_err *err)
{
    (void)h;
    (void)t;
    (void)ret;
    (void)ret_n;
    return err_set(err, fake.read_code, "can't list '%s'", path);
}

static int64_t fake_now(struct host *h)
{
    (void)h;
    return fake.now_ms;
}

static int fake_random(struct host *h, void *bytes, size_t len, struct domo_err *err)
{
    (void)h;
    (void)err;
    memset(bytes, fake.dice, len);
    return 0;
}

static int fake_wait(struct host *h, struct pollfd *fds, size_t n, int64_t deadline_ms, struct domo_err *err)
{
    (void)fds;
    (void)n;
    if (h->cancelled && *h->cancelled)
        return err_set(err, DOMO_E_CANCELLED, "interrupted");
    fake.slept[fake.n_slept++] = deadline_ms - fake.now_ms;
    fake.now_ms = deadline_ms;
    return 0;
}

static const struct store_ops store = {.begin = fake_begin, .end = fake_end, .read = fake_read, .list = fake_list};
static const struct env_ops env = {.now_ms = fake_now, .random = fake_random, .wait = fake_wait};

static struct host new_host(void)
{
    fake = (struct fake){.dice = 128};
    cancelled = 0;
    return (struct host){.store = &store, .env = &env, .cancelled = &cancelled};
}

static int body_ok(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    (void)h;
    (void)err;
    assert_int_equal(t, fake.begun);
    assert_ptr_equal(arg, &fake);
    fake.bodies++;
    return 0;
}

static int body_bad(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    (void)h;
    (void)t;
    (void)arg;
    return err_set(err, DOMO_E_DOMAIN_EXISTS, "taken");
}

static void test_conflicts_are_tried_again(void **state)
{
    struct host h = new_host();

    (void)state;
    fake.conflicts = 3;
    assert_int_equal(store_transact(&h, body_ok, &fake, NULL), 0);
    assert_int_equal(fake.bodies, 4);
    assert_int_equal(fake.n_slept, 3);
    assert_int_equal(h.stats.store_requests, 8);
    assert_int_equal(h.stats.store_commits, 1);
    assert_int_equal(h.stats.store_conflicts, 3);
    /* Growing. */
    assert_true(fake.slept[0] < fake.slept[1] && fake.slept[1] < fake.slept[2]);
}

static void test_tries_and_pauses_are_bounded(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct host h = new_host();

    (void)state;
    fake.conflicts = 1000;
    fake.dice = 255;
    assert_int_equal(store_transact(&h, body_ok, &fake, &err), -1);
    assert_int_equal(err.code, DOMO_E_STORE_CONFLICT);
    assert_int_equal(fake.bodies, STORE_TRIES);
    for (size_t i = 0; i < fake.n_slept; i++)
        assert_in_range(fake.slept[i], 1, 768);
    /* With other dice the same try waits another time. */
    h = new_host();
    fake.conflicts = 8;
    fake.dice = 0;
    assert_int_equal(store_transact(&h, body_ok, &fake, NULL), 0);
    assert_int_equal(fake.slept[7], 64);
}

static void test_a_failing_body_discards(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct host h = new_host();

    (void)state;
    assert_int_equal(store_transact(&h, body_bad, NULL, &err), -1);
    assert_int_equal(err.code, DOMO_E_DOMAIN_EXISTS);
    assert_int_equal(fake.discards, 1);
    assert_int_equal(fake.commits, 0);
}

static void test_cancel_ends_the_tries(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct host h = new_host();

    (void)state;
    fake.conflicts = 5;
    cancelled = 1;
    assert_int_equal(store_transact(&h, body_ok, &fake, &err), -1);
    assert_int_equal(err.code, DOMO_E_CANCELLED);
    assert_int_equal(fake.bodies, 1);
}

static void test_missing_nodes_may_be_fine(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct host h = new_host();
    char *value = (char *)"x", **names = NULL;
    size_t n = 7;

    (void)state;
    fake.read_code = DOMO_E_STORE_NOT_FOUND;
    assert_int_equal(store_read_opt(&h, 0, "/a", &value, &err), 0);
    assert_null(value);
    assert_int_equal(store_list(&h, 0, "/a", &names, &n, &err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(err.code, DOMO_E_OK);
    assert_int_equal(store_read(&h, 0, "/a", &value, &err), -1);
    assert_int_equal(err.code, DOMO_E_STORE_NOT_FOUND);
    fake.read_code = DOMO_E_PERMISSION;
    assert_int_equal(store_read_opt(&h, 0, "/a", &value, &err), -1);
    assert_int_equal(err.code, DOMO_E_PERMISSION);
    assert_int_equal(h.stats.store_requests, 4);
}

static void test_long_paths_are_refused(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    char path[STORE_PATH_MAX];

    (void)state;
    assert_int_equal(store_path(path, &err, "/local/domain/%d", 3), 0);
    assert_string_equal(path, "/local/domain/3");
    assert_int_equal(store_path(path, &err, "/%0511d", 1), -1);
    assert_int_equal(store_path(path, &err, "/%0510d", 1), 0);
}

/* ---- the tracing host ---- */

static void keep_line(void *arg, enum log_level level, const char *line)
{
    size_t n = strlen(fake.lines);

    (void)arg;
    assert_int_equal(level, LOG_LEVEL_DEBUG);
    (void)snprintf(fake.lines + n, sizeof fake.lines - n, "%s\n", line);
}

static void test_trace_lines_are_stable(void **state)
{
    const struct log log = {.sink = keep_line, .threshold = LOG_LEVEL_DEBUG};
    struct host *inner = calloc(1, sizeof *inner), *h;
    char *value;

    (void)state;
    assert_non_null(inner);
    *inner = new_host();
    inner->impl = NULL;
    assert_int_equal(host_trace(inner, &log, &h, NULL), 0);
    assert_int_equal(store_read(h, 0, "/local/domain/0/name", &value, NULL), 0);
    free(value);
    fake.read_code = DOMO_E_STORE_NOT_FOUND;
    assert_int_equal(store_read(h, 5, "/nowhere", &value, NULL), -1);
    fake.conflicts = 1;
    assert_int_equal(store_transact(h, body_ok, &fake, NULL), 0);
    assert_string_equal(fake.lines, "store.read tx=0 /local/domain/0/name -> \"a\\x22b\\x0a\"\n"
                                    "store.read tx=5 /nowhere -> error store.not-found\n"
                                    "store.begin -> tx=1\n"
                                    "store.end tx=1 commit -> error store.conflict\n"
                                    "store.begin -> tx=2\n"
                                    "store.end tx=2 commit\n");
    assert_int_equal(h->stats.store_requests, 6);
    free(h->impl);
    free(h);
    free(inner);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conflicts_are_tried_again), cmocka_unit_test(test_tries_and_pauses_are_bounded),
        cmocka_unit_test(test_a_failing_body_discards),   cmocka_unit_test(test_cancel_ends_the_tries),
        cmocka_unit_test(test_missing_nodes_may_be_fine), cmocka_unit_test(test_long_paths_are_refused),
        cmocka_unit_test(test_trace_lines_are_stable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
