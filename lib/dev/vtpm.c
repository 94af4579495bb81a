/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Virtual TPMs: served by a domain of their own that holds the TPM's state.
 * The ring's layout is in xen/io/tpmif.h.
 */
#include <inttypes.h>
#include <strings.h>

#include "base/str.h"
#include "dev/device.h"
#include "dev/uuid_text.h"

static int vtpm_settle(struct dev *d, struct domo_err *err)
{
    struct host *h = d->set->host;
    uint8_t uuid[HOST_UUID_LEN];
    char text[UUID_TEXT_MAX];

    if (!h || dev_spec_get(&d->spec, "uuid"))
        return 0;
    if (uuid_random(h, uuid, err))
        return -1;
    uuid_to_text(uuid, text);
    return dev_spec_set(&d->spec, "uuid", text) ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
}

static int vtpm_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    (void)err;
    nodes_add(n, NODE_BACK, "handle", "%" PRIu32, d->devid);
    nodes_add(n, NODE_BACK, "resume", "False");
    nodes_add(n, NODE_FRONT, "handle", "%" PRIu32, d->devid);
    return 0;
}

/* "which" may be the UUID, as for xl. */
static bool vtpm_matches(const struct dev *d, const char *which)
{
    const char *uuid = nodes_get(&d->keys, "uuid");
    uint32_t devid;

    return str_to_u32(which, &devid) == 0 ? devid == d->devid : uuid && strcasecmp(uuid, which) == 0;
}

static void vtpm_describe(const struct dev *d, struct json *row)
{
    json_set_str(row, "uuid", nodes_get(&d->keys, "uuid"));
}

static const char *const vtpm_keeps[] = {"uuid", NULL};

const struct devkind devkind_vtpm = {
    .name = "vtpm",
    .back_name = "vtpm",
    .summary = "a virtual TPM, served by a domain of its own",
    .has_handshake = true,
    .grammar = &grammar_vtpm,
    .keeps = vtpm_keeps,
    .settle = vtpm_settle,
    .nodes = vtpm_nodes,
    .matches = vtpm_matches,
    .describe = vtpm_describe,
};
