/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Libraries that are loaded when they are first needed. Mapping and relocating
 * a library costs more than most of our commands take for their work, and most
 * commands need only few of the libraries that this one uses.
 *
 * The one file that owns a library's header names what it calls, without the
 * library's prefix:
 *
 *     #define FOO_CALLS(X) X(foo_, open) X(foo_, close)
 *     LAZY_LIBRARY(foo, FOO_SONAME, FOO_CALLS);
 *     ...
 *     if (lazy_load(&foo_library, err) < 0)
 *         return -1;
 *     f = foo.open(path);
 *
 * The types of the calls are those of the header, so a wrong argument is still
 * an error when compiling.
 */
#ifndef DOMO_BASE_LAZY_H
#define DOMO_BASE_LAZY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/err.h"

struct lazy {
    const char *soname;
    const char *const *names;
    size_t n;
    void *calls; /* n pointers to functions, filled when loaded */
    bool loaded;
};

/* Loads the library and finds all its calls, once. It stays loaded until the process ends. UNSUPPORTED, with what the
 * loader said, if that is not possible; may be tried again. */
int lazy_load(struct lazy *, struct domo_err *) MUST_CHECK;

/* For a table X(prefix, call) of calls: members of a struct of pointers to them; strings with their names. */
#define LAZY_MEMBER(prefix, call) __typeof__(prefix##call) *call;
#define LAZY_NAME(prefix, call)   #prefix #call,
#define LAZY_INIT(so, list, to)                                                                                        \
    {                                                                                                                  \
        .soname = (so), .names = (list), .n = sizeof(list) / sizeof(list)[0], .calls = &(to)                           \
    }

/* All of it for one file: "var" with the calls, var_library to load. */
#define LAZY_LIBRARY(var, so, CALLS)                                                                                   \
    static struct {                                                                                                    \
        CALLS(LAZY_MEMBER)                                                                                             \
    } var;                                                                                                             \
    static const char *const var##_names[] = {CALLS(LAZY_NAME)};                                                       \
    static struct lazy var##_library = LAZY_INIT(so, var##_names, var)

#endif
