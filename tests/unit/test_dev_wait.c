/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a wait for devices has a limit for each phase that can be set, says
 * who should have moved and how long it had, notices that a domain at either
 * end has gone, and lets all devices move at the same time.
 */
#include "unit.h"

#include "dev_fixture.h"

#define DISK  "/srv/web.img,raw,xvda,rw"
#define FRONT "/local/domain/7/device/vbd/51712"
#define BACK  "/local/domain/0/backend/vbd/7/51712"

static enum plan_wait reconnected(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_reconnected_wait(((struct fixture *)op)->set, op, now_ms, ret_deadline_ms, err);
}

static enum plan_wait reconfigured(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_reconfigured_wait(((struct fixture *)op)->set, op, now_ms, ret_deadline_ms, err);
}

/* A set with limits of its own. */
static void set_with(struct fixture *x, const char *limits)
{
    const struct dev_guest guest = {
        .domid = GUEST_DOMID, .name = "web", .uuid_text = GUEST_UUID, .is_pv = true, .protocol = "x86_64-abi"};
    struct dev_timeouts t = DEV_TIMEOUTS_DEFAULT;

    assert_int_equal(dev_timeouts_set(&t, limits, &x->err), 0);
    (void)devset_free(x->set);
    x->set = devset_new(&x->f->host, &guest, &t);
    assert_non_null(x->set);
}

static void add_disk(struct fixture *x, const char *text)
{
    if (fixture_add_disk(x, text))
        fail_msg("%s: %s", err_id(x->err.code), x->err.msg);
}

static void attach(struct fixture *x)
{
    if (fixture_attach(x, false))
        fail_msg("%s: %s: %s", err_id(x->err.code), x->err.ctx, x->err.msg);
}

static void expect_text(const struct fixture *x, enum domo_code code, const char *part)
{
    assert_int_equal(x->err.code, code);
    if (!strstr(x->err.msg, part))
        fail_msg("'%s' is not in: %s", part, x->err.msg);
}

static struct hyp_info *domain(struct fixture *x, uint32_t domid)
{
    for (size_t i = 0; i < x->f->domains.len; i++)
        if (x->f->domains.at[i].info.domid == domid)
            return &x->f->domains.at[i].info;
    fail_msg("no domain %u", (unsigned)domid);
    return NULL;
}

static void test_limits_are_read(void **state)
{
    static const char *const bad[] = {"connect",     "connect=", "connect=x",   "connect=0", "connect=-1", "=3",
                                      "connect=5,,", "boot=3",   "connect=1e9", "close=5 s", "close=nan",  "close=inf"};
    struct dev_timeouts t = DEV_TIMEOUTS_DEFAULT;
    struct domo_err err = DOMO_ERR_INIT;

    (void)state;
    assert_int_equal(dev_timeouts_set(&t, NULL, &err), 0);
    assert_int_equal(dev_timeouts_set(&t, "accept=1,script=2,connect=3,reconfigure=4,reconnect=5,close=6.5", &err), 0);
    assert_int_equal(t.backend_ms, 1000);
    assert_int_equal(t.script_ms, 2000);
    assert_int_equal(t.connect_ms, 3000);
    assert_int_equal(t.reconfigure_ms, 4000);
    assert_int_equal(t.reconnect_ms, 5000);
    assert_int_equal(t.close_ms, 6500);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        char *AUTO_FREE text = str_format("accept=9,%s", bad[i]);

        assert_int_equal(dev_timeouts_set(&t, text, &err), -1);
        assert_int_equal(err.code, DOMO_E_USAGE);
        assert_non_null(strstr(err.hint, "accept, script, connect"));
        assert_int_equal(t.backend_ms, 1000);
    }
}

static void test_each_phase_has_its_limit(void **state)
{
    struct fixture *x = *state;
    int64_t began = x->f->now_ms;

    set_with(x, "connect=2.5");
    x->f->kernel.front_absent = true;
    add_disk(x, DISK);
    assert_int_equal(fixture_attach(x, false), -1);
    expect_text(x, DOMO_E_DEVICE_GUEST_TIMEOUT, "the guest's front end did not connect within 2.5 s (phase connect)");
    assert_string_equal(fixture_fact(x, "waited-for"), "the guest's front end, 2.5 s");
    assert_in_range(x->f->now_ms - began, 2500, 2600);
    assert_int_equal(fixture_unwind(x), 0);

    set_with(x, "accept=1");
    x->f->kernel.front_absent = false;
    x->f->kernel.back_stays = true;
    began = x->f->now_ms;
    add_disk(x, DISK);
    assert_int_equal(fixture_attach(x, false), -1);
    expect_text(x, DOMO_E_DEVICE_BACKEND_TIMEOUT, "the back end did not accept the device within 1 s (phase accept)");
    assert_in_range(x->f->now_ms - began, 1000, 1100);
    assert_int_equal(fixture_unwind(x), 0);
}

static void test_closing_has_its_limit(void **state)
{
    struct fixture *x = *state;
    int64_t began;

    set_with(x, "close=3");
    add_disk(x, DISK);
    attach(x);
    x->f->kernel.front_keeps = true;
    began = x->f->now_ms;
    assert_int_equal(fixture_detach(x, DEV_CLOSE_SAFE), -1);
    expect_text(x, DOMO_E_DEVICE_IN_USE, "the guest's front end did not let go of the device within 3 s (phase close)");
    assert_non_null(strstr(err_hint_text(&x->err), "still uses it"));
    assert_in_range(x->f->now_ms - began, 3000, 3100);
}

static void test_guest_that_ends_meanwhile(void **state)
{
    struct fixture *x = *state;
    int64_t began = x->f->now_ms;

    x->f->kernel.front_absent = true;
    add_disk(x, DISK);
    assert_int_equal(fixture_attach(x, true), 0);
    domain(x, GUEST_DOMID)->is_shutdown = true;
    assert_int_equal(fixture_wait(x, fixture_connected), -1);
    expect_text(x, DOMO_E_DOMAIN_ENDED, "before its front end could connect");
    assert_true(x->f->now_ms - began < 1000);
}

static void test_driver_domain_that_ends_meanwhile(void **state)
{
    struct fixture *x = *state;
    int64_t began;

    fake_add_guest(x->f, 3, "storage", 3);
    x->f->kernel.driver_domain = 3;
    x->f->kernel.front_absent = true;
    add_disk(x, "/dev/vg/x,raw,xvda,rw,backend=storage");
    assert_int_equal(fixture_attach(x, true), 0);
    began = x->f->now_ms;
    domain(x, 3)->is_dying = true;
    assert_int_equal(fixture_wait(x, fixture_connected), -1);
    expect_text(x, DOMO_E_DEVICE_BACKEND_GONE, "domain 3, which serves the device, is gone");
    assert_true(x->f->now_ms - began < 1000);
    /* Nobody there is left to close it either: a safe detach need not wait. */
    assert_int_equal(devset_close(x->set, DEV_CLOSE_SAFE, &x->err), 0);
    assert_int_equal(fixture_wait(x, fixture_closed), 0);
    assert_true(x->f->now_ms - began < 1000);
}

/* Ten interfaces whose kernel is slow: the wait is as long as one of them, and not as all. */
static void test_devices_settle_at_the_same_time(void **state)
{
    struct fixture *x = *state;
    int64_t began = x->f->now_ms;

    x->f->kernel.iface_delay_ms = 700;
    for (int i = 0; i < 10; i++)
        if (fixture_add_vif(x, "bridge=xenbr0"))
            fail_msg("%s", x->err.msg);
    add_disk(x, DISK);
    attach(x);
    assert_in_range(x->f->now_ms - began, 700, 1400);
}

/* A loaded device whose ends went away and came back. */
static void test_reconnection_is_waited_for(void **state)
{
    struct fixture *x = *state;

    add_disk(x, DISK);
    attach(x);
    fixture_new_set(x);
    assert_int_equal(devset_load(x->set, "vbd", NULL, &x->err), 0);
    assert_int_equal(fixture_wait(x, reconnected), 0);
    /* Closing on both sides is no failure here, but it must not last. */
    set_with(x, "reconnect=2");
    assert_int_equal(devset_load(x->set, "vbd", NULL, &x->err), 0);
    x->f->kernel.front_absent = true;
    fake_write(x->f, FRONT "/state", "6");
    fake_write(x->f, BACK "/state", "6");
    assert_int_equal(fixture_wait(x, reconnected), -1);
    expect_text(x, DOMO_E_DEVICE_GUEST_TIMEOUT, "did not connect again within 2 s (phase reconnect)");
}

static void test_reconfiguration_is_waited_for(void **state)
{
    struct fixture *x = *state;

    set_with(x, "reconfigure=2");
    add_disk(x, DISK);
    attach(x);
    assert_int_equal(fixture_wait(x, reconfigured), 0);
    set_with(x, "reconfigure=2");
    assert_int_equal(devset_load(x->set, "vbd", NULL, &x->err), 0);
    fake_write(x->f, BACK "/state", "7");
    assert_int_equal(fixture_wait(x, reconfigured), -1);
    expect_text(x, DOMO_E_DEVICE_GUEST_TIMEOUT, "the guest's front end did not take the changes over within 2 s");
    fake_write(x->f, FRONT "/state", "7");
    set_with(x, "reconfigure=2");
    assert_int_equal(devset_load(x->set, "vbd", NULL, &x->err), 0);
    assert_int_equal(fixture_wait(x, reconfigured), -1);
    expect_text(x, DOMO_E_DEVICE_BACKEND_TIMEOUT, "the back end did not take the changes over within 2 s");
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_limits_are_read),
        TEST(test_each_phase_has_its_limit),
        TEST(test_closing_has_its_limit),
        TEST(test_guest_that_ends_meanwhile),
        TEST(test_driver_domain_that_ends_meanwhile),
        TEST(test_devices_settle_at_the_same_time),
        TEST(test_reconnection_is_waited_for),
        TEST(test_reconfiguration_is_waited_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
