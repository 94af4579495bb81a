/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "groups.h"

/* In the order in which help shows them. */
const struct cmd *const cmd_groups[] = {
    create_cmds, domain_cmds,      power_cmds, life_cmds,     list_cmds,    console_cmds, screen_cmds, device_cmds,
    media_cmds,  device_list_cmds, pci_cmds,   tree_cmds,     explain_cmds, config_cmds,  store_cmds,  sweep_cmds,
    host_cmds,   memory_cmds,      vcpu_cmds,  sched_cmds,    pool_cmds,    metrics_cmds, top_cmds,    reconnect_cmds,
    devd_cmds,   events_cmds,      help_cmds,  complete_cmds, NULL,
};

struct domo_options options_of(const struct inv *inv)
{
    return (struct domo_options){
        .timeout_ms = inv->common.timeout.ms,
        .timeouts = inv->common.timeout.phases,
        .timing = inv->common.timing,
    };
}

int64_t backend_ms_of(const struct inv *inv)
{
    enum { DEFAULT_MS = 120000 };

    return inv->common.timeout.ms ? inv->common.timeout.ms : DEFAULT_MS;
}
