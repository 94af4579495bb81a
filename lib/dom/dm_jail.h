/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a device model without privilege has (dm_restrict=): a user of its own,
 * and an empty directory for a root. Who that user is follows libxl.
 */
#ifndef DOMO_DOM_DM_JAIL_H
#define DOMO_DOM_DM_JAIL_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "dom/spec.h"
#include "host/host.h"

/* The names of the users that a host may have for it. */
#define DM_JAIL_RANGE  "xen-qemuuser-range-base" /* the first of as many numbers as there can be domains */
#define DM_JAIL_SHARED "xen-qemuuser-shared"     /* of all guests */
/* Below the run directory, by the guest's number. */
#define DM_JAIL_ROOT "qemu-root-%" PRIu32

enum { DM_JAIL_WORD_MAX = 64, DM_JAIL_PATH_MAX = 320 };

struct dm_jail {
    bool restricts;               /* it may touch its own domain alone, and no file */
    char runas[DM_JAIL_WORD_MAX]; /* as QEMU's -runas has it; "" = as who starts it */
    uint32_t range,
        kill_uid; /* range: its first number, the guest's is added; kill_uid: nobody else has it; 0 = none */
    char root[DM_JAIL_PATH_MAX]; /* "" until the guest has a number */
};

/* Whom the guest's device model runs as. UNSUPPORTED if the host has no user for it, CONFIG_VALUE for one that is not
 * there, or is root. */
int dm_jail_find(const struct spec *, struct dm_jail *ret, struct domo_err *) MUST_CHECK;
/* Once the guest has a number: what depends on it. */
void dm_jail_set_domid(const struct host *, uint32_t domid, struct dm_jail *);
/* Makes the root. IO. */
int dm_jail_make(const struct dm_jail *, struct domo_err *) MUST_CHECK;
/* Removes it; fine if there is none. */
void dm_jail_remove(const struct host *, uint32_t domid);

#endif
