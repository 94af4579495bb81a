/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * host: what it is; start and end of a simulated one.
 */
#include <stdio.h>

#include "groups.h"
#include "out.h"
#include "text.h"

static const struct opt no_opts[] = {OPT_END};

static void show_memory(const struct domo_value *info)
{
    enum { KIB = 1024 };

    (void)printf("memory      %lld MiB, %lld MiB free\n",
                 (long long)domo_value_int(domo_value_get(info, "memory_kib"), 0) / KIB,
                 (long long)domo_value_int(domo_value_get(info, "free_kib"), 0) / KIB);
}

static void show(const struct domo_value *info)
{
    bool simulated = domo_value_bool(domo_value_get(info, "simulated"), false);
    const char *store = domo_value_str(domo_value_get(info, "store"), NULL);

    (void)printf("host        %s\n", domo_value_str(domo_value_get(info, "uri"), ""));
    (void)printf("hypervisor  Xen %s%s\n", domo_value_str(domo_value_get(info, "xen"), ""),
                 simulated ? ", simulated" : "");
    (void)printf("cpus        %lld\n", (long long)domo_value_int(domo_value_get(info, "cpus"), 0));
    show_memory(info);
    (void)printf("guests      %lld\n", (long long)domo_value_int(domo_value_get(info, "guests"), 0));
    (void)printf("supervisor  %s\n",
                 domo_value_bool(domo_value_get(info, "supervisor"), false) ? "runs" : "none (domod)");
    if (store)
        (void)printf("store       %s\n", store);
}

static int host_info(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *info = NULL;

    (void)inv;
    if (!ctx || domo_host_info(ctx, &info, err) < 0)
        return -1;
    if (cli->g.json)
        out_json(info);
    else
        show(info);
    return 0;
}

static void show_change(const struct cli *cli, const struct domo_value *state, const char *was, const char *is)
{
    if (cli->g.json)
        out_json(state);
    else
        (void)printf("%s %s\n", domo_value_str(domo_value_get(state, "uri"), ""),
                     domo_value_bool(domo_value_get(state, "was_running"), false) ? was : is);
}

static int host_start(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *state = NULL;

    (void)inv;
    if (!ctx || domo_host_start(ctx, &state, err) < 0)
        return -1;
    show_change(cli, state, "was running already", "runs");
    return 0;
}

static int host_stop(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *state = NULL;

    (void)inv;
    if (!ctx || domo_host_stop(ctx, &state, err) < 0)
        return -1;
    show_change(cli, state, "has ended", "was not running");
    return 0;
}

static const struct cmd host_sub[] = {
    {
        .name = "info",
        .args = "",
        .summary = "Show the host: hypervisor, processors, memory, store",
        .about = "A simulated host that does not run is started, as by any other command.",
        .opts = no_opts,
        .flags = CMD_JSON,
        .run = host_info,
    },
    {
        .name = "start",
        .args = "",
        .summary = "Start a simulated host",
        .about =
            "The directory of --host sim:DIR is made if it is missing. What is simulated is read from world.json in "
            "it: how large the host is, how guests behave, what fails. Without that file the host has 16 GiB and "
            "well-behaved guests.",
        .opts = no_opts,
        .flags = CMD_JSON,
        .run = host_start,
    },
    {
        .name = "stop",
        .args = "",
        .summary = "End a simulated host, and all its guests",
        .opts = no_opts,
        .flags = CMD_JSON,
        .run = host_stop,
    },
    {.name = NULL},
};

const struct cmd host_cmds[] = {
    {
        .name = "host",
        .args = "info|start|stop",
        .summary = "Show the host; start and end a simulated one",
        .opts = no_opts,
        .flags = CMD_JSON,
        .sub = host_sub,
    },
    {.name = NULL},
};
