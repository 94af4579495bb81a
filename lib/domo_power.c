/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public calls that ask guests for something: to end, to reboot; and their
 * names.
 */
#include "domo_ctx.h"

#include "dom/rename.h"
#include "dom/shutdown.h"

/* A guest takes a request at once or never; ending may take it minutes. */
enum { ANSWER_TIMEOUT_MS = 60000, END_TIMEOUT_MS = 300000 };

int domo_shutdown(struct domo_ctx *ctx, const uint32_t *domids, size_t n, unsigned flags, int64_t timeout_ms,
                  struct domo_value **ret, struct domo_err *err)
{
    struct shutdown_options opt = {
        .ask = flags & DOMO_SHUTDOWN_SUSPEND  ? SHUTDOWN_ASK_SUSPEND
               : flags & DOMO_SHUTDOWN_REBOOT ? SHUTDOWN_ASK_REBOOT
                                              : SHUTDOWN_ASK_POWEROFF,
        .until = flags & DOMO_SHUTDOWN_WAIT_GONE ? SHUTDOWN_UNTIL_GONE
                 : flags & DOMO_SHUTDOWN_WAIT    ? SHUTDOWN_UNTIL_ENDED
                                                 : SHUTDOWN_UNTIL_ANSWER,
        .button = (flags & DOMO_SHUTDOWN_BUTTON) != 0,
    };
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;
    int r;

    opt.timeout_ms = timeout_ms ? timeout_ms : opt.until == SHUTDOWN_UNTIL_ANSWER ? ANSWER_TIMEOUT_MS : END_TIMEOUT_MS;
    r = h ? shutdown_ask(h, domids, n, &opt, &j, err) : -1;
    *ret = to_value(j);
    return r;
}

int domo_sysrq(struct domo_ctx *ctx, uint32_t domid, char key, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? shutdown_sysrq(h, domid, key, err) : -1;
}

int domo_rename(struct domo_ctx *ctx, uint32_t domid, const char *name, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(rename_guest(h, domid, name, &j, err), &j, ret) : -1;
}
