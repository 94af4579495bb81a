/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Time, chance and waiting of this machine.
 */
#include <errno.h>
#include <sys/random.h>

#include "base/clock.h"
#include "host/xen.h"

/* A signal that comes between the look at "cancelled" and poll() must not be slept through. */
enum { CANCEL_SLICE_MS = 250 };

static int64_t env_now_ms(struct host *h)
{
    (void)h;
    return clock_now_ms();
}

static int64_t env_now_us(struct host *h)
{
    (void)h;
    return clock_now_us();
}

static void env_wall(struct host *h, int64_t *ret_sec, unsigned *ret_centi)
{
    (void)h;
    clock_wall(ret_sec, ret_centi);
}

static int env_random(struct host *h, void *bytes, size_t len, struct domo_err *err)
{
    char *p = bytes;

    (void)h;
    while (len) {
        ssize_t n = getrandom(p, len, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, DOMO_E_IO, errno, "can't get random bytes");
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static int env_wait(struct host *h, struct pollfd *fds, size_t n, int64_t deadline_ms, struct domo_err *err)
{
    int left, slice, ready;

    for (;;) {
        if (h->cancelled && *h->cancelled)
            return err_set(err, DOMO_E_CANCELLED, "interrupted");
        left = clock_left_ms(deadline_ms, clock_now_ms());
        slice = h->cancelled && (left < 0 || left > CANCEL_SLICE_MS) ? CANCEL_SLICE_MS : left;
        ready = poll(fds, n, slice);
        if (ready > 0)
            return ready;
        if (ready < 0 && errno != EINTR)
            return err_sys(err, DOMO_E_INTERNAL, errno, "can't wait for events");
        if (ready == 0 && slice == left)
            return 0;
    }
}

const struct env_ops linux_env_ops = {
    .now_ms = env_now_ms,
    .now_us = env_now_us,
    .wall = env_wall,
    .random = env_random,
    .wait = env_wait,
};
