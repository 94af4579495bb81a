/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: every row of every grammar says what it is; its example is read,
 * printed, turned into libxl's JSON and back without a loss; what is wrong is
 * a finding that names the key, and the value is not taken.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "dev/grammar.h"

static const struct conf_pos at = {.line = 1, .column = 1, .length = 1};

static int parse(const struct dev_grammar *g, const char *text, struct dev_spec *ret, struct str *findings)
{
    struct diags d;
    int r;

    diags_init(&d);
    assert_int_equal(diags_source(&d, "t", text), 0);
    r = dev_spec_parse(g, text, at, &d, ret);
    assert_int_equal(r != 0, d.errors != 0);
    if (findings)
        diags_print(&d, findings);
    diags_fini(&d);
    return r;
}

static void assert_same(const struct dev_spec *a, const struct dev_spec *b)
{
    assert_int_equal(a->parts.len, b->parts.len);
    for (size_t i = 0; i < a->parts.len; i++)
        assert_same(&a->parts.at[i], &b->parts.at[i]);
    for (size_t i = 0; i < a->grammar->n; i++) {
        const char *key = a->grammar->keys[i].name;

        if (!str_eq(dev_spec_get(a, key), dev_spec_get(b, key))) {
            print_error("%s: %s\n", a->grammar->key, key);
            fail();
        }
    }
}

static void check_round_trips(const struct dev_spec *s)
{
    char *text = dev_spec_print(s);
    struct json *j = dev_spec_to_libxl(s);
    struct dev_spec again;

    assert_non_null(text);
    assert_int_equal(parse(s->grammar, text, &again, NULL), 0);
    assert_same(s, &again);
    dev_spec_fini(&again);
    assert_int_equal(dev_spec_copy(s, &again), 0);
    assert_same(s, &again);
    dev_spec_fini(&again);
    assert_non_null(j);
    assert_int_equal(dev_spec_from_libxl(s->grammar, j, &again), 0);
    assert_same(s, &again);
    dev_spec_fini(&again);
    (void)json_free(j);
    free(text);
}

static bool has_words(const struct dev_key *key)
{
    return key->type == DEV_KEY_WORD || key->type == DEV_KEY_WORDS;
}

/* The row of a level of the grammar, behind good examples of the levels above. */
static void check_row(const struct dev_grammar *outer, const struct dev_grammar *g, const struct dev_key *key)
{
    const struct dev_spec *level;
    struct str text = STR_INIT;
    struct dev_spec s;

    if (!key->doc || key->doc[strlen(key->doc) - 1] != '.' || !key->example || has_words(key) != !!key->words)
        fail_msg("%s: the row '%s' is not complete", g->key, key->name);
    for (const struct dev_grammar *above = outer;; above = above->inner) {
        char *one = dev_grammar_example(above, above == g ? key->name : NULL);

        str_addf(&text, "%s%s", text.len ? "," : "", one);
        free(one);
        if (above == g)
            break;
    }
    if (parse(outer, str_text(&text), &s, NULL))
        fail_msg("%s: '%s' is not read", g->key, str_text(&text));
    for (level = &s; level->grammar != g; level = &level->parts.at[0])
        assert_int_equal(level->parts.len, 1);
    assert_string_equal(dev_spec_get(level, key->name), key->example);
    check_round_trips(&s);
    dev_spec_fini(&s);
    str_fini(&text);
}

static void test_rows(void **state)
{
    (void)state;
    for (size_t i = 0; dev_grammars[i]; i++) {
        assert_ptr_equal(dev_grammar_find(dev_grammars[i]->key), dev_grammars[i]);
        for (const struct dev_grammar *g = dev_grammars[i]; g; g = g->inner)
            for (size_t j = 0; j < g->n; j++)
                check_row(dev_grammars[i], g, &g->keys[j]);
    }
    assert_null(dev_grammar_find("nonsense"));
}

static void test_reference(void **state)
{
    (void)state;
    for (size_t i = 0; dev_grammars[i]; i++) {
        struct json *j = dev_grammar_reference(dev_grammars[i]);
        size_t row = 0;

        for (const struct dev_grammar *g = dev_grammars[i]; g; g = g->inner)
            for (size_t k = 0; k < g->n; k++, row++) {
                assert_string_equal(json_get_str(json_at(j, row, NULL), "name", ""), g->keys[k].name);
                assert_string_equal(json_get_str(json_at(j, row, NULL), "of", ""), g->word ? g->word : "");
            }
        assert_int_equal(json_len(j), row);
        (void)json_free(j);
    }
}

/* ---- levels ---- */

static void test_levels(void **state)
{
    static const char text[] = "CARD, short-name=Main, sample-formats=S16_LE;s8,PCM, name=a,stream, type=P,stream,"
                               "type=c,channels-max=2,pcm,name=b";
    struct nodes n = {.failed = false};
    struct dev_spec s;
    char *printed;

    (void)state;
    assert_int_equal(parse(&grammar_vsnd, text, &s, NULL), 0);
    printed = dev_spec_print(&s);
    assert_string_equal(printed, "card,short-name=Main,sample-formats=s16_le;s8,pcm,name=a,stream,type=p,stream,type=c,"
                                 "channels-max=2,pcm,name=b");
    check_round_trips(&s);
    dev_spec_nodes(&s, &n);
    assert_string_equal(nodes_get(&n, "sample-formats"), "s16_le,s8");
    assert_string_equal(nodes_get(&n, "0/1/channels-max"), "2");
    assert_string_equal(nodes_get(&n, "1/name"), "b");
    nodes_fini(&n);
    dev_spec_fini(&s);
    free(printed);
}

static void test_bad_levels(void **state)
{
    static const char *const bad[][2] = {
        {"", "a sound card begins with 'card'"},
        {"short-name=x", "a sound card begins with 'card'"},
        {"card,stream,type=p", "a sound stream comes behind the pcm that it belongs to"},
        {"card,pcm,short-name=x", "PCM device: there is no 'short-name='"},
        {"card,card", "each sound card is a list of its own"},
        {"card,pcm,stream,type=x", "did you mean 'p'?"},
        {"card,sample-rates=0;1", "sample-rates is a number from 1"},
        {"card,sample-rates=;", "this one is empty"},
        {"card,pcm,channels-min=3,channels-max=2", "channels-min is greater than channels-max"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct str findings = STR_INIT;
        struct dev_spec s;

        if (parse(&grammar_vsnd, bad[i][0], &s, &findings) == 0)
            fail_msg("'%s' is read", bad[i][0]);
        if (!strstr(str_text(&findings), bad[i][1]))
            fail_msg("'%s' gives:\n%s", bad[i][0], str_text(&findings));
        str_fini(&findings);
    }
}

/* ---- the engine, by a grammar of its own ---- */

static const char *refuse_cats(const char *value, const char **ret_hint)
{
    *ret_hint = "dogs are fine";
    return str_eq(value, "cat") ? "no cats here" : NULL;
}

static const struct dev_word words[] = {{"auto", "AUTO"}, {"manual", NULL}, {NULL, NULL}};
static const struct dev_key keys[] = {
    {.name = "which", .is_first = true, .required = true, .json = "which", .node = "which", .side = NODE_FRONT},
    {.name = "pet", .check = refuse_cats, .json = "home.pet"},
    {.name = "size", .type = DEV_KEY_NUMBER, .min = 1, .max = 99, .def = "7", .json = "size", .node = "size"},
    {.name = "loud", .type = DEV_KEY_FLAG, .json = "loud"},
    {.name = "fast", .type = DEV_KEY_SWITCH, .json = "fast"},
    {.name = "mode", .type = DEV_KEY_WORD, .words = words, .json = "mode"},
    {.name = "backend", .json = "backend_domname"},
};

static const char *check_together(const struct dev_spec *s, const char **ret_hint)
{
    *ret_hint = "leave one of them out";
    return dev_spec_flag(s, "loud") && dev_spec_flag(s, "fast") ? "loud and fast exclude each other" : NULL;
}

static const struct dev_grammar grammar = {
    .key = "toy", .json_list = "toys", .noun = "toy", .keys = keys, .n = ARRAY_LEN(keys), .check = check_together};

static void test_good(void **state)
{
    static const char *const good[][2] = {
        {"x", "x"},
        {"which=x", "x"},
        {" x, size=0x10,loud=1", "x,size=16,loud=1"},
        {"mode=auto,fast=0,which=a=b,pet=dog,backend=7", "which=a=b,pet=dog,fast=0,mode=auto,backend=7"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct dev_spec s;
        char *text;

        assert_int_equal(parse(&grammar, good[i][0], &s, NULL), 0);
        text = dev_spec_print(&s);
        assert_string_equal(text, good[i][1]);
        check_round_trips(&s);
        free(text);
        dev_spec_fini(&s);
    }
}

static void test_bad(void **state)
{
    static const char *const bad[][2] = {
        {"", "needs which="},
        {"x,y", "'y' is no key=value pair"},
        {"x,siz=3", "did you mean 'size='?"},
        {"x,size=0", "size is a number from 1 to 99, not '0'"},
        {"x,size=100", "not '100'"},
        {"x,size=7x", "not '7x'"},
        {"x,loud=yes", "loud is 0 or 1, not 'yes'"},
        {"x,mode=autp", "did you mean 'auto'?"},
        {"x,mode=zzzzzzzz", "one of: auto, manual"},
        {"x,pet=cat", "no cats here"},
        {"x,pet=dog,pet=fox", "pet is given twice: 'dog' before"},
        {"x,loud=1,fast=1", "loud and fast exclude each other"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct str findings = STR_INIT;
        struct dev_spec s;

        assert_int_not_equal(parse(&grammar, bad[i][0], &s, &findings), 0);
        if (!strstr(str_text(&findings), bad[i][1]))
            fail_msg("'%s' gives:\n%s", bad[i][0], str_text(&findings));
        str_fini(&findings);
    }
}

static void test_values(void **state)
{
    struct nodes n = {.failed = false};
    struct dev_spec s;

    (void)state;
    assert_int_equal(parse(&grammar, "x,loud=1", &s, NULL), 0);
    assert_string_equal(dev_spec_get(&s, "size"), "7");
    assert_int_equal(dev_spec_number(&s, "size"), 7);
    assert_true(dev_spec_flag(&s, "loud"));
    assert_false(dev_spec_flag(&s, "fast"));
    assert_null(dev_spec_get(&s, "mode"));
    assert_int_equal(dev_spec_set(&s, "nonsense", "1"), -EINVAL);
    assert_int_equal(dev_spec_set(&s, "mode", "manual"), 0);
    dev_spec_nodes(&s, &n);
    assert_false(n.failed);
    assert_int_equal(n.list.len, 2);
    assert_string_equal(nodes_get(&n, "which"), "x");
    assert_string_equal(nodes_get(&n, "size"), "7");
    nodes_fini(&n);
    dev_spec_fini(&s);
}

static void test_json_of_libxl(void **state)
{
    static const char text[] = "{\"which\":\"x\",\"home\":{\"pet\":\"\"},\"fast\":\"<default>\",\"mode\":\"AUTO\","
                               "\"backend_domid\":9,\"devid\":3,\"more\":[]}";
    struct dev_spec s;
    struct json *j;

    (void)state;
    assert_int_equal(json_parse(text, strlen(text), &j, NULL), 0);
    assert_int_equal(dev_spec_from_libxl(&grammar, j, &s), 0);
    assert_null(dev_spec_get(&s, "pet"));
    assert_null(dev_spec_get(&s, "fast"));
    assert_string_equal(dev_spec_get(&s, "mode"), "auto");
    assert_string_equal(dev_spec_get(&s, "backend"), "9");
    assert_true(s.has_devid && s.devid == 3);
    dev_spec_fini(&s);
    (void)json_free(j);
    j = json_new_array();
    assert_int_equal(dev_spec_from_libxl(&grammar, j, &s), -EINVAL);
    (void)json_free(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),       cmocka_unit_test(test_reference),     cmocka_unit_test(test_levels),
        cmocka_unit_test(test_bad_levels), cmocka_unit_test(test_good),          cmocka_unit_test(test_bad),
        cmocka_unit_test(test_values),     cmocka_unit_test(test_json_of_libxl),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
