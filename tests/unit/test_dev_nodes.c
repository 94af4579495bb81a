/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the nodes of each kind of device are those that stock xl writes
 * (and its hotplug scripts, where the work is done in process), with the same
 * owners and readers.
 */
#include "unit.h"

#include <stdio.h>

#include "dev_fixture.h"

static void expect_dump(const struct fake *f, const char *under, const char *expected)
{
    char *AUTO_FREE have = fake_dump(f, under);

    assert_string_equal(have, expected);
}

/* The directory and all its children, sorted: "NAME=VALUE", with " (PERMS)" where they differ from the directory's. */
static void expect_dir(const struct fake *f, const char *dir, const char *perms, const char *const *lines)
{
    struct str AUTO_STR expected = STR_INIT;

    str_addf(&expected, "%s = \"\" (%s)\n", dir, perms);
    for (; *lines; lines++) {
        const char *value = strchr(*lines, '=') + 1;
        const char *own = strstr(value, " (");
        int value_len = own ? (int)(own - value) : (int)strlen(value);

        str_addf(&expected, "%s/%.*s = \"%.*s\" ", dir, (int)(value - 1 - *lines), *lines, value_len, value);
        if (own)
            str_addf(&expected, "%s\n", own + 1);
        else
            str_addf(&expected, "(%s)\n", perms);
    }
    expect_dump(f, dir, str_text(&expected));
}

static void write_now(struct fixture *x, bool first_part)
{
    assert_int_equal(devset_prepare(x->set, &x->err), 0);
    assert_int_equal(fixture_write(x, first_part), 0);
}

#define VBD_BACK  "/local/domain/0/backend/vbd/7/51712"
#define VBD_FRONT "/local/domain/7/device/vbd/51712"
#define VBD_LIBXL "/libxl/7/device/vbd/51712"

static void test_file_disk(void **state)
{
    struct fixture *x = *state;

    assert_int_equal(fixture_add_disk(x, "/srv/web.img,raw,xvda,rw"), 0);
    write_now(x, true);
    expect_dir(x->f, VBD_BACK, "n0,r7",
               (const char *const[]){
                   "bootable=1",
                   "dev=xvda",
                   "device-type=disk",
                   "discard-enable=1",
                   "frontend=/local/domain/7/device/vbd/51712",
                   "frontend-id=7",
                   "hotplug-status=connected",
                   "mode=w",
                   "node=/dev/loop0",
                   "online=1",
                   "params=/srv/web.img",
                   "physical-device=7:0",
                   "physical-device-path=/dev/loop0",
                   "removable=0",
                   "script=/etc/xen/scripts/block",
                   "specification=xen",
                   "state=1",
                   "type=phy",
                   NULL,
               });
    expect_dir(x->f, VBD_FRONT, "n7,r0",
               (const char *const[]){
                   "backend=/local/domain/0/backend/vbd/7/51712",
                   "backend-id=0",
                   "device-type=disk",
                   "protocol=x86_64-abi",
                   "state=1",
                   "trusted=1",
                   "virtual-device=51712",
                   NULL,
               });
    expect_dir(x->f, VBD_LIBXL, "n0",
               (const char *const[]){
                   "backend=/local/domain/0/backend/vbd/7/51712",
                   "bootable=1",
                   "dev=xvda",
                   "device-type=disk",
                   "discard-enable=1",
                   "frontend=/local/domain/7/device/vbd/51712",
                   "frontend-id=7",
                   "mode=w",
                   "online=1",
                   "params=/srv/web.img",
                   "removable=0",
                   "script=/etc/xen/scripts/block",
                   "specification=xen",
                   "state=1",
                   "type=phy",
                   NULL,
               });
    assert_string_equal(x->f->loops[0].loop.tag, "domo:" GUEST_UUID ":vbd:51712");
    assert_false(x->f->loops[0].loop.read_only);
}

static void test_block_device_disk(void **state)
{
    struct fixture *x = *state;

    (void)snprintf(fake_find_file(x->f, "/dev/vg/web")->target.real_path, HOST_REAL_PATH_MAX, "/dev/dm-17");
    assert_int_equal(fixture_add_disk(x, "/dev/vg/web,raw,xvda,rw,no-discard,direct-io-safe,untrusted"), 0);
    write_now(x, true);
    expect_dir(x->f, VBD_BACK, "n0,r7",
               (const char *const[]){
                   "bootable=1",
                   "dev=xvda",
                   "device-type=disk",
                   "direct-io-safe=1",
                   "discard-enable=0",
                   "frontend=/local/domain/7/device/vbd/51712",
                   "frontend-id=7",
                   "hotplug-status=connected",
                   "mode=w",
                   "online=1",
                   "params=/dev/vg/web",
                   "physical-device=fd:11",
                   "physical-device-path=/dev/dm-17",
                   "removable=0",
                   "script=/etc/xen/scripts/block",
                   "specification=xen",
                   "state=1",
                   "type=phy",
                   NULL,
               });
    assert_string_equal(fake_read(x->f, VBD_FRONT "/trusted"), "0");
    assert_int_equal(fake_find_file(x->f, "/dev/vg/web")->claims, 1);
}

/* Nothing of this host is taken: the target is the program's to understand. */
static void test_standalone_disk(void **state)
{
    struct fixture *x = *state;

    assert_int_equal(fixture_add_disk(x, "/no/such/file,raw,xvda,ro,backendtype=standalone"), 0);
    write_now(x, true);
    expect_dir(x->f, "/local/domain/0/backend/standalone/7/51712", "n0,r7",
               (const char *const[]){
                   "bootable=1",
                   "dev=xvda",
                   "device-type=disk",
                   "discard-enable=0",
                   "frontend=/local/domain/7/device/vbd/51712",
                   "frontend-id=7",
                   "mode=r",
                   "online=1",
                   "params=/no/such/file",
                   "removable=0",
                   "specification=xen",
                   "state=1",
                   "type=standalone",
                   NULL,
               });
    expect_dump(x->f, VBD_FRONT "/backend",
                VBD_FRONT "/backend = \"/local/domain/0/backend/standalone/7/51712\" (n7,r0)\n");
    for (size_t i = 0; i < FAKE_LOOPS; i++)
        assert_false(x->f->loops[i].configured);
}

static void test_standalone_disk_has_no_script(void **state)
{
    struct fixture *x = *state;

    assert_int_equal(fixture_add_disk(x, "/a,raw,xvda,rw,backendtype=standalone,script=block-x"), -1);
    assert_int_equal(x->err.code, DOMO_E_CONFIG_CONFLICT);
}

static void test_read_only_disk_and_cdrom(void **state)
{
    struct fixture *x = *state;

    fake_add_file(x->f, "/srv/cd.iso", 1002);
    assert_int_equal(fixture_add_disk(x, "/srv/web.img,raw,xvda,ro"), 0);
    assert_int_equal(fixture_add_disk(x, "/srv/cd.iso,raw,xvdb,ro,devtype=cdrom"), 0);
    write_now(x, true);
    assert_string_equal(fake_read(x->f, VBD_BACK "/mode"), "r");
    assert_string_equal(fake_read(x->f, VBD_BACK "/discard-enable"), "0");
    assert_true(x->f->loops[0].loop.read_only);
    assert_string_equal(fake_read(x->f, "/local/domain/0/backend/vbd/7/51728/device-type"), "cdrom");
    assert_string_equal(fake_read(x->f, "/local/domain/0/backend/vbd/7/51728/removable"), "1");
    assert_string_equal(fake_read(x->f, "/local/domain/0/backend/vbd/7/51728/mode"), "r");
    assert_string_equal(fake_read(x->f, "/local/domain/7/device/vbd/51728/device-type"), "cdrom");
}

static void test_custom_script_disk_has_no_hotplug_nodes(void **state)
{
    struct fixture *x = *state;

    fake_add_file(x->f, "/etc/xen/scripts/block-iscsi", 2000);
    assert_int_equal(fixture_add_disk(x, "script=block-iscsi,vdev=xvda,target=iqn=x,portal=y"), 0);
    write_now(x, true);
    assert_string_equal(fake_read(x->f, VBD_BACK "/script"), "/etc/xen/scripts/block-iscsi");
    assert_string_equal(fake_read(x->f, VBD_BACK "/params"), "iqn=x,portal=y");
    assert_null(fake_read(x->f, VBD_BACK "/physical-device"));
    assert_null(fake_read(x->f, VBD_BACK "/hotplug-status"));
    assert_false(x->f->loops[0].configured);
}

#define VIF_BACK  "/local/domain/0/backend/vif/7/0"
#define VIF_FRONT "/local/domain/7/device/vif/0"
#define VIF_LIBXL "/libxl/7/device/vif/0"

static void test_vif_with_all_keys(void **state)
{
    struct fixture *x = *state;

    fake_add_bridge(x->f, "br7", 9000);
    assert_int_equal(fixture_add_vif(x, "mac=00:16:3e:01:02:03,bridge=br7,ip=10.0.0.7,vifname=web0,rate=10Mb/s@50ms,"
                                        "mtu=1400,gatewaydev=eth1,untrusted"),
                     0);
    write_now(x, true);
    expect_dir(x->f, VIF_BACK, "n0,r7",
               (const char *const[]){
                   "bridge=br7",
                   "frontend=/local/domain/7/device/vif/0",
                   "frontend-id=7",
                   "gatewaydev=eth1",
                   "handle=0",
                   "hotplug-status=",
                   "ip=10.0.0.7",
                   "mac=00:16:3e:01:02:03",
                   "mtu=1400",
                   "online=1",
                   "rate=62500,50000",
                   "script=/etc/xen/scripts/vif-bridge",
                   "state=1",
                   "type=vif",
                   "vifname=web0",
                   NULL,
               });
    expect_dir(x->f, VIF_FRONT, "n7,r0",
               (const char *const[]){
                   "backend=/local/domain/0/backend/vif/7/0",
                   "backend-id=0",
                   "handle=0",
                   "mac=00:16:3e:01:02:03",
                   "mtu=1400 (n0,r7)",
                   "state=1",
                   "trusted=0",
                   NULL,
               });
    expect_dir(x->f, VIF_LIBXL, "n0",
               (const char *const[]){
                   "backend=/local/domain/0/backend/vif/7/0",
                   "bridge=br7",
                   "frontend=/local/domain/7/device/vif/0",
                   "frontend-id=7",
                   "gatewaydev=eth1",
                   "handle=0",
                   "hotplug-status=",
                   "ip=10.0.0.7",
                   "mac=00:16:3e:01:02:03",
                   "mtu=1400",
                   "online=1",
                   "rate=62500,50000",
                   "script=/etc/xen/scripts/vif-bridge",
                   "state=1",
                   "type=vif",
                   "vifname=web0",
                   NULL,
               });
}

static void test_vif_with_nothing_gets_defaults(void **state)
{
    struct fixture *x = *state;

    x->f->ifaces.at[0].iface.mtu = 9000;
    assert_int_equal(fixture_add_vif(x, ""), 0);
    write_now(x, true);
    assert_string_equal(fake_read(x->f, VIF_BACK "/bridge"), "xenbr0");
    assert_string_equal(fake_read(x->f, VIF_BACK "/mac"), "00:16:3e:01:02:03");
    assert_null(fake_read(x->f, VIF_BACK "/mtu"));
    assert_null(fake_read(x->f, VIF_BACK "/rate"));
    assert_string_equal(fake_read(x->f, VIF_FRONT "/mtu"), "9000");
}

#define CON_BACK  "/local/domain/0/backend/console/7/0"
#define CON_FRONT "/local/domain/7/console"
#define CON_LIBXL "/libxl/7/device/console/0"

static void test_console_is_the_second_part(void **state)
{
    struct fixture *x = *state;

    assert_int_equal(devset_add_console(x->set, &x->err), 0);
    write_now(x, true);
    assert_null(fake_read(x->f, CON_BACK));
    devset_set_console(x->set, 1234567, 2);
    assert_int_equal(fixture_write(x, false), 0);
    expect_dir(x->f, CON_BACK, "n0,r7",
               (const char *const[]){
                   "frontend=/local/domain/7/console",
                   "frontend-id=7",
                   "online=1",
                   "protocol=vt100",
                   "state=1",
                   NULL,
               });
    expect_dir(x->f, CON_FRONT, "n0,r7",
               (const char *const[]){
                   "backend=/local/domain/0/backend/console/7/0",
                   "backend-id=0 (n7,r0)",
                   "limit=1048576",
                   "output=pty",
                   "port=2",
                   "ring-ref=1234567",
                   "tty=",
                   "type=xenconsoled",
                   NULL,
               });
    expect_dir(x->f, CON_LIBXL, "n0",
               (const char *const[]){
                   "backend=/local/domain/0/backend/console/7/0",
                   "frontend=/local/domain/7/console",
                   "frontend-id=7",
                   "online=1",
                   "protocol=vt100",
                   "state=1",
                   NULL,
               });
}

static void test_driver_domain_owns_its_nodes(void **state)
{
    struct fixture *x = *state;

    fake_add_guest(x->f, 3, "storage", 3);
    assert_int_equal(fixture_add_disk(x, "/dev/vg/x,raw,xvda,rw,backend=storage"), 0);
    write_now(x, true);
    expect_dump(x->f, "/local/domain/3/backend/vbd/7/51712/params",
                "/local/domain/3/backend/vbd/7/51712/params = \"/dev/vg/x\" (n3,r7)\n");
    assert_null(fake_read(x->f, "/local/domain/3/backend/vbd/7/51712/physical-device"));
    expect_dump(x->f, VBD_FRONT "/backend-id", VBD_FRONT "/backend-id = \"3\" (n7,r3)\n");
    expect_dump(x->f, VBD_LIBXL "/params", VBD_LIBXL "/params = \"/dev/vg/x\" (n0)\n");
}

static void test_preview_needs_no_host(void **state)
{
    const struct dev_guest guest = {.name = "web", .uuid_text = GUEST_UUID, .is_pv = true};
    struct fixture *x = *state;
    struct json *AUTO_JSON lines = json_new_array();
    char *AUTO_FREE text = NULL;

    (void)devset_free(x->set);
    x->set = devset_new(NULL, &guest, NULL);
    assert_int_equal(fixture_add_disk(x, "/nowhere/web.img,raw,xvda,rw"), 0);
    assert_int_equal(fixture_add_vif(x, "bridge=br7"), 0);
    assert_int_equal(devset_preview(x->set, true, lines, &x->err), 0);
    text = json_print(lines, JSON_COMPACT);
    assert_non_null(strstr(text, "attach a loop device to /nowhere/web.img"));
    assert_non_null(strstr(text, "backend/vbd/$DOMID/51712/params"));
    assert_non_null(strstr(text, "on bridge br7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_file_disk, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_block_device_disk, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_standalone_disk, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_standalone_disk_has_no_script, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_read_only_disk_and_cdrom, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_custom_script_disk_has_no_hotplug_nodes, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_vif_with_all_keys, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_vif_with_nothing_gets_defaults, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_console_is_the_second_part, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_driver_domain_owns_its_nodes, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(test_preview_needs_no_host, fixture_setup, fixture_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
