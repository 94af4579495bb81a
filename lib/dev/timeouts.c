/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How long each phase of a device's way may take: one row a phase.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

enum { SECONDS_MAX = 24 * 3600 };

const struct dev_timeouts DEV_TIMEOUTS_DEFAULT = {
    .backend_ms = 10000,
    .script_ms = 40000,
    .connect_ms = 30000,
    .reconfigure_ms = 10000,
    .reconnect_ms = 30000,
    .close_ms = 10000,
    .model_ms = 60000,
};

static const struct {
    const char *name; /* as handshake_phase_name() has it; "script" runs within the others */
    size_t offset;
} rows[] = {
    {"accept", offsetof(struct dev_timeouts, backend_ms)},
    {"script", offsetof(struct dev_timeouts, script_ms)},
    {"connect", offsetof(struct dev_timeouts, connect_ms)},
    {"reconfigure", offsetof(struct dev_timeouts, reconfigure_ms)},
    {"reconnect", offsetof(struct dev_timeouts, reconnect_ms)},
    {"close", offsetof(struct dev_timeouts, close_ms)},
    {"device-model", offsetof(struct dev_timeouts, model_ms)},
};

static int64_t *limit_at(struct dev_timeouts *t, size_t row)
{
    return (int64_t *)(void *)((char *)t + rows[row].offset);
}

int64_t dev_timeout_of(const struct dev_timeouts *t, enum hs_phase phase)
{
    struct dev_timeouts copy = *t;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (str_eq(rows[i].name, handshake_phase_name(phase)))
            return *limit_at(&copy, i);
    return copy.connect_ms;
}

static int bad(struct domo_err *err, const char *item, const char *why)
{
    struct str AUTO_STR names = STR_INIT;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        str_addf(&names, "%s%s", i ? ", " : "", rows[i].name);
    (void)err_set(err, DOMO_E_USAGE, "time limit '%s': %s", item, why);
    return err_hint(err, "PHASE=SECONDS, parted by commas; phases are %s", str_text(&names));
}

/* "connect=2.5" */
static int set_one(struct dev_timeouts *t, char *item, struct domo_err *err)
{
    char *equals = strchr(item, '='), *end = NULL;
    double seconds;

    if (!equals)
        return bad(err, item, "no '=' in it");
    seconds = strtod(equals + 1, &end);
    if (end == equals + 1 || *end || !(seconds > 0 && seconds <= SECONDS_MAX))
        return bad(err, item, "not a number of seconds between 0 and a day");
    *equals = '\0';
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!str_eq(rows[i].name, item))
            continue;
        *limit_at(t, i) = (int64_t)(seconds * 1000 + 0.999);
        return 0;
    }
    return bad(err, item, "there is no such phase");
}

int dev_timeouts_set(struct dev_timeouts *t, const char *text, struct domo_err *err)
{
    struct dev_timeouts now = *t;
    char *AUTO_FREE copy = NULL;
    char *rest, *item;

    if (!text || !*text)
        return 0;
    copy = rest = strdup(text);
    if (!copy)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    while ((item = strsep(&rest, ",")))
        if (set_one(&now, item, err))
            return -1;
    *t = now;
    return 0;
}
