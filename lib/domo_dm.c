/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public functions on what a guest's device model emulates: drives, the
 * screen, its own monitor.
 */
#include <stdlib.h>

#include "base/str.h"
#include "conf/diag.h"
#include "dom/media.h"
#include "dom/monitor.h"
#include "dom/query.h"
#include "dom/screen.h"
#include "domo_ctx.h"

static int parse(const char *vdev, const char *target, struct disk_spec *ret, struct domo_err *err)
{
    /* The target is last, as it may have commas. */
    char *AUTO_FREE text =
        str_format("vdev=%s,access=r,devtype=cdrom%s%s", vdev, target ? ",target=" : "", target ? target : "");
    const struct conf_pos at = {.line = 1, .column = 1, .length = 1};
    struct diags d;
    int r;

    if (!text)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    diags_init(&d);
    r = diags_source(&d, "<command line>", text) ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
    if (!r && disk_spec_parse(text, at, &d, ret))
        r = diags_to_err(&d, err);
    diags_fini(&d);
    return r;
}

int domo_cd_change(struct domo_ctx *ctx, uint32_t domid, const char *vdev, const char *target,
                   const struct domo_options *opt, struct domo_value **ret, struct domo_err *err)
{
    static const struct domo_options none;
    const struct domo_options *o = opt ? opt : &none;
    const struct media_options options = {
        .force = o->flags & DOMO_DEVICE_FORCE, .on_step = ctx_on_step, .on_step_arg = ctx};
    struct disk_spec wanted;
    struct json *j = NULL;
    struct host *h;
    int r;

    if (parse(vdev, target, &wanted, err))
        return -1;
    if (o->flags & DOMO_DEVICE_DRY_RUN) {
        j = disk_spec_to_libxl(&wanted);
        r = j ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    } else {
        h = host_of(ctx, err);
        r = h ? media_change(h, domid, &wanted, &options, &j, err) : -1;
    }
    disk_spec_fini(&wanted);
    if (r)
        return -1;
    if (!o->timing)
        (void)json_free(json_steal(j, "timing"));
    *ret = to_value(j);
    return 0;
}

int domo_screen(struct domo_ctx *ctx, uint32_t domid, struct domo_value **ret, char **ret_password,
                struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    if (!h || screen_find(h, domid, &j, ret_password, err))
        return -1;
    if (j) {
        *ret = to_value(j);
        return 0;
    }
    (void)err_set(err, DOMO_E_CONSOLE, "domain %u shows no screen by VNC", domid);
    return err_hint(err,
                    "vnc=1 in the config of an HVM guest, or vfb=[ \"vnc=1\" ] in that of a PV guest, gives it one");
}

int domo_monitor_command(struct domo_ctx *ctx, uint32_t domid, const char *line, char **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? monitor_command(h, domid, line, ret, err) : -1;
}

int domo_console_line(struct domo_ctx *ctx, uint32_t domid, enum domo_console kind, uint32_t number, char **ret,
                      struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? query_console_line(h, domid, kind == DOMO_CONSOLE_SERIAL, number, ret, err) : -1;
}
