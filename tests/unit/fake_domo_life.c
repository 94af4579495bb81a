/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Uptime, cores, triggers and waiting for guests that answer from memory.
 */
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "domo.h"

static struct domo_value *parse(const char *text)
{
    struct json *j = NULL;

    IGNORE(json_parse(text, strlen(text), &j, NULL));
    return (struct domo_value *)j;
}

int domo_uptime(struct domo_ctx *ctx, const uint32_t *domids, size_t n, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    *ret = n && domids[0] == 5
               ? parse("[{\"domid\":5,\"name\":\"web\",\"seconds\":96307}]")
               : parse("[{\"domid\":0,\"name\":\"Domain-0\",\"seconds\":1040584},{\"domid\":5,\"name\":\"web\","
                       "\"seconds\":96307},{\"domid\":6,\"name\":\"db\",\"seconds\":null}]");
    return 0;
}

int domo_resume(struct domo_ctx *ctx, uint32_t domid, struct domo_err *err)
{
    (void)ctx;
    return domid == 5 ? 0 : err_set(err, DOMO_E_DOMAIN_STATE, "the guest can't be resumed: it runs");
}

int domo_dump_core(struct domo_ctx *ctx, uint32_t domid, const char *path, struct domo_value **ret,
                   struct domo_err *err)
{
    char *AUTO_FREE text = str_format("{\"domid\":%u,\"name\":\"web\",\"file\":\"%s\",\"bytes\":4198400}",
                                      (unsigned)domid, path ? path : "/var/lib/xen/dump/web");

    (void)ctx;
    if (str_eq(path, "/nosuch/core"))
        return err_set(err, DOMO_E_IO, "can't make '/nosuch/core.part': No such file or directory");
    *ret = parse(text);
    return 0;
}

int domo_trigger(struct domo_ctx *ctx, uint32_t domid, const char *what, uint32_t vcpu, struct domo_err *err)
{
    (void)ctx;
    (void)domid;
    (void)vcpu;
    if (str_eq(what, "nmi"))
        return 0;
    return err_set(err, DOMO_E_UNSUPPORTED,
                   "only hvm guests have something that '%s' could be done to, this is a pv guest", what);
}

int domo_wait_guest(struct domo_ctx *ctx, uint32_t domid, const char *state, int64_t timeout_ms,
                    struct domo_value **ret, struct domo_err *err)
{
    char *AUTO_FREE text =
        str_format("{\"domid\":%u,\"device\":null,\"state\":\"%s\",\"waited_ms\":12}", (unsigned)domid, state);

    (void)ctx;
    if (str_eq(state, "crash"))
        return err_set(err, DOMO_E_TIMEOUT, "the guest was not %s within %g s: it is running", state,
                       (double)timeout_ms / 1000);
    *ret = parse(text);
    return 0;
}
