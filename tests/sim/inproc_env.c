/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * In the place of lib/host/env.c: time moves while somebody waits and nothing
 * happens, as far as to what happens next; chance is a row of numbers that
 * begins the same each time.
 */
#include "inproc.h"

#include <errno.h>
#include <poll.h>

#include "host/xen.h"

/* Processes of this machine (scripts) take real time; it does not count. */
enum { REAL_MS = 20000 };
/* The wall clock at the begin of time: a Tuesday in 2024. The machine has run for 1000 s then. */
enum { EPOCH = 1704186000, UPTIME_MS = 1000000 };

static int64_t now = UPTIME_MS;
static uint64_t chance;

int64_t inproc_now_ms(void)
{
    return now;
}

void inproc_seed(uint64_t seed)
{
    chance = seed;
}

void inproc_run(int64_t ms)
{
    int64_t end = now + ms, next = inproc_step();

    while (next >= 0 && next < end) {
        now = next > now ? next : now;
        next = inproc_step();
    }
    now = end;
    (void)inproc_step();
}

static int64_t env_now_ms(struct host *h)
{
    (void)h;
    return now;
}

static int64_t env_now_us(struct host *h)
{
    (void)h;
    return now * 1000;
}

static void env_wall(struct host *h, int64_t *ret_sec, unsigned *ret_centi)
{
    (void)h;
    *ret_sec = EPOCH + (now - UPTIME_MS) / 1000;
    *ret_centi = (unsigned)(now / 10 % 100);
}

/* splitmix64 */
static int env_random(struct host *h, void *bytes, size_t len, struct domo_err *err)
{
    uint8_t *p = bytes;

    (void)h;
    (void)err;
    for (size_t i = 0; i < len; i++) {
        uint64_t z = chance += UINT64_C(0x9e3779b97f4a7c15);

        z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
        p[i] = (uint8_t)(z >> 56);
    }
    return 0;
}

/* Is anything but the store waited for? */
static bool is_real(const struct host *h, const struct pollfd *fds, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (fds[i].fd >= 0 && fds[i].fd != h->store->fd((struct host *)h))
            return true;
    return false;
}

static int env_wait(struct host *h, struct pollfd *fds, size_t n, int64_t deadline_ms, struct domo_err *err)
{
    for (;;) {
        int64_t next = inproc_step();
        int ready;

        if (h->cancelled && *h->cancelled)
            return err_set(err, DOMO_E_CANCELLED, "interrupted");
        inproc_xs_signal();
        ready = poll(fds, n, is_real(h, fds, n) ? REAL_MS : 0);
        if (ready != 0)
            return ready > 0 ? ready : err_sys(err, DOMO_E_INTERNAL, errno, "can't wait for events");
        if (deadline_ms >= 0 && now >= deadline_ms)
            return 0;
        if (deadline_ms >= 0 && (next < 0 || next > deadline_ms))
            next = deadline_ms;
        if (next < 0)
            return err_set(err, DOMO_E_INTERNAL, "a wait without an end: nothing will happen any more");
        now = next > now ? next : now;
    }
}

const struct env_ops linux_env_ops = {
    .now_ms = env_now_ms,
    .now_us = env_now_us,
    .wall = env_wall,
    .random = env_random,
    .wait = env_wait,
};
