/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The end of a creation: waiting for the guest that runs, as long as it does,
 * and looking at what it has become.
 */
#include "base/str.h"
#include "dom/create_impl.h"

int create_watch_guest(struct op *op, struct domo_err *err)
{
    (void)err;
    devset_wait_for_vital(self(op)->devs);
    return 0;
}

/* A guest that ends meanwhile ends the wait, too: the handshake sees it. */
enum plan_wait create_wait_guest(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    return devset_connected_wait(self(op)->devs, op, now_ms, ret_deadline_ms, err);
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
