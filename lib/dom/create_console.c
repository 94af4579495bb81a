/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The step of a creation that waits for the guest's first console: its terminal
 * is there before the guest runs, so that nothing it says is lost.
 */
#include "dom/create_impl.h"

#include <stdlib.h>

enum { CONSOLE_TIMEOUT_MS = 10000 /* xenconsoled's tty; libxl's limit */ };

static int console_path(const struct create *c, char path[STORE_PATH_MAX], struct domo_err *err)
{
    return store_path(path, err, "/local/domain/%u/console/tty", c->domid);
}

int create_open_console(struct op *op, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    if (console_path(self(op), path, err))
        return -1;
    return store_watch(op->host, path, "console", err);
}

enum plan_wait create_console_wait(struct op *op, int64_t now_ms, int64_t *ret_deadline_ms, struct domo_err *err)
{
    struct create *c = self(op);
    char path[STORE_PATH_MAX], *tty = NULL;

    if (console_path(c, path, err) || store_read_opt(op->host, 0, path, &tty, err))
        return PLAN_FAILED;
    if (tty && *tty) {
        free(c->tty);
        c->tty = tty;
        if (store_unwatch(op->host, path, "console", err))
            return PLAN_FAILED;
        if (c->opt->on_console)
            c->opt->on_console(c->opt->on_console_arg, c->domid, c->tty);
        return PLAN_DONE;
    }
    free(tty);
    if (!c->console_deadline_ms)
        c->console_deadline_ms = now_ms + CONSOLE_TIMEOUT_MS;
    if (now_ms >= c->console_deadline_ms) {
        (void)err_set(err, DOMO_E_CONSOLE, "xenconsoled made no tty for the guest within %d s",
                      CONSOLE_TIMEOUT_MS / 1000);
        return PLAN_FAILED;
    }
    *ret_deadline_ms = c->console_deadline_ms;
    return PLAN_AGAIN;
}

int create_console_undo(struct op *op, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    (void)err;
    if (console_path(self(op), path, NULL) == 0)
        IGNORE(store_unwatch(op->host, path, "console", NULL));
    return 0;
}
