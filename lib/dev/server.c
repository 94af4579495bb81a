/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The domain that serves a device, where that is not ours: it may have died, or
 * shut down, and then nobody answers for it any more. Asked of the hypervisor,
 * for what is in the store may stay behind.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "dev/device.h"

bool dev_server_is_gone(const struct dev *d)
{
    struct domo_err why = DOMO_ERR_INIT;
    struct host *h = d->set->host;
    struct hyp_info info;

    if (!d->has_back || dev_is_ours(d))
        return false;
    if (h->hyp->info(h, d->back_domid, &info, &why))
        return why.code == DOMO_E_DOMAIN_NOT_FOUND;
    return info.is_dying || info.is_shutdown;
}

/* A toolstack that destroys a domain takes its nodes away first. */
bool dev_server_is_leaving(const struct dev *d)
{
    char *AUTO_FREE domid = NULL;
    char path[STORE_PATH_MAX];

    if (!d->has_back || dev_is_ours(d) || store_path(path, NULL, "/local/domain/%" PRIu32 "/domid", d->back_domid) ||
        store_read_opt(d->set->host, 0, path, &domid, NULL))
        return false;
    return !domid;
}

int dev_fail_server(const struct dev *d, struct domo_err *err)
{
    (void)dev_fail(d, DOMO_E_DEVICE_BACKEND_GONE, err, "domain %" PRIu32 ", which serves the device, is gone",
                   d->back_domid);
    return -1;
}

/* Each device has a watch of its own, so that sets, and devices of one set, do not share what another takes away. */
int dev_watch_server(const struct dev *d, int (*call)(struct host *, const char *, const char *, struct domo_err *),
                     struct domo_err *err)
{
    char token[DEV_KIND_MAX + 40];

    if (!d->has_back || dev_is_ours(d))
        return 0;
    (void)snprintf(token, sizeof token, "domo-server-%s-%" PRIu32, d->kind_name, d->devid);
    return call(d->set->host, "@releaseDomain", token, err);
}
