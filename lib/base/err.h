/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The one error object. By value, owned by the caller, never allocates, needs
 * no free. Whoever fails fills it once with err_set(); each layer above pushes
 * what it was doing with err_wrap(); whoever ends its journey prints it.
 *
 * Rules: on success the object is untouched; every fallible function returns
 * 0 or -1 (or a negative errno in lib/base and store/, which do not use this).
 */
#ifndef DOMO_BASE_ERR_H
#define DOMO_BASE_ERR_H

#include <stddef.h>

#include "base/attr.h"

enum domo_code {
#define ERR(name, id, class, hint, doc) DOMO_E_##name,
#include "base/errors.def"
#undef ERR
    DOMO_E_COUNT
};

/* Exit status classes: what a script can tell apart without reading text. */
enum err_class {
    ERR_CLASS_OK,
    ERR_CLASS_FAILED,
    ERR_CLASS_USAGE,
    ERR_CLASS_NOT_FOUND,
    ERR_CLASS_CONFLICT,
    ERR_CLASS_PERMISSION,
    ERR_CLASS_TIMEOUT,
    ERR_CLASS_UNSUPPORTED,
    ERR_CLASS_COUNT
};

enum { ERR_MSG_MAX = 512, ERR_HINT_MAX = 320, ERR_CTX_MAX = 512, ERR_FACTS_MAX = 2048 };

struct json;

struct domo_err {
    enum domo_code code;
    int sys;                   /* errno behind it, 0 if none */
    char msg[ERR_MSG_MAX];     /* one sentence without a final dot */
    char hint[ERR_HINT_MAX];   /* what to do next; empty: the code's default */
    char ctx[ERR_CTX_MAX];     /* outermost first, "attach disk xvdb to 'web'", joined by ": " */
    char facts[ERR_FACTS_MAX]; /* observed facts, "name\0value\0" pairs */
    size_t facts_len;
};

#define DOMO_ERR_INIT                                                                                                  \
    {                                                                                                                  \
        .code = DOMO_E_OK, .sys = 0,                                                                                   \
    }

/* Back to "no error". */
void err_clear(struct domo_err *e);

/* Fills "e" with a code and a printf-style message; returns -1, so that failing
 * is one line. "e" may be NULL (the caller does not care why). */
int err_set(struct domo_err *e, enum domo_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same with an errno; its text is appended to the message. */
int err_sys(struct domo_err *e, enum domo_code code, int sys, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Pushes one frame of context in front of those that are there; returns -1. */
int err_wrap(struct domo_err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Replaces the hint; returns -1. */
int err_hint(struct domo_err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Adds one observed fact ("back-state", "InitWait"). Facts that no longer fit are dropped. Returns -1. */
int err_fact(struct domo_err *e, const char *name, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Walks the facts: pass NULL first, then the last result. NULL at the end. *ret_value is the fact's value. */
const char *err_next_fact(const struct domo_err *e, const char *prev, const char **ret_value);

/* Hint to show: the one that was set, else the code's default, else "". */
const char *err_hint_text(const struct domo_err *e);

/* Row data of a code. */
const char *err_id(enum domo_code code);
const char *err_doc(enum domo_code code);
const char *err_default_hint(enum domo_code code);
enum err_class err_class(enum domo_code code);

/* Exit status and name ("not-found") of a class. */
int err_class_status(enum err_class class);
const char *err_class_name(enum err_class class);

/* {"code","class","message","context":[..],"hint","errno","observed":{..}}; NULL when out of memory. Caller frees. */
struct json *err_to_json(const struct domo_err *e);

#endif
