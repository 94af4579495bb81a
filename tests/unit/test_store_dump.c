/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a store that was dumped and loaded, as text or as JSON, dumps the
 * same again; a text that is broken anywhere is refused or loads what it says,
 * and never harms.
 */
#include <errno.h>
#include <stdio.h>

#include "unit.h"

#include "store_client.h"

static bool exists(void *arg, uint16_t domid)
{
    (void)arg;
    return domid < 4;
}

static const struct domostore_ops ops = {.domain_exists = exists};

static struct domostore *filled(struct client **ret_a, struct client **ret_b)
{
    struct domostore *ds = domostore_new(&ops, NULL);
    struct client *a = client_mem(ds, 0, true), *b = client_mem(ds, 2, false);
    uint32_t tx;

    assert_string_equal(client_ask(a, PROTO_WRITE, 0, "/x/y\0\0\1 \\ \377=v", 13), "OK");
    assert_string_equal(client_path(a, PROTO_MKDIR, 0, "/local/domain/2"), "OK");
    assert_string_equal(client_perms(a, 0, "/local/domain/2", "n2 r1 b9 w3"), "OK");
    assert_string_equal(client_perms(a, 0, "@introduceDomain", "n0 r2"), "OK");
    assert_string_equal(client_path(a, PROTO_RM, 0, "/tool/xenstored"), "OK");
    assert_string_equal(client_write(b, 0, "v", "value"), "OK");
    assert_string_equal(client_watch(b, "v", "t t"), "OK");
    assert_string_equal(client_ask(a, PROTO_SET_QUOTA, 0, "2\0nodes\0007", 10), "OK");
    assert_int_equal(domostore_set_quota(ds, "watches", 5), 0);
    assert_int_equal(domostore_introduce(ds, 3, 77, 8), 0);
    tx = client_start(b);
    assert_string_equal(client_write(b, tx, "in/tx", "v"), "OK");
    *ret_a = a;
    *ret_b = b;
    return ds;
}

/* The lines that do not speak of connections. */
static char *lasting(const char *dump)
{
    char *out = calloc(1, strlen(dump) + 1);
    const char *line, *end;

    for (line = dump; *line; line = end + 1) {
        end = strchr(line, '\n');
        if (strncmp(line, "connection ", 11) && strncmp(line, "watch ", 6) && strncmp(line, "transaction ", 12) &&
            strncmp(line, "tx-", 3) && strncmp(line, "store ", 6))
            strncat(out, line, (size_t)(end - line) + 1);
    }
    return out;
}

static void check_load(const char *text, size_t len, const char *want)
{
    struct domostore *ds = domostore_new(&ops, NULL);
    char *again, *kept, *expected;
    size_t again_len;

    assert_int_equal(domostore_load(ds, text, len, true), 0);
    assert_int_equal(domostore_check(ds, NULL), 0);
    again = domostore_dump(ds, false, &again_len);
    kept = lasting(again);
    expected = lasting(want);
    assert_string_equal(kept, expected);
    free(again);
    free(kept);
    free(expected);
    (void)domostore_free(ds);
}

static void test_round_trip(void **state)
{
    struct client *a, *b;
    struct domostore *ds = filled(&a, &b);
    char *text, *json;
    size_t text_len, json_len;

    (void)state;
    text = domostore_dump(ds, false, &text_len);
    json = domostore_dump(ds, true, &json_len);
    assert_non_null(strstr(text, "value=\\x00\\x01\\x20\\x5c\\x20\\xff=v\n"));
    assert_non_null(strstr(text, "perms=n2,r1,b9!,w3"));
    check_load(text, text_len, text);
    check_load(json, json_len, text);
    free(text);
    free(json);
    client_free(a);
    client_free(b);
    (void)domostore_free(ds);
}

/* Each byte changed, and each end cut off. */
static void test_broken(void **state)
{
    struct client *a, *b;
    struct domostore *ds = filled(&a, &b), *to;
    size_t len, i;
    char *text = domostore_dump(ds, false, &len), *copy = malloc(len + 1);
    int rc;

    (void)state;
    for (i = 0; i < len; i++) {
        memcpy(copy, text, len + 1);
        copy[i] = (char)(copy[i] ^ (i % 7 + 1));
        to = domostore_new(&ops, NULL);
        rc = domostore_load(to, copy, len, true);
        if (rc == 0)
            assert_int_equal(domostore_check(to, NULL), 0);
        else
            assert_int_equal(rc, -EINVAL);
        (void)domostore_free(to);
        to = domostore_new(&ops, NULL);
        assert_int_equal(domostore_load(to, text, i, true), -EINVAL);
        (void)domostore_free(to);
    }
    free(copy);
    free(text);
    client_free(a);
    client_free(b);
    (void)domostore_free(ds);
}

static void test_length_is_not_wanted(void **state)
{
    struct domostore *ds = domostore_new(&ops, NULL);

    (void)state;
    for (int json = 0; json < 2; json++) {
        size_t len = 0;
        char *with = domostore_dump(ds, json, &len), *without = domostore_dump(ds, json, NULL);

        assert_non_null(with);
        assert_non_null(without);
        assert_int_equal(strlen(with), len);
        assert_string_equal(without, with);
        free(with);
        free(without);
    }
    (void)domostore_free(ds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_length_is_not_wanted),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_broken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
