/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: every row of the guest's key table is documented, parsed, printed
 * and survives the way to text and back; what keys say together is checked;
 * running out of memory anywhere is an error and no leak.
 */
#include "unit.h"

#include <stdio.h>
#include <unistd.h>

#include "conf_util.h"
#include "dev/grammar.h"
#include "dom/spec_keys.h"
#include "host/host.h"

static int spec_of(const char *text, const struct spec_load *how, struct spec **ret, struct str *findings)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct diags d;
    int r;

    diags_init(&d);
    r = spec_parse("t", text, how, &d, ret, &err);
    assert_int_equal(r ? 1 : 0, d.errors ? 1 : 0);
    if (findings) {
        str_clear(findings);
        str_add(findings, "");
        diags_print(&d, findings);
    }
    diags_fini(&d);
    return r;
}

static const char base[] = "name=\"a\"\nkernel=\"/k\"\n";

/* Of rows that do not take any text. */
static const char *good_text(const char *name)
{
    static const char *const texts[][2] = {{"boot", "dc"}, {"soundhw", "hda"}, {"vnclisten", "::1"}};

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        if (!strcmp(texts[i][0], name))
            return texts[i][1];
    return "some text";
}

/* A good value of a row that differs from its default, as xl.cfg text. */
static void good_value(const struct key *key, struct str *out)
{
    const struct key_choice *c;

    switch (key->type) {
    case KEY_STRING:
        str_addf(out, "\"%s\"", good_text(key->name));
        return;
    case KEY_BOOL:
        str_add(out, str_eq(key->def, "1") || str_eq(key->harmless, "1") ? "0" : "1");
        return;
    case KEY_INT:
    case KEY_MIB:
        str_addf(out, "%lld", (long long)(key->max - key->min > 50 ? (key->min < 0 ? 3 : key->min + 40) : key->max));
        return;
    case KEY_ENUM:
        for (c = key->choices; (key->def && !strcmp(c->name, key->def)) || str_eq(c->name, key->harmless); c++)
            ;
        key_quote(out, c->name);
        return;
    case KEY_STRINGS:
        str_add(out, "[ \"x\" ]");
        return;
    case KEY_NESTED:
    case KEY_DEVICES:
        if (dev_grammar_find(key->name)) {
            char *example = dev_grammar_example(dev_grammar_find(key->name), NULL);

            str_addf(out, key->type == KEY_NESTED ? "[ [ \"%s\" ] ]" : "[ \"%s\" ]", example);
            free(example);
            return;
        }
        if (key->type == KEY_NESTED) {
            str_add(out, "[ [ \"x\" ] ]");
            return;
        }
        if (!strcmp(key->name, "disk"))
            str_add(out, "[ \"/a,raw,xvda,w\" ]");
        else if (!strcmp(key->name, "vif"))
            str_add(out, "[ \"bridge=b\", \"\" ]");
        else if (key->subkeys)
            str_addf(out, "[ \"%s1\" ]", key->subkeys[0]);
        else
            str_add(out, "[ \"03:00.0\" ]");
        return;
    case KEY_CUSTOM:
        if (!strcmp(key->name, "viridian")) {
            str_add(out, "[ \"defaults\", \"synic\", \"!freq\" ]");
            return;
        }
        str_add(out, !strcmp(key->name, "uuid") ? "\"6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f\"" : "\"0-2\"");
        return;
    }
}

static void test_rows_are_complete(void **state)
{
    (void)state;
    for (size_t i = 0; i < spec_keys.n; i++) {
        const struct key *key = &spec_keys.rows[i];
        struct json *j = spec_reference(key->name);

        if (!key->doc || strlen(key->doc) < 6 || key->doc[strlen(key->doc) - 1] != '.') {
            print_error("%s: its doc is no sentence\n", key->name);
            fail();
        }
        assert_ptr_equal(keys_find(&spec_keys, key->name), key);
        assert_true(key->type != KEY_ENUM || key->choices);
        assert_true(key->status != KEY_IGNORED || key->note);
        assert_true(key->status != KEY_DEPRECATED || key->note);
        assert_true(!key->only_with || keys_find(&spec_keys, key->only_with));
        assert_true(key->min <= key->max);
        assert_non_null(j);
        assert_string_equal(json_get_str(j, "name", ""), key->name);
        assert_true(json_len(json_get(j, "types")) > 0);
        (void)json_free(j);
    }
    for (const struct key_alias *a = spec_keys.aliases; a->name; a++) {
        assert_null(keys_find(&spec_keys, a->name));
        assert_non_null(keys_find(&spec_keys, a->meant));
    }
    assert_null(spec_reference("nonsense"));
}

static void test_reference_lists_all(void **state)
{
    struct json *all = spec_reference(NULL);

    (void)state;
    assert_int_equal(json_len(all), spec_keys.n);
    assert_true(spec_keys.n > 170);
    (void)json_free(all);
}

static bool is_base(const struct key *key)
{
    return !strcmp(key->name, "name") || !strcmp(key->name, "kernel");
}

/* A text with one good value of the row, for a guest that it applies to. */
static char *text_of_row(const struct key *key)
{
    struct str text = STR_INIT;

    str_add(&text, is_base(key) ? (key->name[0] == 'n' ? "kernel=\"/k\"\n" : "name=\"a\"\n") : base);
    if (!strcmp(key->name, "firmware"))
        str_add(&text, "kernel=\"\"\ntype=\"hvm\"\n");
    else if (key->guests && !(key->guests & SPEC_PV))
        str_add(&text, key->guests & SPEC_HVM ? "type=\"hvm\"\n" : "type=\"pvh\"\n");
    if (key->only_with && key->only_guests & SPEC_PV)
        str_add(&text, "type=\"hvm\"\n");
    else if (key->only_with)
        str_addf(&text, "%s=1\n", key->only_with);
    str_addf(&text, "%s = ", key->name);
    good_value(key, &text);
    str_addc(&text, '\n');
    return str_steal(&text);
}

static void check_row(const struct key *key)
{
    const struct spec_load how = {.check_only = true};
    struct spec *spec, *again, *plain;
    struct str findings = STR_INIT;
    char *text = text_of_row(key), *printed;
    bool noted = false;

    if (spec_of(text, &how, &spec, &findings)) {
        print_error("%s:\n%s\n%s", key->name, text, str_text(&findings));
        fail();
    }
    printed = spec_print(spec);
    for (size_t i = 0; i < spec->not_acted_on.len; i++)
        noted = noted || !strcmp(spec->not_acted_on.at[i], key->name);
    if (key->status == KEY_NOT_ACTED_ON && !(key->acted_on & (1u << spec->type))) {
        if (!noted)
            print_error("%s is not noted\n", key->name);
        assert_true(noted);
        assert_non_null(strstr(str_text(&findings), "known, but not acted on yet"));
    } else if (key->size != KEY_NO_FIELD || key->hooks.print) {
        /* What is acted on must be seen in the text and make a difference. */
        assert_non_null(strstr(printed, key->name));
        assert_int_equal(spec_of(base, &how, &plain, NULL), 0);
        assert_true(is_base(key) || !spec_equal(spec, plain));
        (void)spec_free(plain);
    }
    if (spec_of(printed, &how, &again, &findings)) {
        print_error("%s:\n%s\n%s", key->name, printed, str_text(&findings));
        fail();
    }
    assert_true(spec_equal(spec, again));
    (void)spec_free(again);
    (void)spec_free(spec);
    free(printed);
    free(text);
    str_fini(&findings);
}

static void test_every_row_parses_and_prints(void **state)
{
    (void)state;
    for (size_t i = 0; i < spec_keys.n; i++)
        check_row(&spec_keys.rows[i]);
}

/* Every row has values that it refuses, and says so by name. */
static void test_every_row_refuses_wrong_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < spec_keys.n; i++) {
        const struct key *key = &spec_keys.rows[i];
        bool takes_list = key->type == KEY_STRINGS || key->type == KEY_DEVICES || key->type == KEY_NESTED;
        struct spec_load how = {.check_only = true};
        char *text = text_of_row(key), *cut, *bad;
        struct str findings = STR_INIT;
        struct spec *spec = NULL;

        if (key->status == KEY_IGNORED || key->atom_ok) {
            free(text);
            continue;
        }
        /* The row's own line is the last one. */
        for (cut = text + strlen(text) - 1; cut > text && cut[-1] != '\n';)
            cut--;
        bad = str_format("%.*s%s = %s\n", (int)(cut - text), text, key->name, takes_list ? "\"x\"" : "[ [ \"x\" ] ]");
        assert_int_equal(spec_of(bad, &how, &spec, &findings), -1);
        assert_non_null(strstr(str_text(&findings), key->name));
        free(bad);
        free(text);
        str_fini(&findings);
    }
}

/* An HVM guest's screen has libxl's shape, with the default on, and what contradicts itself is refused. */
static void test_hvm_screen(void **state)
{
    static const struct {
        const char *config, *path, *value; /* path NULL: refused, with that message */
    } rows[] = {
        {"vnc=0", "vnc.enable", "False"},
        {"vnclisten='0.0.0.0'", "vnc.listen", "0.0.0.0"},
        {"vncpasswd='a,b=c'", "vnc.passwd", "a,b=c"},
        {"sdl=1", "sdl.enable", "True"},
        {"keymap='de'", "keymap", "de"},
        {"vga='stdvga'", "vga.kind", "std"},
        {"stdvga=1", "vga.kind", "std"},
        {"nographic=1", "nographic", "True"},
        {"usbdevice='tablet'", "usbdevice", "tablet"},
        {"soundhw='hda'", "soundhw", "hda"},
        {"soundhw='drum'", NULL, "no emulated sound card of that name"},
        {"vnclisten='a b'", NULL, "that is no address"},
        {"vnclisten='127.0.0.1:3'\nvncdisplay=4", NULL, "names a display already"},
        {"videoram=4", NULL, "needs more memory"},
        {"vga='stdvga'\nvideoram=8", NULL, "needs more memory"},
        {"usb=1\nusbversion=2", NULL, "a controller of its own"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *text = str_format("name='a'\ntype='hvm'\n%s\n", rows[i].config);
        struct str findings = STR_INIT;
        struct spec *spec = NULL;

        assert_int_equal(spec_of(text, NULL, &spec, &findings), rows[i].path ? 0 : -1);
        if (rows[i].path) {
            struct json *j = spec_to_libxl(spec);
            const struct json *hvm = json_get(json_get(j, "b_info"), "type.hvm");

            assert_string_equal(json_str(json_path(hvm, rows[i].path), "-"), rows[i].value);
            (void)json_free(j);
            (void)spec_free(spec);
        } else {
            assert_non_null(strstr(str_text(&findings), rows[i].value));
        }
        str_fini(&findings);
        free(text);
    }
}

/* Which of Hyper-V's interfaces the hypervisor is told of: 0x2 takes the frequencies away from the base. */
static void test_viridian(void **state)
{
    static const struct {
        const char *value;
        uint64_t mask;
        const char *refused;
    } rows[] = {
        {"0", 0, NULL},
        {"1", 0x65, NULL},
        {"['defaults']", 0x65, NULL},
        {"['base']", 0x3, NULL},
        {"['all','!hcall_ipi']", 0x1dfd, NULL},
        {"['!freq','defaults','synic','stimer']", 0x1e7, NULL},
        {"['freq']", 0, "need the group base"},
        {"['all','!base']", 0, "need the group base"},
        {"['synik']", 0, "'synik' is no group of viridian"},
        {"'yes'", 0, "0, 1 or a list"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        char *text = str_format("name='a'\ntype='hvm'\nviridian=%s\n", rows[i].value);
        struct str findings = STR_INIT;
        struct spec *spec = NULL;

        assert_int_equal(spec_of(text, NULL, &spec, &findings), rows[i].refused ? -1 : 0);
        if (rows[i].refused)
            assert_non_null(strstr(str_text(&findings), rows[i].refused));
        else
            assert_int_equal(spec_viridian_mask(spec), rows[i].mask);
        (void)spec_free(spec);
        str_fini(&findings);
        free(text);
    }
}

static void test_libxl_round_trip_of_every_row(void **state)
{
    (void)state;
    for (size_t i = 0; i < spec_keys.n; i++) {
        const struct spec_load how = {.check_only = true};
        char *text = text_of_row(&spec_keys.rows[i]);
        struct domo_err err = DOMO_ERR_INIT;
        struct spec *spec, *again;
        struct json *j, *back;

        assert_int_equal(spec_of(text, &how, &spec, NULL), 0);
        j = spec_to_libxl(spec);
        assert_non_null(j);
        assert_int_equal(spec_from_libxl(j, &again, &err), 0);
        back = spec_to_libxl(again);
        assert_true(json_equal(j, back));
        (void)json_free(back);
        (void)json_free(j);
        (void)spec_free(again);
        (void)spec_free(spec);
        free(text);
    }
}

static void test_defaults(void **state)
{
    struct spec *s;

    (void)state;
    assert_int_equal(spec_of(base, NULL, &s, NULL), 0);
    assert_int_equal(s->type, SPEC_TYPE_PV);
    assert_int_equal(s->mem_kib, 32 * 1024);
    assert_int_equal(s->max_mem_kib, 32 * 1024);
    assert_int_equal(s->vcpus, 1);
    assert_int_equal(s->max_vcpus, 1);
    assert_int_equal(s->cap, -1);
    assert_int_equal(s->max_grant_frames, -1);
    assert_int_equal(s->max_grant_version, -1);
    assert_int_equal(s->max_event_channels, 1023);
    assert_int_equal(s->on_poweroff, SPEC_ACTION_DESTROY);
    assert_int_equal(s->on_reboot, SPEC_ACTION_RESTART);
    assert_int_equal(s->on_soft_reset, SPEC_ACTION_SOFT_RESET);
    assert_false(s->has_uuid);
    assert_null(s->cmdline);
    (void)spec_free(s);
}

static void test_command_lines(void **state)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"root='/dev/xvda ro'", "root=/dev/xvda ro"},
        {"extra='quiet'", "quiet"},
        {"root='/dev/xvda'\nextra='quiet'", "root=/dev/xvda quiet"},
        {"extra='quiet'\nextra+=' ro'", "quiet ro"},
        {"cmdline='a'\nroot='b'\nextra='c'", "a"},
        {"root=''\nextra=''", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *text = str_format("%s%s", base, cases[i].text);
        struct spec *s;

        assert_int_equal(spec_of(text, NULL, &s, NULL), 0);
        assert_true(str_eq(s->cmdline, cases[i].want));
        (void)spec_free(s);
        free(text);
    }
}

static void test_overrides_win(void **state)
{
    static const char *const lines[] = {"name=b", "memory = 64", "extra += more", "disk=['/x,,xvda']", NULL};
    const struct spec_load how = {.overrides = lines};
    struct str findings = STR_INIT;
    struct spec *s;

    (void)state;
    assert_int_equal(spec_of("name='a'\nkernel='/k'\nmemory=32\nextra='some '\ndisk=['/y,,xvdb']", &how, &s, &findings),
                     0);
    assert_string_equal(s->name, "b");
    assert_int_equal(s->mem_kib, 64 * 1024);
    assert_string_equal(s->cmdline, "some more");
    assert_int_equal(s->disks.len, 1);
    assert_string_equal(s->disks.at[0].target, "/x");
    assert_int_equal(s->disks.at[0].pos.source, 1);
    assert_string_equal(str_text(&findings), "");
    (void)spec_free(s);
    str_fini(&findings);
}

static void test_levels(void **state)
{
    struct spec_load how = {.warn_unknown = true};
    char text[128];
    struct spec *s;

    (void)state;
    (void)snprintf(text, sizeof text, "%sfoobar=1\n", base);
    assert_int_equal(spec_of(text, NULL, &s, NULL), -1);
    assert_int_equal(spec_of(text, &how, &s, NULL), 0);
    (void)spec_free(s);
    (void)snprintf(text, sizeof text, "%svirtio=['backend=0']\n", base);
    assert_int_equal(spec_of(text, &how, &s, NULL), -1);
    how = (struct spec_load){.ignore_unsupported = true};
    assert_int_equal(spec_of(text, &how, &s, NULL), 0);
    assert_int_equal(s->not_acted_on.len, 1);
    assert_string_equal(s->not_acted_on.at[0], "virtio");
    (void)spec_free(s);
}

/* What of a PVH guest's keys is acted on, what is refused, and how stock xl keeps them. */
static void test_pvh_keys(void **state)
{
    static const char pvh[] = "name='a'\ntype='pvh'\nkernel='/k'\n";
    static const char *const refused[] = {"seclabel='x'", "altp2m_count=3", "apic=0", "vmtrace_buf_kb=64",
                                          "vnuma=[['a']]"};
    static const char *const fine[] = {"nestedhvm=0", "altp2m='disabled'", "apic=1", "oos=1", "max_grant_frames=64"};
    struct domo_err err = DOMO_ERR_INIT;
    struct spec *s, *again;
    char text[200];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        (void)snprintf(text, sizeof text, "%s%s\n", pvh, refused[i]);
        assert_int_equal(spec_of(text, NULL, &s, NULL), -1);
        (void)snprintf(text, sizeof text, "%s%s\n", pvh, fine[i]);
        assert_int_equal(spec_of(text, NULL, &s, NULL), 0);
        assert_true(s->type == SPEC_TYPE_PVH && s->hap && s->acpi && !s->paging_kib);
        assert_int_equal(s->timer_mode, HYP_TIMER_NO_DELAY_FOR_MISSED);
        (void)spec_free(s);
    }
    (void)snprintf(text, sizeof text, "%shap=0\nacpi=0\nshadow_memory=3\ntimer_mode='one_missed_tick_pending'\n", pvh);
    assert_int_equal(spec_of(text, NULL, &s, NULL), 0);
    assert_true(!s->hap && !s->acpi);
    assert_int_equal(s->paging_kib, 3 << 10);
    {
        struct json *AUTO_JSON j = spec_to_libxl(s);

        assert_string_equal(json_str(json_path(j, "c_info.hap"), ""), "False");
        assert_string_equal(json_str(json_path(j, "b_info.acpi"), ""), "False");
        assert_int_equal(json_int(json_path(j, "b_info.shadow_memkb"), 0), 3 << 10);
        assert_string_equal(json_str(json_path(j, "b_info.timer_mode"), ""), "one_missed_tick_pending");
        assert_int_equal(spec_from_libxl(j, &again, &err), 0);
    }
    assert_true(spec_equal(s, again));
    (void)spec_free(s);
    (void)spec_free(again);
}

/* Stock xl keeps one serial line and several of them in different places. */
static void test_hvm_keys(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct spec *s, *again;
    struct json *j;
    char *text;

    (void)state;
    assert_int_equal(spec_of("name='a'\ntype='hvm'\nboot='dc'\nserial='pty'\n", NULL, &s, NULL), 0);
    assert_string_equal(s->boot, "dc");
    assert_int_equal(s->serials.len, 1);
    j = spec_to_libxl(s);
    assert_string_equal(json_get_str(json_get(json_get(j, "b_info"), "type.hvm"), "serial", ""), "pty");
    assert_string_equal(json_get_str(json_get(json_get(j, "b_info"), "type.hvm"), "boot", ""), "dc");
    (void)json_free(j);
    (void)spec_free(s);
    assert_int_equal(spec_of("name='a'\ntype='hvm'\nserial=['pty','file:/l,g']\n", NULL, &s, NULL), 0);
    assert_null(s->boot);
    j = spec_to_libxl(s);
    assert_null(json_get(json_get(json_get(j, "b_info"), "type.hvm"), "serial"));
    assert_int_equal(spec_from_libxl(j, &again, &err), 0);
    assert_int_equal(again->serials.len, 2);
    assert_string_equal(again->serials.at[1], "file:/l,g");
    assert_true(spec_equal(s, again));
    text = spec_print(s);
    assert_non_null(strstr(text, "serial = [ \"pty\", \"file:/l,g\" ]"));
    free(text);
    (void)json_free(j);
    (void)spec_free(again);
    (void)spec_free(s);
}

static void test_affinity(void **state)
{
    struct domo_err err = DOMO_ERR_INIT;
    struct spec *s;

    (void)state;
    assert_int_equal(spec_of("name='a'\nkernel='/k'\ncpus='0-2,^1'\ncpus_soft=2", NULL, &s, NULL), 0);
    assert_int_equal(s->hard_affinity[0], 5);
    assert_int_equal(s->soft_affinity[0], 4);
    assert_true(s->cpu_words > 0);
    (void)spec_free(s);
    assert_int_equal(spec_of("name='a'\nkernel='/k'\ncpus='all,^1'\ncpus_soft='70'", NULL, &s, NULL), 0);
    assert_int_equal(spec_limit_cpus(s, 71, &err), 0);
    assert_true(s->hard_affinity[0] == ~(uint64_t)2);
    assert_int_equal(s->hard_affinity[1], 0x7f);
    assert_int_equal(s->hard_affinity[2], 0);
    assert_int_equal(s->soft_affinity[1], 0x40);
    assert_int_equal(spec_limit_cpus(s, 64, &err), -1);
    assert_int_equal(err.code, DOMO_E_CONFIG_VALUE);
    (void)spec_free(s);
    assert_int_equal(spec_of("name='a'\nkernel='/k'\ncpus='all'", NULL, &s, NULL), 0);
    assert_null(s->hard_affinity);
    (void)spec_free(s);
    assert_int_equal(spec_of("name='a'\nkernel='/k'\nvcpus=2\ncpus=['1','1']", NULL, &s, NULL), 0);
    assert_int_equal(s->hard_affinity[0], 2);
    (void)spec_free(s);
    assert_int_equal(spec_of("name='a'\nkernel='/k'\nvcpus=2\ncpus=['1','2']", NULL, &s, NULL), -1);
    assert_int_equal(spec_of("name='a'\nkernel='/k'\nvcpus=2\ncpus=['1']", NULL, &s, NULL), -1);
    assert_int_equal(spec_of("name='a'\nkernel='/k'\ncpus='nodes:0'", NULL, &s, NULL), -1);
}

static int load_text(const char *bytes, size_t len, enum domo_code *ret_code)
{
    char path[] = "/tmp/domo-test-spec-XXXXXX";
    struct domo_err err = DOMO_ERR_INIT;
    struct spec *spec = NULL;
    int fd = mkstemp(path), r;
    struct diags d;

    assert_true(fd >= 0);
    assert_int_equal(fs_write_all(fd, bytes, len), 0);
    (void)close(fd);
    diags_init(&d);
    r = spec_load_file(path, NULL, &d, &spec, &err);
    *ret_code = err.code;
    (void)spec_free(spec);
    diags_fini(&d);
    (void)unlink(path);
    return r;
}

static void test_files(void **state)
{
    static const char *const lines[] = {"name=a", "kernel=/k", NULL};
    const struct spec_load how = {.overrides = lines};
    struct domo_err err = DOMO_ERR_INIT;
    char *big = malloc((1 << 20) + 1);
    enum domo_code code;
    struct spec *spec;
    struct diags d;

    (void)state;
    assert_int_equal(load_text(base, strlen(base), &code), 0);
    assert_int_equal(load_text("name='a'\0", 9, &code), -1);
    assert_int_equal(code, DOMO_E_CONFIG_SYNTAX);
    memset(big, '\n', (1 << 20) + 1);
    memcpy(big, base, strlen(base));
    assert_int_equal(load_text(big, 1 << 20, &code), 0);
    assert_int_equal(load_text(big, (1 << 20) + 1, &code), -1);
    assert_int_equal(code, DOMO_E_CONFIG_SYNTAX);
    free(big);
    diags_init(&d);
    assert_int_equal(spec_load_file("/dev/null", &how, &d, &spec, &err), 0);
    (void)spec_free(spec);
    assert_int_equal(spec_load_file("/nonexistent/x.cfg", &how, &d, &spec, &err), -1);
    assert_int_equal(err.code, DOMO_E_IO);
    assert_int_equal(spec_load_file("/", &how, &d, &spec, &err), -1);
    diags_fini(&d);
}

static void test_stored_form_refuses(void **state)
{
    static const char *const texts[] = {
        "{}",
        "{\"c_info\":{},\"b_info\":3}",
        "{\"c_info\":{\"type\":\"x\"},\"b_info\":{}}",
        "{\"c_info\":{\"uuid\":\"x\"},\"b_info\":{}}",
        "{\"c_info\":{},\"b_info\":{\"max_vcpus\":1,\"avail_vcpus\":[0,1]}}",
        "{\"c_info\":{},\"b_info\":{\"max_memkb\":\"x\"}}",
        "{\"c_info\":{},\"b_info\":{\"vcpu_hard_affinity\":[[5000]]}}",
        "{\"c_info\":{},\"b_info\":{},\"disks\":[{}]}",
        "{\"c_info\":{},\"b_info\":{},\"nics\":[{\"mac\":\"x\"}]}",
        "{\"c_info\":{},\"b_info\":{},\"on_crash\":\"x\"}",
    };
    struct domo_err err = DOMO_ERR_INIT;
    struct spec *spec;
    struct json *j;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        assert_int_equal(json_parse(texts[i], strlen(texts[i]), &j, NULL), 0);
        assert_int_equal(spec_from_libxl(j, &spec, &err), -1);
        assert_int_equal(err.code, DOMO_E_BAD_STATE_FILE);
        (void)json_free(j);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_complete),
        cmocka_unit_test(test_reference_lists_all),
        cmocka_unit_test(test_every_row_parses_and_prints),
        cmocka_unit_test(test_every_row_refuses_wrong_types),
        cmocka_unit_test(test_hvm_screen),
        cmocka_unit_test(test_viridian),
        cmocka_unit_test(test_libxl_round_trip_of_every_row),
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_command_lines),
        cmocka_unit_test(test_overrides_win),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_hvm_keys),
        cmocka_unit_test(test_pvh_keys),
        cmocka_unit_test(test_affinity),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_stored_form_refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
