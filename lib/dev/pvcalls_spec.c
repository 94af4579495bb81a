/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How sockets by proxy are written down.
 */
#include "dev/grammar.h"

static const struct dev_key keys[] = {
    {.name = "backend",
     .json = "backend_domname",
     .example = "netdom",
     .doc = "The domain whose network stack the guest uses, by name or number."},
};

const struct dev_grammar grammar_pvcalls = {
    .key = "pvcalls",
    .json_list = "pvcallsifs",
    .noun = "socket proxy",
    .keys = keys,
    .n = ARRAY_LEN(keys),
};
