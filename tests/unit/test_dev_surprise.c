/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: whichever part of a device is taken away under our hands, by a
 * guest, a driver domain or another tool, a detach ends, in time, and gives
 * back what this host holds; and nothing of another guest is touched.
 */
#include "unit.h"

#include <stdio.h>

#include "dev_fixture.h"

#define BACK   "/local/domain/0/backend/vbd/7/51712"
#define FRONT  "/local/domain/7/device/vbd/51712"
#define LIBXL  "/libxl/7/device/vbd/51712"
#define DISK   "/srv/web.img,raw,xvda,rw"
#define SCRIPT "/etc/xen/scripts/block-iscsi"

/* What is removed, and of which ends the set still knows. */
static const char *const surprises[][3] = {
    {BACK},
    {FRONT},
    {BACK, FRONT},
    {BACK "/state"},
    {FRONT "/state"},
    {"/local/domain/7"},
    {BACK "/node", BACK "/state"},
    {"/local/domain/0/backend/vbd"},

};

static void attach_and_load(struct fixture *x)
{
    fixture_new_set(x);
    assert_int_equal(fixture_add_disk(x, DISK), 0);
    if (fixture_attach(x, false))
        fail_msg("%s: %s", x->err.ctx, x->err.msg);
    fixture_new_set(x);
    assert_int_equal(devset_load(x->set, NULL, NULL, &x->err), 0);
    assert_true(x->f->loops[0].configured);
}

static void expect_nothing_left(const struct fixture *x, const char *what)
{
    static const char *const paths[] = {LIBXL, BACK, FRONT};

    if (x->f->loops[0].configured && !x->f->loops[0].autoclear)
        fail_msg("%s: the loop device leaks", what);
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        if (fake_read(x->f, paths[i]))
            fail_msg("%s: %s is still there", what, paths[i]);
}

static void surprise(struct fixture *x, const char *const paths[3])
{
    for (size_t i = 0; i < 3 && paths[i]; i++)
        fake_rm(x->f, paths[i]);
}

/* Before the detach looks at anything. */
static void test_parts_that_are_gone_before(void **state)
{
    static const enum dev_close modes[] = {DEV_CLOSE_SAFE, DEV_CLOSE_FORCE};
    struct fixture *x = *state;

    for (size_t i = 0; i < ARRAY_LEN(surprises); i++) {
        for (size_t m = 0; m < ARRAY_LEN(modes); m++) {
            int64_t began;

            attach_and_load(x);
            surprise(x, surprises[i]);
            fixture_new_set(x);
            assert_int_equal(devset_load(x->set, NULL, NULL, &x->err), 0);
            assert_int_equal(devset_len(x->set), 1);
            began = x->f->now_ms;
            if (fixture_detach(x, modes[m])) /* asking nobody may fail, but says so in time */
                fail_msg("%s mode %d: %s: %s", surprises[i][0], (int)modes[m], x->err.ctx, x->err.msg);
            assert_true(x->f->now_ms - began <= 15000);
            expect_nothing_left(x, surprises[i][0]);
        }
    }
}

/* While the guest is waited for. */
static void test_parts_that_go_meanwhile(void **state)
{
    struct fixture *x = *state;

    for (size_t i = 0; i < ARRAY_LEN(surprises); i++) {
        struct domo_err e = DOMO_ERR_INIT;

        attach_and_load(x);
        x->f->kernel.front_keeps = true;
        assert_int_equal(devset_close(x->set, DEV_CLOSE_SAFE, &x->err), 0);
        surprise(x, surprises[i]);
        IGNORE(plan_drive(&x->op, fixture_closed, &e));
        x->f->kernel.front_keeps = false;
        /* A safe one that could not finish is followed by a forced one, as an administrator does. */
        if (fixture_detach(x, DEV_CLOSE_FORCE))
            fail_msg("%s: %s: %s", surprises[i][0], x->err.ctx, x->err.msg);
        expect_nothing_left(x, surprises[i][0]);
    }
}

/* The set has found everything, then it goes. */
static void test_loop_device_is_found_by_its_tag(void **state)
{
    struct fixture *x = *state;

    attach_and_load(x);
    assert_int_equal(devset_close(x->set, DEV_CLOSE_FORCE, &x->err), 0);
    assert_int_equal(fixture_wait(x, fixture_closed), 0);
    x->f->loops[3] = x->f->loops[0];
    x->f->loops[3].loop.number = 3;
    (void)snprintf(x->f->loops[3].loop.tag, HOST_LOOP_TAG_MAX, "domo:07070707-0707-0707-0707-070707070708:vbd:51712");
    fake_rm(x->f, BACK);
    fixture_new_set(x);
    assert_int_equal(devset_load(x->set, NULL, NULL, &x->err), 0);
    assert_int_equal(fixture_detach(x, DEV_CLOSE_FORCE), 0);
    expect_nothing_left(x, BACK);
    assert_true(x->f->loops[3].configured); /* another guest's */
    x->f->loops[3].configured = false;
}

/* A script's device: it is run whatever else is there. */
static void test_scripts_are_run_all_the_same(void **state)
{
    struct fixture *x = *state;

    for (size_t i = 0; i < ARRAY_LEN(surprises); i++) {
        attach_and_load(x);
        fake_write(x->f, LIBXL "/script", SCRIPT);
        surprise(x, surprises[i]);
        str_clear(&x->f->script_log);
        fixture_new_set(x);
        assert_int_equal(devset_load(x->set, NULL, NULL, &x->err), 0);
        if (fixture_detach(x, DEV_CLOSE_FORCE))
            fail_msg("%s: %s: %s", surprises[i][0], x->err.ctx, x->err.msg);
        if (!strstr(str_text(&x->f->script_log), SCRIPT " remove"))
            fail_msg("%s: no script was run", surprises[i][0]);
        assert_null(fake_read(x->f, LIBXL));
        x->f->loops[0].configured = false; /* the script's business */
    }
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_parts_that_are_gone_before),
        TEST(test_parts_that_go_meanwhile),
        TEST(test_loop_device_is_found_by_its_tag),
        TEST(test_scripts_are_run_all_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
