/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: loop devices, block devices and interfaces of the simulated domain 0
 * behave as Linux's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "sim/node.h"
#include "unit.h"

struct fixture {
    struct node *n;
    char path[64];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    int fd;

    assert_non_null(f);
    f->n = node_open();
    assert_non_null(f->n);
    (void)snprintf(f->path, sizeof f->path, "/tmp/test-sim-node-XXXXXX");
    fd = mkstemp(f->path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, 1 << 20), 0);
    assert_int_equal(close(fd), 0);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    (void)unlink(f->path);
    (void)node_close(f->n);
    free(f);
    return 0;
}

static struct os_loop attach(struct fixture *f, bool read_only)
{
    struct os_loop loop = {0};
    const struct os_loop_new how = {.path = f->path, .read_only = read_only, .tag = "domo:x"};

    assert_int_equal(node_loop_attach(f->n, &how, &loop), 0);
    return loop;
}

static void test_loops_may_be_few(void **state)
{
    struct fixture *f = *state;
    const struct os_loop_new how = {.path = f->path};
    struct os_loop first, second;

    node_loop_limit(f->n, 1);
    first = attach(f, false);
    assert_int_equal(node_loop_attach(f->n, &how, &second), -ENOSPC);
    assert_int_equal(node_loop_detach(f->n, first.number), 0);
    (void)attach(f, false);
}

static void test_loops(void **state)
{
    struct fixture *f = *state;
    struct os_loop a = attach(f, false), b = attach(f, true), c;
    uint64_t size = 0;

    assert_int_equal(a.number, 0);
    assert_int_equal(b.number, 1);
    assert_int_equal(a.major, 7);
    assert_string_equal(a.tag, "domo:x");
    assert_true(b.read_only && !a.read_only);
    assert_int_equal(node_loop_count(f->n), 2);
    assert_int_equal(node_loop_size(f->n, 0, &size), 0);
    assert_int_equal(size, 1 << 20);
    assert_int_equal(node_loop_detach(f->n, 0), 0);
    assert_int_equal(node_loop_detach(f->n, 0), 0);
    assert_false(node_loop_get(f->n, 0, &a));
    c = attach(f, false);
    assert_int_equal(c.number, 0);
    assert_int_equal(attach(f, false).number, 2);
}

static void test_loop_refusals(void **state)
{
    struct fixture *f = *state;
    struct os_loop loop;
    char longest[80];

    assert_int_equal(node_loop_attach(f->n, &(struct os_loop_new){.path = "/nowhere"}, &loop), -ENOENT);
    assert_int_equal(node_loop_attach(f->n, &(struct os_loop_new){.path = "/tmp", .read_only = true}, &loop), -ENOTBLK);
    memset(longest, 'x', sizeof longest);
    longest[64] = '\0';
    assert_int_equal(node_loop_attach(f->n, &(struct os_loop_new){.path = f->path, .tag = longest}, &loop), -EINVAL);
    assert_int_equal(node_loop_count(f->n), 0);
}

static void test_detach_in_use(void **state)
{
    struct fixture *f = *state;
    struct os_loop loop = attach(f, false);
    struct os_vbd_user user;
    uint64_t size = 0;
    int fd = -1;

    assert_int_equal(node_block_open(f->n, 3, 51712, loop.major, loop.minor, true, &fd, &size), 0);
    assert_true(fd >= 0);
    assert_int_equal(size, 1 << 20);
    assert_true(node_vbd_user_at(f->n, 0, &user));
    assert_true(user.domid == 3 && user.devid == 51712 && user.major == 7 && !user.read_only);
    /* The file may be deleted, the guest goes on. */
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(node_loop_detach(f->n, loop.number), 0);
    assert_int_equal(node_loop_count(f->n), 1);
    assert_int_equal(pwrite(fd, "x", 1, 0), 1);
    node_block_close(f->n, 3, 51712);
    assert_int_equal(node_loop_count(f->n), 0);
    assert_int_equal(node_vbd_user_count(f->n), 0);
}

static void test_block_refusals(void **state)
{
    struct fixture *f = *state;
    struct os_loop loop = attach(f, true);
    uint64_t size;
    int fd;

    assert_int_equal(node_block_open(f->n, 1, 1, 7, 99, false, &fd, &size), -ENXIO);
    assert_int_equal(node_block_open(f->n, 1, 1, 7, loop.minor, true, &fd, &size), -EROFS);
    assert_int_equal(node_block_open(f->n, 1, 1, 4095, 4095, false, &fd, &size), -ENXIO);
    assert_int_equal(node_vbd_user_count(f->n), 0);
}

static void test_interfaces(void **state)
{
    static const uint8_t mac[6] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};
    struct fixture *f = *state;
    struct os_iface bridge, port;

    assert_int_equal(node_iface_add(f->n, "br0", true, NULL), 0);
    assert_int_equal(node_iface_add(f->n, "br0", true, NULL), -EEXIST);
    assert_int_equal(node_iface_add(f->n, "a/b", false, NULL), -EINVAL);
    assert_int_equal(node_iface_add(f->n, "sixteen-letters-", false, NULL), -EINVAL);
    assert_int_equal(node_iface_add(f->n, "vif1.0", false, mac), 0);
    assert_int_equal(node_iface_change(f->n, "vif1.0",
                                       &(struct os_iface_change){
                                           .rename = "web", .bridge = "br0", .mac = mac, .mtu = 1400, .up = true}),
                     0);
    assert_false(node_iface(f->n, "vif1.0", &port));
    assert_true(node_iface(f->n, "web", &port) && node_iface(f->n, "br0", &bridge));
    assert_true(port.master == bridge.index && port.mtu == 1400 && port.is_up && bridge.is_bridge);
    assert_string_equal(node_iface_name(f->n, port.index), "web");
    assert_int_equal(node_iface_remove(f->n, "br0"), 0);
    assert_true(node_iface(f->n, "web", &port) && port.master == 0);
    assert_int_equal(node_iface_remove(f->n, "br0"), -ENODEV);
    assert_null(node_iface_name(f->n, bridge.index));
}

static void test_interface_refusals(void **state)
{
    struct fixture *f = *state;
    struct os_iface a;

    assert_int_equal(node_iface_add(f->n, "br0", true, NULL), 0);
    assert_int_equal(node_iface_add(f->n, "a", false, NULL), 0);
    assert_int_equal(node_iface_add(f->n, "b", false, NULL), 0);
    assert_int_equal(node_iface_change(f->n, "none", &(struct os_iface_change){.up = true}), -ENODEV);
    assert_int_equal(node_iface_change(f->n, "a", &(struct os_iface_change){.up = true, .bridge = "none"}), -ENODEV);
    assert_int_equal(node_iface_change(f->n, "a", &(struct os_iface_change){.up = true, .bridge = "b"}), -EOPNOTSUPP);
    assert_int_equal(node_iface_change(f->n, "br0", &(struct os_iface_change){.bridge = "br0"}), -ELOOP);
    assert_int_equal(node_iface_change(f->n, "a", &(struct os_iface_change){.up = true, .rename = "b"}), -EEXIST);
    assert_int_equal(node_iface_change(f->n, "a", &(struct os_iface_change){.up = true, .mtu = 10}), -EINVAL);
    assert_true(node_iface(f->n, "a", &a) && !a.is_up);
    assert_int_equal(node_iface_change(f->n, "a", &(struct os_iface_change){.up = true}), 0);
    assert_int_equal(node_iface_change(f->n, "a", &(struct os_iface_change){.rename = "c"}), -EBUSY);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_loops),
        TEST(test_loop_refusals),
        TEST(test_detach_in_use),
        TEST(test_loops_may_be_few),
        TEST(test_loop_refusals),
        TEST(test_detach_in_use),
        TEST(test_block_refusals),
        TEST(test_interfaces),
        TEST(test_interface_refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
