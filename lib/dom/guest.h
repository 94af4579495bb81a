/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest that exists: what an operation needs to know of it before it begins.
 */
#ifndef DOMO_DOM_GUEST_H
#define DOMO_DOM_GUEST_H

#include "dev/dev.h"
#include "dev/uuid_text.h"
#include "host/host.h"

struct guest {
    struct hyp_info info;
    char uuid[UUID_TEXT_MAX];
    char *name;   /* "(null)" if it has none */
    char type[8]; /* "pv", "pvh", "hvm" from /libxl/D/type; "" if unknown: made by something else */
};

/* DOMAIN_NOT_FOUND. Free with guest_fini(), which copes with one that was zeroed only. */
int guest_load(struct host *, uint32_t domid, struct guest *ret, struct domo_err *) MUST_CHECK;
void guest_fini(struct guest *);

/* An empty device set for the guest. */
struct devset *guest_devset(struct host *, const struct guest *, const struct dev_timeouts *);

#endif
