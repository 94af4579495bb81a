/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The primary console of a guest: served by xenconsoled, which wants to read
 * ring and event channel from the front end's directory, so the guest may not
 * write there. Nobody waits for its states.
 */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

static int console_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    (void)err;
    nodes_add(n, NODE_BACK, "protocol", "vt100");
    nodes_add(n, NODE_FRONT_RO, "limit", "%d", CONSOLE_LIMIT);
    nodes_add(n, NODE_FRONT_RO, "type", "xenconsoled");
    nodes_add(n, NODE_FRONT_RO, "output", "pty");
    nodes_add(n, NODE_FRONT_RO, "tty", "%s", "");
    if (d->set->domid) {
        nodes_add(n, NODE_FRONT_RO, "port", "%" PRIu32, d->console.port);
        nodes_add(n, NODE_FRONT_RO, "ring-ref", "%" PRIu64, d->console.ring_ref);
    } else { /* a preview */
        nodes_add(n, NODE_FRONT_RO, "port", "…");
        nodes_add(n, NODE_FRONT_RO, "ring-ref", "…");
    }
    return 0;
}

const struct devkind devkind_console = {
    .name = "console",
    .back_name = "console",
    .summary = "the guest's console",
    .nodes = console_nodes,
};

/* xenconsoled may live in a domain of its own. */
static int console_domain(struct dev *d, struct domo_err *err)
{
    char *AUTO_FREE text = NULL;

    if (!d->set->host)
        return 0;
    if (store_read_opt(d->set->host, 0, "/tool/xenconsoled/domid", &text, err))
        return -1;
    if (!text || str_to_u32(text, &d->back_domid))
        d->back_domid = d->set->host->domid;
    return 0;
}

int devset_add_console(struct devset *set, struct domo_err *err)
{
    struct dev *d = devset_push(set, &devkind_console, err);

    if (!d)
        return -1;
    if (console_domain(d, err) || dev_check_unique(d, err) || dev_set_label(d, err)) {
        devset_pop(set);
        return -1;
    }
    return 0;
}

void devset_set_console(struct devset *set, uint64_t ring_ref, uint32_t port)
{
    for (size_t i = 0; i < set->devs.len; i++) {
        struct dev *d = set->devs.at[i];

        if (d->kind == &devkind_console && !d->loaded) {
            d->console.ring_ref = ring_ref;
            d->console.port = port;
        }
    }
}
