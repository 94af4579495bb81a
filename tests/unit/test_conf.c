/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: xl.cfg text becomes settings with their places, whatever its line
 * ends, quotes and nesting; what is wrong is reported where it stands; limits
 * hold at the edge and one beyond.
 */
#include "unit.h"

#include <stdio.h>

#include "base/str.h"
#include "conf/cpulist.h"
#include "conf/keys.h"
#include "conf/parse.h"

static void dump_value(const struct conf_value *v, struct str *out)
{
    if (!v->is_list) {
        str_addf(out, v->is_bare ? "%s" : "<%s>", v->text);
        return;
    }
    str_addc(out, '[');
    for (size_t i = 0; i < v->items.len; i++) {
        if (i)
            str_addc(out, ' ');
        dump_value(&v->items.at[i], out);
    }
    str_addc(out, ']');
}

/* "name@line:column=value;..." and the number of errors. */
static char *parse_to_text(const char *text, bool merge, unsigned *ret_errors)
{
    struct conf_file file = {.list = VEC_INIT};
    struct str out = STR_INIT;
    struct diags d;
    int r;

    diags_init(&d);
    assert_int_equal(diags_source(&d, "t", text), 0);
    str_add(&out, "");
    r = conf_parse(&d, 0, &file);
    if (!r != !d.errors)
        print_error("returned %d with %u errors: %.80s\n", r, d.errors, text);
    assert_int_equal(r ? 1 : 0, d.errors ? 1 : 0);
    if (merge)
        (void)!conf_merge(&file, &d);
    for (size_t i = 0; i < file.list.len; i++) {
        const struct conf_setting *s = &file.list.at[i];

        str_addf(&out, "%s@%u:%u%s", s->name, s->name_pos.line, s->name_pos.column, s->is_append ? "+=" : "=");
        dump_value(&s->value, &out);
        str_addc(&out, ';');
    }
    *ret_errors = d.errors;
    conf_file_fini(&file);
    diags_fini(&d);
    return str_steal(&out);
}

static void check_parse(const char *text, const char *want, unsigned want_errors)
{
    unsigned errors;
    char *got = parse_to_text(text, false, &errors);

    assert_string_equal(got, want);
    assert_int_equal(errors, want_errors);
    free(got);
}

static void test_grammar(void **state)
{
    static const struct {
        const char *text, *want;
        unsigned errors;
    } cases[] = {
        {"", "", 0},
        {"\n \t\n;;\n", "", 0},
        {"a=1", "a@1:1=1;", 0},
        {"a=1;b='2';", "a@1:1=1;b@1:5=<2>;", 0},
        {"  a = 0x1f # c\n# d\nb=2 # no end", "a@1:3=0x1f;b@3:1=2;", 0},
        {"a=1\r\nb=\"x\"\r\n", "a@1:1=1;b@2:1=<x>;", 0},
        {"a=1\r", "a@1:1=1;", 0},
        {"\xef\xbb\xbf"
         "a=1",
         "a@1:4=1;", 0},
        {"a.b_c9+=\"x\"", "a.b_c9@1:1+=<x>;", 0},
        {"a=[]", "a@1:1=[];", 0},
        {"a=[1,'x',\"y\",]", "a@1:1=[1 <x> <y>];", 0},
        {"a=[\n 1 # one\n ,\n\n [2,\n3],\n]\nb=4", "a@1:1=[1 [2 3]];b@8:1=4;", 0},
        {"a=\"'\" ; b='\"'", "a@1:1=<'>;b@1:9=<\">;", 0},
        {"a=\"\\\"\\'\\\\\\n\\t\\x41\\101\\x4a1\\0601\"", "a@1:1=<\"'\\\n\tAAJ101>;", 0},
        {"a='\xe9'\nb=1 # \xe9", "b@2:1=1;", 1},
        {"a='\\xe9'", "", 1},
        {"a='\\xc3\\xa9'", "a@1:1=<\xc3\xa9>;", 0},
        {"a='\xed\xa0\x80'\nb='\xc0\x80'\nc='\xf4\x90\x80\x80'\nd='\xe2\x82'", "", 4},
        {"a='\xf0\x9f\x98\x80\xe2\x82\xac'", "a@1:1=<\xf0\x9f\x98\x80\xe2\x82\xac>;", 0},
        {"a=\"\xc3\xa9\"", "a@1:1=<\xc3\xa9>;", 0},
        {"a='x\ny=1", "y@2:1=1;", 1},
        {"a='\\q'\ny=1", "y@2:1=1;", 1},
        {"a='\\x'", "", 1},
        {"a='\\x00'", "", 1},
        {"a='\\0'", "", 1},
        {"a='\\777'", "", 1},
        {"a='\\", "", 1},
        {"a=\ny=1", "y@2:1=1;", 1},
        {"a\ny=1", "y@2:1=1;", 1},
        {"=1\ny=1", "y@2:1=1;", 1},
        {"a=[1 2]\ny=1", "y@2:1=1;", 1},
        {"a=[1,\n2,\ny=1\nz=2", "y@3:1=1;z@4:1=2;", 1},
        {"a=[1\ny+='1'", "y@2:1+=<1>;", 1},
        {"a=[1,", "", 1},
        {"a=[,]", "", 1},
        {"a=[[1],x,[2]\n,3]\ny=1", "y@3:1=1;", 1},
        {"a=1 b=2\nc=3", "c@2:1=3;", 1},
        {"a=True\nb=None\nc=-1\nd=512M\ne=0xFF\nf=web\ng=/x\nh=1", "h@8:1=1;", 7},
        {"def f(x):\n  return x\nb=2", "b@3:1=2;", 2},
        {"a='x' % 3\nb='a' + 'b'\nc=1", "c@3:1=1;", 2},
        {"A=1\n9=1\n\x01=1\nb=1", "b@4:1=1;", 3},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_parse(cases[i].text, cases[i].want, cases[i].errors);
}

static void test_merging(void **state)
{
    static const struct {
        const char *text, *want;
        unsigned errors;
    } cases[] = {
        {"a=1\nb=2\na=3", "a@3:1=3;b@2:1=2;", 0},
        {"a='x'\na+='y'", "a@1:1=<xy>;", 0},
        {"a=['x']\na+=['y','z']", "a@1:1=[<x> <y> <z>];", 0},
        {"a+='y'", "a@1:1+=<y>;", 0},
        {"a=1\na+=2", "a@1:1=<12>;", 0},
        {"a=['x']\na+='y'\nb=1", "a@1:1=[<x>];b@3:1=1;", 1},
        {"a='x'\na+=['y']", "a@1:1=<x>;", 1},
        {"a='x'\na='y'\na+='z'\nb=1", "a@2:1=<yz>;b@4:1=1;", 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        unsigned errors;
        char *got = parse_to_text(cases[i].text, true, &errors);

        assert_string_equal(got, cases[i].want);
        assert_int_equal(errors, cases[i].errors);
        free(got);
    }
}

static void test_overrides(void **state)
{
    static const struct {
        const char *line, *want;
        unsigned errors;
    } cases[] = {
        {"name=web", "name=web", 0},
        {"name=\"web\"", "name=<web>", 0},
        {"name = 'web' ", "name=<web>", 0},
        {"memory=512", "memory=512", 0},
        {"cpus=0-3,^1", "cpus=0-3,^1", 0},
        {"extra+= ro quiet ", "extra+=ro quiet", 0},
        {"kernel=/boot/vmlinuz", "kernel=/boot/vmlinuz", 0},
        {"name=", "name=", 0},
        {"name=\xe9", "", 1},
        {"  name=  web", "name=web", 0},
        {"disk=[ 'a', 'b' ]", "disk=[<a> <b>]", 0},
        {"disk=[ 'a'", "", 1},
        {"name='x", "", 1},
        {"nothing", "", 1},
        {"=x", "", 1},
        {"", "", 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct conf_file file = {.list = VEC_INIT};
        char *text = str_format("first=1\n%s\nthird=3\n", cases[i].line);
        struct str out = STR_INIT;
        struct diags d;

        diags_init(&d);
        assert_int_equal(diags_source(&d, "<command line>", text), 0);
        assert_int_equal(conf_parse_override(&d, 0, 2, &file) ? 1 : 0, cases[i].errors);
        assert_int_equal(d.errors, cases[i].errors);
        if (d.errors)
            assert_int_equal(d.list.at[0].pos.line, 2);
        for (size_t k = 0; k < file.list.len; k++) {
            str_addf(&out, "%s%s", file.list.at[k].name, file.list.at[k].is_append ? "+=" : "=");
            dump_value(&file.list.at[k].value, &out);
        }
        assert_string_equal(str_text(&out), cases[i].want);
        str_fini(&out);
        free(text);
        conf_file_fini(&file);
        diags_fini(&d);
    }
}

/* Errors that "unit" repeated n times between "head" and "tail" gives. */
static unsigned errors_of(const char *head, const char *unit, size_t n, const char *tail)
{
    struct str text = STR_INIT;
    unsigned errors;

    str_add(&text, head);
    for (size_t i = 0; i < n; i++)
        str_add(&text, unit);
    str_add(&text, tail);
    free(parse_to_text(str_text(&text), false, &errors));
    str_fini(&text);
    return errors;
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(errors_of("a=", "[", CONF_DEPTH_MAX, "]]]]]]]]]]]]]]]]"), 0);
    assert_int_equal(errors_of("a=", "[", CONF_DEPTH_MAX + 1, "]]]]]]]]]]]]]]]]]"), 1);
    assert_int_equal(errors_of("a=[", "1,", CONF_ITEMS_MAX, "]"), 0);
    assert_int_equal(errors_of("a=[", "1,", CONF_ITEMS_MAX + 1, "]"), 1);
    assert_int_equal(errors_of("", "a=1\n", CONF_SETTINGS_MAX, ""), 0);
    assert_int_equal(errors_of("", "a=1\n", CONF_SETTINGS_MAX + 1, ""), 1);
    assert_int_equal(errors_of("a=1#", "x", CONF_TEXT_MAX - 4, ""), 0);
    assert_int_equal(errors_of("a=1#", "x", CONF_TEXT_MAX - 3, ""), 1);
    /* Noise is not collected for ever. */
    assert_true(errors_of("", "=\n", 5000, "") <= DIAGS_MAX + 1);
}

static void test_findings_are_sorted_and_capped(void **state)
{
    struct conf_pos nowhere = {.line = 0}, at = {.line = 1, .column = 1, .length = 1};
    struct domo_err err = DOMO_ERR_INIT;
    struct str out = STR_INIT;
    const char *value, *name;
    struct diags d;
    struct json *j;

    (void)state;
    diags_init(&d);
    assert_int_equal(diags_source(&d, "f", "one\ntwo"), 0);
    diag_add(&d, DIAG_ERROR, DOMO_E_CONFIG_MISSING, nowhere, NULL, "last");
    at.line = 2;
    diag_add(&d, DIAG_ERROR, DOMO_E_CONFIG_VALUE, at, "h\x1b", "second");
    at.line = 1;
    diag_add(&d, DIAG_WARNING, DOMO_E_CONFIG_VALUE, at, NULL, "first");
    diags_print(&d, &out);
    assert_string_equal(str_text(&out), "f:1:1: warning: first\n    one\n    ^\nf:2:1: error: second\n    two\n    ^\n"
                                        "hint: h?\nf: error: last\n");
    assert_int_equal(diags_to_err(&d, &err), -1);
    assert_int_equal(err.code, DOMO_E_CONFIG_VALUE);
    assert_string_equal(err.msg, "f:2:1: second");
    name = err_next_fact(&err, NULL, &value);
    assert_string_equal(name, "more-errors");
    assert_string_equal(value, "1");
    j = diags_to_json(&d);
    assert_int_equal(json_len(j), 3);
    assert_string_equal(json_get_str(json_at(j, 1, NULL), "code", ""), "config.bad-value");
    assert_int_equal(json_get_int(json_at(j, 1, NULL), "line", 0), 2);
    (void)json_free(j);
    for (int i = 0; i < 2 * DIAGS_MAX; i++)
        diag_add(&d, DIAG_ERROR, DOMO_E_CONFIG_VALUE, at, NULL, "again");
    assert_int_equal(d.list.len, DIAGS_MAX);
    assert_int_equal(d.errors, 2 * DIAGS_MAX + 2);
    diags_relax(&d, DOMO_E_CONFIG_MISSING);
    assert_int_equal(d.warnings, 2);
    str_fini(&out);
    diags_fini(&d);
}

static void test_long_lines_are_cut(void **state)
{
    struct conf_pos at = {.line = 1, .column = 301, .length = 5};
    struct str out = STR_INIT;
    char line[601];
    struct diags d;
    const char *caret, *shown;

    (void)state;
    memset(line, 'x', 600);
    line[600] = '\0';
    memcpy(line + 300, "WRONG", 5);
    diags_init(&d);
    assert_int_equal(diags_source(&d, "f", line), 0);
    diag_add(&d, DIAG_ERROR, DOMO_E_CONFIG_VALUE, at, NULL, "m");
    diags_print(&d, &out);
    shown = strchr(str_text(&out), '\n') + 1;
    caret = strchr(shown, '\n') + 1;
    assert_true(caret - shown < 130);
    assert_int_equal(strstr(shown, "WRONG") - shown, strchr(caret, '^') - caret);
    assert_non_null(strstr(caret, "^~~~~\n"));
    str_fini(&out);
    diags_fini(&d);
}

static void test_cpu_lists(void **state)
{
    static const struct {
        const char *text, *want; /* want NULL: an error */
    } cases[] = {
        {"0", "0"},
        {"0-3", "0-3"},
        {"3,1,2", "1-3"},
        {"0-7,^2-3,^5", "0-1,4,6-7"},
        {"all", "all"},
        {"all,^3", "all,^3"},
        {"4095", "all,^0-4094"},
        {" 1 , 2", "1-2"},
        {"0-4094", "0-4094"},
        {"4096", NULL},
        {"", NULL},
        {"^all", NULL},
        {"1-", NULL},
        {"3-1", NULL},
        {"a", NULL},
        {"0,^0", NULL},
        {"1;2", NULL},
        {"allx", NULL},
        {"1,,2", NULL},
        {"node:0,1", "1"},
        {"nodes:0-1,^node:1,3", "3"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct conf_pos at = {.line = 1, .column = 1, .length = 1};
        uint64_t bits[CPULIST_WORDS];
        struct str out = STR_INIT;
        struct diags d;
        bool nodes;
        int r;

        diags_init(&d);
        r = cpulist_parse(cases[i].text, at, &d, bits, &nodes);
        assert_int_equal(r, cases[i].want ? 0 : -1);
        assert_int_equal(d.errors, cases[i].want ? 0 : 1);
        if (!r) {
            cpulist_print(bits, &out);
            assert_string_equal(str_text(&out), cases[i].want);
            assert_int_equal(nodes, strstr(cases[i].text, "node") != NULL);
        }
        str_fini(&out);
        diags_fini(&d);
    }
}

static void test_quoting_round_trip(void **state)
{
    static const char text[] = "a\"b\\c\n\t\x01\x7f'\xc3\xa9;#";
    struct conf_file file = {.list = VEC_INIT};
    struct str out = STR_INIT;
    struct diags d;

    (void)state;
    str_add(&out, "x = ");
    key_quote(&out, text);
    diags_init(&d);
    assert_int_equal(diags_source(&d, "f", str_text(&out)), 0);
    assert_int_equal(conf_parse(&d, 0, &file), 0);
    assert_string_equal(file.list.at[0].value.text, text);
    conf_file_fini(&file);
    diags_fini(&d);
    str_fini(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grammar),
        cmocka_unit_test(test_merging),
        cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_findings_are_sorted_and_capped),
        cmocka_unit_test(test_long_lines_are_cut),
        cmocka_unit_test(test_cpu_lists),
        cmocka_unit_test(test_quoting_round_trip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
