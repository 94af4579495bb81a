/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Sockets by proxy: the guest's socket calls are made in the back end's
 * domain. All nodes beyond those of any device are the drivers' own.
 */
#include "dev/device.h"

const struct devkind devkind_pvcalls = {
    .name = "pvcalls",
    .back_name = "pvcalls",
    .module = "pvcalls-back",
    .summary = "sockets by proxy, served by another domain's network stack",
    .has_handshake = true,
    .grammar = &grammar_pvcalls,
    .is_fixed = true,
};
