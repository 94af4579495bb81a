/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public calls about what has happened on the host.
 */
#include "domo_ctx.h"

#include "plan/history.h"

/* A domo_events is a struct history under another name. */
static struct history *history_of_events(const struct domo_events *e)
{
    return (struct history *)e;
}

int domo_events_open(struct domo_ctx *ctx, const char *from, struct domo_events **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct history *y = NULL;

    if (!h || history_open(h, from, &y, err))
        return -1;
    *ret = (struct domo_events *)y;
    return 0;
}

int domo_events_next(struct domo_events *e, struct domo_value **ret, struct domo_err *err)
{
    struct json *row = NULL;
    int r = history_next(history_of_events(e), &row, err);

    *ret = to_value(row);
    return r;
}

int domo_events_wait(struct domo_events *e, int64_t timeout_ms, struct domo_err *err)
{
    return history_wait(history_of_events(e), timeout_ms, err);
}

int domo_events_fd(const struct domo_events *e)
{
    return history_fd(history_of_events(e));
}

void domo_events_close(struct domo_events *e)
{
    history_close(history_of_events(e));
}
