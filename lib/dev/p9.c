/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Directories shared by the 9P protocol, served by the device model. The rings
 * are described in xen/io/9pfs.h.
 */
#include "dev/device.h"

static int p9_settle(struct dev *d, struct domo_err *err)
{
    const char *path = dev_spec_get(&d->spec, "path");
    struct host *h = d->set->host;
    struct os_target target;

    if (!h || !dev_is_ours(d))
        return 0;
    if (h->os->target(h, path, &target, err))
        return -1;
    if (target.kind == OS_TARGET_OTHER)
        return 0;
    return err_set(err, DOMO_E_DISK_BAD_TARGET, "'%s' is no directory", path);
}

static void p9_describe(const struct dev *d, struct json *row)
{
    json_set_str(row, "path", nodes_get(&d->keys, "path"));
}

static const char *const p9_keeps[] = {"path", NULL};

const struct devkind devkind_p9 = {
    .name = "9pfs",
    .back_name = "9pfs",
    .summary = "a directory shared by the 9P protocol",
    .has_handshake = true,
    .grammar = &grammar_p9,
    .is_fixed = true,
    .keeps = p9_keeps,
    .settle = p9_settle,
    .describe = p9_describe,
};
