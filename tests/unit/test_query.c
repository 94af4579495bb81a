/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: looking at guests tells what is there, about one or about all; a guest that goes meanwhile is no reason to
 * say nothing about the others; looking changes nothing.
 */
#include "unit.h"

#include "base/str.h"
#include "dev_fixture.h"
#include "dom/query.h"

static struct hyp_ops ops;
static int (*real_list)(struct host *, uint32_t, struct hyp_info *, size_t, size_t *, struct domo_err *);

/* A guest that was there when the hypervisor was asked, and is gone when it is looked at. */
enum { GHOST_DOMID = 99 };

static int list_with_ghost(struct host *h, uint32_t first, struct hyp_info *ret, size_t max, size_t *ret_n,
                           struct domo_err *err)
{
    if (real_list(h, first, ret, max, ret_n, err))
        return -1;
    if (first <= GHOST_DOMID && *ret_n < max)
        ret[(*ret_n)++] = (struct hyp_info){.domid = GHOST_DOMID, .is_running = true};
    return 0;
}

static int setup(void **state)
{
    struct fixture *x;

    if (fixture_setup(state))
        return -1;
    x = *state;
    ops = *x->f->host.hyp;
    real_list = ops.list;
    ops.list = list_with_ghost;
    return 0;
}

static const struct json *row_of(const struct json *list, int domid)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (json_get_int(json_at(list, i, NULL), "domid", -1) == domid)
            return json_at(list, i, NULL);
    return NULL;
}

static void test_list(void **state)
{
    struct fixture *x = *state;
    struct json *AUTO_JSON all = NULL, *AUTO_JSON one = NULL;
    uint32_t domid = GUEST_DOMID, none = 55;
    const struct json *row;

    assert_int_equal(query_list(&x->f->host, NULL, &all, &x->err), 0);
    assert_int_equal(json_len(all), 2);
    assert_non_null(row_of(all, 0));
    row = row_of(all, GUEST_DOMID);
    assert_string_equal(json_get_str(row, "name", ""), "web");
    assert_string_equal(json_get_str(row, "uuid", ""), GUEST_UUID);
    assert_int_equal(query_list(&x->f->host, &domid, &one, &x->err), 0);
    assert_int_equal(json_len(one), 1);
    assert_true(json_equal(json_at(one, 0, NULL), row));
    json_free(one);
    one = NULL;
    assert_int_equal(query_list(&x->f->host, &none, &one, &x->err), -1);
    assert_int_equal(x->err.code, DOMO_E_DOMAIN_NOT_FOUND);
}

static void test_tree_shows_devices(void **state)
{
    struct fixture *x = *state;
    struct json *AUTO_JSON tree = NULL;
    char *AUTO_FREE before = NULL;
    char *AUTO_FREE after = NULL;
    const struct json *devices;

    assert_int_equal(fixture_add_disk(x, "/srv/web.img,raw,xvda,w"), 0);
    assert_int_equal(fixture_attach(x, false), 0);
    before = fake_world(x->f);
    assert_int_equal(query_tree(&x->f->host, NULL, &tree, &x->err), 0);
    devices = json_get(row_of(tree, GUEST_DOMID), "devices");
    assert_int_equal(json_len(devices), 1);
    assert_string_equal(json_get_str(json_at(devices, 0, NULL), "kind", ""), "vbd");
    after = fake_world(x->f);
    assert_string_equal(before, after);
}

static void test_a_guest_that_goes_is_left_out(void **state)
{
    struct fixture *x = *state;
    struct json *AUTO_JSON tree = NULL, *AUTO_JSON one = NULL;
    uint32_t ghost = GHOST_DOMID;

    x->f->host.hyp = &ops;
    assert_int_equal(query_tree(&x->f->host, NULL, &tree, &x->err), 0);
    assert_non_null(row_of(tree, GUEST_DOMID));
    assert_null(row_of(tree, GHOST_DOMID));
    /* Asked for by number, its absence is the answer. */
    assert_int_equal(query_tree(&x->f->host, &ghost, &one, &x->err), -1);
    assert_int_equal(x->err.code, DOMO_E_DOMAIN_NOT_FOUND);
}

static void test_each_failure_is_told(void **state)
{
    struct fixture *x = *state;
    struct json *tree = NULL;
    uint64_t k, calls;

    x->f->calls = 0;
    assert_int_equal(query_tree(&x->f->host, NULL, &tree, &x->err), 0);
    tree = json_free(tree);
    calls = x->f->calls;
    assert_true(calls > 3);
    for (k = 1; k <= calls; k++) {
        x->f->calls = 0;
        x->f->fail_call = k;
        x->f->failing_done = false;
        assert_int_equal(query_tree(&x->f->host, NULL, &tree, &x->err), -1);
        assert_true(x->f->failing_done);
        assert_int_equal(x->err.code, DOMO_E_IO);
        x->f->fail_call = 0;
    }
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_list),
        TEST(test_tree_shows_devices),
        TEST(test_a_guest_that_goes_is_left_out),
        TEST(test_each_failure_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
