/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public function of a driver domain's daemon.
 */
#include "dev/devd.h"
#include "domo_ctx.h"

static void relay(void *arg, const struct json *event)
{
    const struct domo_devd *devd = arg;

    if (devd->event)
        devd->event(devd->arg, (const struct domo_value *)event);
}

int domo_devd(struct domo_ctx *ctx, const struct domo_devd *devd, struct domo_err *err)
{
    struct domo_devd copy = *devd;
    const struct devd_options opt = {.on_event = relay, .on_event_arg = &copy};
    struct host *h = host_of(ctx, err);

    return h ? devd_run(h, &opt, err) : -1;
}
