/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Virtual displays, served by a program in the back end's domain. The layout
 * is xen/io/displif.h's: one directory a connector on the front end's side,
 * which the guest may read and not change.
 */
#include "dev/vdispl.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "dev/device.h"

enum { CONNECTORS_MAX = 32 };

static int vdispl_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    const char *text = dev_spec_get(&d->spec, "connectors");
    struct vdispl_connector one;
    char name[32];

    for (unsigned i = 0; text && vdispl_next(&text, &one); i++) {
        if (i == CONNECTORS_MAX)
            return err_set(err, DOMO_E_CONFIG_VALUE, "a display has at most %d connectors", CONNECTORS_MAX);
        (void)snprintf(name, sizeof name, "%u/resolution", i);
        nodes_add(n, NODE_FRONT_RO, name, "%ux%u", one.width, one.height);
        (void)snprintf(name, sizeof name, "%u/unique-id", i);
        nodes_add(n, NODE_FRONT_RO, name, "%s", one.id);
    }
    return 0;
}

/* What a list shows: these nodes are the toolstack's and the guest's to read, the rings and channels the guest's own.
 */
static const struct dev_show connector_nodes[] = {
    {"unique-id", "unique_id", false},      {"resolution", "resolution", false},
    {"req-ring-ref", "req_ring_ref", true}, {"req-event-channel", "req_event_channel", true},
    {"evt-ring-ref", "evt_ring_ref", true}, {"evt-event-channel", "evt_event_channel", true},
};
static const struct dev_show_level connector_level = {
    .list = "connectors", .nodes = connector_nodes, .n = ARRAY_LEN(connector_nodes)};
static const struct dev_show display_nodes[] = {{"be-alloc", "be_alloc", true}};
static const struct dev_show_level display_level = {
    .nodes = display_nodes, .n = ARRAY_LEN(display_nodes), .inner = &connector_level};

static void vdispl_describe(const struct dev *d, struct json *row)
{
    dev_show(d, &display_level, row);
}

const struct devkind devkind_vdispl = {
    .name = "vdispl",
    .back_name = "vdispl",
    .summary = "a virtual display, served by a program of another domain",
    .has_handshake = true,
    .grammar = &grammar_vdispl,
    .nodes = vdispl_nodes,
    .describe = vdispl_describe,
};
