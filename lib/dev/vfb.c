/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Virtual frame buffers: the device model shows them, and is told by its
 * command line how; the nodes say the same to whoever looks. The shared page is
 * described in xen/io/fbif.h.
 */
#include "dev/device.h"

static void vfb_describe(const struct dev *d, struct json *row)
{
    json_set_str(row, "vnclisten", nodes_get(&d->keys, "vnclisten"));
}

static const char *const vfb_keeps[] = {"vnclisten", NULL};

const struct devkind devkind_vfb = {
    .name = "vfb",
    .back_name = "vfb",
    .summary = "a virtual screen, shown by the device model",
    .has_handshake = true,
    .grammar = &grammar_vfb,
    .is_fixed = true,
    .keeps = vfb_keeps,
    .describe = vfb_describe,
};
