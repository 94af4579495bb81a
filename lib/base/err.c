/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

struct code_row {
    const char *id, *hint, *doc;
    enum err_class class;
};

static const struct code_row codes[DOMO_E_COUNT] = {
#define ERR(name, id_, class_, hint_, doc_)                                                                            \
    [DOMO_E_##name] = {.id = (id_), .hint = (hint_), .doc = (doc_), .class = ERR_CLASS_##class_},
#include "base/errors.def"
#undef ERR
};

static const struct {
    const char *name;
    int status;
} classes[ERR_CLASS_COUNT] = {
    [ERR_CLASS_OK] = {"ok", 0},
    [ERR_CLASS_FAILED] = {"failed", 1},
    [ERR_CLASS_USAGE] = {"usage", 2},
    [ERR_CLASS_NOT_FOUND] = {"not-found", 3},
    [ERR_CLASS_CONFLICT] = {"conflict", 4},
    [ERR_CLASS_PERMISSION] = {"permission", 5},
    [ERR_CLASS_TIMEOUT] = {"timeout", 6},
    [ERR_CLASS_UNSUPPORTED] = {"unsupported", 7},
};

void err_clear(struct domo_err *e)
{
    if (e)
        *e = (struct domo_err)DOMO_ERR_INIT;
}

int err_set(struct domo_err *e, enum domo_code code, const char *fmt, ...)
{
    va_list ap;

    if (!e)
        return -1;
    err_clear(e);
    e->code = code;
    va_start(ap, fmt);
    (void)vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    va_end(ap);
    return -1;
}

int err_sys(struct domo_err *e, enum domo_code code, int sys, const char *fmt, ...)
{
    va_list ap;
    size_t n;

    if (!e)
        return -1;
    err_clear(e);
    e->code = code;
    e->sys = sys;
    va_start(ap, fmt);
    (void)vsnprintf(e->msg, sizeof e->msg, fmt, ap);
    va_end(ap);
    n = strlen(e->msg);
    if (sys)
        (void)snprintf(e->msg + n, sizeof e->msg - n, ": %s", strerror(sys));
    return -1;
}

int err_wrap(struct domo_err *e, const char *fmt, ...)
{
    char frame[ERR_CTX_MAX], old[ERR_CTX_MAX];
    va_list ap;

    if (!e)
        return -1;
    va_start(ap, fmt);
    (void)vsnprintf(frame, sizeof frame, fmt, ap);
    va_end(ap);
    memcpy(old, e->ctx, sizeof old);
    /* What no longer fits is the innermost context: the message itself says that. */
    if (snprintf(e->ctx, sizeof e->ctx, old[0] ? "%s\n%s" : "%s%s", frame, old) >= (int)sizeof e->ctx)
        e->ctx[sizeof e->ctx - 1] = '\0';
    return -1;
}

int err_hint(struct domo_err *e, const char *fmt, ...)
{
    va_list ap;

    if (!e)
        return -1;
    va_start(ap, fmt);
    (void)vsnprintf(e->hint, sizeof e->hint, fmt, ap);
    va_end(ap);
    return -1;
}

int err_fact(struct domo_err *e, const char *name, const char *fmt, ...)
{
    char value[512];
    size_t nlen, vlen;
    va_list ap;

    if (!e)
        return -1;
    va_start(ap, fmt);
    (void)vsnprintf(value, sizeof value, fmt, ap);
    va_end(ap);
    nlen = strlen(name) + 1;
    vlen = strlen(value) + 1;
    if (e->facts_len + nlen + vlen > sizeof e->facts)
        return -1;
    memcpy(e->facts + e->facts_len, name, nlen);
    memcpy(e->facts + e->facts_len + nlen, value, vlen);
    e->facts_len += nlen + vlen;
    return -1;
}

const char *err_next_fact(const struct domo_err *e, const char *prev, const char **ret_value)
{
    const char *p = e->facts, *end = e->facts + e->facts_len;

    if (prev) {
        p = prev + strlen(prev) + 1;
        p += strlen(p) + 1;
    }
    if (p >= end)
        return NULL;
    *ret_value = p + strlen(p) + 1;
    return p;
}

const char *err_id(enum domo_code code)
{
    return (unsigned)code < DOMO_E_COUNT ? codes[code].id : codes[DOMO_E_INTERNAL].id;
}

const char *err_doc(enum domo_code code)
{
    return (unsigned)code < DOMO_E_COUNT ? codes[code].doc : "";
}

const char *err_default_hint(enum domo_code code)
{
    return (unsigned)code < DOMO_E_COUNT ? codes[code].hint : "";
}

enum err_class err_class(enum domo_code code)
{
    return (unsigned)code < DOMO_E_COUNT ? codes[code].class : ERR_CLASS_FAILED;
}

const char *err_hint_text(const struct domo_err *e)
{
    return e->hint[0] ? e->hint : err_default_hint(e->code);
}

int err_class_status(enum err_class class)
{
    return (unsigned)class < ERR_CLASS_COUNT ? classes[class].status : 1;
}

const char *err_class_name(enum err_class class)
{
    return (unsigned)class < ERR_CLASS_COUNT ? classes[class].name : "failed";
}

static void context_to_json(const struct domo_err *e, struct json *array)
{
    const char *p = e->ctx;

    while (*p) {
        const char *nl = strchr(p, '\n');
        size_t n = nl ? (size_t)(nl - p) : strlen(p);

        json_add(array, json_new_strn(p, n));
        p += n + (nl ? 1 : 0);
    }
}

struct json *err_to_json(const struct domo_err *e)
{
    struct json *j = json_new_object(), *facts;
    const char *name = NULL, *value;

    json_set_str(j, "code", err_id(e->code));
    json_set_str(j, "class", err_class_name(err_class(e->code)));
    json_set_str(j, "message", e->msg);
    context_to_json(e, json_set_array(j, "context"));
    if (err_hint_text(e)[0])
        json_set_str(j, "hint", err_hint_text(e));
    if (e->sys)
        json_set_str(j, "errno", strerrorname_np(e->sys));
    if (e->facts_len) {
        facts = json_set_object(j, "observed");
        while ((name = err_next_fact(e, name, &value)))
            json_set_str(facts, name, value);
    }
    return json_done(j);
}
