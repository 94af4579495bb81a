/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "base/clock.h"

#include <limits.h>
#include <time.h>

int64_t clock_now_us(void)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_now_ms(void)
{
    return clock_now_us() / 1000;
}

void clock_wall(int64_t *ret_sec, unsigned *ret_centi)
{
    struct timespec ts;

    (void)clock_gettime(CLOCK_REALTIME, &ts);
    *ret_sec = ts.tv_sec;
    *ret_centi = (unsigned)(ts.tv_nsec / 10000000);
}

int clock_left_ms(int64_t deadline_ms, int64_t now_ms)
{
    if (deadline_ms < 0)
        return -1;
    if (deadline_ms <= now_ms)
        return 0;
    return deadline_ms - now_ms > INT_MAX ? INT_MAX : (int)(deadline_ms - now_ms);
}
