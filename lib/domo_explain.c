/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public header's functions that say why a device is not connected, and
 * that wait until it is.
 */
#include "dom/device_wait.h"
#include "dom/explain.h"
#include "domo_ctx.h"

int domo_explain(struct domo_ctx *ctx, uint32_t domid, const char *which, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(explain_guest(h, domid, which, &j, err), &j, ret) : -1;
}

int domo_wait(struct domo_ctx *ctx, uint32_t domid, const char *which, const char *state, int64_t timeout_ms,
              struct domo_value **ret, struct domo_err *err)
{
    const struct device_wait what = {.domid = domid, .which = which, .state = state, .timeout_ms = timeout_ms};
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(device_wait_run(h, &what, &j, err), &j, ret) : -1;
}
