/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Virtual keyboards with a pointer: served by the device model, or by a
 * program that speaks the "linux" back end's protocol (its directory has
 * another name). The shared page is described in xen/io/kbdif.h.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

static bool is_of_program(const struct dev *d)
{
    return str_eq(dev_spec_get(&d->spec, "backend-type"), "linux");
}

static int vkb_settle(struct dev *d, struct domo_err *err)
{
    (void)err;
    if (is_of_program(d))
        (void)snprintf(d->back_name, sizeof d->back_name, "vinput");
    return 0;
}

/* Features that are there, and no others. */
static int vkb_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    (void)err;
    for (size_t i = 0; i < d->spec.grammar->n; i++) {
        const char *name = d->spec.grammar->keys[i].name;

        if (str_starts(name, "feature-") && dev_spec_flag(&d->spec, name))
            nodes_add(n, NODE_BACK, name, "1");
    }
    return 0;
}

static void vkb_describe(const struct dev *d, struct json *row)
{
    json_set_str(row, "unique_id", nodes_get(&d->keys, "unique-id"));
    json_set_str(row, "backend_type", str_eq(d->back_name, "vinput") ? "linux" : "qemu");
}

static const char *const vkb_keeps[] = {"unique-id", NULL};

const struct devkind devkind_vkb = {
    .name = "vkbd",
    .back_name = "vkbd",
    .summary = "a virtual keyboard with a pointer",
    .has_handshake = true,
    .grammar = &grammar_vkb,
    .keeps = vkb_keeps,
    .settle = vkb_settle,
    .nodes = vkb_nodes,
    .describe = vkb_describe,
};
