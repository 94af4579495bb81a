/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a detach gives back everything the device held, asks a guest that
 * uses it, and goes on with force whatever happens; also for devices that stock
 * xl made, and those of driver domains.
 */
#include "unit.h"

#include <stdio.h>

#include "dev_fixture.h"

#define BACK  "/local/domain/0/backend/vbd/7/51712"
#define FRONT "/local/domain/7/device/vbd/51712"
#define LIBXL "/libxl/7/device/vbd/51712"
#define DISK  "/srv/web.img,raw,xvda,rw"
#define VIF   "mac=00:16:3e:00:00:07"

static void must(struct fixture *x, int r)
{
    if (r)
        fail_msg("%s: %s: %s", err_id(x->err.code), x->err.ctx, x->err.msg);
}

static void expect_world(const struct fixture *x, const char *expected)
{
    char *AUTO_FREE now = fake_world(x->f);

    assert_string_equal(now, expected);
}

/* A guest with a disk and a vif; a new set has found them in the store. */
static void attach_and_load(struct fixture *x)
{
    must(x, fixture_add_disk(x, DISK));
    must(x, fixture_add_vif(x, VIF));
    must(x, fixture_attach(x, false));
    fixture_new_set(x);
    must(x, devset_load(x->set, NULL, NULL, &x->err));
    assert_int_equal(devset_len(x->set), 2);
}

static void test_detach_leaves_nothing(void **state)
{
    struct fixture *x = *state;
    char *AUTO_FREE before = fake_world(x->f);

    attach_and_load(x);
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    expect_world(x, before);
    assert_int_equal(x->f->host.stats.forks, 0);
    assert_true(x->f->now_ms < 1200);
}

static void test_kernel_may_take_its_time_to_let_go(void **state)
{
    struct fixture *x = *state;
    char *AUTO_FREE before = fake_world(x->f);

    attach_and_load(x);
    x->f->kernel.linger_ms = 300;
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    expect_world(x, before);
}

static void test_kernel_that_never_lets_go_is_not_waited_for_long(void **state)
{
    struct fixture *x = *state;

    attach_and_load(x);
    x->f->kernel.linger_ms = 1000000;
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    assert_true(x->f->now_ms < 4000);
    assert_true(x->f->loops[0].autoclear);
}

static void test_guest_that_keeps_its_disk(void **state)
{
    struct fixture *x = *state;
    char *AUTO_FREE before = fake_world(x->f);
    bool is_open = false;

    attach_and_load(x);
    x->f->kernel.front_keeps = true;
    assert_int_equal(fixture_detach(x, DEV_CLOSE_SAFE), -1);
    assert_int_equal(x->err.code, DOMO_E_DEVICE_IN_USE);
    assert_string_equal(fixture_fact(x, "front-state"), "4 (Connected)");
    assert_in_range(x->f->now_ms, 11000, 11200);
    must(x, devset_reopen(x->set, &is_open, &x->err));
    assert_true(is_open);
    assert_string_equal(fake_read(x->f, BACK "/state"), "4");
    assert_string_equal(fake_read(x->f, BACK "/online"), "1");
    assert_true(x->f->loops[0].configured);
    /* Later it lets go. */
    x->f->kernel.front_keeps = false;
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    expect_world(x, before);
}

static void test_guest_that_has_begun_to_close_is_left_to_finish(void **state)
{
    struct fixture *x = *state;
    bool is_open = true;

    attach_and_load(x);
    x->f->kernel.front_keeps = true;
    assert_int_equal(fixture_detach(x, DEV_CLOSE_SAFE), -1);
    fake_write(x->f, FRONT "/state", "5");
    must(x, devset_reopen(x->set, &is_open, &x->err));
    assert_false(is_open);
    assert_string_equal(fake_read(x->f, BACK "/state"), "5");
    assert_string_equal(fake_read(x->f, BACK "/online"), "0");
}

static void test_guest_without_driver_is_not_asked(void **state)
{
    struct fixture *x = *state;
    char *AUTO_FREE before = fake_world(x->f);

    x->f->kernel.front_absent = true;
    must(x, fixture_add_disk(x, DISK));
    must(x, fixture_attach(x, true));
    fixture_new_set(x);
    must(x, devset_load(x->set, "vbd", "xvda", &x->err));
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    expect_world(x, before);
    assert_true(x->f->now_ms < 1200);
}

static void test_force_takes_it_away(void **state)
{
    struct fixture *x = *state;
    char *AUTO_FREE before = fake_world(x->f);

    attach_and_load(x);
    x->f->kernel.front_keeps = true;
    must(x, fixture_detach(x, DEV_CLOSE_FORCE));
    expect_world(x, before);
    assert_true(x->f->now_ms < 1200);
}

static void test_force_goes_on_without_the_back_end(void **state)
{
    struct fixture *x = *state;

    attach_and_load(x);
    x->f->kernel.back_never_closes = true;
    must(x, fixture_detach(x, DEV_CLOSE_FORCE));
    assert_null(fake_read(x->f, LIBXL));
    assert_null(fake_read(x->f, BACK));
    assert_null(fake_read(x->f, FRONT));
}

static void test_force_does_not_wait_for_drivers_that_are_gone(void **state)
{
    struct fixture *x = *state;

    attach_and_load(x);
    x->f->kernel.back_never_closes = true;
    x->f->kernel.has_vbd = x->f->kernel.has_vif = false;
    must(x, devset_close(x->set, DEV_CLOSE_FORCE, &x->err));
    must(x, fixture_wait(x, fixture_closed));
    assert_true(x->f->now_ms < 1200);
}

/* ---- devices that xl made ---- */

static void make_as_xl(struct fixture *x, const char *script, const char *node)
{
    fake_write(x->f, LIBXL "/frontend", FRONT);
    fake_write(x->f, LIBXL "/backend", BACK);
    fake_write(x->f, LIBXL "/params", "/srv/web.img");
    fake_write(x->f, LIBXL "/script", script);
    fake_write(x->f, LIBXL "/dev", "xvda");
    fake_write(x->f, FRONT "/backend", BACK);
    fake_write(x->f, FRONT "/state", "1");
    fake_write(x->f, BACK "/frontend", FRONT);
    fake_write(x->f, BACK "/online", "1");
    fake_write(x->f, BACK "/physical-device", "7:3");
    if (node)
        fake_write(x->f, BACK "/node", node);
    fake_write(x->f, BACK "/state", "1");
    must(x, devset_load(x->set, "vbd", "51712", &x->err));
    must(x, devset_watch(x->set, &x->err));
    must(x, fixture_wait(x, fixture_connected));
}

static void add_loop(struct fixture *x, uint32_t number, ino_t ino, const char *tag)
{
    x->f->loops[number].configured = true;
    x->f->loops[number].loop = (struct os_loop){
        .number = number, .major = 7, .minor = number, .back_dev = x->f->files.at[0].target.dev, .back_ino = ino};
    (void)snprintf(x->f->loops[number].loop.tag, HOST_LOOP_TAG_MAX, "%s", tag);
}

static void test_loop_device_of_xl_is_freed(void **state)
{
    struct fixture *x = *state;
    char *AUTO_FREE before = fake_world(x->f);

    add_loop(x, 3, 1001, "/srv/web.img");
    make_as_xl(x, "/etc/xen/scripts/block", "/dev/loop3");
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    expect_world(x, before);
}

static void test_loop_device_of_a_removed_file_is_freed(void **state)
{
    struct fixture *x = *state;

    add_loop(x, 3, 1001, "/srv/web.img");
    make_as_xl(x, "/etc/xen/scripts/block", "/dev/loop3");
    free(x->f->files.at[0].path);
    x->f->files.at[0].path = fake_copy("/elsewhere");
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    assert_false(x->f->loops[3].configured);
}

static void test_loop_device_of_somebody_else_is_left_alone(void **state)
{
    struct fixture *x = *state;

    add_loop(x, 3, 4242, "/home/photos.img");
    make_as_xl(x, "/etc/xen/scripts/block", "/dev/loop3");
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    assert_true(x->f->loops[3].configured);
}

static void test_node_that_is_no_loop_device_is_ignored(void **state)
{
    struct fixture *x = *state;

    make_as_xl(x, "/etc/xen/scripts/block", "/dev/loop3/../sda");
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    assert_null(fake_read(x->f, LIBXL));
}

static void test_script_of_a_device_is_run(void **state)
{
    struct fixture *x = *state;

    make_as_xl(x, "/etc/xen/scripts/block-iscsi", NULL);
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    assert_string_equal(str_text(&x->f->script_log),
                        "/etc/xen/scripts/block-iscsi remove | script=/etc/xen/scripts/block-iscsi XENBUS_TYPE=vbd "
                        "XENBUS_PATH=backend/vbd/7/51712 XENBUS_BASE_PATH=backend\n");
}

static void test_script_that_fails_stops_only_a_safe_detach(void **state)
{
    struct fixture *x = *state;

    make_as_xl(x, "/etc/xen/scripts/block-iscsi", NULL);
    x->f->script.status = 1;
    assert_int_equal(fixture_detach(x, DEV_CLOSE_SAFE), -1);
    assert_int_equal(x->err.code, DOMO_E_SCRIPT_FAILED);
    assert_non_null(fake_read(x->f, LIBXL));
    err_clear(&x->err);
    must(x, devset_unwatch(x->set, &x->err));
    fixture_new_set(x);
    must(x, devset_load(x->set, "vbd", NULL, &x->err));
    must(x, fixture_detach(x, DEV_CLOSE_FORCE));
    assert_null(fake_read(x->f, LIBXL));
}

/* ---- whole guests ---- */

static void test_everything_of_a_guest_goes(void **state)
{
    struct fixture *x = *state;
    char *AUTO_FREE before = fake_world(x->f);

    attach_and_load(x);
    fixture_new_set(x);
    must(x, devset_add_console(x->set, &x->err));
    must(x, fixture_write(x, false));
    fake_write(x->f, "/libxl/7/device/vkbd/0/backend", "/local/domain/0/backend/vkbd/7/0");
    fake_write(x->f, "/local/domain/0/backend/vkbd/7/0/state", "1");
    fake_write(x->f, "/local/domain/7/device/vkbd/0/state", "1");
    fake_write(x->f, "/libxl/7/device/vfb/0/backend", "nonsense");
    fixture_new_set(x);
    must(x, devset_load(x->set, NULL, NULL, &x->err));
    assert_int_equal(devset_len(x->set), 5);
    must(x, fixture_detach(x, DEV_CLOSE_FORCE));
    expect_world(x, before);
    assert_true(x->f->now_ms < 1300);
}

static void test_parents_shared_with_other_guests_stay(void **state)
{
    struct fixture *x = *state;

    attach_and_load(x);
    fake_add_guest(x->f, 9, "db", 9);
    fake_write(x->f, "/local/domain/0/backend/vbd/9/51712/state", "4");
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    assert_null(fake_read(x->f, "/local/domain/0/backend/vbd/7"));
    assert_non_null(fake_read(x->f, "/local/domain/0/backend/vbd/9/51712/state"));
}

static void test_error_nodes_go_with_the_device(void **state)
{
    struct fixture *x = *state;
    char *AUTO_FREE before = fake_world(x->f);

    attach_and_load(x);
    fake_write(x->f, "/local/domain/0/error/backend/vbd/7/51712/error", "5 something");
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    expect_world(x, before);
}

static void test_driver_domain_cleans_up_itself(void **state)
{
    struct fixture *x = *state;
    char *AUTO_FREE before = NULL;

    fake_add_guest(x->f, 3, "storage", 3);
    before = fake_world(x->f);
    x->f->kernel.driver_domain = 3;
    must(x, fixture_add_disk(x, "/dev/vg/x,raw,xvda,rw,backend=storage"));
    must(x, fixture_attach(x, false));
    x->f->kernel.linger_ms = 500;
    must(x, fixture_detach(x, DEV_CLOSE_SAFE));
    expect_world(x, before);
    assert_int_equal(x->f->host.stats.forks, 0);
    assert_true(x->f->now_ms > 1500);
}

/* A detach that failed anywhere can be run again and then ends well. */
static void test_each_call_fails_in_turn(void **state)
{
    struct fixture *x = *state;

    for (uint64_t k = 1; k == 1 || x->f->failing_done; k++) {
        char *AUTO_FREE before = NULL;
        int r;

        fixture_new_set(x);
        before = fake_world(x->f);
        attach_and_load(x);
        x->f->calls = 0;
        x->f->fail_call = k;
        x->f->failing_done = false;
        r = fixture_detach(x, DEV_CLOSE_SAFE);
        assert_true(r == 0 || x->err.code != DOMO_E_OK);
        x->f->fail_call = 0;
        must(x, devset_unwatch(x->set, &x->err));
        fixture_new_set(x);
        must(x, devset_load(x->set, NULL, NULL, &x->err));
        if (devset_len(x->set))
            must(x, fixture_detach(x, DEV_CLOSE_SAFE));
        expect_world(x, before);
    }
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_detach_leaves_nothing),
        TEST(test_kernel_may_take_its_time_to_let_go),
        TEST(test_kernel_that_never_lets_go_is_not_waited_for_long),
        TEST(test_guest_that_keeps_its_disk),
        TEST(test_guest_that_has_begun_to_close_is_left_to_finish),
        TEST(test_guest_without_driver_is_not_asked),
        TEST(test_force_takes_it_away),
        TEST(test_force_goes_on_without_the_back_end),
        TEST(test_force_does_not_wait_for_drivers_that_are_gone),
        TEST(test_loop_device_of_xl_is_freed),
        TEST(test_loop_device_of_a_removed_file_is_freed),
        TEST(test_loop_device_of_somebody_else_is_left_alone),
        TEST(test_node_that_is_no_loop_device_is_ignored),
        TEST(test_script_of_a_device_is_run),
        TEST(test_script_that_fails_stops_only_a_safe_detach),
        TEST(test_everything_of_a_guest_goes),
        TEST(test_parents_shared_with_other_guests_stay),
        TEST(test_error_nodes_go_with_the_device),
        TEST(test_driver_domain_cleans_up_itself),
        TEST(test_each_call_fails_in_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
