/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: whatever is asked in whatever order, the server answers as the
 * model does and its invariants hold.
 */
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "store_ops.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    const char *why = store_ops_run(bytes, len, 1);

    if (why) {
        (void)fprintf(stderr, "%s\n", why);
        abort();
    }
    return 0;
}
