/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/guest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dom/dm.h"
#include "dom/names.h"

static int load_type(struct host *h, struct guest *g, struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE type = NULL;

    if (store_path(path, err, "/libxl/%u/type", g->info.domid) || store_read_opt(h, 0, path, &type, err))
        return -1;
    (void)snprintf(g->type, sizeof g->type, "%s", type ? type : "");
    return 0;
}

int guest_load(struct host *h, uint32_t domid, struct guest *ret, struct domo_err *err)
{
    struct guest g = {.name = NULL};

    if (h->hyp->info(h, domid, &g.info, err) || load_type(h, &g, err) || names_of(h, domid, &g.name, err))
        return -1;
    if (!g.name)
        g.name = strdup("(null)");
    if (!g.name)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    uuid_to_text(g.info.uuid, g.uuid);
    *ret = g;
    return 0;
}

void guest_fini(struct guest *g)
{
    free(g->name);
    *g = (struct guest){.name = NULL};
}

struct devset *guest_devset(struct host *h, const struct guest *g, const struct dev_timeouts *timeouts)
{
    const struct dev_guest dg = {
        .domid = g->info.domid,
        .name = g->name,
        .uuid_text = g->uuid,
        .is_pv = str_eq(g->type, "pv"),
        .emulates = str_eq(g->type, "hvm") && str_eq(dm_state(h, g->uuid), "running"),
        .protocol = str_eq(g->type, "pv") ? "x86_64-abi" : NULL,
    };

    return devset_new(h, &dg, timeouts);
}
