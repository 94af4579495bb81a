/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: devices are found and shown from what the toolstack wrote; what a
 * guest writes is shown bounded and printable and steers nothing; loop devices
 * that nobody uses any more are found by their tags.
 */
#include "unit.h"

#include <stdio.h>

#include "dev_fixture.h"

#define BACK  "/local/domain/0/backend/vbd/7/51712"
#define FRONT "/local/domain/7/device/vbd/51712"
#define DISK  "/srv/web.img,raw,xvda,rw"
#define VIF   "mac=00:16:3e:00:00:07"

static void must(struct fixture *x, int r)
{
    if (r)
        fail_msg("%s: %s: %s", err_id(x->err.code), x->err.ctx, x->err.msg);
}

static void attach_both(struct fixture *x)
{
    must(x, fixture_add_disk(x, DISK));
    must(x, fixture_add_vif(x, VIF));
    must(x, fixture_attach(x, false));
    fixture_new_set(x);
}

static const struct json *row_of(const struct json *rows, const char *kind)
{
    for (size_t i = 0; i < json_len(rows); i++) {
        if (str_eq(json_get_str(json_at(rows, i, NULL), "kind", ""), kind))
            return json_at(rows, i, NULL);
    }
    fail_msg("no %s", kind);
    return NULL;
}

static void test_rows_say_what_there_is(void **state)
{
    struct json *AUTO_JSON rows = NULL;
    struct fixture *x = *state;
    const struct json *row;

    attach_both(x);
    must(x, devset_load(x->set, NULL, NULL, &x->err));
    rows = devset_rows(x->set, false, &x->err);
    assert_int_equal(json_len(rows), 2);
    row = row_of(rows, "vbd");
    assert_int_equal(json_get_int(row, "devid", -2), 51712);
    assert_string_equal(json_get_str(row, "vdev", ""), "xvda");
    assert_string_equal(json_get_str(row, "target", ""), "/srv/web.img");
    assert_int_equal(json_get_int(row, "back_domid", -2), 0);
    assert_int_equal(json_get_int(row, "front_domid", -2), 7);
    assert_int_equal(json_get_int(row, "handle", -2), -1);
    assert_int_equal(json_get_int(row, "state", -2), 4);
    assert_int_equal(json_get_int(row, "event_channel", -2), 17);
    assert_int_equal(json_get_int(row, "ring_ref", -2), 8);
    assert_int_equal(json_get_int(row, "tx_ring_ref", -2), -1);
    assert_true(json_get_bool(row, "connected", false));
    assert_string_equal(json_str(json_path(row, "back.path"), ""), BACK);
    assert_string_equal(json_str(json_path(row, "back.state_name"), ""), "Connected");
    assert_string_equal(json_str(json_path(row, "back.hotplug_status"), ""), "connected");
    assert_int_equal(json_type(json_path(row, "back.error")), JSON_NULL);
    assert_string_equal(json_str(json_path(row, "front.path"), ""), FRONT);
    assert_null(json_get(row, "nodes"));
    row = row_of(rows, "vif");
    assert_string_equal(json_get_str(row, "mac", ""), "00:16:3e:00:00:07");
    assert_string_equal(json_get_str(row, "bridge", ""), "xenbr0");
    assert_string_equal(json_get_str(row, "interface", ""), "vif7.0");
    assert_int_equal(json_get_int(row, "handle", -2), 0);
    assert_int_equal(json_get_int(row, "tx_ring_ref", -2), 768);
    assert_int_equal(json_get_int(row, "rx_ring_ref", -2), 769);
    assert_int_equal(json_get_int(row, "ring_ref", -2), -1);
}

static void test_rows_of_what_was_just_attached(void **state)
{
    struct json *AUTO_JSON rows = NULL;
    struct fixture *x = *state;

    must(x, fixture_add_disk(x, DISK));
    must(x, fixture_attach(x, false));
    rows = devset_rows(x->set, false, &x->err);
    assert_string_equal(json_get_str(row_of(rows, "vbd"), "target", ""), "/srv/web.img");
    assert_true(json_get_bool(row_of(rows, "vbd"), "connected", false));
}

static void test_full_rows_have_all_nodes(void **state)
{
    struct json *AUTO_JSON rows = NULL;
    struct fixture *x = *state;
    const struct json *row;

    attach_both(x);
    fake_write(x->f, FRONT "/queue-0/ring-ref", "9");
    must(x, devset_load(x->set, "vbd", "xvda", &x->err));
    rows = devset_rows(x->set, true, &x->err);
    row = row_of(rows, "vbd");
    assert_string_equal(json_str(json_get(json_path(row, "nodes.back"), "physical-device"), ""), "7:0");
    assert_string_equal(json_str(json_get(json_path(row, "nodes.libxl"), "params"), ""), "/srv/web.img");
    assert_string_equal(json_str(json_get(json_path(row, "nodes.front.queue-0"), "ring-ref"), ""), "9");
}

static void test_lies_of_a_guest_stay_its_own(void **state)
{
    struct json *AUTO_JSON rows = NULL;
    char *AUTO_FREE text = NULL;
    struct fixture *x = *state;
    const struct json *row;
    char big[3000];

    attach_both(x);
    memset(big, 'A', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    fake_write(x->f, FRONT "/backend", "/local/domain/0/backend/vbd/9/1");
    fake_write(x->f, FRONT "/state", "4\033[2J");
    fake_write(x->f, FRONT "/event-channel", "-5");
    fake_write(x->f, FRONT "/ring-ref", "99999999999999");
    fake_write(x->f, "/local/domain/7/error/device/vbd/51712/error", big);
    must(x, devset_load(x->set, "vbd", "xvda", &x->err));
    rows = devset_rows(x->set, true, &x->err);
    row = row_of(rows, "vbd");
    assert_string_equal(json_str(json_path(row, "back.path"), ""), BACK);
    assert_int_equal(json_int(json_path(row, "front.state"), -2), XENBUS_UNKNOWN);
    assert_int_equal(json_get_int(row, "event_channel", -2), -1);
    assert_int_equal(json_get_int(row, "ring_ref", -2), -1);
    assert_int_equal(strlen(json_str(json_path(row, "front.error"), "")), 255);
    text = json_print(rows, JSON_COMPACT);
    assert_null(strstr(text, "u001b"));
}

static void test_devices_are_found_by_any_name(void **state)
{
    static const struct {
        const char *kind, *which, *label;
    } cases[] = {{"vbd", "xvda", "disk xvda"},
                 {"vbd", "51712", "disk xvda"},
                 {"vif", "0", "vif 0 (00:16:3e:00:00:07)"},
                 {"vif", "00:16:3E:00:00:07", "vif 0 (00:16:3e:00:00:07)"}};
    struct fixture *x = *state;

    attach_both(x);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        fixture_new_set(x);
        must(x, devset_load(x->set, cases[i].kind, cases[i].which, &x->err));
        assert_int_equal(devset_len(x->set), 1);
        assert_string_equal(devset_label(x->set, 0), cases[i].label);
    }
}

static void test_device_that_is_not_there(void **state)
{
    struct fixture *x = *state;

    attach_both(x);
    assert_int_equal(devset_load(x->set, "vbd", "xvdz", &x->err), -1);
    assert_int_equal(x->err.code, DOMO_E_DEVICE_NOT_FOUND);
    assert_string_equal(x->err.msg, "'web' has no vbd 'xvdz'");
    assert_string_equal(err_hint_text(&x->err), "it has: disk xvda");
    assert_int_equal(devset_len(x->set), 0);
    assert_int_equal(devset_load(x->set, "vtpm", "0", &x->err), -1);
    assert_string_equal(err_hint_text(&x->err), "it has none");
}

static void test_next_vif_gets_the_next_number(void **state)
{
    struct fixture *x = *state;

    attach_both(x);
    must(x, fixture_add_vif(x, "mac=00:16:3e:00:00:08"));
    must(x, fixture_add_vif(x, "mac=00:16:3e:00:00:09"));
    assert_string_equal(devset_label(x->set, 0), "vif 1 (00:16:3e:00:00:08)");
    assert_string_equal(devset_label(x->set, 1), "vif 2 (00:16:3e:00:00:09)");
}

static void put_loop(struct fixture *x, uint32_t number, const char *tag)
{
    x->f->loops[number].configured = true;
    x->f->loops[number].loop = (struct os_loop){.number = number, .back_ino = 9000 + number};
    (void)snprintf(x->f->loops[number].loop.tag, HOST_LOOP_TAG_MAX, "%s", tag);
}

static void test_orphaned_loop_devices(void **state)
{
    struct json *AUTO_JSON rows = NULL;
    struct fixture *x = *state;
    const struct json *row;

    attach_both(x);                                                      /* loop0 is in use */
    put_loop(x, 3, "/home/photos.img");                                  /* not ours */
    put_loop(x, 4, "domo:" GUEST_UUID ":vbd:51712");                     /* the disk is on loop0 */
    put_loop(x, 5, "domo:" GUEST_UUID ":vbd:51728");                     /* no such disk */
    put_loop(x, 6, "domo:09090909-0909-0909-0909-090909090909:vbd:768"); /* no such guest */
    put_loop(x, 7, "domo:nonsense");
    rows = dev_orphan_loops(&x->f->host, &x->err);
    assert_int_equal(json_len(rows), 3);
    assert_int_equal(json_get_int(json_at(rows, 0, NULL), "loop", -1), 4);
    assert_int_equal(json_get_int(json_at(rows, 1, NULL), "loop", -1), 5);
    row = json_at(rows, 2, NULL);
    assert_int_equal(json_get_int(row, "loop", -1), 6);
    assert_string_equal(json_get_str(row, "uuid", ""), "09090909-0909-0909-0909-090909090909");
    assert_string_equal(json_get_str(row, "kind", ""), "vbd");
    assert_int_equal(json_get_int(row, "devid", -1), 768);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rows_say_what_there_is),        TEST(test_rows_of_what_was_just_attached),
        TEST(test_full_rows_have_all_nodes),      TEST(test_lies_of_a_guest_stay_its_own),
        TEST(test_devices_are_found_by_any_name), TEST(test_device_that_is_not_there),
        TEST(test_next_vif_gets_the_next_number), TEST(test_orphaned_loop_devices),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
