/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: an attach ends with both ends Connected, or with an error that names
 * the cause, at once where it can be known, and leaves the world as it was.
 */
#include "unit.h"

#include <stdio.h>

#include "dev_fixture.h"

#define BACK  "/local/domain/0/backend/vbd/7/51712"
#define FRONT "/local/domain/7/device/vbd/51712"
#define DISK  "/srv/web.img,raw,xvda,rw"
#define VIF   "mac=00:16:3e:00:00:07"

/* Attaches, expects "code", and that nothing is left after the unwind. */
static void expect_failure(struct fixture *x, enum domo_code code)
{
    char *AUTO_FREE before = fake_world(x->f), *AUTO_FREE after = NULL;

    assert_int_equal(fixture_attach(x, false), -1);
    if (x->err.code != code)
        fail_msg("%s: %s: %s", err_id(x->err.code), x->err.ctx, x->err.msg);
    assert_int_equal(fixture_unwind(x), 0);
    after = fake_world(x->f);
    assert_string_equal(after, before);
}

static void expect_add_failure(struct fixture *x, int result, enum domo_code code, const char *word)
{
    assert_int_equal(result, -1);
    assert_string_equal(err_id(x->err.code), err_id(code));
    if (!strstr(x->err.msg, word))
        fail_msg("'%s' is not in: %s", word, x->err.msg);
    assert_int_equal(devset_len(x->set), 0);
}

static void attach(struct fixture *x)
{
    if (fixture_attach(x, false))
        fail_msg("%s: %s: %s", err_id(x->err.code), x->err.ctx, x->err.msg);
}

static void add_disk(struct fixture *x, const char *text)
{
    if (fixture_add_disk(x, text))
        fail_msg("%s: %s", err_id(x->err.code), x->err.msg);
}

static void add_vif(struct fixture *x, const char *text)
{
    if (fixture_add_vif(x, text))
        fail_msg("%s: %s", err_id(x->err.code), x->err.msg);
}

/* ---- success ---- */

static void test_disk_and_vif_connect(void **state)
{
    struct fixture *x = *state;
    const struct fake_iface *port;
    static const uint8_t mac[6] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};

    add_disk(x, DISK);
    add_vif(x, VIF);
    attach(x);
    assert_string_equal(fake_read(x->f, BACK "/state"), "4");
    assert_string_equal(fake_read(x->f, FRONT "/state"), "4");
    assert_string_equal(fake_read(x->f, "/local/domain/0/backend/vif/7/0/state"), "4");
    assert_string_equal(fake_read(x->f, "/local/domain/0/backend/vif/7/0/hotplug-status"), "connected");
    port = fake_find_iface(x->f, "vif7.0");
    assert_non_null(port);
    assert_int_equal(port->iface.master, fake_find_iface(x->f, "xenbr0")->iface.index);
    assert_true(port->iface.is_up);
    assert_memory_equal(port->mac, mac, sizeof mac);
    assert_int_equal(x->f->host.stats.forks, 0);
    assert_int_equal(x->f->watches.len, 0);
    assert_true(x->f->now_ms < 1100);
}

static void test_paused_guest_only_needs_its_back_ends(void **state)
{
    struct fixture *x = *state;

    x->f->kernel.front_absent = true;
    add_disk(x, DISK);
    add_vif(x, VIF);
    assert_int_equal(fixture_attach(x, true), 0);
    assert_string_equal(fake_read(x->f, BACK "/state"), "2");
    assert_string_equal(fake_read(x->f, FRONT "/state"), "1");
    assert_true(fake_find_iface(x->f, "vif7.0")->iface.is_up);
}

static void test_interface_may_come_late(void **state)
{
    struct fixture *x = *state;

    x->f->kernel.iface_delay_ms = 200;
    add_vif(x, VIF ",mtu=1400");
    attach(x);
    assert_int_equal(fake_find_iface(x->f, "vif7.0")->iface.mtu, 1400);
}

static void test_interface_that_never_comes_is_an_error(void **state)
{
    struct fixture *x = *state;

    x->f->kernel.iface_delay_ms = 1000000;
    add_vif(x, VIF);
    expect_failure(x, DOMO_E_VIF_INTERFACE);
}

static void test_interface_gets_its_name(void **state)
{
    struct fixture *x = *state;

    add_vif(x, VIF ",vifname=web0");
    attach(x);
    assert_non_null(fake_find_iface(x->f, "web0"));
    assert_null(fake_find_iface(x->f, "vif7.0"));
}

static void test_lost_races_are_run_again(void **state)
{
    struct fixture *x = *state;

    x->f->conflicts = 3;
    add_disk(x, DISK);
    attach(x);
    assert_int_equal(x->f->host.stats.store_conflicts, 3);
}

static void test_requests_do_not_depend_on_other_guests(void **state)
{
    struct fixture *x = *state;
    uint64_t alone, crowded;

    add_disk(x, DISK);
    attach(x);
    alone = x->f->host.stats.store_requests;
    assert_int_equal(fixture_detach(x, DEV_CLOSE_SAFE), 0);
    for (uint32_t domid = 100; domid < 150; domid++)
        fake_add_guest(x->f, domid, "other", (uint8_t)domid);
    fixture_new_set(x);
    add_disk(x, DISK);
    crowded = x->f->host.stats.store_requests;
    attach(x);
    assert_int_equal(x->f->host.stats.store_requests - crowded, alone);
}

/* ---- what can't work is known at once ---- */

static void test_targets_are_checked(void **state)
{
    struct fixture *x = *state;

    expect_add_failure(x, fixture_add_disk(x, "/no/such.img,raw,xvda,rw"), DOMO_E_DISK_NOT_FOUND, "/no/such.img");
    assert_string_equal(x->err.ctx, "disk xvda");
    fake_add_file(x->f, "/dev/tty", 5);
    fake_find_file(x->f, "/dev/tty")->target.kind = OS_TARGET_OTHER;
    expect_add_failure(x, fixture_add_disk(x, "/dev/tty,raw,xvda,rw"), DOMO_E_DISK_BAD_TARGET, "neither");
    expect_add_failure(x, fixture_add_disk(x, "format=qcow2,backendtype=phy,vdev=xvda,target=/srv/web.img"),
                       DOMO_E_CONFIG_CONFLICT, "raw images only");
    expect_add_failure(x, fixture_add_disk(x, "format=qcow2,script=block-x,vdev=xvda,target=/srv/web.img"),
                       DOMO_E_CONFIG_CONFLICT, "no use for a script");
    expect_add_failure(x, fixture_add_vif(x, "type=ioemu"), DOMO_E_UNSUPPORTED, "ioemu");
}

static void test_missing_drivers_are_named(void **state)
{
    struct fixture *x = *state;

    x->f->kernel.has_vbd = x->f->kernel.has_vif = false;
    expect_add_failure(x, fixture_add_disk(x, DISK), DOMO_E_DEVICE_NO_BACKEND, "xen-blkback");
    assert_string_equal(err_hint_text(&x->err), "modprobe xen-blkback");
    expect_add_failure(x, fixture_add_vif(x, VIF), DOMO_E_DEVICE_NO_BACKEND, "xen-netback");
}

static void test_bridges_and_names_are_checked(void **state)
{
    struct fixture *x = *state;

    fake_add_iface(x->f, "eth0");
    expect_add_failure(x, fixture_add_vif(x, "bridge=br9"), DOMO_E_NO_BRIDGE, "br9");
    assert_non_null(strstr(err_hint_text(&x->err), "ip link add name br9"));
    expect_add_failure(x, fixture_add_vif(x, "bridge=eth0"), DOMO_E_NO_BRIDGE, "not a bridge");
    expect_add_failure(x, fixture_add_vif(x, "vifname=eth0"), DOMO_E_VIF_NAME, "eth0");
}

static void test_one_device_twice(void **state)
{
    struct fixture *x = *state;

    add_disk(x, DISK);
    assert_int_equal(fixture_add_disk(x, "/dev/vg/web,raw,xvda,rw"), -1);
    assert_int_equal(x->err.code, DOMO_E_DEVICE_EXISTS);
    assert_int_equal(devset_len(x->set), 1);
}

static void test_vdev_that_is_taken(void **state)
{
    struct fixture *x = *state;

    add_disk(x, "/dev/vg/web,raw,xvda,rw");
    attach(x);
    fixture_new_set(x);
    add_disk(x, DISK);
    expect_failure(x, DOMO_E_DEVICE_EXISTS);
    assert_string_equal(fake_read(x->f, BACK "/params"), "/dev/vg/web");
}

/* ---- sharing ---- */

static void test_file_in_use_by_another_guest(void **state)
{
    struct fixture *x = *state;
    struct os_loop other = {.number = 5, .back_dev = x->f->files.at[0].target.dev, .back_ino = 1001};

    (void)snprintf(other.tag, sizeof other.tag, "domo:09090909-0909-0909-0909-090909090909:vbd:51728");
    fake_write(x->f, "/vm/09090909-0909-0909-0909-090909090909/name", "db");
    x->f->loops[5].configured = true;
    x->f->loops[5].loop = other;
    add_disk(x, DISK);
    expect_failure(x, DOMO_E_DISK_SHARED);
    assert_string_equal(x->err.msg, "'/srv/web.img' is in use read-write by disk xvdb of 'db' (/dev/loop5)");
    fake_rm(x->f, "/vm");
    fixture_new_set(x);
    add_disk(x, DISK);
    expect_failure(x, DOMO_E_DISK_SHARED);
    assert_non_null(strstr(err_hint_text(&x->err), "domo sweep"));
}

static void test_readers_may_share(void **state)
{
    struct fixture *x = *state;

    x->f->loops[5].configured = true;
    x->f->loops[5].loop =
        (struct os_loop){.number = 5, .back_dev = x->f->files.at[0].target.dev, .back_ino = 1001, .read_only = true};
    add_disk(x, DISK);
    expect_failure(x, DOMO_E_DISK_SHARED);
    fixture_new_set(x);
    add_disk(x, "/srv/web.img,raw,xvda,ro");
    attach(x);
}

static void test_sharing_that_is_meant(void **state)
{
    struct fixture *x = *state;

    x->f->loops[5].configured = true;
    x->f->loops[5].loop = (struct os_loop){.number = 5, .back_dev = x->f->files.at[0].target.dev, .back_ino = 1001};
    add_disk(x, "/srv/web.img,raw,xvda,w!");
    attach(x);
}

static void test_one_file_twice_in_one_guest(void **state)
{
    struct fixture *x = *state;

    add_disk(x, DISK);
    add_disk(x, "/srv/web.img,raw,xvdb,rw");
    expect_failure(x, DOMO_E_DISK_SHARED);
    assert_non_null(strstr(x->err.msg, "of this guest"));
}

/* Of a guest whose device model serves it: QEMU has it open, and the store says who that is. */
static void test_image_in_use(void **state)
{
    struct fixture *x = *state;
    struct fake_file *file = fake_find_file(x->f, "/srv/web.img");
    uint64_t requests;

    fake_add_guest(x->f, 9, "db", 9);
    fake_write(x->f, "/local/domain/0/backend/qdisk/9/51728/params", "qcow2:/srv/web.img");
    fake_write(x->f, "/local/domain/0/backend/qdisk/9/51728/mode", "w");
    file->written = true;
    add_disk(x, DISK);
    expect_failure(x, DOMO_E_DISK_SHARED);
    assert_string_equal(x->err.msg, "'/srv/web.img' is in use read-write by disk xvdb of domain 9 ('db')");
    fixture_new_set(x);
    add_disk(x, "/srv/web.img,raw,xvda,ro");
    expect_failure(x, DOMO_E_DISK_SHARED);
    /* Both read. */
    fake_write(x->f, "/local/domain/0/backend/qdisk/9/51728/mode", "r");
    file->written = false;
    file->opened = true;
    fixture_new_set(x);
    add_disk(x, DISK);
    expect_failure(x, DOMO_E_DISK_SHARED);
    fixture_new_set(x);
    requests = x->f->host.stats.store_requests;
    add_disk(x, "/srv/web.img,raw,xvda,ro");
    assert_int_equal(devset_prepare(x->set, &x->err), 0);
    assert_int_equal(x->f->host.stats.store_requests, requests); /* nobody had to be asked */
}

/* Somebody has it open who is no device model: a backup, an editor. */
static void test_open_file_of_no_guest(void **state)
{
    struct fixture *x = *state;

    fake_find_file(x->f, "/srv/web.img")->written = true;
    add_disk(x, DISK);
    attach(x);
}

static void test_block_device_in_use(void **state)
{
    struct fixture *x = *state;
    const struct os_vbd_user user = {.domid = 9, .devid = 51712, .major = 253, .minor = 17, .read_only = true};
    struct os_vbd_user *slot;

    fake_add_guest(x->f, 9, "db", 9);
    slot = FAKE_PUSH(&x->f->users);
    *slot = user;
    add_disk(x, "/dev/vg/web,raw,xvda,rw");
    expect_failure(x, DOMO_E_DISK_SHARED);
    assert_string_equal(x->err.msg, "'/dev/vg/web' is in use read-only by disk xvda of domain 9 ('db')");
    fixture_new_set(x);
    add_disk(x, "/dev/vg/web,raw,xvda,ro");
    attach(x);
}

static void test_block_device_that_is_mounted(void **state)
{
    struct fixture *x = *state;

    fake_find_file(x->f, "/dev/vg/web")->mounted = true;
    add_disk(x, "/dev/vg/web,raw,xvda,rw");
    expect_failure(x, DOMO_E_DISK_SHARED);
    fixture_new_set(x);
    add_disk(x, "/dev/vg/web,raw,xvda,ro");
    expect_failure(x, DOMO_E_DISK_SHARED);
}

/* ---- who did not move ---- */

static void test_back_end_that_refuses(void **state)
{
    struct fixture *x = *state;

    x->f->kernel.back_fails = true;
    add_disk(x, DISK);
    expect_failure(x, DOMO_E_DEVICE_BACKEND_FAILED);
    assert_non_null(strstr(x->err.msg, "2 creating the device"));
    assert_string_equal(fixture_fact(x, "back-state"), "5 (Closing)");
    assert_string_equal(x->err.ctx, "disk xvda");
    assert_true(x->f->now_ms < 2000);
}

static void test_guest_that_refuses(void **state)
{
    struct fixture *x = *state;

    x->f->kernel.front_fails = true;
    add_disk(x, DISK);
    assert_int_equal(fixture_attach(x, false), -1);
    assert_int_equal(x->err.code, DOMO_E_DEVICE_GUEST_FAILED);
    assert_non_null(strstr(x->err.msg, "12 allocating the ring"));
    assert_true(x->f->now_ms < 2000);
    assert_int_equal(fixture_unwind(x), 0);
}

static void test_guest_that_does_not_answer(void **state)
{
    struct fixture *x = *state;

    x->f->kernel.front_absent = true;
    add_disk(x, DISK);
    expect_failure(x, DOMO_E_DEVICE_GUEST_TIMEOUT);
    assert_string_equal(fixture_fact(x, "back-state"), "2 (InitWait)");
    assert_string_equal(fixture_fact(x, "front-state"), "1 (Initialising)");
}

static void test_back_end_that_does_not_answer(void **state)
{
    struct fixture *x = *state;

    x->f->kernel.back_stays = true;
    add_disk(x, DISK);
    expect_failure(x, DOMO_E_DEVICE_BACKEND_TIMEOUT);
    assert_in_range(x->f->now_ms, 11000, 11100);
}

static void test_back_end_whose_nodes_vanish(void **state)
{
    struct fixture *x = *state;

    x->f->kernel.front_absent = true;
    add_disk(x, DISK);
    assert_int_equal(fixture_attach(x, true), 0);
    fake_rm(x->f, BACK);
    assert_int_equal(fixture_wait(x, fixture_connected), -1);
    assert_int_equal(x->err.code, DOMO_E_DEVICE_BACKEND_FAILED);
}

/* ---- driver domains ---- */

static void test_driver_domain(void **state)
{
    struct fixture *x = *state;

    fake_add_guest(x->f, 3, "storage", 3);
    x->f->kernel.driver_domain = 3;
    x->f->kernel.has_vbd = x->f->kernel.has_vif = false;
    add_disk(x, "/dev/vg/x,raw,xvda,rw,backend=storage");
    add_vif(x, "bridge=br-over-there,backend=3");
    attach(x);
    assert_string_equal(fake_read(x->f, "/local/domain/3/backend/vif/7/0/state"), "4");
}

static void test_driver_domain_whose_hotplug_fails(void **state)
{
    struct fixture *x = *state;

    fake_add_guest(x->f, 3, "storage", 3);
    x->f->kernel.driver_domain = 3;
    x->f->kernel.their_error = "error";
    add_vif(x, "backend=3");
    expect_failure(x, DOMO_E_DEVICE_BACKEND_FAILED);
    assert_string_equal(fixture_fact(x, "hotplug-status"), "error");
    assert_true(x->f->now_ms < 2000);
}

static void test_driver_domain_that_is_not_there(void **state)
{
    struct fixture *x = *state;

    expect_add_failure(x, fixture_add_disk(x, DISK ",backend=nobody"), DOMO_E_DOMAIN_NOT_FOUND, "nobody");
    expect_add_failure(x, fixture_add_disk(x, DISK ",backend=44"), DOMO_E_DOMAIN_NOT_FOUND, "44");
    fake_add_guest(x->f, 3, "storage", 3);
    add_disk(x, "/dev/vg/x,raw,xvda,rw,backend=storage");
    expect_failure(x, DOMO_E_DEVICE_BACKEND_TIMEOUT);
    assert_non_null(strstr(err_hint_text(&x->err), "xl devd"));
}

/* ---- scripts ---- */

static void effect_block(struct host *h, const struct os_script *s)
{
    if (str_eq(s->argv[1], "add"))
        fake_write(fake_of(h), BACK "/physical-device", "8:1");
}

static void effect_error(struct host *h, const struct os_script *s)
{
    (void)s;
    fake_write(fake_of(h), BACK "/hotplug-error", "target is unreachable");
    fake_write(fake_of(h), BACK "/hotplug-status", "error");
}

static void test_disk_script(void **state)
{
    struct fixture *x = *state;

    fake_add_file(x->f, "/etc/xen/scripts/block-iscsi", 2000);
    x->f->script.effect = effect_block;
    x->f->script.duration_ms = 1500;
    add_disk(x, "script=block-iscsi,vdev=xvda,target=iqn=x");
    attach(x);
    assert_string_equal(str_text(&x->f->script_log),
                        "/etc/xen/scripts/block-iscsi add | script=/etc/xen/scripts/block-iscsi XENBUS_TYPE=vbd "
                        "XENBUS_PATH=backend/vbd/7/51712 XENBUS_BASE_PATH=backend\n");
    assert_int_equal(x->f->host.stats.forks, 1);
}

static void test_script_that_fails(void **state)
{
    struct fixture *x = *state;

    fake_add_file(x->f, "/etc/xen/scripts/block-iscsi", 2000);
    x->f->script.status = 3;
    x->f->script.output = "iscsiadm: cannot make connection";
    x->f->script.effect = effect_error;
    add_disk(x, "script=block-iscsi,vdev=xvda,target=iqn=x");
    expect_failure(x, DOMO_E_SCRIPT_FAILED);
    assert_non_null(strstr(x->err.msg, "exit status 3"));
    assert_string_equal(fixture_fact(x, "output"), "iscsiadm: cannot make connection");
    assert_string_equal(fixture_fact(x, "hotplug-error"), "target is unreachable");
    assert_non_null(strstr(str_text(&x->f->script_log), "block-iscsi remove |"));
}

static void test_script_that_hangs_is_killed(void **state)
{
    struct fixture *x = *state;

    fake_add_file(x->f, "/etc/xen/scripts/block-iscsi", 2000);
    x->f->script.duration_ms = 1000000;
    add_disk(x, "script=block-iscsi,vdev=xvda,target=iqn=x");
    assert_int_equal(fixture_attach(x, false), -1);
    assert_int_equal(x->err.code, DOMO_E_SCRIPT_TIMEOUT);
    assert_in_range(x->f->now_ms, 41000, 41100);
    assert_int_equal(x->f->scripts_killed, 1);
    x->f->script.duration_ms = 0;
    assert_int_equal(fixture_unwind(x), 0);
}

static void test_script_that_is_missing(void **state)
{
    struct fixture *x = *state;

    expect_add_failure(x, fixture_add_disk(x, "script=block-none,vdev=xvda,target=iqn=x"), DOMO_E_SCRIPT_FAILED,
                       "/etc/xen/scripts/block-none");
}

static void test_vif_script_that_forgets_the_status(void **state)
{
    struct fixture *x = *state;

    fake_add_file(x->f, "/opt/vif-mine", 2000);
    add_vif(x, VIF ",script=/opt/vif-mine,gatewaydev=eth1,bridge=none");
    attach(x);
    assert_string_equal(str_text(&x->f->script_log),
                        "/opt/vif-mine online type_if=vif | script=/opt/vif-mine XENBUS_TYPE=vif "
                        "XENBUS_PATH=backend/vif/7/0 XENBUS_BASE_PATH=backend vif=vif7.0 netdev=eth1\n");
    assert_string_equal(fake_read(x->f, "/local/domain/0/backend/vif/7/0/hotplug-status"), "connected");
}

/* ---- everything that can fail, fails once ---- */

static void test_each_call_fails_in_turn(void **state)
{
    struct fixture *x = *state;
    uint64_t calls = 0;

    for (uint64_t k = 1; k == 1 || x->f->failing_done; k++) {
        char *AUTO_FREE before = fake_world(x->f), *AUTO_FREE after = NULL;
        int r;

        fixture_new_set(x);
        x->f->calls = 0;
        x->f->fail_call = k;
        x->f->failing_done = false;
        r = fixture_add_disk(x, DISK);
        if (r == 0)
            r = fixture_add_disk(x, "/dev/vg/web,raw,xvdb,rw");
        if (r == 0)
            r = fixture_add_vif(x, "bridge=xenbr0");
        if (r == 0)
            r = fixture_attach(x, false);
        assert_true(r == 0 || x->err.code != DOMO_E_OK);
        calls = x->f->calls;
        x->f->fail_call = 0;
        if (fixture_unwind(x))
            fail_msg("unwind after call %d", (int)k);
        after = fake_world(x->f);
        assert_string_equal(after, before);
    }
    assert_true(calls > 100);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_disk_and_vif_connect),
        TEST(test_paused_guest_only_needs_its_back_ends),
        TEST(test_interface_may_come_late),
        TEST(test_interface_that_never_comes_is_an_error),
        TEST(test_interface_gets_its_name),
        TEST(test_lost_races_are_run_again),
        TEST(test_requests_do_not_depend_on_other_guests),
        TEST(test_targets_are_checked),
        TEST(test_missing_drivers_are_named),
        TEST(test_bridges_and_names_are_checked),
        TEST(test_one_device_twice),
        TEST(test_vdev_that_is_taken),
        TEST(test_file_in_use_by_another_guest),
        TEST(test_readers_may_share),
        TEST(test_sharing_that_is_meant),
        TEST(test_one_file_twice_in_one_guest),
        TEST(test_image_in_use),
        TEST(test_open_file_of_no_guest),
        TEST(test_block_device_in_use),
        TEST(test_block_device_that_is_mounted),
        TEST(test_back_end_that_refuses),
        TEST(test_guest_that_refuses),
        TEST(test_guest_that_does_not_answer),
        TEST(test_back_end_that_does_not_answer),
        TEST(test_back_end_whose_nodes_vanish),
        TEST(test_driver_domain),
        TEST(test_driver_domain_whose_hotplug_fails),
        TEST(test_driver_domain_that_is_not_there),
        TEST(test_disk_script),
        TEST(test_script_that_fails),
        TEST(test_script_that_hangs_is_killed),
        TEST(test_script_that_is_missing),
        TEST(test_vif_script_that_forgets_the_status),
        TEST(test_each_call_fails_in_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
