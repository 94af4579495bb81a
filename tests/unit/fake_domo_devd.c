/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A driver domain that answers from memory: what happened in it before it was
 * told to end, and what became of its devices.
 */
#include "base/err.h"
#include "base/json.h"
#include "domo.h"

static struct json *happening(const char *event)
{
    struct json *j = json_new_object();

    json_set_str(j, "event", event);
    json_set_str(j, "device", "disk xvda");
    json_set_str(j, "kind", "vbd");
    json_set_int(j, "domid", 5);
    json_set_int(j, "devid", 51712);
    json_set_str(j, "path", "/local/domain/3/backend/vbd/5/51712");
    return j;
}

static void tell(const struct domo_devd *devd, struct json *j)
{
    devd->event(devd->arg, (const struct domo_value *)j);
    (void)json_free(j);
}

int domo_devd(struct domo_ctx *ctx, const struct domo_devd *devd, struct domo_err *err)
{
    struct json *ready = json_new_object(), *failed = happening("failed");
    struct domo_err why = DOMO_ERR_INIT;

    (void)ctx;
    (void)err;
    (void)err_set(&why, DOMO_E_DISK_NOT_FOUND, "can't open '/srv/web.img': No such file or directory");
    json_set(failed, "error", err_to_json(&why));
    json_set_str(ready, "event", "ready");
    json_set_int(ready, "domid", 3);
    json_set_int(ready, "devices", 1);
    tell(devd, happening("adopted"));
    tell(devd, ready);
    tell(devd, failed);
    tell(devd, happening("released"));
    return 0;
}

int domo_reconnect(struct domo_ctx *ctx, uint32_t domid, const struct domo_options *opt, struct domo_value **ret,
                   struct domo_err *err)
{
    static const char *const names[] = {"xvda", "00:16:3e:00:00:05"};
    struct json *rows = json_new_array();
    struct domo_err why = DOMO_ERR_INIT;

    (void)ctx;
    for (size_t i = 0; i < (domid == 5 ? 2u : 0u); i++) {
        struct json *row = json_add_object(rows);

        json_set_str(row, "kind", i ? "vif" : "vbd");
        json_set_int(row, "devid", i ? 0 : 51712);
        json_set_str(row, "device", names[i]);
        json_set_str(row, "backend", "drv");
        json_set_bool(row, "done", i == 0 || opt->backend_ms);
        if (i == 0 || opt->backend_ms)
            continue;
        (void)err_set(&why, DOMO_E_DOMAIN_NOT_FOUND, "there is no back end domain 'drv' that runs");
        json_set(row, "error", err_to_json(&why));
    }
    *ret = (struct domo_value *)rows;
    if (why.code == DOMO_E_OK)
        return 0;
    *err = why;
    return -1;
}
