/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The first step of a creation that may wait for driver domains.
 */
#include "dom/create_impl.h"

bool create_awaits(const struct op *op)
{
    return cself(op)->opt->backend_ms > 0;
}

int create_await(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);
    const struct spec *s = c->spec;

    for (size_t i = 0; i < s->disks.len; i++)
        await_disk(&c->await, &s->disks.at[i]);
    for (size_t i = 0; i < s->vifs.len; i++)
        await_vif(&c->await, &s->vifs.at[i]);
    for (size_t i = 0; i < s->devices.len; i++)
        await_spec(&c->await, &s->devices.at[i]);
    return await_run(op, &c->await, err);
}

enum plan_wait create_await_wait(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct create *c = self(op);

    return await_wait(op, &c->await, c->opt->backend_ms, now_ms, ret_deadline_ms, err);
}

int create_await_undo(struct op *op, struct domo_err *err)
{
    (void)err;
    await_end(op, &self(op)->await);
    return 0;
}
