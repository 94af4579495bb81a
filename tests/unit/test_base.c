/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: the foundation does what its headers say: errors render and chain,
 * JSON survives a round trip, names near a typo are found, files are replaced
 * whole and locks exclude.
 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/str.h"
#include "base/vec.h"

static void test_error_rows_are_complete(void **state)
{
    (void)state;
    for (int c = 0; c < DOMO_E_COUNT; c++) {
        assert_non_null(err_id(c));
        assert_true(err_id(c)[0] != '\0');
        assert_true(err_doc(c)[0] != '\0');
        assert_non_null(err_default_hint(c));
        for (int d = 0; d < c; d++)
            assert_string_not_equal(err_id(c), err_id(d));
    }
}

static void test_error_wraps_outermost_first(void **state)
{
    struct domo_err e = DOMO_ERR_INIT;
    struct json *j;
    const char *value = NULL;

    (void)state;
    assert_int_equal(err_sys(&e, DOMO_E_DISK_NOT_FOUND, ENOENT, "open '%s'", "/x"), -1);
    assert_int_equal(err_wrap(&e, "disk %d", 1), -1);
    (void)err_wrap(&e, "create 'web'");
    (void)err_fact(&e, "back-state", "%d", 2);
    (void)err_fact(&e, "front-state", "%d", 1);
    assert_string_equal(err_next_fact(&e, NULL, &value), "back-state");
    assert_string_equal(value, "2");
    j = err_to_json(&e);
    assert_non_null(j);
    assert_string_equal(json_get_str(j, "code", ""), "disk.not-found");
    assert_string_equal(json_get_str(j, "errno", ""), "ENOENT");
    assert_string_equal(json_str(json_at(json_get(j, "context"), 0, NULL), ""), "create 'web'");
    assert_string_equal(json_str(json_at(json_get(j, "context"), 1, NULL), ""), "disk 1");
    assert_string_equal(json_get_str(json_get(j, "observed"), "front-state", ""), "1");
    (void)json_free(j);
}

static void test_error_facts_stop_at_the_limit(void **state)
{
    struct domo_err e = DOMO_ERR_INIT;
    char big[500];

    (void)state;
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    for (int i = 0; i < 10; i++)
        (void)err_fact(&e, "k", "%s", big);
    assert_true(e.facts_len <= sizeof e.facts);
    assert_true(e.facts_len > 3 * sizeof big);
}

static void test_json_round_trip(void **state)
{
    static const char *const good[] = {
        "{}",
        "[]",
        "[1,-2,9223372036854775807,18446744073709551615,1.5,true,false,null]",
        "{\"a\":{\"b\":[\"x\\ny\",\"\"]},\"z\":0}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct json *j = NULL, *c;
        char *text;

        assert_int_equal(json_parse(good[i], strlen(good[i]), &j, NULL), 0);
        text = json_print(j, JSON_COMPACT);
        assert_string_equal(text, good[i]);
        c = json_copy(j);
        assert_true(json_equal(c, j));
        free(text);
        (void)json_free(c);
        (void)json_free(j);
    }
}

static void test_json_refuses(void **state)
{
    static const char *const bad[] = {"", "{", "{\"a\":}", "[1,]", "1 2", "{\"a\" 1}", "nul"};
    char deep[2 * JSON_DEPTH_MAX + 4];
    struct json *j = NULL;
    char *why = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(json_parse(bad[i], strlen(bad[i]), &j, &why), -EINVAL);
        assert_non_null(why);
        free(why);
        why = NULL;
        assert_null(j);
    }
    memset(deep, '[', sizeof deep);
    assert_int_equal(json_parse(deep, sizeof deep, &j, NULL), -E2BIG);
}

static void test_json_objects(void **state)
{
    struct json *j = json_new_object(), *v;

    (void)state;
    json_set_int(j, "a", 1);
    json_set_str(j, "b", "x");
    json_set_int(j, "a", 2);
    assert_int_equal(json_len(j), 2);
    assert_int_equal(json_get_int(j, "a", 0), 2);
    json_set_int(json_set_object(j, "c"), "d", 7);
    assert_int_equal(json_int(json_path(j, "c.d"), 0), 7);
    assert_null(json_path(j, "c.d.e"));
    v = json_steal(j, "b");
    assert_string_equal(json_str(v, ""), "x");
    (void)json_free(v);
    assert_null(json_get(j, "b"));
    (void)json_free(j);
}

static const char *name_at(size_t i, const void *arg)
{
    return ((const char *const *)arg)[i];
}

static void test_nearest_name(void **state)
{
    static const char *const names[] = {"kernel", "ramdisk", "memory", "maxmem", "vcpus", NULL};

    (void)state;
    assert_string_equal(str_nearest("kernal", name_at, names), "kernel");
    assert_string_equal(str_nearest("memroy", name_at, names), "memory");
    assert_string_equal(str_nearest("vcpu", name_at, names), "vcpus");
    assert_null(str_nearest("zzzzz", name_at, names));
    assert_int_equal(str_distance("ab", "ba", 3), 1);
    assert_int_equal(str_distance("abc", "abc", 3), 0);
    assert_int_equal(str_distance("kitten", "sitting", 5), 3);
}

static void test_numbers(void **state)
{
    uint32_t v = 7;
    uint64_t w = 7;

    (void)state;
    assert_int_equal(str_to_u32("", &v), -EINVAL);
    assert_int_equal(str_to_u32("-1", &v), -EINVAL);
    assert_int_equal(str_to_u32("0x1", &v), -EINVAL);
    assert_int_equal(str_to_u32("4294967296", &v), -ERANGE);
    assert_int_equal(v, 7);
    assert_int_equal(str_to_u32("4294967295", &v), 0);
    assert_int_equal(v, 4294967295U);
    assert_int_equal(str_to_u64("18446744073709551616", &w), -ERANGE);
    assert_int_equal(str_to_u64("18446744073709551615", &w), 0);
}

static void test_str_builds(void **state)
{
    struct str s = STR_INIT;
    char *text;

    (void)state;
    str_add(&s, "a");
    str_addf(&s, "%d", 12);
    str_addc(&s, 'z');
    assert_string_equal(str_text(&s), "a12z");
    text = str_steal(&s);
    assert_string_equal(text, "a12z");
    free(text);
    text = str_steal(&s);
    assert_string_equal(text, "");
    free(text);
}

static void test_vec(void **state)
{
    VEC(int) v = VEC_INIT;

    (void)state;
    for (int i = 0; i < 100; i++)
        *VEC_PUSH(&v) = i;
    assert_int_equal(v.len, 100);
    VEC_REMOVE(&v, 0);
    assert_int_equal(v.at[0], 1);
    assert_int_equal(v.at[98], 99);
    VEC_FINI(&v);
}

static void test_files_and_locks(void **state)
{
    char dir[] = "/tmp/domo-base-XXXXXX", path[128], deep[160], *text = NULL;
    int fd = -1, other = -1;
    struct stat st;
    size_t len = 0;

    (void)state;
    assert_non_null(mkdtemp(dir));
    (void)snprintf(path, sizeof path, "%s/f", dir);
    assert_int_equal(fs_write_atomic(path, "one", 3, 0600, false), 0);
    assert_int_equal(fs_write_atomic(path, "other", 5, 0640, true), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(fs_read(path, 4, &text, &len), -EFBIG);
    assert_int_equal(fs_read(path, 5, &text, &len), 0);
    assert_string_equal(text, "other");
    free(text);
    assert_int_equal(fs_read(dir, 5, &text, &len), -EISDIR);
    assert_int_equal(fs_lock(path, FS_LOCK_FLOCK, 0, &fd), 0);
    assert_int_equal(fs_lock(path, FS_LOCK_FLOCK, clock_now_ms() + 50, &other), -EWOULDBLOCK);
    (void)close(fd);
    assert_int_equal(fs_lock(path, FS_LOCK_FLOCK, 0, &other), 0);
    (void)close(other);
    (void)snprintf(deep, sizeof deep, "%s/a/b/c", dir);
    assert_int_equal(fs_mkdirs(deep, 0700), 0);
    assert_int_equal(fs_mkdirs(deep, 0700), 0);
    (void)rmdir(deep);
    (void)snprintf(deep, sizeof deep, "%s/a/b", dir);
    (void)rmdir(deep);
    (void)snprintf(deep, sizeof deep, "%s/a", dir);
    (void)rmdir(deep);
    (void)unlink(path);
    assert_int_equal(rmdir(dir), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_rows_are_complete),
        cmocka_unit_test(test_error_wraps_outermost_first),
        cmocka_unit_test(test_error_facts_stop_at_the_limit),
        cmocka_unit_test(test_json_round_trip),
        cmocka_unit_test(test_json_refuses),
        cmocka_unit_test(test_json_objects),
        cmocka_unit_test(test_nearest_name),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_str_builds),
        cmocka_unit_test(test_vec),
        cmocka_unit_test(test_files_and_locks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
