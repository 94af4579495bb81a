/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A growable byte string that is always NUL-terminated, and small helpers on
 * plain C strings. An append that runs out of memory sets `failed` and leaves
 * the text as it was; str_steal() then gives NULL. So a builder checks once.
 */
#ifndef DOMO_BASE_STR_H
#define DOMO_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct str {
    char *s; /* NULL or NUL-terminated */
    size_t len, cap;
    bool failed;
};

#define STR_INIT                                                                                                       \
    {                                                                                                                  \
        .s = NULL, .len = 0, .cap = 0, .failed = 0,                                                                    \
    }

void str_fini(struct str *s);
void str_clear(struct str *s); /* empty, memory kept, failed reset */
void str_add(struct str *s, const char *text);
void str_addn(struct str *s, const void *bytes, size_t n);
void str_addc(struct str *s, char c);
void str_addf(struct str *s, const char *fmt, ...) PRINTF_LIKE(2, 3);
const char *str_text(const struct str *s); /* "" when empty */
char *str_steal(struct str *s);            /* caller frees; NULL if anything failed; s is empty afterwards */

/* printf into a new string, NULL when out of memory. */
char *str_format(const char *fmt, ...) PRINTF_LIKE(1, 2);

bool str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool str_starts(const char *s, const char *prefix);

/* Whole-string numbers: decimal only, no sign, no blanks. 0, -EINVAL, -ERANGE. *ret is untouched on failure. */
int str_to_u32(const char *s, uint32_t *ret) MUST_CHECK;
int str_to_u64(const char *s, uint64_t *ret) MUST_CHECK;

/* Edit distance (insert, delete, replace, swap of neighbours), cut off at "limit" + 1. */
unsigned str_distance(const char *a, const char *b, unsigned limit);

/* The candidate nearest to "word", or NULL if none is near enough to be worth saying. "at" maps an index to a name
 * and returns NULL past the end. */
const char *str_nearest(const char *word, const char *(*at)(size_t i, const void *arg), const void *arg);

static inline void cleanup_str_(struct str *s)
{
    str_fini(s);
}
#define AUTO_STR CLEANUP(cleanup_str_)

#endif
