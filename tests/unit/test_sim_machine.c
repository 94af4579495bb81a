/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the simulated machine counts memory, ports and maps as Xen does,
 * and refuses with Xen's errno what Xen refuses.
 */
#include <errno.h>

#include "sim/machine.h"
#include "unit.h"

enum { GUEST_KIB = 8192, HOST_KIB = 1 << 20, DOM0_KIB = 1 << 18, CHANGES_MAX = 32 };

struct seen {
    struct machine *m;
    struct {
        uint32_t domid;
        enum machine_change what;
    } changes[CHANGES_MAX];
    size_t n;
    int kicks;
};

static void on_change(void *arg, uint32_t domid, enum machine_change what)
{
    struct seen *s = arg;

    assert_true(s->n < CHANGES_MAX);
    s->changes[s->n].domid = domid;
    s->changes[s->n++].what = what;
}

static void on_kick(void *arg)
{
    ((struct seen *)arg)->kicks++;
}

static int setup(void **state)
{
    const struct machine_size size = {.mem_kib = HOST_KIB, .dom0_kib = DOM0_KIB, .cpus = 4};
    struct seen *s = calloc(1, sizeof *s);

    assert_non_null(s);
    s->m = machine_new(&size);
    assert_non_null(s->m);
    assert_int_equal(machine_on_change(s->m, on_change, s), 0);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct seen *s = *state;
    char *why = NULL;

    if (machine_check(s->m, &why) < 0)
        print_error("%s\n", why);
    assert_null(why);
    (void)machine_free(s->m);
    free(s);
    return 0;
}

static const struct hyp_domain_new fresh = {
    .max_vcpus = 2,
    .max_evtchn_port = 15,
    .max_grant_frames = 1,
    .max_maptrack_frames = -1,
    .max_grant_version = -1,
};

static uint32_t create(struct seen *s)
{
    uint32_t domid = 0;

    assert_int_equal(machine_create(s->m, &fresh, &domid), 0);
    return domid;
}

static uint32_t build(struct seen *s)
{
    const struct hyp_setup setup_it = {.max_vcpus = 2, .max_mem_kib = GUEST_KIB, .sched_weight = 300, .sched_cap = -1};
    struct hyp_image image = {.kernel_path = "/boot/k", .cmdline = "quiet", .mem_kib = GUEST_KIB, .max_vcpus = 2};
    struct hyp_built built = {0};
    uint32_t domid = create(s);

    assert_int_equal(machine_setup(s->m, domid, &setup_it), 0);
    image.store_evtchn = (uint32_t)machine_evtchn_alloc(s->m, domid, 0);
    image.console_evtchn = (uint32_t)machine_evtchn_alloc(s->m, domid, 0);
    assert_int_equal(machine_build(s->m, domid, &image, &built), 0);
    assert_true(built.store_gfn && built.console_gfn && built.store_gfn != built.console_gfn);
    assert_string_equal(built.guest_type, "xen-3.0-x86_64");
    return domid;
}

static uint32_t run(struct seen *s)
{
    uint32_t domid = build(s);

    assert_int_equal(machine_unpause(s->m, domid), 0);
    (void)machine_turn(s->m);
    return domid;
}

static uint64_t free_kib(struct seen *s)
{
    struct hyp_host_info info;

    assert_int_equal(machine_info(s->m, &info), 0);
    return info.free_kib;
}

static void test_memory(void **state)
{
    struct seen *s = *state;
    uint64_t before = free_kib(s);
    struct hyp_info info;
    uint32_t domid;

    assert_int_equal(before, HOST_KIB - DOM0_KIB);
    domid = build(s);
    assert_true(free_kib(s) <= before - GUEST_KIB);
    assert_int_equal(machine_domain(s->m, domid, &info), 0);
    assert_int_equal(info.mem_kib, GUEST_KIB);
    assert_int_equal(machine_destroy(s->m, domid), 0);
    assert_int_equal(free_kib(s), before);
    assert_int_equal(machine_domain(s->m, domid, &info), -ESRCH);
}

static void test_too_much_memory(void **state)
{
    const struct hyp_setup wide = {.max_vcpus = 1, .max_mem_kib = HOST_KIB * 2, .sched_cap = -1};
    const struct hyp_setup tight = {.max_vcpus = 1, .max_mem_kib = GUEST_KIB - 4, .sched_cap = -1};
    struct hyp_image image = {.mem_kib = HOST_KIB, .max_vcpus = 1};
    struct seen *s = *state;
    struct hyp_built built;
    uint32_t domid = create(s);
    uint64_t before = free_kib(s);

    assert_int_equal(machine_build(s->m, domid, &image, &built), -EINVAL); /* not set up */
    assert_int_equal(machine_setup(s->m, domid, &wide), 0);
    assert_int_equal(machine_build(s->m, domid, &image, &built), -ENOMEM);
    assert_int_equal(machine_setup(s->m, domid, &tight), 0);
    image.mem_kib = GUEST_KIB;
    assert_int_equal(machine_build(s->m, domid, &image, &built), -ENOMEM);
    assert_int_equal(free_kib(s), before);
}

static void test_refusals(void **state)
{
    struct seen *s = *state;
    struct hyp_domain_new n = fresh;
    struct hyp_setup set = {.max_vcpus = 3, .sched_cap = -1};
    const uint64_t beyond[] = {0xf0};
    uint32_t domid = create(s), other;

    n.domid = domid;
    assert_int_equal(machine_create(s->m, &n, &other), -EEXIST);
    n.domid = 0x7FF0;
    assert_int_equal(machine_create(s->m, &n, &other), -EINVAL);
    n = fresh;
    n.cpupool = 1;
    assert_int_equal(machine_create(s->m, &n, &other), -ENODEV);
    assert_int_equal(machine_setup(s->m, domid, &set), -EINVAL);
    set.max_vcpus = 1;
    set.hard_affinity = beyond;
    set.cpu_words = 1;
    assert_int_equal(machine_setup(s->m, domid, &set), -EINVAL);
    assert_int_equal(machine_pause(s->m, 0), -EINVAL);
    assert_int_equal(machine_destroy(s->m, 0), -EINVAL);
    assert_int_equal(machine_shutdown(s->m, 0, MACHINE_CRASH), -EINVAL);
    assert_int_equal(machine_pause(s->m, 99), -ESRCH);
    assert_int_equal(machine_unpause(s->m, 99), -ESRCH);
    assert_int_equal(machine_destroy(s->m, 99), -ESRCH);
}

/* The processors of an HVM guest are its device model's business; its memory and its special pages are not. */
static void test_hvm_guests_have_memory_and_rings(void **state)
{
    struct seen *s = *state;
    struct hyp_domain_new n = fresh;
    const struct hyp_setup set = {.max_vcpus = 1, .max_mem_kib = 8192, .sched_cap = -1};
    const struct hyp_image image = {.mem_kib = 8192, .max_vcpus = 1};
    struct hyp_built built;
    struct hyp_host_info before, after;
    struct hyp_info info;
    uint32_t domid, store_port, console_port;
    uint64_t store_gfn, console_gfn;

    n.container = HYP_CONTAINER_HVM;
    assert_int_equal(machine_info(s->m, &before), 0);
    assert_true(before.has_hvm);
    assert_int_equal(machine_create(s->m, &n, &domid), 0);
    assert_int_equal(machine_setup(s->m, domid, &set), 0);
    assert_int_equal(machine_build(s->m, domid, &image, &built), 0);
    assert_string_equal(built.guest_type, "hvm-3.0-x86_64");
    assert_int_equal(machine_rings(s->m, domid, &store_gfn, &store_port, &console_gfn, &console_port), 0);
    assert_int_equal(store_gfn, built.store_gfn);
    assert_int_equal(machine_domain(s->m, domid, &info), 0);
    assert_true(info.is_hvm);
    assert_int_equal(machine_info(s->m, &after), 0);
    assert_true(before.free_kib - after.free_kib >= 8192);
    assert_int_equal(machine_destroy(s->m, domid), 0);
    assert_true(machine_turn(s->m));
    assert_int_equal(machine_info(s->m, &after), 0);
    assert_int_equal(before.free_kib, after.free_kib);
}

static void test_domids_come_again_late(void **state)
{
    struct seen *s = *state;
    uint32_t first = create(s), second;

    assert_int_equal(machine_destroy(s->m, first), 0);
    second = create(s);
    assert_int_equal(second, first + 1);
    for (uint32_t i = second; i < 0x7FF0 - 1; i++) {
        uint32_t domid = create(s);

        assert_int_equal(domid, i + 1);
        assert_int_equal(machine_destroy(s->m, domid), 0);
        (void)machine_turn(s->m);
        s->n = 0;
    }
    assert_int_equal(create(s), first);
}

static void test_pauses_are_counted(void **state)
{
    struct seen *s = *state;
    uint32_t domid = build(s);
    struct hyp_info info;

    assert_false(machine_runs(s->m, domid));
    assert_int_equal(machine_pause(s->m, domid), 0);
    assert_int_equal(machine_unpause(s->m, domid), 0);
    assert_false(machine_runs(s->m, domid));
    assert_int_equal(machine_unpause(s->m, domid), 0);
    assert_true(machine_runs(s->m, domid));
    assert_int_equal(machine_unpause(s->m, domid), -EINVAL);
    assert_int_equal(machine_domain(s->m, domid, &info), 0);
    assert_true(info.is_blocked && !info.is_paused && !info.is_shutdown);
}

static void test_changes_in_order(void **state)
{
    static const enum machine_change wanted[] = {MACHINE_STARTED, MACHINE_SHUTDOWN, MACHINE_DYING, MACHINE_GONE};
    struct seen *s = *state;
    uint32_t domid = run(s);
    struct hyp_info info;

    assert_int_equal(machine_shutdown(s->m, domid, MACHINE_REBOOT), 0);
    assert_int_equal(machine_shutdown(s->m, domid, MACHINE_CRASH), 0);
    assert_int_equal(machine_domain(s->m, domid, &info), 0);
    assert_true(info.is_shutdown);
    assert_int_equal(info.shutdown_reason, 1);
    assert_int_equal(s->n, 1); /* nobody is called in the middle of a change */
    assert_int_equal(machine_destroy(s->m, domid), 0);
    while (machine_turn(s->m))
        ;
    assert_int_equal(s->n, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(s->changes[i].domid, domid);
        assert_int_equal(s->changes[i].what, wanted[i]);
    }
}

static void test_time_is_used(void **state)
{
    struct seen *s = *state;
    uint32_t domid = build(s);
    struct hyp_info info;
    uint64_t used;

    machine_set_time(s->m, 1000000);
    assert_int_equal(machine_domain(s->m, 0, &info), 0);
    assert_int_equal(info.cpu_time_ns, 0);
    assert_int_equal(machine_domain(s->m, domid, &info), 0);
    assert_int_equal(info.cpu_time_ns, 0);
    assert_int_equal(machine_unpause(s->m, domid), 0);
    machine_set_time(s->m, 1001000);
    assert_int_equal(machine_domain(s->m, domid, &info), 0);
    used = info.cpu_time_ns;
    assert_true(used > 1000000);
    assert_int_equal(machine_pause(s->m, domid), 0);
    machine_set_time(s->m, 2000000);
    assert_int_equal(machine_domain(s->m, domid, &info), 0);
    assert_int_equal(info.cpu_time_ns, used);
}

static void test_pages(void **state)
{
    struct seen *s = *state;
    uint32_t domid = build(s);
    int64_t gfn = machine_take_page(s->m, domid), again;
    char *page;

    assert_true(gfn > 0);
    page = machine_page(s->m, domid, (uint64_t)gfn);
    assert_non_null(page);
    assert_int_equal(page[0], 0);
    page[0] = 'x';
    machine_give_page(s->m, domid, (uint64_t)gfn);
    again = machine_take_page(s->m, domid);
    assert_int_equal(again, gfn);
    page = machine_page(s->m, domid, (uint64_t)again);
    assert_int_equal(page[0], 0);
    assert_null(machine_page(s->m, domid, GUEST_KIB / 4));
    for (int i = 0; i < GUEST_KIB / 4; i++)
        again = machine_take_page(s->m, domid);
    assert_int_equal(again, -ENOMEM);
}

static void test_grants(void **state)
{
    struct seen *s = *state;
    uint32_t domid = run(s), other = run(s);
    uint64_t gfn = (uint64_t)machine_take_page(s->m, domid);
    int ref = machine_grant(s->m, domid, other, gfn, true);
    void *page = NULL;

    assert_true(ref >= 8);
    assert_int_equal(machine_map(s->m, 0, domid, (uint32_t)ref, false, &page), -EPERM);
    assert_int_equal(machine_map(s->m, other, domid, (uint32_t)ref, true, &page), -EPERM);
    assert_int_equal(machine_map(s->m, other, domid, 7, false, &page), -EINVAL);
    assert_int_equal(machine_map(s->m, other, domid, 100000, false, &page), -EINVAL);
    assert_int_equal(machine_map(s->m, other, 99, (uint32_t)ref, false, &page), -ESRCH);
    assert_int_equal(machine_map(s->m, other, domid, (uint32_t)ref, false, &page), 0);
    assert_ptr_equal(page, machine_page(s->m, domid, gfn));
    assert_int_equal(machine_ungrant(s->m, domid, (uint32_t)ref), -EBUSY);
    assert_int_equal(machine_unmap(s->m, other, domid, (uint32_t)ref), 0);
    assert_int_equal(machine_unmap(s->m, other, domid, (uint32_t)ref), -EINVAL);
    assert_int_equal(machine_ungrant(s->m, domid, (uint32_t)ref), 0);
    assert_int_equal(machine_ungrant(s->m, domid, (uint32_t)ref), -ENOENT);
    assert_int_equal(machine_grant(s->m, domid, 0, GUEST_KIB, false), -EINVAL);
    for (int i = 0; i < 600; i++)
        ref = machine_grant(s->m, domid, 0, gfn, false);
    assert_int_equal(ref, -ENOSPC);
}

static void test_reserved_grants(void **state)
{
    struct seen *s = *state;
    uint32_t domid = build(s), port;
    uint64_t store, console;
    void *page = NULL;

    assert_int_equal(machine_rings(s->m, domid, &store, &port, &console, &port), 0);
    assert_int_equal(machine_map(s->m, 0, domid, 0, true, &page), 0);
    assert_ptr_equal(page, machine_page(s->m, domid, console));
    assert_int_equal(machine_map(s->m, 0, domid, 1, true, &page), 0);
    assert_ptr_equal(page, machine_page(s->m, domid, store));
}

static void test_mapped_pages_outlive(void **state)
{
    struct seen *s = *state;
    uint32_t domid = run(s);
    uint64_t before = free_kib(s);
    struct hyp_info info;
    char *page = NULL;
    void *map = NULL;

    assert_int_equal(machine_map(s->m, 0, domid, 1, true, &map), 0);
    page = map;
    page[0] = 'x';
    assert_int_equal(machine_destroy(s->m, domid), 0);
    assert_int_equal(machine_domain(s->m, domid, &info), 0);
    assert_true(info.is_dying);
    assert_int_equal(info.mem_kib, 4);
    assert_int_equal(page[0], 'x');
    assert_int_equal(free_kib(s), before + GUEST_KIB - 4);
    assert_int_equal(machine_map(s->m, 0, domid, 1, true, &map), -ESRCH);
    assert_int_equal(machine_unmap(s->m, 0, domid, 1), 0);
    assert_int_equal(machine_domain(s->m, domid, &info), -ESRCH);
}

static void test_maps_of_the_dead_are_undone(void **state)
{
    struct seen *s = *state;
    uint32_t a = run(s), b = run(s);
    int ref = machine_grant(s->m, a, b, 1, false);
    struct hyp_info info;
    void *map = NULL;

    assert_int_equal(machine_map(s->m, b, a, (uint32_t)ref, true, &map), 0);
    assert_int_equal(machine_map(s->m, b, a, (uint32_t)ref, true, &map), 0);
    assert_int_equal(machine_destroy(s->m, a), 0);
    assert_int_equal(machine_domain(s->m, a, &info), 0);
    assert_int_equal(machine_destroy(s->m, b), 0);
    assert_int_equal(machine_domain(s->m, a, &info), -ESRCH);
    assert_int_equal(machine_domain(s->m, b, &info), -ESRCH);
}

static void test_event_channels(void **state)
{
    struct seen *s = *state;
    uint32_t domid = run(s);
    int theirs = machine_evtchn_alloc(s->m, domid, 0), mine;

    assert_true(theirs > 0);
    assert_int_equal(machine_evtchn_bind(s->m, 0, domid, 14), -EINVAL);
    assert_int_equal(machine_evtchn_bind(s->m, 0, 99, (uint32_t)theirs), -ESRCH);
    assert_int_equal(machine_evtchn_bind(s->m, domid, domid, (uint32_t)theirs), -EINVAL);
    mine = machine_evtchn_bind(s->m, 0, domid, (uint32_t)theirs);
    assert_true(mine > 0);
    assert_int_equal(machine_evtchn_bind(s->m, 0, domid, (uint32_t)theirs), -EINVAL);
    /* A kick before anybody listens stays pending; two kicks are one call. */
    assert_int_equal(machine_evtchn_send(s->m, 0, (uint32_t)mine), 0);
    assert_int_equal(machine_evtchn_send(s->m, 0, (uint32_t)mine), 0);
    assert_int_equal(machine_evtchn_listen(s->m, domid, (uint32_t)theirs, on_kick, s), 0);
    assert_int_equal(s->kicks, 0);
    assert_true(machine_turn(s->m));
    assert_int_equal(s->kicks, 1);
    assert_false(machine_turn(s->m));
    assert_int_equal(machine_evtchn_close(s->m, 0, (uint32_t)mine), 0);
    assert_int_equal(machine_evtchn_close(s->m, 0, (uint32_t)mine), -EINVAL);
    assert_int_equal(machine_evtchn_send(s->m, domid, (uint32_t)theirs), 0);
    assert_int_equal(machine_evtchn_send(s->m, domid, 14), -EINVAL);
}

static void test_paused_guests_hear_later(void **state)
{
    struct seen *s = *state;
    uint32_t domid = run(s);
    int theirs = machine_evtchn_alloc(s->m, domid, 0);
    int mine = machine_evtchn_bind(s->m, 0, domid, (uint32_t)theirs);

    assert_int_equal(machine_evtchn_listen(s->m, domid, (uint32_t)theirs, on_kick, s), 0);
    assert_int_equal(machine_pause(s->m, domid), 0);
    assert_int_equal(machine_evtchn_send(s->m, 0, (uint32_t)mine), 0);
    while (machine_turn(s->m))
        ;
    assert_int_equal(s->kicks, 0);
    assert_int_equal(machine_unpause(s->m, domid), 0);
    while (machine_turn(s->m))
        ;
    assert_int_equal(s->kicks, 1);
}

static void test_ports_end(void **state)
{
    struct seen *s = *state;
    uint32_t domid = run(s);
    int port = 0, mine;

    mine = machine_evtchn_bind(s->m, 0, domid, 1);
    assert_true(mine > 0);
    assert_int_equal(machine_evtchn_listen(s->m, 0, (uint32_t)mine, on_kick, s), 0);
    while (machine_turn(s->m))
        ;
    s->kicks = 0;
    for (int i = 0; i < 32; i++)
        port = machine_evtchn_alloc(s->m, domid, 0);
    assert_int_equal(port, -ENOSPC);
    assert_int_equal(machine_evtchn_send(s->m, domid, 1), 0);
    assert_int_equal(machine_destroy(s->m, domid), 0);
    while (machine_turn(s->m))
        ;
    assert_int_equal(s->kicks, 1); /* sent before the end: it arrives */
    assert_int_equal(machine_evtchn_send(s->m, 0, (uint32_t)mine), 0);
    assert_int_equal(machine_evtchn_close(s->m, 0, (uint32_t)mine), 0);
}

static void test_looking(void **state)
{
    struct seen *s = *state;
    uint32_t a = build(s), b = build(s);
    struct hyp_sched sched;
    struct hyp_info info;

    assert_int_equal(machine_next(s->m, 0, &info), 0);
    assert_int_equal(info.domid, 0);
    assert_int_equal(machine_next(s->m, 1, &info), 0);
    assert_int_equal(info.domid, a);
    assert_int_equal(machine_next(s->m, a + 1, &info), 0);
    assert_int_equal(info.domid, b);
    assert_int_equal(machine_next(s->m, b + 1, &info), -ESRCH);
    assert_int_equal(machine_sched(s->m, a, &sched), 0);
    assert_int_equal(sched.weight, 300);
    assert_string_equal(machine_cmdline(s->m, a), "quiet");
    assert_string_equal(machine_kernel_path(s->m, a), "/boot/k");
    assert_null(machine_cmdline(s->m, 0));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_memory),
        TEST(test_too_much_memory),
        TEST(test_refusals),
        TEST(test_hvm_guests_have_memory_and_rings),
        TEST(test_domids_come_again_late),
        TEST(test_pauses_are_counted),
        TEST(test_changes_in_order),
        TEST(test_time_is_used),
        TEST(test_pages),
        TEST(test_grants),
        TEST(test_reserved_grants),
        TEST(test_mapped_pages_outlive),
        TEST(test_maps_of_the_dead_are_undone),
        TEST(test_event_channels),
        TEST(test_paused_guests_hear_later),
        TEST(test_ports_end),
        TEST(test_looking),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
