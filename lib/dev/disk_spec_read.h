/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reading a disk spec of a config file, where a part that nothing acts on yet
 * may be relaxed to a warning later.
 */
#ifndef DOMO_DEV_DISK_SPEC_READ_H
#define DOMO_DEV_DISK_SPEC_READ_H

#include "dev/disk_spec.h"

/* As disk_spec_parse(), but CONFIG_NOT_ACTED_ON findings do not make it fail. */
int disk_spec_read(const char *text, struct conf_pos at, struct diags *, struct disk_spec *ret) MUST_CHECK;

#endif
