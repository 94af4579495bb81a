/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Reading a vif spec of a config file, where a part that nothing acts on yet
 * may be relaxed to a warning later.
 */
#ifndef DOMO_DEV_VIF_SPEC_READ_H
#define DOMO_DEV_VIF_SPEC_READ_H

#include "dev/vif_spec.h"

/* As vif_spec_parse(), but CONFIG_NOT_ACTED_ON findings do not make it fail. */
int vif_spec_read(const char *text, struct conf_pos at, struct diags *, struct vif_spec *ret) MUST_CHECK;

#endif
