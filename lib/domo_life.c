/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public calls about the life of guests: its table, how long it has
 * lasted, cores, triggers, and waiting for a turn of it.
 */
#include "domo_ctx.h"

#include "dom/core.h"
#include "dom/guest_wait.h"
#include "dom/life.h"
#include "dom/lifecycle.h"
#include "dom/trigger.h"
#include "dom/uptime.h"

struct domo_value *domo_lifecycle(void)
{
    return to_value(life_table());
}

int domo_resume(struct domo_ctx *ctx, uint32_t domid, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? life_resume(h, domid, err) : -1;
}

int domo_uptime(struct domo_ctx *ctx, const uint32_t *domids, size_t n, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(uptime_list(h, domids, n, &j, err), &j, ret) : -1;
}

int domo_dump_core(struct domo_ctx *ctx, uint32_t domid, const char *path, struct domo_value **ret,
                   struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(core_dump(h, domid, path, &j, err), &j, ret) : -1;
}

int domo_trigger(struct domo_ctx *ctx, uint32_t domid, const char *what, uint32_t vcpu, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? trigger_send(h, domid, what, vcpu, err) : -1;
}

bool domo_wait_is_guest_state(const char *state)
{
    return guest_wait_knows(state);
}

int domo_wait_guest(struct domo_ctx *ctx, uint32_t domid, const char *state, int64_t timeout_ms,
                    struct domo_value **ret, struct domo_err *err)
{
    const struct guest_wait what = {.domid = domid, .state = state, .timeout_ms = timeout_ms};
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(guest_wait_run(h, &what, &j, err), &j, ret) : -1;
}
