/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim/model.h"

#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "sim/machine.h"

/* The same digits, whatever stands between them. */
static bool is_uuid(const char *text, const uint8_t uuid[HOST_UUID_LEN])
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;

    for (; *text; text++) {
        if (*text == '-')
            continue;
        if (n == 2 * (size_t)HOST_UUID_LEN)
            return false;
        if (tolower((unsigned char)*text) != digits[n % 2 ? uuid[n / 2] & 15 : uuid[n / 2] >> 4])
            return false;
        n++;
    }
    return n == 2 * (size_t)HOST_UUID_LEN;
}

/* 0: there is no such guest. */
static uint32_t guest_of(struct sim *s, const char *uuid)
{
    struct hyp_info info;

    for (uint32_t next = 1; machine_next(sim_machine(s), next, &info) == 0; next = info.domid + 1)
        if (is_uuid(uuid, info.uuid))
            return info.domid;
    return 0;
}

/* That a guest has ended, and not that somebody ended its device model. */
static void end_guest(struct sim *s, uint32_t domid, const char *event, const struct json *data)
{
    enum machine_reason reason = MACHINE_POWEROFF;

    if (!str_eq(event, "SHUTDOWN") || !json_get_bool(data, "guest", false))
        return;
    if (str_eq(json_get_str(data, "reason", ""), "guest-reset"))
        reason = MACHINE_REBOOT;
    /* It may have been destroyed meanwhile. */
    IGNORE(machine_shutdown(sim_machine(s), domid, reason));
}

void model_line(struct sim *s, struct peer *peer, uint32_t *about, const char *line, size_t len, struct str *out,
                bool *ret_stop)
{
    struct json *said AUTO_JSON = NULL;

    (void)peer;
    (void)ret_stop;
    if (json_parse(line, len, &said, NULL) < 0)
        return;
    if (json_get(said, "QMP"))
        str_add(out, "{\"execute\":\"qmp_capabilities\"}\n{\"execute\":\"query-uuid\"}\n");
    else if (json_get(json_get(said, "return"), "UUID"))
        *about = guest_of(s, json_get_str(json_get(said, "return"), "UUID", ""));
    else if (*about && json_get(said, "event"))
        end_guest(s, *about, json_get_str(said, "event", ""), json_get(said, "data"));
}
