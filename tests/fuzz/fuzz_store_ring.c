/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: whatever is written into a guest's page between two events, the
 * server touches nothing beyond it and goes on serving. Input: records of a
 * 16-bit place in the page, a length byte and that many bytes; a place above
 * the page is an event.
 */
#include <stdlib.h>
#include <string.h>

#include "domostore.h"
#include "fuzz.h"

enum { PAGE = 4096 };

static int map(void *arg, uint16_t domid, uint64_t gfn, uint32_t port, void **ret_page)
{
    (void)domid;
    (void)gfn;
    (void)port;
    *ret_page = arg;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct domostore_ops ops = {.ring_map = map};
    uint8_t *page = aligned_alloc(PAGE, PAGE);
    struct domostore *ds = domostore_new(&ops, page);
    size_t i = 0;

    memset(page, 0, PAGE);
    if (domostore_introduce(ds, 1, 1, 1) < 0)
        abort();
    while (i + 3 <= len) {
        size_t at = bytes[i] | (size_t)bytes[i + 1] << 8, n = bytes[i + 2];

        i += 3;
        n = n < len - i ? n : len - i;
        if (at < PAGE)
            memcpy(page + at, bytes + i, n < PAGE - at ? n : PAGE - at);
        else
            domostore_ring_event(ds, 1);
        i += n;
        (void)domostore_turn(ds);
    }
    if (domostore_check(ds, NULL) < 0)
        abort();
    (void)domostore_free(ds);
    free(page);
    return 0;
}
