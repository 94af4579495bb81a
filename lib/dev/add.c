/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Adding a wanted device of a kind with a grammar to a set.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

int dev_pick_devid(struct dev *d, struct domo_err *err)
{
    uint32_t next = d->kind->first_devid, devid;
    struct devset *set = d->set;
    char **AUTO_FREE names = NULL;
    size_t n = 0;

    for (size_t i = 0; i < set->devs.len; i++) {
        if (set->devs.at[i] != d && set->devs.at[i]->kind == d->kind && set->devs.at[i]->devid >= next)
            next = set->devs.at[i]->devid + 1;
    }
    if (set->host && set->domid) {
        char path[STORE_PATH_MAX];

        (void)snprintf(path, sizeof path, "/libxl/%" PRIu32 "/device/%s", set->domid, d->kind_name);
        if (store_list(set->host, 0, path, &names, &n, err))
            return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (str_to_u32(names[i], &devid) == 0 && devid >= next)
            next = devid + 1;
    }
    d->devid = next;
    return 0;
}

static int resolve(struct dev *d, struct dev_spec *spec, struct domo_err *err)
{
    if (dev_spec_copy(spec, &d->spec))
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    d->has_spec = true;
    d->devid = spec->devid;
    if (!spec->has_devid && dev_pick_devid(d, err))
        return -1;
    if (dev_check_unique(d, err) || dev_resolve_domain(d, dev_spec_get(spec, "backend"), err))
        return -1;
    if (d->kind->settle && d->kind->settle(d, err))
        return -1;
    return dev_check_server(d, err) || dev_set_keys(d, err) || dev_set_label(d, err) ? -1 : 0;
}

/* What was generated goes back to the caller's spec, so that it can be stored. */
static int give_back(const struct dev *d, struct dev_spec *spec, struct domo_err *err)
{
    struct dev_spec settled;

    if (dev_spec_copy(&d->spec, &settled))
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    settled.has_devid = true;
    settled.devid = d->devid;
    dev_spec_fini(spec);
    *spec = settled;
    return 0;
}

int devset_add_spec(struct devset *set, struct dev_spec *spec, struct domo_err *err)
{
    const struct devkind *kind = devkind_of(spec->grammar);
    struct dev *d;

    if (!kind)
        return err_set(err, DOMO_E_UNSUPPORTED, "devices of %s= can't be made", spec->grammar->key);
    if (kind->parts)
        return kind->parts->join(set, spec, err) ? err_wrap(err, "%s", spec->grammar->noun) : 0;
    d = devset_push(set, kind, err);
    if (!d)
        return -1;
    if (resolve(d, spec, err) || give_back(d, spec, err)) {
        devset_pop(set);
        return err_wrap(err, "%s", spec->grammar->noun);
    }
    return 0;
}
