/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The rate of a network interface: "10MB/s@20ms" and the credit that the back
 * end is given, bytes per interval.
 */
#ifndef DOMO_DEV_VIF_RATE_H
#define DOMO_DEV_VIF_RATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"

struct vif_rate {
    uint64_t bytes; /* per interval */
    uint32_t interval_us;
    bool unitless_interval; /* the interval was written without a unit: seconds were taken, as xl's code does */
};

/* Returns NULL, or what is wrong with the text. */
const char *vif_rate_parse(const char *text, struct vif_rate *ret) MUST_CHECK;

/* Adds text that gives the same credit. */
void vif_rate_print(uint64_t bytes, uint32_t interval_us, struct str *out);

#endif
