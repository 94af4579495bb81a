/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a device of each of these kinds writes exactly the nodes of its
 * file in tests/golden/nodes, with their owners and readers. GOLDEN_UPDATE=1
 * rewrites the files.
 */
#include "unit.h"

#include <stdio.h>

#include "conf_util.h"
#include "dev/grammar.h"
#include "dev_fixture.h"

struct dump {
    const char *file;
    const struct dev_grammar *grammar;
    const char *front, *back; /* names of the kind on both sides */
    const char *texts[4];     /* as in the config; ends with NULL */
};

static const struct dump dumps[] = {
    {"pci", &grammar_pci, "pci", "pci", {"03:00.0@5,permissive=1,rdm_policy=relaxed", "04:00.*"}},
    {"pvcalls", &grammar_pvcalls, "pvcalls", "pvcalls", {"backend=3"}},
    {"qusb", &grammar_usbctrl, "vusb", "qusb", {"ports=2", "version=1,ports=1"}},
    {"usbdev", &grammar_usbdev, "vusb", "qusb", {"hostbus=1,hostaddr=4"}},
    {"vdispl",
     &grammar_vdispl,
     "vdispl",
     "vdispl",
     {"be-alloc=1,connectors=id0:1920x1080;id1:800x600", "backend=3,connectors=x:640x480"}},
    {"vsnd",
     &grammar_vsnd,
     "vsnd",
     "vsnd",
     {"card,short-name=Main,long-name=Main card,sample-rates=44100;48000,pcm,name=a,buffer-size=4096,stream,"
      "unique-id=out,type=p,stream,unique-id=in,type=c,channels-min=1,channels-max=2,pcm,name=b"}},
    {"vtpm", &grammar_vtpm, "vtpm", "vtpm", {"backend=3,uuid=6f1d3c5e-0a7b-4c1d-9e2f-8a4b6c0d1e2f"}},
};

static void add_dump(const struct fixture *x, struct str *all, const char *dir, const char *kind)
{
    char path[STORE_PATH_MAX];
    char *dump;

    (void)snprintf(path, sizeof path, "%s/%s", dir, kind);
    dump = fake_dump(x->f, path);
    str_add(all, dump);
    free(dump);
}

static void check_dump(struct fixture *x, const struct dump *d)
{
    char *name = str_format("%s/tests/golden/nodes/%s", getenv("srcdir") ? getenv("srcdir") : ".", d->file);
    struct str all = STR_INIT;

    for (size_t i = 0; d->texts[i]; i++) {
        if (fixture_add_spec(x, d->grammar, d->texts[i]))
            fail_msg("%s: %s", d->texts[i], x->err.msg);
    }
    assert_int_equal(devset_prepare(x->set, &x->err), 0);
    assert_int_equal(fixture_write(x, true), 0);
    add_dump(x, &all, "/local/domain/0/backend", d->back);
    add_dump(x, &all, "/local/domain/3/backend", d->back);
    add_dump(x, &all, "/libxl/7/device", d->front);
    add_dump(x, &all, "/local/domain/7/device", d->front);
    assert_golden(name, str_text(&all));
    str_fini(&all);
    free(name);
}

static void test_dumps(void **state)
{
    for (size_t i = 0; i < ARRAY_LEN(dumps); i++) {
        struct fixture *x;

        assert_int_equal(fixture_setup(state), 0);
        x = *state;
        fake_add_guest(x->f, 3, "serverdom", 3);
        check_dump(x, &dumps[i]);
        assert_int_equal(fixture_teardown(state), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dumps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
