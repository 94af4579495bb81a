/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The end of a creation: waiting for the guest that runs, as long as it does,
 * and looking at what it has become.
 */
#include "base/str.h"
#include "dom/create_impl.h"

static const char end_of_any[] = "@releaseDomain", token[] = "guest";

int create_watch_guest(struct op *op, struct domo_err *err)
{
    devset_wait_for_vital(self(op)->devs);
    return store_watch(op->host, end_of_any, token, err);
}

/* What xen/sched.h calls SHUTDOWN_*, as something that a guest did. */
static const char *deed(uint32_t reason)
{
    static const char *const deeds[] = {"powered off", "wanted to reboot",          "was suspended",
                                        "crashed",     "was ended by its watchdog", "wanted a soft reset"};

    return reason < ARRAY_LEN(deeds) ? deeds[reason] : "shut down";
}

/* Nobody has to wait for a guest that has ended. */
static int check_runs(struct op *op, struct domo_err *err)
{
    struct hyp_info now;

    if (op->host->hyp->info(op->host, self(op)->domid, &now, err))
        return -1;
    if (!now.is_shutdown)
        return 0;
    return err_set(err, DOMO_E_DOMAIN_ENDED, "the guest %s before its devices were connected",
                   deed(now.shutdown_reason));
}

enum plan_wait create_wait_guest(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    enum plan_wait w = devset_connected_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);

    if (w == PLAN_AGAIN && check_runs(op, err))
        w = PLAN_FAILED;
    if (w == PLAN_DONE && store_unwatch(op->host, end_of_any, token, err))
        w = PLAN_FAILED;
    else if (w == PLAN_FAILED)
        IGNORE(store_unwatch(op->host, end_of_any, token, NULL));
    return w;
}

/* A row shows what can be read; whether there is (still) a guest is asked last. */
int create_look(struct op *op, struct domo_err *err)
{
    struct create *c = self(op);
    struct hyp_info now;

    if (devset_unwatch(c->devs, err))
        return -1;
    c->rows = devset_rows(c->devs, false, err);
    return c->rows ? op->host->hyp->info(op->host, c->domid, &now, err) : -1;
}
