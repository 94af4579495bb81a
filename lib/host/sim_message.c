/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What travels to domo-simd and back: requests, records in replies, and what an
 * errno in one means. How it travels is sim_conn.c's.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/codes.h"
#include "host/sim.h"

struct json *sim_request(const char *op)
{
    struct json *request = json_new_object();

    json_set_str(request, "op", op);
    return request;
}

void sim_add_record(struct json *request, const struct rec_table *t, const void *record)
{
    struct str s AUTO_STR = STR_INIT;

    rec_put(&s, t, record);
    json_set_str(request, "in", str_text(&s));
}

int sim_take_record(const struct json *reply, const struct rec_table *t, void *record, struct domo_err *err)
{
    const char *rest;

    if (rec_get(json_get_str(reply, "out", ""), t, record, &rest) < 0)
        return err_set(err, DOMO_E_SIM, "the simulated host answered something else than was asked");
    return 0;
}

int sim_take_records(const struct json *reply, const struct rec_table *t, size_t size, void **ret, size_t *ret_n,
                     struct domo_err *err)
{
    const char *text = json_get_str(reply, "out", "");
    size_t n = 0, cap = 1;
    char *list;

    for (const char *p = text; *p; p++)
        cap += *p == '\n';
    list = calloc(cap, size);
    if (!list)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (const char *p = text[0] ? text : NULL; p; n++)
        if (rec_get(p, t, list + n * size, &p) < 0) {
            free(list);
            return err_set(err, DOMO_E_SIM, "the simulated host answered something else than was asked");
        }
    *ret = list;
    *ret_n = n;
    return 0;
}

/* ---- failures ---- */

int sim_lost(const struct sim_host *s, struct domo_err *err, int sys)
{
    if (sys)
        (void)err_sys(err, DOMO_E_SIM, sys, "the simulated host in '%s' does not answer", s->dir);
    else
        (void)err_set(err, DOMO_E_SIM, "the simulated host in '%s' went away", s->dir);
    (void)err_hint(err, "the next command starts it anew, without its guests; the file 'log' there may say more");
    return SIM_LOST;
}

int sim_hyp_fail(struct domo_err *err, enum domo_code fallback, int r, const char *fmt, ...)
{
    char what[ERR_MSG_MAX];
    va_list ap;

    if (r == SIM_LOST)
        return -1;
    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    return err_sys(err, host_hyp_code(-r, fallback), -r, "%s", what);
}
