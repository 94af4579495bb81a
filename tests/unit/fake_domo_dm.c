/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The device models of the host that answers from memory: "web" has a CD
 * drive, hdc, and a screen.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "domo.h"

static struct domo_value *parse(const char *text)
{
    struct json *j = NULL;

    return json_parse(text, strlen(text), &j, NULL) == 0 ? (struct domo_value *)j : NULL;
}

static struct domo_value *drive(const char *target)
{
    static const char row[] =
        "{\"kind\":\"vbd\",\"devid\":5632,\"emulated\":\"hdc\",\"vdev\":\"hdc\",\"target\":null,\"mode\":\"r\","
        "\"device_type\":\"cdrom\",\"backend_type\":\"qdisk\",\"script\":null,\"back_domid\":0,\"front_domid\":5,"
        "\"handle\":-1,\"state\":2,\"back\":{\"path\":\"/local/domain/0/backend/qdisk/5/5632\",\"state\":2,"
        "\"state_name\":\"InitWait\",\"hotplug_status\":null,\"error\":null},"
        "\"front\":{\"path\":\"/local/domain/5/device/vbd/5632\",\"state\":1,\"state_name\":\"Initialising\","
        "\"error\":null},\"event_channel\":-1,\"ring_ref\":-1,\"tx_ring_ref\":-1,\"rx_ring_ref\":-1,"
        "\"connected\":false,\"io_path\":\"emulated\"}";
    struct domo_value *v = parse(row);

    if (target)
        domo_value_set_str(v, "target", target);
    return v;
}

int domo_cd_change(struct domo_ctx *ctx, uint32_t domid, const char *vdev, const char *target,
                   const struct domo_options *o, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)domid;
    if (o->flags & DOMO_DEVICE_DRY_RUN) {
        *ret = domo_value_object();
        domo_value_set_str(*ret, "vdev", vdev);
        if (target)
            domo_value_set_str(*ret, "pdev_path", target);
        return 0;
    }
    if (strcmp(vdev, "hdc") != 0) {
        (void)err_set(err, DOMO_E_DEVICE_NOT_FOUND, "disk %s is no CD drive", vdev);
        return err_wrap(err, "change-medium in drive %s of 'web'", vdev);
    }
    if (target && strcmp(target, "/nosuch") == 0) {
        (void)err_set(err, DOMO_E_DISK_NOT_FOUND, "can't find '%s'", target);
        return err_wrap(err, "change-medium in drive %s of 'web'", vdev);
    }
    if (!target && !(o->flags & DOMO_DEVICE_FORCE)) {
        (void)err_set(err, DOMO_E_DEVICE_IN_USE, "the guest has locked the door of drive %s", vdev);
        return err_hint(err, "it has been asked to open it: try again, or take the medium by --force");
    }
    *ret = drive(target);
    return 0;
}

int domo_screen(struct domo_ctx *ctx, uint32_t domid, struct domo_value **ret, char **ret_password,
                struct domo_err *err)
{
    (void)ctx;
    if (domid != 5) {
        (void)err_set(err, DOMO_E_CONSOLE, "domain %u shows no screen by VNC", domid);
        return err_hint(err, "vnc=1 gives it one");
    }
    *ret = parse("{\"host\":\"127.0.0.1\",\"port\":5903,\"display\":3,\"address\":\"127.0.0.1:5903\"}");
    if (ret_password)
        *ret_password = strdup("secret");
    return 0;
}

int domo_monitor_command(struct domo_ctx *ctx, uint32_t domid, const char *line, char **ret, struct domo_err *err)
{
    (void)ctx;
    if (domid != 5)
        return err_set(err, DOMO_E_UNSUPPORTED, "'Domain-0' has no device model");
    *ret = strdup(strcmp(line, "info block") == 0 ? "ide-5632: [not inserted]" : "unknown command");
    return 0;
}
