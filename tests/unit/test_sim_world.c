/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a world's file says what it means, and every mistake in it is named
 * with its place.
 */
#include <errno.h>
#include <stdio.h>

#include "base/fs.h"
#include "sim/world.h"
#include "unit.h"

static struct world *parse(const char *text)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct world *w = NULL;

    if (world_parse("w.json", text, strlen(text), &w, &err) < 0)
        print_error("%s\n", err.msg);
    assert_non_null(w);
    return w;
}

static void test_default(void **state)
{
    struct world *w = parse("{}");

    (void)state;
    assert_int_equal(w->size.mem_kib, 16 << 20);
    assert_int_equal(w->size.cpus, 4);
    assert_true(world_has_back(w, "vbd") && world_has_back(w, "vif") && !world_has_back(w, "banana"));
    assert_int_equal(w->bridge_count, 1);
    assert_string_equal(w->bridges[0], "xenbr0");
    assert_int_equal(world_rule(w, "any", "/boot/any", 1)->manner, GUEST_NORMAL);
    (void)world_free(w);
}

static void test_all_keys(void **state)
{
    struct world *w = parse("{\"memory_mib\": 4096, \"dom0_mib\": 512, \"cpus\": 8,"
                            " \"back_ends\": {\"vbd\": false, \"vif\": true, \"delay_ms\": 7},"
                            " \"bridges\": [\"a\", \"b\"], \"loop_devices\": 3,"
                            " \"guests\": [{\"name\": \"bad-*\", \"kernel\": \"/boot/*\", \"order\": 2,"
                            "   \"manner\": \"refuses-unplug\", \"delay_ms\": 5, \"boot_ms\": 6,"
                            "   \"serves\": [\"vif\"]}],"
                            " \"faults\": [{\"op\": \"hyp.*\", \"nth\": 1, \"errno\": \"ENOMEM\"},"
                            "   {\"op\": \"store.write\", \"delay_ms\": 10}],"
                            " \"store_quotas\": {\"nodes\": 10, \"transactions\": 0}}");
    const struct world_guest *g;

    (void)state;
    assert_int_equal(w->size.mem_kib, 4096 * 1024);
    assert_int_equal(w->size.dom0_kib, 512 * 1024);
    assert_int_equal(w->size.cpus, 8);
    assert_true(!world_has_back(w, "vbd") && world_has_back(w, "vif") && w->back_delay_ms == 7);
    assert_true(w->has_loop_limit && w->loop_limit == 3);
    assert_true(w->bridge_count == 2 && strcmp(w->bridges[1], "b") == 0);
    g = world_rule(w, "bad-one", "/boot/k", 2);
    assert_true(g->manner == GUEST_REFUSES_UNPLUG && g->delay_ms == 5 && g->boot_ms == 6);
    assert_true(world_serves(g, "vif") && !world_serves(g, "vbd") && !world_serves(g, "qdisk"));
    assert_int_equal(world_rule(w, "bad-one", "/boot/k", 3)->manner, GUEST_NORMAL);
    assert_int_equal(world_rule(w, "good", "/boot/k", 2)->manner, GUEST_NORMAL);
    assert_int_equal(world_rule(w, "bad-one", NULL, 2)->manner, GUEST_NORMAL);
    assert_true(w->fault_count == 2 && w->faults[0].sys == ENOMEM && w->faults[0].nth == 1);
    assert_true(w->faults[1].sys == 0 && w->faults[1].delay_ms == 10);
    assert_true(w->quota_count == 2 && w->quotas[0].value == 10 && strcmp(w->quotas[1].name, "transactions") == 0);
    (void)world_free(w);
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *text;
        enum domo_code code;
        const char *place, *hint;
    } rows[] = {
        {"{", DOMO_E_CONFIG_SYNTAX, "w.json", ""},
        {"[]", DOMO_E_CONFIG_TYPE, "the whole", ""},
        {"{\"memroy_mib\": 1}", DOMO_E_CONFIG_UNKNOWN_KEY, "memroy_mib", "memory_mib"},
        {"{\"memory_mib\": \"1\"}", DOMO_E_CONFIG_TYPE, "memory_mib", ""},
        {"{\"memory_mib\": -1}", DOMO_E_CONFIG_VALUE, "memory_mib", ""},
        {"{\"memory_mib\": 1.5}", DOMO_E_CONFIG_TYPE, "memory_mib", ""},
        {"{\"memory_mib\": 128, \"dom0_mib\": 128}", DOMO_E_CONFIG_CONFLICT, "dom0_mib", ""},
        {"{\"cpus\": 0}", DOMO_E_CONFIG_VALUE, "cpus", ""},
        {"{\"back_ends\": {\"vdb\": true}}", DOMO_E_CONFIG_UNKNOWN_KEY, "back_ends: 'vdb'", "vbd"},
        {"{\"back_ends\": {\"vbd\": 1}}", DOMO_E_CONFIG_TYPE, "back_ends.vbd", ""},
        {"{\"loop_devices\": -1}", DOMO_E_CONFIG_VALUE, "loop_devices", ""},
        {"{\"bridges\": [\"\"]}", DOMO_E_CONFIG_VALUE, "bridges[0]", ""},
        {"{\"bridges\": [\"a\", \"sixteen-letters-\"]}", DOMO_E_CONFIG_VALUE, "bridges[1]", ""},
        {"{\"guests\": [{}]}", DOMO_E_CONFIG_MISSING, "guests[0]", ""},
        {"{\"guests\": [{\"manner\": \"slwo\"}]}", DOMO_E_CONFIG_VALUE, "guests[0].manner", "slow"},
        {"{\"guests\": [{\"manner\": \"x\"}]}", DOMO_E_CONFIG_VALUE, "guests[0].manner", "never-connects"},
        {"{\"guests\": [{\"manner\": \"slow\", \"serves\": [\"vdb\"]}]}", DOMO_E_CONFIG_VALUE, "guests[0].serves[0]",
         "vbd"},
        {"{\"guests\": {}}", DOMO_E_CONFIG_TYPE, "guests", ""},
        {"{\"faults\": [{\"op\": \"hyp.crate\"}]}", DOMO_E_CONFIG_VALUE, "faults[0].op", "hyp.create"},
        {"{\"faults\": [{\"op\": \"hyp.create\"}]}", DOMO_E_CONFIG_MISSING, "faults[0]", ""},
        {"{\"faults\": [{\"op\": \"hyp.create\", \"errno\": \"ENOPE\"}]}", DOMO_E_CONFIG_VALUE, "faults[0].errno", ""},
        {"{\"store_quotas\": {\"node\": 1}}", DOMO_E_CONFIG_VALUE, "store_quotas", "nodes"},
        {"{\"store_quotas\": {\"nodes\": true}}", DOMO_E_CONFIG_TYPE, "store_quotas.nodes", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct domo_err err = DOMO_ERR_INIT;
        struct world *w = NULL;

        if (world_parse("w.json", rows[i].text, strlen(rows[i].text), &w, &err) == 0)
            fail_msg("accepted: %s", rows[i].text);
        if (err.code != rows[i].code || !strstr(err.msg, rows[i].place) || !strstr(err.hint, rows[i].hint))
            fail_msg("%s gave %s: %s (%s)", rows[i].text, err_id(err.code), err.msg, err.hint);
        assert_true(strncmp(err.msg, "w.json: ", 8) == 0);
        assert_null(w);
    }
}

static void test_examples(void **state)
{
    static const char *const names[] = {"faults", "large", "no-back-ends", "troubled"};
    const char *top = getenv("srcdir");
    char path[512], *text = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t len = 0;

        (void)snprintf(path, sizeof path, "%s/examples/world-%s.json", top ? top : ".", names[i]);
        assert_int_equal(fs_read(path, 1 << 20, &text, &len), 0);
        (void)world_free(parse(text));
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_default),
        cmocka_unit_test(test_all_keys),
        cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_examples),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
