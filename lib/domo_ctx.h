/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the files behind domo.h share, and nobody else sees.
 */
#ifndef DOMO_CTX_H
#define DOMO_CTX_H

#include "base/json.h"
#include "base/log.h"
#include "domo.h"
#include "host/host.h"

struct domo_ctx {
    char *uri;
    struct domo_hooks hooks;
    struct log log;
    struct host *host; /* NULL until the first call that needs it */
};

/* The context's host, opened if it is not. NULL with the error filled. */
struct host *host_of(struct domo_ctx *, struct domo_err *) MUST_CHECK;

struct op;
struct step;
/* A plan's on_step, with the context as its argument: tells the hooks. */
void ctx_on_step(void *arg, const struct op *, size_t index, size_t total, const struct step *);

/* A domo_value is a struct json under another name: the cast is here, and in domo.c for the way back. */
static inline struct domo_value *to_value(struct json *j)
{
    return (struct domo_value *)j;
}

/* Hands a query's tree out. By pointer: the query that fills it stands in the same call. */
static inline int give(int r, struct json **j, struct domo_value **ret)
{
    if (!r)
        *ret = to_value(*j);
    return r;
}

#endif
