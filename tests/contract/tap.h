/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Test Anything Protocol, as much as the contract programs need: a line a
 * check, the plan at the end.
 */
#ifndef DOMO_TESTS_TAP_H
#define DOMO_TESTS_TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/err.h"

struct tap {
    int n, failed;
};

/* One check; returns "ok". A failure shows the error, if there is one. */
static inline bool PRINTF_LIKE(4, 5) tap_ok(struct tap *t, bool ok, const struct domo_err *err, const char *fmt, ...)
{
    const char *name = NULL, *value;
    va_list ap;

    t->n++;
    t->failed += !ok;
    (void)printf("%s %d - ", ok ? "ok" : "not ok", t->n);
    va_start(ap, fmt);
    (void)vprintf(fmt, ap);
    va_end(ap);
    (void)putchar('\n');
    if (!ok && err && err->code) {
        (void)printf("# %s: %s\n", err_id(err->code), err->msg);
        while ((name = err_next_fact(err, name, &value)))
            (void)printf("#   %s: %s\n", name, value);
    }
    (void)fflush(stdout);
    return ok;
}

/* The plan; gives the exit status. */
static inline int tap_end(const struct tap *t)
{
    (void)printf("1..%d\n", t->n);
    return t->failed ? 1 : 0;
}

#endif
