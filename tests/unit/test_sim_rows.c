/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: both ends of every kind that is a row connect, close when asked, come again, fail on garbage and say why,
 * and give back every page and port; a back end that domain 0 does not have leaves its devices alone.
 */
#include "unit.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "sim/xenbus.h"
#include "sim_rig.h"

/* Sorted by the back end's name. */
static const struct {
    const char *front, *back;
    uint32_t devid;
} kinds[] = {
    {"9pfs", "9pfs", 0},     {"console", "console", 1}, {"pvcalls", "pvcalls", 0}, {"vusb", "qusb", 0},
    {"vdispl", "vdispl", 0}, {"vfb", "vfb", 0},         {"vkbd", "vinput", 0},     {"vkbd", "vkbd", 0},
    {"vsnd", "vsnd", 0},     {"vtpm", "vtpm", 0},       {"vusb", "vusb", 0},
};

static void test_walk(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const char *front = kinds[i].front, *back = kinds[i].back;
        struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 0));
        uint32_t domid = rig_guest(r, "rows"), devid = kinds[i].devid;

        rig_start(r, domid);
        (void)rig_run(r, 10);
        for (int round = 0; round < 3; round++) {
            rig_plain(r, front, back, domid, devid);
            assert_int_equal(rig_back(r, back, domid, devid), XB_CONNECTED);
            assert_int_equal(rig_front(r, front, domid, devid), XB_CONNECTED);
            rig_unplug(r, back, domid, devid);
            assert_int_equal(rig_back(r, back, domid, devid), XB_CLOSED);
            assert_int_equal(rig_front(r, front, domid, devid), XB_CLOSED);
            rig_remove_plain(r, front, back, domid, devid);
        }
        /* One that is connected when its guest dies. */
        rig_plain(r, front, back, domid, devid);
        rig_destroy(r, domid);
        assert_false(rig_exists(r, domid));
        rig_remove_plain(r, front, back, domid, devid);
        rig_free(r, true);
    }
}

static void test_garbage(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const char *front = kinds[i].front, *back = kinds[i].back;
        struct rig *r = rig_new(rig_world(GUEST_GARBAGE, 0, 0));
        uint32_t domid = rig_guest(r, "rows"), devid = kinds[i].devid;

        rig_start(r, domid);
        (void)rig_run(r, 10);
        rig_plain(r, front, back, domid, devid);
        assert_int_equal(rig_back(r, back, domid, devid), XB_CLOSING);
        assert_int_equal(rig_front(r, front, domid, devid), 99);
        assert_string_equal(rig_error(r, back, domid, devid), "22 saw state 99 at frontend");
        rig_destroy(r, domid);
        rig_remove_plain(r, front, back, domid, devid);
        rig_free(r, true);
    }
}

static void test_without_driver(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        const char *front = kinds[i].front, *back = kinds[i].back;
        struct world *w = rig_world(GUEST_NORMAL, 0, 0);
        struct rig *r;
        uint32_t domid;

        assert_int_equal(world_set_back(w, back, false), 0);
        r = rig_new(w);
        domid = rig_guest(r, "rows");
        rig_start(r, domid);
        rig_plain(r, front, back, domid, kinds[i].devid);
        (void)rig_run(r, 1000000);
        assert_int_equal(rig_back(r, back, domid, kinds[i].devid), XB_INITIALISING);
        rig_destroy(r, domid);
        rig_remove_plain(r, front, back, domid, kinds[i].devid);
        rig_free(r, true);
    }
}

/* The console daemon's own is not a channel. */
static void test_console_0(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 0));
    uint32_t domid = rig_guest(r, "rows");

    (void)state;
    rig_start(r, domid);
    rig_plain(r, "console", "console", domid, 0);
    (void)rig_run(r, 1000);
    assert_int_equal(rig_back(r, "console", domid, 0), XB_INITIALISING);
    rig_destroy(r, domid);
    rig_remove_plain(r, "console", "console", domid, 0);
    rig_free(r, true);
}

/* A disk as QEMU serves it: the file that params name, without any device of the kernel's. */
static void test_qdisk(void **state)
{
    struct rig *r = rig_new(rig_world(GUEST_NORMAL, 0, 0));
    char path[80], params[100];
    uint32_t domid = rig_guest(r, "rows");
    int fd;

    (void)state;
    (void)snprintf(path, sizeof path, "%s/image", r->dir);
    (void)snprintf(params, sizeof params, "aio:%s", path);
    fd = open(path, O_RDWR | O_CREAT, 0600);
    assert_true(fd >= 0 && ftruncate(fd, (off_t)RIG_DISK_SECTORS * 512) == 0);
    rig_start(r, domid);
    rig_write(r, "w", "/local/domain/0/backend/qdisk/%" PRIu32 "/%d/mode", domid, RIG_XVDA);
    rig_write(r, params, "/local/domain/0/backend/qdisk/%" PRIu32 "/%d/params", domid, RIG_XVDA);
    rig_plain(r, "vbd", "qdisk", domid, RIG_XVDA);
    assert_int_equal(rig_back(r, "qdisk", domid, RIG_XVDA), XB_CONNECTED);
    assert_int_equal(rig_front(r, "vbd", domid, RIG_XVDA), XB_CONNECTED);
    assert_string_equal(rig_read(r, "/local/domain/0/backend/qdisk/%" PRIu32 "/%d/sectors", domid, RIG_XVDA), "2048");
    assert_int_equal(node_vbd_user_count(r->node), 0);
    rig_unplug(r, "qdisk", domid, RIG_XVDA);
    assert_int_equal(rig_back(r, "qdisk", domid, RIG_XVDA), XB_CLOSED);
    rig_remove_plain(r, "vbd", "qdisk", domid, RIG_XVDA);
    rig_destroy(r, domid);
    (void)close(fd);
    (void)unlink(path);
    rig_free(r, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walk),      cmocka_unit_test(test_garbage), cmocka_unit_test(test_without_driver),
        cmocka_unit_test(test_console_0), cmocka_unit_test(test_qdisk),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
