/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What lies in a running HVM guest's CD drives. The device model is told, and
 * the store and the stored config follow it, as with xl.
 */
#ifndef DOMO_DOM_MEDIA_H
#define DOMO_DOM_MEDIA_H

#include "base/json.h"
#include "dev/disk_spec.h"
#include "plan/plan.h"

struct media_options {
    bool force; /* also when the guest has locked the drive's door */
    void (*on_step)(void *arg, const struct op *, size_t index, size_t total, const struct step *);
    void *on_step_arg;
};

/* Takes out what is in the drive that "wanted" names with its vdev, and puts "wanted"'s target in; without one the
 * drive stays empty. A failure leaves what was there. *ret: the drive's row, with "timing". UNSUPPORTED (no HVM guest,
 * or another kind of back end), DEVICE_NOT_FOUND (it has no such drive), DEVICE_IN_USE (the door is locked),
 * DISK_NOT_FOUND, DISK_BAD_TARGET, DISK_SHARED, DEVICE_MODEL, QMP. */
int media_change(struct host *, uint32_t domid, const struct disk_spec *wanted, const struct media_options *,
                 struct json **ret, struct domo_err *) MUST_CHECK;

#endif
