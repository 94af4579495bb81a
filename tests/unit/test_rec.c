/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a struct that was put into a line comes out of it the same, and a
 * line that is none is refused.
 */
#include <errno.h>

#include "base/rec.h"
#include "unit.h"

struct sample {
    bool flag;
    int32_t i;
    uint8_t u8;
    uint64_t u64;
    uint8_t bytes[3];
    char text[8];
    int untold;
};

static const struct rec_field fields[] = {
    REC(REC_BOOL, struct sample, flag), REC(REC_INT, struct sample, i),       REC(REC_UINT, struct sample, u8),
    REC(REC_UINT, struct sample, u64),  REC(REC_BYTES, struct sample, bytes), REC(REC_TEXT, struct sample, text),
};
static const struct rec_table table = {fields, sizeof fields / sizeof fields[0]};

static void test_there_and_back(void **state)
{
    static const struct sample rows[] = {
        {true, -5, 255, UINT64_MAX, {0, 1, 255}, "a b\n", 0},
        {false, INT32_MAX, 0, 0, {9, 9, 9}, "", 0},
        {true, -INT32_MAX, 7, 1, {0, 0, 0}, "1234567", 0},
    };
    struct str s AUTO_STR = STR_INIT;
    const char *p;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        if (i)
            str_addc(&s, '\n');
        rec_put(&s, &table, &rows[i]);
    }
    p = s.s;
    for (size_t i = 0; i < 3; i++) {
        struct sample got = {.untold = 42};

        assert_non_null(p);
        assert_int_equal(rec_get(p, &table, &got, &p), 0);
        assert_true(got.flag == rows[i].flag && got.i == rows[i].i && got.u8 == rows[i].u8 && got.u64 == rows[i].u64);
        assert_memory_equal(got.bytes, rows[i].bytes, sizeof got.bytes);
        assert_string_equal(got.text, rows[i].text);
        assert_int_equal(got.untold, 42);
    }
    assert_null(p);
}

static void test_what_is_no_record(void **state)
{
    static const char *const lines[] = {
        "",
        "1",
        "2 0 0 0 000000 .",
        "1 x 0 0 000000 .",
        "1 2147483648 0 0 000000 .",
        "1 0 256 0 000000 .",
        "1 0 -1 0 000000 .",
        "1 0 0 18446744073709551616 000000 .",
        "1 0 0 0 0000 .",
        "1 0 0 0 00000g .",
        "1 0 0 0 00000000 .",
        "1 0 0 0 000000 ",
        "1 0 0 0 000000 .4",
        "1 0 0 0 000000 .4141414141414141",
        "1 0 0 0 000000 . ",
        "1 0 0 0 000000 .\n",
        "1  0 0 0 000000 .",
    };
    struct sample got;

    (void)state;
    assert_int_equal(rec_get("1 0 0 0 000000 .", &table, &got, NULL), 0);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        if (rec_get(lines[i], &table, &got, NULL) != -EINVAL)
            fail_msg("taken: '%s'", lines[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_is_no_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
