/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The nodes of a guest that are not devices: /local/domain/D, /vm/UUID and
 * /libxl/D, with libxl's layout and permissions (facts: xl.md 3.3, 3.7). The
 * rows of skeleton.c are the only list of them; a dry run prints the same rows.
 */
#ifndef DOMO_DOM_SKELETON_H
#define DOMO_DOM_SKELETON_H

#include "base/json.h"
#include "dom/spec.h"
#include "host/host.h"

/* What the nodes are made of. */
struct skeleton {
    const struct spec *spec;
    uint32_t domid;
    const char *uuid;    /* text */
    uint32_t store_port; /* the guest's event channel to the store */
    int64_t start_s;     /* start_time: seconds and hundredths since the epoch */
    unsigned start_centi;
    const char *found_cmdline; /* what a bootloader found; NULL = none */
    uint64_t store_gfn;        /* only for the second part */
};

/* Everything that is known before the build. Old nodes of the domid are removed first. In the caller's transaction. */
int skeleton_write(struct host *, store_txn, const struct skeleton *, struct domo_err *) MUST_CHECK;
/* What only the build tells: the ring's page. */
int skeleton_write_rings(struct host *, store_txn, const struct skeleton *, struct domo_err *) MUST_CHECK;
/* Removes all three trees. */
int skeleton_remove(struct host *, store_txn, uint32_t domid, const char *uuid, struct domo_err *) MUST_CHECK;
/* Adds the lines "write PATH = VALUE" for a dry run, with "$D" for a domid that is not known yet. */
int skeleton_preview(const struct skeleton *, struct json *lines, struct domo_err *) MUST_CHECK;

#endif
