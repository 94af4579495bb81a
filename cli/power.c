/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands that ask a guest for something: shutdown, reboot, sysrq; and rename.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"
#include "xl.h"

struct shutdown_opts {
    bool all, button;
    int wait;
};

static const struct opt shutdown_opts[] = {
    OPT_BOOL(struct shutdown_opts, all, "all", 'a', "all guests, in parallel, within one time-out"),
    OPT_ROW(struct shutdown_opts, wait, OPT_COUNT, "wait", 'w', NULL, WORD_NONE,
            "wait until it has ended; given twice: until it is gone"),
    OPT_BOOL(struct shutdown_opts, button, "button", 'F', "press an HVM guest's button if it has no driver to ask"),
    OPT_END,
};

static const struct opt suspend_opts[] = {
    OPT_BOOL(struct shutdown_opts, all, "all", 'a', "all guests, in parallel, within one time-out"),
    OPT_END,
};

static const struct opt no_opts[] = {OPT_END};

static bool is_reboot(const struct inv *inv)
{
    return strcmp(inv->cmd->name, "reboot") == 0;
}

/* Of use only when it has done it: so it is waited for. */
static bool is_suspend(const struct inv *inv)
{
    return strcmp(inv->cmd->name, "suspend") == 0;
}

static unsigned flags_of(const struct inv *inv)
{
    const struct shutdown_opts *o = inv->opts;

    if (is_suspend(inv))
        return DOMO_SHUTDOWN_SUSPEND | DOMO_SHUTDOWN_WAIT;
    return (is_reboot(inv) ? DOMO_SHUTDOWN_REBOOT : 0u) | (o->wait == 1 ? DOMO_SHUTDOWN_WAIT : 0u) |
           (o->wait > 1 ? DOMO_SHUTDOWN_WAIT_GONE : 0u) | (o->button ? DOMO_SHUTDOWN_BUTTON : 0u);
}

/* The guests that are named. NULL with the error set; none (not NULL) for --all. Caller frees. */
static uint32_t *read_domains(struct cli *cli, const struct inv *inv, struct domo_err *err)
{
    uint32_t *domids = text_need(calloc((size_t)inv->n + 1, sizeof *domids));

    for (int i = 0; i < inv->n; i++) {
        if (domo_resolve(cli->ctx, inv->args[i], &domids[i], err) == 0)
            continue;
        if (cli->as_xl)
            (void)xl_bad_domain(cli, inv->cmd->name, inv->args[i], err);
        free(domids);
        return NULL;
    }
    return domids;
}

/* "'web' has ended (poweroff)" */
static void put_row(const struct domo_value *row)
{
    static const char *const states[][2] = {{"asked", "was asked"},
                                            {"answered", "has taken the request"},
                                            {"ended", "has ended"},
                                            {"gone", "is gone"},
                                            {"failed", "did not do it"}};
    const char *state = domo_value_str(domo_value_get(row, "state"), "");
    const char *reason = domo_value_str(domo_value_get(row, "reason"), NULL);

    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i][0], state) == 0)
            state = states[i][1];
    (void)printf("'%s' %s", domo_value_str(domo_value_get(row, "name"), "?"), state);
    (void)printf(reason ? " (%s)\n" : "\n", reason ? reason : "");
}

static void put_rows(const struct cli *cli, const struct inv *inv, const struct domo_value *rows)
{
    if (!rows)
        return;
    if (cli->g.json) {
        out_json(rows);
        return;
    }
    for (size_t i = 0; i < domo_value_len(rows); i++) {
        const struct domo_value *row = domo_value_at(rows, i, NULL);

        if (!cli->as_xl)
            put_row(row);
        else
            (void)fprintf(stderr, "%s domain %lld\n", is_reboot(inv) ? "Rebooting" : "Shutting down",
                          (long long)domo_value_int(domo_value_get(row, "domid"), -1));
    }
}

static int shut_down(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct shutdown_opts *o = inv->opts;
    AUTO_VALUE struct domo_value *rows = NULL;
    uint32_t *domids;
    int r;

    if (o->all == (inv->n > 0))
        return domo_err_set(err, "usage",
                            o->all ? "either guests or --all, not both" : "which guest? (--all: every one)");
    if (!cli_ctx(cli, err))
        return -1;
    domids = read_domains(cli, inv, err);
    if (!domids)
        return -1;
    r = domo_shutdown(cli->ctx, domids, (size_t)inv->n, flags_of(inv), inv->common.timeout.ms, &rows, err);
    free(domids);
    put_rows(cli, inv, rows);
    /* One document: the rows say what went wrong with whom. */
    return r < 0 && rows && cli->g.json ? domo_err_status(err) : r;
}

static int resume(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *v = NULL;

    if (domo_resume(cli->ctx, inv->domid, err) < 0)
        return -1;
    if (!cli->g.json)
        return 0;
    v = text_need(domo_value_object());
    domo_value_set_int(v, "domid", inv->domid);
    domo_value_set_bool(v, "resumed", true);
    out_json(v);
    return 0;
}

static int sysrq(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *v = NULL;

    if (strlen(inv->args[1]) != 1)
        return domo_err_set(err, "usage", "a system request is one letter or digit");
    if (domo_sysrq(cli->ctx, inv->domid, inv->args[1][0], err) < 0)
        return -1;
    if (!cli->g.json)
        return 0;
    v = text_need(domo_value_object());
    domo_value_set_int(v, "domid", inv->domid);
    domo_value_set_str(v, "sysrq", inv->args[1]);
    out_json(v);
    return 0;
}

static int rename_domain(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    AUTO_VALUE struct domo_value *v = NULL;

    if (domo_rename(cli->ctx, inv->domid, inv->args[1], &v, err) < 0)
        return -1;
    if (cli->g.json)
        out_json(v);
    return 0;
}

const struct cmd power_cmds[] = {
    {
        .name = "shutdown",
        .args = "DOMAIN… | -a",
        .summary = "Ask guests to shut down",
        .about = "All are asked at once, and --timeout counts for all together: 60 seconds until each has taken the\n"
                 "request, with -w 300 seconds until each has ended. One that does not answer stops no other; it is\n"
                 "named at the end, and a request that nobody took is taken back.",
        .opts = shutdown_opts,
        .opts_size = sizeof(struct shutdown_opts),
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON | CMD_TIMED,
        .words = {WORD_DOMAIN},
        .run = shut_down,
    },
    {
        .name = "reboot",
        .args = "DOMAIN… | -a",
        .summary = "Ask guests to reboot",
        .about = "As shutdown. What becomes of a guest that has ended is said by its on_reboot=.",
        .opts = shutdown_opts,
        .opts_size = sizeof(struct shutdown_opts),
        .max = CMD_ANY,
        .flags = CMD_XL | CMD_JSON | CMD_TIMED,
        .words = {WORD_DOMAIN},
        .run = shut_down,
    },
    {
        .name = "suspend",
        .args = "DOMAIN… | -a",
        .summary = "Ask guests to suspend themselves, and wait until they have",
        .about =
            "A guest that has suspended itself keeps its memory and uses no processor; resume lets it go on. All are\n"
            "asked at once, and --timeout counts for all together (300 seconds).",
        .opts = suspend_opts,
        .opts_size = sizeof(struct shutdown_opts),
        .max = CMD_ANY,
        .flags = CMD_JSON | CMD_TIMED,
        .words = {WORD_DOMAIN},
        .run = shut_down,
    },
    {
        .name = "resume",
        .args = "DOMAIN",
        .summary = "Let a suspended guest go on",
        .opts = no_opts,
        .min = 1,
        .max = 1,
        .target = TARGET_DOMAIN,
        .flags = CMD_JSON,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = resume,
    },
    {
        .name = "sysrq",
        .args = "DOMAIN KEY",
        .summary = "Send a guest's kernel a magic system request",
        .about = "KEY is one letter or digit, as on the console: h lists them.",
        .opts = no_opts,
        .min = 2,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = sysrq,
    },
    {
        .name = "rename",
        .args = "DOMAIN NAME",
        .summary = "Give a guest another name",
        .opts = no_opts,
        .min = 2,
        .max = 2,
        .target = TARGET_DOMAIN,
        .flags = CMD_XL | CMD_JSON,
        .words = {WORD_DOMAIN, WORD_TEXT},
        .run = rename_domain,
    },
    {.name = NULL},
};
