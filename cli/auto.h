/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The attributes that cli/ uses: ownership by scope, and what the compiler should check.
 */
#ifndef DOMO_CLI_AUTO_H
#define DOMO_CLI_AUTO_H

#include <stdlib.h>

#include "domo.h"

#define CLEANUP(fn)       __attribute__((cleanup(fn)))
#define MUST_CHECK        __attribute__((warn_unused_result))
#define NORETURN          __attribute__((noreturn))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

static inline void auto_free_(void *p)
{
    free(*(void **)p);
}

static inline void auto_value_(struct domo_value **p)
{
    domo_value_free(*p);
}

static inline void auto_spec_(struct domo_spec **p)
{
    domo_spec_free(*p);
}

#define AUTO_FREE  CLEANUP(auto_free_)
#define AUTO_VALUE CLEANUP(auto_value_)
#define AUTO_SPEC  CLEANUP(auto_spec_)

#endif
