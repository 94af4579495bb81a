/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a fault strikes the call that it names, the n-th time or each, with
 * the error that the call itself gives; all other calls go through.
 */
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake_host.h"
#include "host/fault.h"
#include "unit.h"

static struct host *faulty(const char *text)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct host_fault *faults = NULL;
    struct host *h = NULL;
    size_t n = 0;

    if (host_fault_parse(text, &faults, &n, &err) < 0)
        fail_msg("%s: %s", text, err.msg);
    assert_int_equal(host_fault(&fake_new()->host, faults, n, &h, &err), 0);
    assert_true(fault_is(h));
    free(faults);
    return h;
}

/* The fake is not one that host_close() knows. */
static void end(struct host *h)
{
    struct {
        struct host *inner;
        void *rules;
    } *f = h->impl;

    (void)fake_free((struct fake *)f->inner);
    free(f->rules);
    free(f);
    free(h);
}

static void test_the_second_write(void **state)
{
    struct host *h = faulty("store.write:2 ENOSPC");
    struct domo_err err = DOMO_ERR_INIT;

    (void)state;
    assert_int_equal(store_write(h, 0, "/a", "1", &err), 0);
    assert_int_equal(store_write(h, 0, "/b", "1", &err), -1);
    assert_int_equal(err.code, DOMO_E_STORE_QUOTA);
    assert_int_equal(err.sys, ENOSPC);
    assert_non_null(strstr(err.msg, "store.write"));
    assert_int_equal(store_write(h, 0, "/b", "1", &err), 0);
    end(h);
}

static void test_patterns_count_together(void **state)
{
    struct host *h = faulty("*:3 EIO");
    struct domo_err err = DOMO_ERR_INIT;
    struct hyp_host_info info;

    (void)state;
    assert_int_equal(store_write(h, 0, "/a", "1", &err), 0);
    assert_int_equal(h->hyp->host_info(h, &info, &err), 0);
    assert_int_equal(store_write(h, 0, "/a", "1", &err), -1);
    assert_int_equal(err.code, DOMO_E_STORE);
    assert_int_equal(store_write(h, 0, "/a", "1", &err), 0);
    end(h);
}

static void test_each_part_has_its_errors(void **state)
{
    struct host *h = faulty("hyp.host_info ENOMEM; os.loop_list EACCES;store.end EAGAIN\n env.random EIO");
    struct domo_err err = DOMO_ERR_INIT;
    struct hyp_host_info info;
    struct os_loop *loops;
    char byte;
    size_t n;

    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(h->hyp->host_info(h, &info, &err), -1);
    assert_int_equal(err.code, DOMO_E_HOST_MEMORY);
    assert_int_equal(h->os->loop_list(h, NULL, 0, &loops, &n, &err), -1);
    assert_int_equal(err.code, DOMO_E_PERMISSION);
    assert_int_equal(h->store->end(h, 1, true, &err), -1);
    assert_int_equal(err.code, DOMO_E_STORE_CONFLICT);
    assert_int_equal(h->env->random(h, &byte, 1, &err), -1);
    assert_int_equal(err.code, DOMO_E_IO);
    end(h);
}

static void test_late(void **state)
{
    struct host *h = faulty("store.write 250");
    struct domo_err err = DOMO_ERR_INIT;
    int64_t before = h->env->now_ms(h);

    (void)state;
    assert_int_equal(store_write(h, 0, "/a", "1", &err), 0);
    assert_true(h->env->now_ms(h) - before >= 250);
    end(h);
}

static void test_kill(void **state)
{
    int status = 0;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        struct host *h = faulty("store.write:2 KILL");
        struct domo_err err = DOMO_ERR_INIT;

        /* The first one works. */
        if (store_write(h, 0, "/a", "1", &err) < 0 || store_write(h, 0, "/b", "1", &err) < 0)
            _exit(1);
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *text, *part, *hint;
    } rows[] = {
        {"hyp.crate EIO", "hyp.crate", "hyp.create"},
        {"hyp.create", "hyp.create", ""},
        {"hyp.create:x EIO", "'x'", ""},
        {"hyp.create ENOPE", "ENOPE", ""},
        {"a-name-that-is-longer-than-any-call-has EIO", "a-name", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct domo_err err = DOMO_ERR_INIT;
        struct host_fault *faults = NULL;
        size_t n;

        assert_int_equal(host_fault_parse(rows[i].text, &faults, &n, &err), -1);
        assert_int_equal(err.code, DOMO_E_USAGE);
        assert_non_null(strstr(err.msg, rows[i].part));
        assert_non_null(strstr(err.hint, rows[i].hint));
        assert_null(faults);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_second_write),
        cmocka_unit_test(test_patterns_count_together),
        cmocka_unit_test(test_each_part_has_its_errors),
        cmocka_unit_test(test_late),
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
