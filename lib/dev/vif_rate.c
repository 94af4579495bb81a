/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dev/vif_rate.h"

#include <inttypes.h>
#include <string.h>

enum { US_PER_S = 1000000, DEFAULT_INTERVAL_US = 50000 };

static const char *take_u64(const char *s, uint64_t *ret)
{
    const char *start = s;
    uint64_t v = 0;

    for (; *s >= '0' && *s <= '9'; s++)
        if (__builtin_mul_overflow(v, 10, &v) || __builtin_add_overflow(v, (uint64_t)(*s - '0'), &v))
            return NULL;
    *ret = v;
    return s == start ? NULL : s;
}

/* "10MB/s": bytes a second; NULL, or what is wrong. *ret_rest is behind it. */
static const char *take_speed(const char *s, uint64_t *ret, const char **ret_rest)
{
    static const char units[] = "KMG";
    uint64_t v, factor = 1;
    const char *unit;

    s = take_u64(s, &v);
    if (!s)
        return "a rate begins with a number, like 10MB/s";
    for (unit = units; *s && *unit && *unit != *s; unit++)
        ;
    if (*s && *unit) {
        for (s++, factor = 1000; unit > units; unit--)
            factor *= 1000;
    }
    if (*s != 'b' && *s != 'B')
        return "a rate needs its unit: b, B, Kb, KB, Mb, MB, Gb or GB, then /s";
    if (__builtin_mul_overflow(v, factor, &v))
        return "the rate is too large";
    *ret = *s == 'b' ? v / 8 : v;
    if (strncmp(s + 1, "/s", 2) != 0)
        return "a rate is a speed: /s belongs behind its unit";
    *ret_rest = s + 3;
    return NULL;
}

static const char *take_interval(const char *s, struct vif_rate *rate)
{
    uint64_t v, factor;

    s = take_u64(s, &v);
    if (!s)
        return "the interval behind '@' is a number with us, ms or s";
    rate->unitless_interval = !*s;
    if (!*s || !strcmp(s, "s"))
        factor = US_PER_S;
    else if (!strcmp(s, "ms") || !strcmp(s, "m"))
        factor = 1000;
    else if (!strcmp(s, "us") || !strcmp(s, "u"))
        factor = 1;
    else
        return "the interval behind '@' is a number with us, ms or s";
    if (__builtin_mul_overflow(v, factor, &v) || v > UINT32_MAX || !v)
        return "the interval must be between 1 us and 4294 s";
    rate->interval_us = (uint32_t)v;
    return NULL;
}

const char *vif_rate_parse(const char *text, struct vif_rate *ret)
{
    struct vif_rate rate = {.interval_us = DEFAULT_INTERVAL_US};
    const char *rest, *why;
    uint64_t speed;

    why = take_speed(text, &speed, &rest);
    if (!why && *rest == '@')
        why = take_interval(rest + 1, &rate);
    else if (!why && *rest)
        why = "only '@' and an interval may follow the rate";
    if (why)
        return why;
    if (__builtin_mul_overflow(speed, (uint64_t)rate.interval_us, &rate.bytes))
        return "the rate is too large";
    rate.bytes /= US_PER_S;
    if (!rate.bytes)
        return "the rate is less than one byte an interval: nothing could be sent";
    *ret = rate;
    return NULL;
}

void vif_rate_print(uint64_t bytes, uint32_t interval_us, struct str *out)
{
    /* Rounded up, so that reading it, which rounds down, comes to the same number of bytes. */
    unsigned __int128 speed = (unsigned __int128)bytes * US_PER_S;

    if (!interval_us)
        interval_us = DEFAULT_INTERVAL_US;
    speed = (speed + interval_us - 1) / interval_us;
    str_addf(out, "%" PRIu64 "B/s@%" PRIu32 "us", (uint64_t)speed, interval_us);
}
