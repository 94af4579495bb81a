/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/monitor.h"

#include <string.h>

#include "base/str.h"
#include "dom/dm.h"
#include "dom/guest.h"

static int ask(struct host *h, const struct guest *g, const char *line, char **ret, struct domo_err *err)
{
    struct json *AUTO_JSON arguments = json_new_object(), *AUTO_JSON answer = NULL;
    struct qmp *q = NULL;
    int r;

    json_set_str(arguments, "command-line", line);
    if (dm_open(h, g, &q, err))
        return -1;
    r = qmp_call(q, "human-monitor-command", arguments, &answer, err);
    (void)qmp_close(q);
    if (r)
        return -1;
    *ret = strdup(json_str(answer, ""));
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

int monitor_command(struct host *h, uint32_t domid, const char *line, char **ret, struct domo_err *err)
{
    struct guest g = {.name = NULL};
    int r;

    if (guest_load(h, domid, &g, err))
        return -1;
    if (str_eq(g.type, "hvm") || dm_exists(h, g.uuid))
        r = ask(h, &g, line, ret, err);
    else
        r = err_set(err, DOMO_E_UNSUPPORTED, "'%s' has no device model", g.name);
    guest_fini(&g);
    return r;
}
