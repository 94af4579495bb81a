/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: any bytes from any client, in any pieces, leave a server that
 * still answers another one and whose books are right. First byte of each
 * piece: bit 7 = who (guest or privileged), the rest = its length.
 */
#include <stdlib.h>
#include <string.h>

#include "domostore.h"
#include "fuzz.h"

static void take_all(struct domostore_conn *mc)
{
    char buf[4096];

    while (domostore_recv(mc, buf, sizeof buf) > 0)
        ;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct domostore *ds = domostore_new(NULL, NULL);
    struct domostore_conn *mc[2] = {domostore_connect(ds, 0, true), domostore_connect(ds, 1, false)};
    size_t i, n;

    for (i = 0; i < len;) {
        unsigned who = bytes[i] >> 7;

        n = bytes[i++] & 0x7f;
        n = n < len - i ? n : len - i;
        if (domostore_send(mc[who], bytes + i, n) < 0) {
            (void)domostore_close(mc[who]);
            mc[who] = domostore_connect(ds, who ? 1 : 0, !who);
        }
        i += n;
        take_all(mc[0]);
        take_all(mc[1]);
    }
    if (domostore_check(ds, NULL) < 0)
        abort();
    (void)domostore_close(mc[0]);
    (void)domostore_close(mc[1]);
    (void)domostore_free(ds);
    return 0;
}
