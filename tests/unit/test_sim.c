/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the simulated host does what is due when it is due, and its store
 * is reached through rings of real pages and kicks. No clock is read here.
 */
#include <errno.h>
#include <stdatomic.h>

#include "sim/sim.h"
#include "sim/world.h"
#include "unit.h"

enum { GUEST_KIB = 8192 };

/* As io/xs_wire.h lays the page out. */
struct ring_page {
    char req[1024], rsp[1024];
    uint32_t req_cons, req_prod, rsp_cons, rsp_prod;
};

static int setup(void **state)
{
    *state = sim_new(world_default());
    assert_non_null(*state);
    return 0;
}

static int teardown(void **state)
{
    struct sim *s = *state;
    char *why = NULL;

    if (machine_check(sim_machine(s), &why) < 0 || domostore_check(sim_store(s), &why) < 0)
        print_error("%s\n", why);
    assert_null(why);
    *state = sim_free(s);
    return 0;
}

static uint32_t guest(struct sim *s)
{
    const struct hyp_domain_new fresh = {.max_vcpus = 1, .max_evtchn_port = 1023, .max_grant_frames = -1};
    const struct hyp_setup set = {.max_vcpus = 1, .max_mem_kib = GUEST_KIB, .sched_cap = -1};
    struct hyp_image image = {.mem_kib = GUEST_KIB, .max_vcpus = 1};
    struct machine *m = sim_machine(s);
    struct hyp_built built;
    uint32_t domid;

    assert_int_equal(machine_create(m, &fresh, &domid), 0);
    assert_int_equal(machine_setup(m, domid, &set), 0);
    image.store_evtchn = (uint32_t)machine_evtchn_alloc(m, domid, 0);
    image.console_evtchn = (uint32_t)machine_evtchn_alloc(m, domid, 0);
    assert_int_equal(machine_build(m, domid, &image, &built), 0);
    assert_int_equal(domostore_introduce(sim_store(s), (uint16_t)domid, built.store_gfn, image.store_evtchn), 0);
    return domid;
}

struct mark {
    struct sim *s;
    int64_t at_ms;
    int calls;
};

static void note(void *arg)
{
    struct mark *mark = arg;

    mark->at_ms = sim_now_ms(mark->s);
    mark->calls++;
}

static void again(void *arg)
{
    struct mark *mark = arg;

    note(arg);
    if (mark->calls < 1000)
        assert_true(sim_at(mark->s, sim_now_ms(mark->s) + 1000, again, mark) > 0);
}

static void test_timers(void **state)
{
    struct sim *s = *state;
    struct mark a = {.s = s}, b = {.s = s}, c = {.s = s};
    int64_t cancelled;

    assert_true(sim_at(s, 300, note, &b) > 0);
    assert_true(sim_at(s, 100, note, &a) > 0);
    cancelled = sim_at(s, 200, note, &c);
    assert_true(cancelled > 0);
    assert_int_equal(sim_step(s, 50), 100);
    assert_int_equal(a.calls, 0);
    sim_cancel(s, cancelled);
    sim_cancel(s, cancelled);
    assert_int_equal(sim_step(s, 250), 300);
    assert_true(a.calls == 1 && a.at_ms == 250 && b.calls == 0);
    assert_int_equal(sim_step(s, 300), -1);
    assert_true(b.calls == 1 && c.calls == 0);
}

static void test_a_thousand_seconds(void **state)
{
    struct sim *s = *state;
    struct mark a = {.s = s};
    int64_t now = 0, next;

    assert_true(sim_at(s, 1000, again, &a) > 0);
    while ((next = sim_step(s, now)) >= 0)
        now = next;
    assert_int_equal(a.calls, 1000);
    assert_int_equal(sim_now_ms(s), 1000000);
}

/* Puts a request into the guest's ring and kicks; then what came back is in "reply". */
static size_t ask(struct sim *s, uint32_t domid, uint32_t type, const char *payload, char *reply, size_t max)
{
    struct machine *m = sim_machine(s);
    uint64_t store_gfn, console_gfn;
    uint32_t store_port, console_port, head[4] = {type, 7, 0, (uint32_t)strlen(payload) + 1}, n;
    struct ring_page *page;

    assert_int_equal(machine_rings(m, domid, &store_gfn, &store_port, &console_gfn, &console_port), 0);
    page = machine_page(m, domid, store_gfn);
    assert_non_null(page);
    page->rsp_cons = page->rsp_prod;
    n = page->req_prod;
    for (size_t i = 0; i < sizeof head; i++)
        page->req[n++ % sizeof page->req] = ((const char *)head)[i];
    for (size_t i = 0; i < head[3]; i++)
        page->req[n++ % sizeof page->req] = payload[i];
    page->req_prod = n;
    assert_int_equal(machine_evtchn_send(m, domid, store_port), 0);
    (void)sim_step(s, sim_now_ms(s));
    n = 0;
    for (uint32_t i = page->rsp_cons; i != page->rsp_prod && n < max; i++)
        reply[n++] = page->rsp[i % sizeof page->rsp];
    return n;
}

static void test_a_ring_reaches_the_store(void **state)
{
    enum { XS_READ = 2, XS_GET_DOMAIN_PATH = 10, XS_ERROR = 16, HEAD = 16 };
    struct sim *s = *state;
    uint32_t domid = guest(s), type = 0;
    struct hyp_info info;
    char reply[128];
    size_t n;

    assert_int_equal(machine_unpause(sim_machine(s), domid), 0);
    n = ask(s, domid, XS_READ, "/nothing", reply, sizeof reply);
    assert_true(n > HEAD);
    memcpy(&type, reply, sizeof type);
    assert_int_equal(type, XS_ERROR);
    assert_memory_equal(reply + HEAD, "EACCES", 7);
    n = ask(s, domid, XS_GET_DOMAIN_PATH, "0", reply, sizeof reply);
    assert_int_equal(n, HEAD + sizeof "/local/domain/0");
    assert_memory_equal(reply + HEAD, "/local/domain/0", n - HEAD);
    /* Dying, the store lets go of the ring: nothing of the domain is left. */
    assert_int_equal(machine_destroy(sim_machine(s), domid), 0);
    assert_int_equal(machine_domain(sim_machine(s), domid, &info), 0);
    (void)sim_step(s, 1);
    assert_int_equal(machine_domain(sim_machine(s), domid, &info), -ESRCH);
}

static void test_introduce_is_refused(void **state)
{
    struct sim *s = *state;
    struct hyp_info info;
    uint32_t domid = guest(s);

    assert_int_equal(domostore_introduce(sim_store(s), 99, 1, 1), -ENOENT);
    assert_int_equal(domostore_introduce(sim_store(s), (uint16_t)domid, 1, 1), 0);
    assert_int_equal(machine_destroy(sim_machine(s), domid), 0);
    (void)sim_step(s, 1);
    assert_int_equal(machine_domain(sim_machine(s), domid, &info), -ESRCH);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_timers),
        TEST(test_a_thousand_seconds),
        TEST(test_a_ring_reaches_the_store),
        TEST(test_introduce_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
