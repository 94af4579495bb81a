/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Console channels: consoles beside the primary one, with a name, that lead to
 * a terminal or a socket of the device model's. In the store they are consoles
 * from number 1 on; the device model has a character device for each.
 */
#include <inttypes.h>

#include "base/str.h"
#include "dev/device.h"

static int channel_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    (void)err;
    nodes_add(n, NODE_BACK, "protocol", "vt100");
    nodes_add(n, NODE_FRONT, "protocol", "vt100");
    nodes_add(n, NODE_FRONT_RO, "name", "%s", dev_spec_get(&d->spec, "name"));
    nodes_add(n, NODE_FRONT_RO, "limit", "%d", CONSOLE_LIMIT);
    nodes_add(n, NODE_FRONT_RO, "type", "ioemu");
    nodes_add(n, NODE_FRONT_RO, "output", CHANNEL_CHARDEV, d->devid - CHANNEL_FIRST_DEVID);
    nodes_add(n, NODE_FRONT_RO, "tty", "%s", "");
    return 0;
}

/* Where its other end is: the device model tells the terminal, which is this domain's to write. */
static void channel_describe(const struct dev *d, struct json *row)
{
    const char *connection = nodes_get(&d->keys, "connection"), *path = nodes_get(&d->keys, "path");
    char at[STORE_PATH_MAX], tty[DEV_TEXT_MAX] = "";
    struct dev_paths paths;

    json_set_str(row, "name", nodes_get(&d->keys, "name"));
    json_set_str(row, "connection", connection);
    if (!path && d->set->host && d->set->domid) {
        dev_paths(d, &paths);
        dev_join(at, paths.front, "tty");
        dev_read_text(d->set->host, at, tty);
    }
    json_set_str(row, "path", path ? path : tty[0] ? tty : NULL);
}

static char *channel_title(const struct dev *d)
{
    const char *name = nodes_get(&d->keys, "name");

    return str_format("channel %" PRIu32 " (%s)", d->devid, name ? name : "?");
}

static const char *const channel_keeps[] = {"name", "connection", "path", NULL};

const struct devkind devkind_channel = {
    .name = "console",
    .back_name = "console",
    .summary = "a byte channel with a name, like a console",
    .has_handshake = true,
    .grammar = &grammar_channel,
    .first_devid = CHANNEL_FIRST_DEVID,
    .is_fixed = true,
    .keeps = channel_keeps,
    .nodes = channel_nodes,
    .title = channel_title,
    .describe = channel_describe,
};
