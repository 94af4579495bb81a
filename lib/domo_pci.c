/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public functions on this host's PCI devices.
 */
#include "dev/assignable.h"
#include "domo_ctx.h"

int domo_pci_assignable(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(assignable_list(h, &j, err), &j, ret) : -1;
}

int domo_pci_keep(struct domo_ctx *ctx, const char *bdf, const char *name, struct domo_value **ret,
                  struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(assignable_add(h, bdf, name, &j, err), &j, ret) : -1;
}

int domo_pci_give_back(struct domo_ctx *ctx, const char *which, bool to_driver, struct domo_value **ret,
                       struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(assignable_remove(h, which, to_driver, &j, err), &j, ret) : -1;
}
