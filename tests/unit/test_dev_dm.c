/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: devices that a device model serves write exactly the nodes of their
 * files in tests/golden/nodes (GOLDEN_UPDATE=1 rewrites them); which disks it
 * serves is libxl's choice; images that are not what they are said to be are
 * refused before anything is touched; a complaint of the device model ends the
 * wait at once.
 */
#include "unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf_util.h"
#include "dev/device.h"
#include "dev/grammar.h"
#include "dev/image.h"
#include "dev_fixture.h"

static char golden_dir[PATH_MAX], images[] = "/tmp/test-images-XXXXXX";

static int add_spec(struct fixture *x, const struct dev_grammar *g, const char *text)
{
    const struct conf_pos at = {.line = 1, .column = 1, .length = 1};
    struct dev_spec spec;
    struct diags diags;
    int r;

    diags_init(&diags);
    assert_int_equal(dev_spec_parse(g, text, at, &diags, &spec), 0);
    diags_fini(&diags);
    r = devset_add_spec(x->set, &spec, &x->err);
    dev_spec_fini(&spec);
    return r;
}

/* ---- images ---- */

/* "bytes" at the beginning and at the end of a file of 4096 bytes in the directory of images, which is ours. */
static void make_image(struct fixture *x, const char *name, const char *head, const char *footer)
{
    static uint8_t bytes[4096];
    FILE *f = fopen(name, "w");

    assert_non_null(f);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, head, 8);
    memcpy(bytes + sizeof bytes - 512, footer, 8);
    assert_int_equal(fwrite(bytes, sizeof bytes, 1, f), 1);
    assert_int_equal(fclose(f), 0);
    fake_add_file(x->f, name, 5000 + (ino_t)name[0]);
}

static void make_images(struct fixture *x)
{
    static const char none[8] = "";

    make_image(x, "q.qcow2", "QFI\xfb\0\0\0\3", none);
    make_image(x, "o.qcow", "QFI\xfb\0\0\0\1", none);
    make_image(x, "g.vhd", "conectix", none);
    make_image(x, "f.vhd", none, "conectix");
    make_image(x, "e.qed", "QED\0\0\0\0\0", none);
    make_image(x, "n.qcow2", "QFI\xfb\0\0\0\4", none);
    make_image(x, "z", none, none);
}

static void test_formats(void **state)
{
    static const struct {
        const char *disk, *back, *complaint, *hint;
    } cases[] = {
        {"q.qcow2,qcow2,xvda,w", "qdisk", NULL, NULL},
        {"o.qcow,qcow,xvda,w", "qdisk", NULL, NULL},
        {"g.vhd,vhd,xvda,w", "qdisk", NULL, NULL},
        {"f.vhd,vhd,xvda,w", "qdisk", NULL, NULL},
        {"e.qed,qed,xvda,w", "qdisk", NULL, NULL},
        {"z,raw,xvda,w", "vbd", NULL, NULL},
        {"backendtype=qdisk,format=raw,vdev=xvda,target=z", "qdisk", NULL, NULL},
        {",,hdc,r,cdrom", "qdisk", NULL, NULL},
        {"z,qcow2,xvda,w", NULL, "'z' is no qcow2 image", "write format=raw"},
        {"q.qcow2,qcow,xvda,w", NULL, "'q.qcow2' is no qcow image, but a qcow2 one", "write format=qcow2"},
        {"e.qed,vhd,xvda,w", NULL, "is no vhd image, but a qed one", "write format=qed"},
        {"n.qcow2,qcow2,xvda,w", NULL, "'n.qcow2' is no qcow2 image", ""},
        {"missing,qcow2,xvda,w", NULL, "missing", ""},
        {"backendtype=phy,format=qcow2,vdev=xvda,target=q.qcow2", NULL, "serves raw images only", ""},
        {"backendtype=phy,devtype=cdrom,vdev=hdc,format=empty", NULL, "an empty drive needs QEMU", ""},
        {"backendtype=tap,format=raw,vdev=xvda,target=z", NULL, "no tap back end", ""},
    };
    struct fixture *x = *state;

    make_images(x);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int r;

        fixture_new_set(x);
        err_clear(&x->err);
        r = fixture_add_disk(x, cases[i].disk);
        if (r != (cases[i].back ? 0 : -1))
            fail_msg("%s: %s", cases[i].disk, r ? x->err.msg : "is taken");
        if (cases[i].back) {
            assert_string_equal(x->set->devs.at[0]->back_name, cases[i].back);
            assert_int_equal(devset_needs_dm(x->set), strcmp(cases[i].back, "qdisk") == 0);
            continue;
        }
        if (!strstr(x->err.msg, cases[i].complaint) || !strstr(err_hint_text(&x->err), cases[i].hint))
            fail_msg("%s: %s (%s)", cases[i].disk, x->err.msg, err_hint_text(&x->err));
        assert_int_equal(devset_len(x->set), 0);
    }
}

/* ---- nodes ---- */

static const struct dump {
    const char *file;
    const struct dev_grammar *grammar; /* NULL: disks */
    const char *front, *backs[2];      /* names of the kind on both sides */
    const char *texts[5];              /* as in the config; ends with NULL */
} dumps[] = {
    {"9pfs", &grammar_p9, "9pfs", {"9pfs"}, {"tag=share,path=/srv/share,security_model=none"}},
    {"channel",
     &grammar_channel,
     "console",
     {"console"},
     {"name=org.example.a,connection=pty", "name=org.example.b,connection=socket,path=/run/b.sock"}},
    {"qdisk",
     NULL,
     "vbd",
     {"qdisk"},
     {"q.qcow2,qcow2,xvda,w", "f.vhd,vhd,xvdb,r", "backendtype=qdisk,format=raw,vdev=xvdc,target=z", ",,hdc,r,cdrom"}},
    {"vfb",
     &grammar_vfb,
     "vfb",
     {"vfb"},
     {"", "vnclisten=0.0.0.0:3,vncunused=0,vncpasswd=secret,sdl=1,opengl=1,display=:1,xauthority=/x,keymap=de"}},
    {"vkb",
     &grammar_vkb,
     "vkbd",
     {"vkbd", "vinput"},
     {"backend-type=qemu",
      "backend-type=linux,unique-id=T1,feature-abs-pointer=1,feature-raw-pointer=0,width=800,height=600",
      "backend-type=qemu,feature-disable-keyboard=1,feature-disable-pointer=1,feature-raw-pointer=1,feature-multi-"
      "touch=1,"
      "multi-touch-width=7,multi-touch-height=8,multi-touch-num-contacts=9"}},
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
    char *AUTO_FREE name = str_format("%s/%s", golden_dir, d->file);
    struct str all = STR_INIT;

    fixture_new_set(x);
    for (size_t i = 0; i < ARRAY_LEN(d->texts) && d->texts[i]; i++) {
        if (d->grammar ? add_spec(x, d->grammar, d->texts[i]) : fixture_add_disk(x, d->texts[i]))
            fail_msg("%s: %s", d->texts[i], x->err.msg);
    }
    assert_true(devset_needs_dm(x->set));
    assert_int_equal(devset_prepare(x->set, &x->err), 0);
    assert_int_equal(fixture_write(x, true), 0);
    for (size_t i = 0; i < ARRAY_LEN(d->backs) && d->backs[i]; i++)
        add_dump(x, &all, "/local/domain/0/backend", d->backs[i]);
    add_dump(x, &all, "/libxl/7/device", d->front);
    add_dump(x, &all, "/local/domain/7/device", d->front);
    assert_golden(name, str_text(&all));
    str_fini(&all);
}

static void test_dumps(void **state)
{
    struct fixture *x = *state;

    make_images(x);
    fake_add_file(x->f, "/srv/share", 6001);
    fake_find_file(x->f, "/srv/share")->target.kind = OS_TARGET_OTHER;
    for (size_t i = 0; i < ARRAY_LEN(dumps); i++)
        check_dump(x, &dumps[i]);
}

/* A program's keyboard needs no device model, nor does one that another domain serves. */
static void test_who_needs_one(void **state)
{
    struct fixture *x = *state;

    fake_add_guest(x->f, 3, "serverdom", 3);
    assert_int_equal(add_spec(x, &grammar_vkb, "backend-type=linux"), 0);
    assert_int_equal(add_spec(x, &grammar_vkb, "backend-type=qemu,backend=serverdom"), 0);
    assert_int_equal(add_spec(x, &grammar_channel, "name=a,connection=pty,backend=3"), 0);
    assert_int_equal(devset_add_console(x->set, &x->err), 0);
    assert_false(devset_needs_dm(x->set));
    assert_int_equal(add_spec(x, &grammar_vkb, "backend-type=qemu"), 0);
    assert_true(devset_needs_dm(x->set));
}

static void test_shared_directory_that_is_none(void **state)
{
    struct fixture *x = *state;

    assert_int_equal(add_spec(x, &grammar_p9, "tag=a,path=/no/such,security_model=none"), -1);
    assert_non_null(strstr(x->err.msg, "/no/such"));
    err_clear(&x->err);
    assert_int_equal(add_spec(x, &grammar_p9, "tag=a,path=/srv/web.img,security_model=none"), -1);
    assert_non_null(strstr(x->err.msg, "'/srv/web.img' is no directory"));
}

static int complain(void *arg, const char *back_name, uint32_t devid, struct domo_err *err)
{
    assert_string_equal(back_name, "vkbd");
    assert_int_equal(devid, 0);
    return --*(int *)arg > 0 ? 0 : err_set(err, DOMO_E_DEVICE_MODEL, "it says no");
}

static void test_complaint(void **state)
{
    struct fixture *x = *state;
    int calls = 3; /* the third one finds something */
    int64_t before;

    assert_int_equal(add_spec(x, &grammar_vkb, "backend-type=qemu"), 0);
    assert_int_equal(fixture_write(x, true), 0);
    devset_set_dm_check(x->set, complain, &calls);
    before = x->f->host.env->now_ms(&x->f->host);
    assert_int_equal(devset_watch(x->set, &x->err), 0);
    assert_int_equal(fixture_wait(x, fixture_backends), -1);
    assert_int_equal(x->err.code, DOMO_E_DEVICE_MODEL);
    assert_string_equal(x->err.msg, "it says no");
    assert_int_equal(calls, 0);
    assert_true(x->f->host.env->now_ms(&x->f->host) - before < 1000);
}

static int find_dirs(void **state)
{
    char *name = str_format("%s/tests/golden/nodes", getenv("srcdir") ? getenv("srcdir") : ".");

    (void)state;
    assert_non_null(realpath(name, golden_dir));
    free(name);
    assert_non_null(mkdtemp(images));
    return chdir(images);
}

static int remove_dirs(void **state)
{
    static const char *const files[] = {"q.qcow2", "o.qcow", "g.vhd", "f.vhd", "e.qed", "n.qcow2", "z"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        (void)unlink(files[i]);
    return rmdir(images);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_formats),   TEST(test_dumps), TEST(test_who_needs_one), TEST(test_shared_directory_that_is_none),
        TEST(test_complaint),
    };

    return cmocka_run_group_tests(tests, find_dirs, remove_dirs);
}
