/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * events: what has happened on the host, one JSON object a line, for scripts
 * that follow it and for people who ask afterwards.
 */
#include <stdio.h>
#include <string.h>

#include "groups.h"
#include "text.h"

struct events_opts {
    const char *from, *only;
    bool no_follow;
    uint32_t count;
    int64_t timeout_ms;
};

static const struct opt events_opts[] = {
    OPT_ROW(struct events_opts, from, OPT_TEXT, "from", 0, "TOKEN", WORD_TEXT,
            "begin after the event with this token; \"oldest\": with all that is known (default: with what comes now)"),
    OPT_BOOL(struct events_opts, no_follow, "no-follow", 0,
             "end after the newest event instead of waiting for the next"),
    OPT_ROW(struct events_opts, only, OPT_TEXT, "only", 0, "EVENT[,…]", WORD_TEXT, "only events of these names"),
    OPT_ROW(struct events_opts, count, OPT_NUMBER, "count", 'n', "N", WORD_TEXT, "end after so many events"),
    OPT_ROW(struct events_opts, timeout_ms, OPT_SECONDS, "timeout", 0, "SECONDS", WORD_TEXT,
            "end after this time without an event; a failure if --count has not been reached"),
    OPT_END,
};

/* Is the word one of the list's, which commas part? */
static bool is_listed(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = list; *at; at += *at == ',') {
        size_t len = strcspn(at, ",");

        if (len == n && strncmp(at, word, n) == 0)
            return true;
        at += len;
    }
    return false;
}

/* By name, UUID or number: guests that are gone have events, too. */
static bool is_about(const struct domo_value *event, const char *guest)
{
    AUTO_FREE char *domid = text_fmt("%lld", (long long)domo_value_int(domo_value_get(event, "domid"), -1));

    return strcmp(domo_value_str(domo_value_get(event, "name"), ""), guest) == 0 ||
           strcmp(domo_value_str(domo_value_get(event, "uuid"), ""), guest) == 0 || strcmp(domid, guest) == 0;
}

static bool is_wanted(const struct events_opts *o, const struct inv *inv, const struct domo_value *event)
{
    if (o->only && !is_listed(o->only, domo_value_str(domo_value_get(event, "event"), "")))
        return false;
    return inv->n == 0 || is_about(event, inv->args[0]);
}

/* All that there are now. 1: enough. */
static int put_new(struct domo_events *e, const struct inv *inv, uint32_t *seen, struct domo_err *err)
{
    const struct events_opts *o = inv->opts;

    for (;;) {
        AUTO_VALUE struct domo_value *event = NULL;
        AUTO_FREE char *text = NULL;

        if (domo_events_next(e, &event, err) < 0)
            return -1;
        if (!event)
            return 0;
        if (!is_wanted(o, inv, event))
            continue;
        text = text_need(domo_value_print(event, false));
        /* When nobody reads any more there is nothing left to follow. */
        if (puts(text) < 0 || fflush(stdout) != 0)
            return 1;
        if (o->count && ++*seen >= o->count)
            return 1;
    }
}

static int follow(struct domo_events *e, const struct inv *inv, struct domo_err *err)
{
    const struct events_opts *o = inv->opts;
    uint32_t seen = 0;

    for (;;) {
        int r = put_new(e, inv, &seen, err);

        if (r || o->no_follow)
            return r < 0 ? -1 : 0;
        r = domo_events_wait(e, o->timeout_ms ? o->timeout_ms : -1, err);
        if (r == 0)
            return o->count ? domo_err_set(err, "timeout", "there were fewer events") : 0;
        /* Ctrl-C is how it ends. */
        if (r < 0)
            return strcmp(domo_err_code(err), "op.cancelled") == 0 && cli_cancelled ? 0 : -1;
    }
}

static int events(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct events_opts *o = inv->opts;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    struct domo_events *e = NULL;
    int r;

    if (!ctx || domo_events_open(ctx, o->from, &e, err) < 0)
        return -1;
    r = follow(e, inv, err);
    domo_events_close(e);
    return r;
}

const struct cmd events_cmds[] = {
    {
        .name = "events",
        .args = "[DOMAIN]",
        .summary = "Show what happens on the host, as JSON lines",
        .about =
            "What commands and programs of domo do to guests, and, while domod runs, domains that come, end and go, "
            "and what was done then. DOMAIN is a name, a number or a UUID, also of a guest that is gone. Each "
            "event has a token: --from TOKEN goes on after it, without losing or repeating one. About the last "
            "10,000 are kept until the host starts anew; events.lost says that it was not enough.",
        .opts = events_opts,
        .opts_size = sizeof(struct events_opts),
        .max = 1,
        .flags = CMD_JSON,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = events,
    },
    {.name = NULL},
};
