/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: on random sequences of operations by several connections the
 * server answers as a naive model does, tells the same events, and keeps its
 * books straight after each one. A failing sequence is shortened and printed.
 */
#include <stdio.h>

#include "unit.h"

#include "fuzz/store_ops.h"

enum { LEN = 3000 };

static uint64_t next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* Deletes pieces as long as it still fails. */
static size_t shorten(uint8_t *bytes, size_t len)
{
    uint8_t tried[LEN];
    size_t piece, at;

    for (piece = len / 2; piece > 0; piece /= 2) {
        for (at = 0; at + piece <= len;) {
            memcpy(tried, bytes, at);
            memcpy(tried + at, bytes + at + piece, len - at - piece);
            if (store_ops_run(tried, len - piece, 1)) {
                len -= piece;
                memcpy(bytes, tried, len);
            } else {
                at += piece;
            }
        }
    }
    return len;
}

static void test_random(void **state)
{
    const char *seeds = getenv("STORE_SEEDS"), *first = getenv("STORE_SEED");
    unsigned long from = first ? strtoul(first, NULL, 10) : 1, count = seeds ? strtoul(seeds, NULL, 10) : 1000, seed;
    uint8_t bytes[LEN];
    size_t i, len;

    (void)state;
    for (seed = from; seed < from + count; seed++) {
        uint64_t x = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;

        for (i = 0; i < LEN; i++)
            bytes[i] = (uint8_t)(next(&x) >> 32);
        if (!store_ops_run(bytes, LEN, 1))
            continue;
        len = shorten(bytes, LEN);
        print_message("seed %lu, %zu bytes:", seed, len);
        for (i = 0; i < len; i++)
            print_message(" %02x", bytes[i]);
        fail_msg("\n%s", store_ops_run(bytes, len, 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
