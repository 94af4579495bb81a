/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Compiler attributes, so that every header spells them the same way.
 */
#ifndef DOMO_BASE_ATTR_H
#define DOMO_BASE_ATTR_H

#include <stdlib.h>
#include <unistd.h>

#define PRINTF_LIKE(fmt_index, first_arg) __attribute__((format(printf, fmt_index, first_arg)))
#define MUST_CHECK                        __attribute__((warn_unused_result))
#define CLEANUP(fn)                       __attribute__((cleanup(fn)))
/* A result that is ignored on purpose: gcc wants more than a cast to void for MUST_CHECK functions. */
#define IGNORE(call)                                                                                                   \
    do {                                                                                                               \
        if (call) {                                                                                                    \
            ;                                                                                                          \
        }                                                                                                              \
    } while (0)
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

static inline void cleanup_free_(void *pp)
{
    free(*(void **)pp);
}

static inline void cleanup_close_(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

/* char *AUTO_FREE name = NULL;  int AUTO_CLOSE fd = -1; */
#define AUTO_FREE  CLEANUP(cleanup_free_)
#define AUTO_CLOSE CLEANUP(cleanup_close_)

#endif
