/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tables of all command groups, one a file, and what groups use of each other.
 */
#ifndef DOMO_CLI_GROUPS_H
#define DOMO_CLI_GROUPS_H

#include "cmd.h"

extern const struct cmd create_cmds[], domain_cmds[], power_cmds[], list_cmds[], device_cmds[], devd_cmds[],
    reconnect_cmds[], events_cmds[], device_list_cmds[], console_cmds[], tree_cmds[], config_cmds[], store_cmds[],
    sweep_cmds[], host_cmds[], pci_cmds[], explain_cmds[], help_cmds[], complete_cmds[], life_cmds[], memory_cmds[],
    vcpu_cmds[], sched_cmds[], pool_cmds[], metrics_cmds[], top_cmds[], media_cmds[], screen_cmds[];

/* config.c: options of every command that reads a config file. */
struct config_opts {
    bool warn_unknown, ignore_unsupported;
};
#define CONFIG_OPT_ROWS(record)                                                                                        \
    OPT_BOOL(record, config.warn_unknown, "warn-unknown", 0, "unknown keys are warnings, not errors"),                 \
        OPT_BOOL(record, config.ignore_unsupported, "ignore-unsupported", 0,                                           \
                 "keys that are not acted on yet are warnings, not errors")

/* Reads a config file; findings go to stderr. On failure they are what is told, or become part of the error's JSON. */
int config_load(struct cli *, const char *path, const char *const *overrides, const struct config_opts *,
                struct domo_spec **ret, struct domo_err *) MUST_CHECK;

/* One "key=value" after another and at most one file, in any order. "file" is the one from an option, or NULL.
 * *ret_settings is NULL-terminated, caller frees the array. */
int config_words(const struct inv *, const char *file, const char **ret_file, const char ***ret_settings,
                 struct domo_err *) MUST_CHECK;

/* The options of a plan, from a command's common ones. */
struct domo_options options_of(const struct inv *);
/* How long --wait-backend waits: --timeout's time, or two minutes. */
#define WAIT_BACKEND_HELP "wait for back end domains that are still to start, as long as --timeout says, or 120 s"
int64_t backend_ms_of(const struct inv *);

#endif
