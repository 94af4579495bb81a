/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * explain: why a guest's devices are not connected. wait: until they are.
 */
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"

/* ---- explain ---- */

static const char *text_of(const struct domo_value *row, const char *key)
{
    return domo_value_str(domo_value_get(row, key), "");
}

static void show_line(const char *label, const char *text)
{
    if (*text)
        (void)printf("    %-6s %s\n", label, text);
}

static void show_seen(const struct domo_value *seen)
{
    AUTO_FREE char *all = text_fmt("%s", "");

    for (size_t i = 0; i < domo_value_len(seen); i++) {
        const char *name = "";
        const struct domo_value *v = domo_value_at(seen, i, &name);
        AUTO_FREE char *before = all;

        all = text_fmt("%s%s%s %s", before, *before ? ", " : "", name, domo_value_str(v, ""));
    }
    show_line("seen:", all);
}

/* A healthy one needs one line. */
static void show_device(const struct domo_value *row)
{
    bool healthy = domo_value_bool(domo_value_get(row, "healthy"), false);

    if (healthy) {
        (void)printf("%s: %s\n", text_of(row, "label"), text_of(row, "what"));
        return;
    }
    (void)printf("%s: %s\n", text_of(row, "label"), text_of(row, "cause"));
    show_line("why:", text_of(row, "what"));
    show_line("waits:", text_of(row, "waits_for"));
    show_line("do:", text_of(row, "advice"));
    show_seen(domo_value_get(row, "seen"));
}

static int explain(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const char *which = inv->n > 1 ? inv->args[1] : NULL;
    AUTO_VALUE struct domo_value *all = NULL;
    const struct domo_value *devices;

    if (domo_explain(cli->ctx, inv->domid, which, &all, err) < 0)
        return -1;
    if (cli->g.json) {
        out_json(all);
        return 0;
    }
    (void)printf("%s (%lu): %s\n", text_of(all, "name"), (unsigned long)inv->domid, text_of(all, "what"));
    show_line("do:", text_of(all, "advice"));
    devices = domo_value_get(all, "devices");
    for (size_t i = 0; i < domo_value_len(devices); i++)
        show_device(domo_value_at(devices, i, NULL));
    return 0;
}

/* ---- wait ---- */

struct wait_opts {
    int64_t timeout_ms;
};

static const struct opt wait_opts[] = {
    OPT_ROW(struct wait_opts, timeout_ms, OPT_SECONDS, "timeout", 0, "SECONDS", WORD_TEXT,
            "give up after this time, with exit status 6"),
    OPT_END,
};

static int wait_for(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct wait_opts *o = inv->opts;
    const char *which = inv->n > 2 ? inv->args[1] : NULL;
    const char *state = inv->args[inv->n - 1];
    AUTO_VALUE struct domo_value *result = NULL;
    int r;

    if (!which && domo_wait_is_guest_state(state))
        r = domo_wait_guest(cli->ctx, inv->domid, state, o->timeout_ms, &result, err);
    else
        r = domo_wait(cli->ctx, inv->domid, which, state, o->timeout_ms, &result, err);
    if (r < 0)
        return -1;
    if (cli->g.json)
        out_json(result);
    return 0;
}

const struct cmd explain_cmds[] = {
    {
        .name = "explain",
        .args = "DOMAIN [DEVICE]",
        .summary = "Say why a guest's devices are not connected",
        .about = "Which side waits for what; which module, script, node, quota or error is the cause; what to do.\n"
                 "DEVICE is a disk's name, a number, a MAC address, or KIND/NUMBER.",
        .min = 1,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_JSON,
        .words = {WORD_DOMAIN, WORD_TEXT, WORD_NONE},
        .run = explain,
    },
    {
        .name = "wait",
        .args = "DOMAIN [DEVICE] STATE",
        .summary = "Wait until a guest, or its devices, are in a state",
        .about =
            "STATE of a device is connected (both ends), closed, gone, or the name of a state of the back end, such as "
            "initwait.\nWithout DEVICE all devices with two ends must be there; or the guest itself is waited for: "
            "until it is running, paused, suspended, has ended (shutdown, or for one reason: poweroff, reboot, crash, "
            "watchdog, soft-reset), or is gone.",
        .opts = wait_opts,
        .opts_size = sizeof(struct wait_opts),
        .min = 2,
        .max = 3,
        .target = TARGET_DOMAIN,
        .flags = CMD_JSON,
        .words = {WORD_DOMAIN, WORD_TEXT, WORD_TEXT},
        .run = wait_for,
    },
    {.name = NULL},
};
