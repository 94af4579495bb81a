/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim/xenbus.h"

#include <errno.h>
#include <stdio.h>

int xenbus_state(struct xsc *xs, const char *dir)
{
    char *AUTO_FREE text = NULL;
    char *end;
    long n;

    if (xsc_read(xs, 0, dir, "state", &text))
        return XB_UNKNOWN;
    errno = 0;
    n = strtol(text, &end, 10);
    return end == text || errno || n < INT32_MIN || n > INT32_MAX ? XB_UNKNOWN : (int)n;
}

struct change {
    const char *dir;
    int state;
};

static int set_state(struct xsc *xs, uint32_t tx, void *arg)
{
    const struct change *c = arg;

    if (!xsc_exists(xs, tx, c->dir, "state"))
        return -ENOENT;
    return xsc_writef(xs, tx, c->dir, "state", "%d", c->state);
}

int xenbus_set_state(struct xsc *xs, const char *dir, int state)
{
    struct change c = {dir, state};

    return xsc_transact(xs, set_state, &c);
}
