/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sup/policy.h"

const struct sup_limits SUP_LIMITS_DEFAULT = {
    .quick_ms = 10000,
    .pause_ms = 1000,
    .pause_max_ms = 60000,
    .quick_max = 10,
};

enum spec_action sup_action(const struct spec *s, uint32_t reason)
{
    const enum spec_action actions[SUP_REASONS] = {
        [SUP_POWEROFF] = s->on_poweroff, [SUP_REBOOT] = s->on_reboot,     [SUP_SUSPEND] = SPEC_ACTION_PRESERVE,
        [SUP_CRASH] = s->on_crash,       [SUP_WATCHDOG] = s->on_watchdog, [SUP_SOFT_RESET] = s->on_soft_reset,
    };

    return actions[reason < SUP_REASONS ? reason : SUP_CRASH];
}

uint32_t sup_count_quick(const struct sup_limits *l, uint32_t before, int64_t lived_ms)
{
    return lived_ms < l->quick_ms ? before + 1 : 0;
}

int64_t sup_pause_ms(const struct sup_limits *l, uint32_t quick)
{
    int64_t pause_ms = l->pause_ms;

    if (quick >= l->quick_max)
        return -1;
    if (quick < 2)
        return 0;
    for (uint32_t i = 2; i < quick && pause_ms < l->pause_max_ms; i++)
        pause_ms *= 2;
    return pause_ms < l->pause_max_ms ? pause_ms : l->pause_max_ms;
}
