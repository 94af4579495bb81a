/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: findings read as they are pinned in tests/golden/conf, to the
 * caret; configs as people write them are accepted and survive the way to
 * text and back; what is stored for stock xl has the shape of its own files.
 */
#include "unit.h"

#include <stdio.h>
#include <sys/stat.h>

#include "conf_util.h"
#include "dom/spec.h"

static const struct spec_load checking = {.check_only = true};

static int read_spec(const char *name, const char *text, const struct spec_load *how, struct spec **ret,
                     struct str *findings)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct diags d;
    int r;

    diags_init(&d);
    r = spec_parse(name, text, how, &d, ret, &err);
    str_add(findings, "");
    diags_print(&d, findings);
    diags_fini(&d);
    return r;
}

static void check_bad(const char *path, const char *name)
{
    char *text = slurp(path), *golden = with_ending(path, ".out");
    const struct spec_load create = {.check_only = false};
    struct str findings = STR_INIT;
    struct spec *spec;

    assert_int_equal(read_spec(name, text, &create, &spec, &findings), -1);
    assert_golden(golden, str_text(&findings));
    str_fini(&findings);
    free(golden);
    free(text);
}

/* text -> spec -> text -> spec, and -> JSON -> spec. */
static void check_round_trips(const struct spec *spec)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct str findings = STR_INIT;
    char *printed = spec_print(spec);
    struct json *stored = spec_to_libxl(spec), *back;
    struct spec *again;

    /* A guest that boots by a loader which nothing acts on has lost it in print. */
    if (spec->kernel || spec->type == SPEC_TYPE_HVM) {
        assert_int_equal(read_spec("printed", printed, &checking, &again, &findings), 0);
        assert_true(spec_equal(spec, again));
        (void)spec_free(again);
    }
    assert_int_equal(spec_from_libxl(stored, &again, &err), 0);
    back = spec_to_libxl(again);
    assert_true(json_equal(stored, back));
    (void)json_free(back);
    (void)json_free(stored);
    (void)spec_free(again);
    str_fini(&findings);
    free(printed);
}

static void check_good(const char *path, const char *name)
{
    char *text = slurp(path), *golden = with_ending(path, ".out");
    struct str findings = STR_INIT;
    struct spec *spec;

    if (read_spec(name, text, &checking, &spec, &findings)) {
        print_error("%s", str_text(&findings));
        fail();
    }
    assert_golden(golden, str_text(&findings));
    check_round_trips(spec);
    (void)spec_free(spec);
    str_fini(&findings);
    free(golden);
    free(text);
}

static void check_example(const char *path, const char *name)
{
    const struct spec_load create = {.check_only = false};
    struct str findings = STR_INIT;
    char *text = slurp(path);
    struct spec *spec;

    if (read_spec(name, text, &create, &spec, &findings) || findings.len) {
        print_error("%s", str_text(&findings));
        fail();
    }
    check_round_trips(spec);
    (void)spec_free(spec);
    str_fini(&findings);
    free(text);
}

/* What xl leaves to libxl's defaults is written out by us, with the same value. */
static void fill_defaults(struct json *j)
{
    struct json *b = json_get(j, "b_info");
    struct json *bits;

    if (!json_get(b, "max_vcpus"))
        json_set_int(b, "max_vcpus", 1);
    if (!json_get(b, "avail_vcpus")) {
        bits = json_set_array(b, "avail_vcpus");
        json_add(bits, json_new_int(0));
    }
    if (!json_get(b, "max_memkb"))
        json_set_int(b, "max_memkb", 32 * 1024);
    if (!json_get(b, "target_memkb"))
        json_set_int(b, "target_memkb", 32 * 1024);
}

static void check_stored(const char *path, const char *name)
{
    char *text = slurp(path), *golden = with_ending(path, ".json"), *theirs = slurp(golden), *ours;
    struct str findings = STR_INIT;
    struct json *want, *got;
    struct spec *spec;

    assert_int_equal(read_spec(name, text, &checking, &spec, &findings), 0);
    assert_non_null(theirs);
    assert_int_equal(json_parse(theirs, strlen(theirs), &want, NULL), 0);
    fill_defaults(want);
    got = spec_to_libxl(spec);
    if (!json_equal(want, got)) {
        ours = json_print(got, JSON_PRETTY);
        print_error("%s differs; got:\n%s\n", golden, ours);
        free(ours);
        fail();
    }
    (void)json_free(want);
    (void)json_free(got);
    (void)spec_free(spec);
    str_fini(&findings);
    free(theirs);
    free(golden);
    free(text);
}

static int each_in(const char *dir, void (*each)(const char *, const char *))
{
    char *path = source_path(dir);
    int n = each_cfg(path, each);

    free(path);
    return n;
}

static void test_bad_configs(void **state)
{
    (void)state;
    assert_true(each_in("tests/golden/conf/bad", check_bad) >= 8);
}

static void test_good_configs(void **state)
{
    (void)state;
    assert_true(each_in("tests/golden/conf/good", check_good) >= 25);
}

static void test_examples(void **state)
{
    (void)state;
    assert_true(each_in("examples", check_example) >= 4);
}

static void test_stored_form(void **state)
{
    (void)state;
    assert_true(each_in("tests/golden/conf/libxl", check_stored) >= 6);
}

static unsigned corpus_refused;

static void check_corpus(const char *path, const char *name)
{
    struct spec_load how = {.check_only = true, .warn_unknown = true};
    char *text = slurp(path);
    struct str findings = STR_INIT;
    struct spec *spec;

    if (read_spec(name, text, &how, &spec, &findings)) {
        corpus_refused++;
        assert_non_null(strstr(str_text(&findings), "error: "));
    } else {
        check_round_trips(spec);
        (void)spec_free(spec);
    }
    str_fini(&findings);
    free(text);
}

/* Configs from the wild, where they are at hand beside the checkout: read without a crash, round trips hold. */
static void test_corpus(void **state)
{
    int n = each_in("../shared/corpus", check_corpus);

    (void)state;
    if (n > 0)
        print_message("corpus: %d configs, %u refused\n", n, corpus_refused);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bad_configs), cmocka_unit_test(test_good_configs), cmocka_unit_test(test_examples),
        cmocka_unit_test(test_stored_form), cmocka_unit_test(test_corpus),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
