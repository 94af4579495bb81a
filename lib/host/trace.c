/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The tracing host: hands every operation on to another host and logs it as
 * one line that does not depend on time or addresses, so that two runs can be
 * compared.
 */
#include "host/trace.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct host *trace_inner(struct host *h)
{
    struct host *inner = ((struct trace *)h->impl)->inner;

    inner->cancelled = h->cancelled;
    return inner;
}

/* Store requests are counted by the wrappers on the outer host, the rest by the operations on the inner one. */
static void take_stats(struct host *h, const struct host *inner)
{
    h->stats.hyp_calls = inner->stats.hyp_calls;
    h->stats.os_calls = inner->stats.os_calls;
    h->stats.forks = inner->stats.forks;
}

int trace_result(struct host *h, int r, const struct domo_err *err, const char *call, const char *result_fmt, ...)
{
    const struct trace *t = h->impl;
    char result[512];
    va_list ap;

    take_stats(h, t->inner);
    va_start(ap, result_fmt);
    (void)vsnprintf(result, sizeof result, result_fmt, ap);
    va_end(ap);
    if (r < 0)
        log_line(t->log, LOG_LEVEL_DEBUG, "%s -> error %s", call, err ? err_id(err->code) : "?");
    else
        log_line(t->log, LOG_LEVEL_DEBUG, result[0] ? "%s -> %s" : "%s%s", call, result);
    return r;
}

const char *trace_quote(char out[TRACE_VALUE_MAX], const void *bytes, size_t len)
{
    enum { END = TRACE_VALUE_MAX - sizeof "…\"" - 4 };
    const unsigned char *p = bytes;
    size_t n = 0, i;

    out[n++] = '"';
    for (i = 0; i < len && n < END; i++) {
        if (p[i] == '"' || p[i] == '\\' || !isprint(p[i]))
            n += (size_t)snprintf(out + n, 5, "\\x%02x", p[i]);
        else
            out[n++] = (char)p[i];
    }
    (void)snprintf(out + n, TRACE_VALUE_MAX - n, "%s\"", i < len ? "…" : "");
    return out;
}

/* ---- time: not worth a line ---- */

static int64_t trace_now_ms(struct host *h)
{
    struct host *inner = trace_inner(h);

    return inner->env->now_ms(inner);
}

static int64_t trace_now_us(struct host *h)
{
    struct host *inner = trace_inner(h);

    return inner->env->now_us(inner);
}

static void trace_wall(struct host *h, int64_t *ret_sec, unsigned *ret_centi)
{
    struct host *inner = trace_inner(h);

    inner->env->wall(inner, ret_sec, ret_centi);
}

static int trace_random(struct host *h, void *bytes, size_t len, struct domo_err *err)
{
    struct host *inner = trace_inner(h);

    return inner->env->random(inner, bytes, len, err);
}

static int trace_wait(struct host *h, struct pollfd *fds, size_t n, int64_t deadline_ms, struct domo_err *err)
{
    struct host *inner = trace_inner(h);

    return inner->env->wait(inner, fds, n, deadline_ms, err);
}

const struct env_ops trace_env_ops = {
    .now_ms = trace_now_ms,
    .now_us = trace_now_us,
    .wall = trace_wall,
    .random = trace_random,
    .wait = trace_wait,
};

/* ---- opening ---- */

bool trace_is(const struct host *h)
{
    return h->hyp == &trace_hyp_ops;
}

int host_trace(struct host *inner, const struct log *log, struct host **ret, struct domo_err *err)
{
    struct trace *t = calloc(1, sizeof *t);
    struct host *h = calloc(1, sizeof *h);

    if (!t || !h) {
        free(t);
        free(h);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    *t = (struct trace){.inner = inner, .log = log};
    *h = *inner;
    h->hyp = &trace_hyp_ops;
    h->store = &trace_store_ops;
    h->os = &trace_os_ops;
    h->link = &trace_link_ops;
    h->env = &trace_env_ops;
    h->impl = t;
    *ret = h;
    return 0;
}

struct host *trace_close(struct host *h)
{
    (void)host_close(trace_inner(h));
    free(h->impl);
    free(h);
    return NULL;
}
