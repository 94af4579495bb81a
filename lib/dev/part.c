/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Parts of a carrier that a living guest has: what the plans of attaching and
 * detaching one call, whatever its kind.
 */
#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

/* Of a carrier: the kind of its parts. */
static const struct dev_parts *parts_of(const struct dev *d)
{
    for (size_t i = 0; devkinds[i]; i++)
        if (devkinds[i]->parts && str_eq(devkinds[i]->parts->carrier, d->kind_name))
            return devkinds[i]->parts;
    return NULL;
}

static bool has_new(const struct dev *d)
{
    for (size_t i = 0; i < d->funcs.len; i++)
        if (d->funcs.at[i].is_new)
            return true;
    for (size_t i = 0; i < d->usbs.len; i++)
        if (d->usbs.at[i].is_new)
            return true;
    return false;
}

/* Carriers that were only looked at leave the set, so that nothing is done with them. */
static struct dev *keep_only(struct devset *set, struct dev *keep)
{
    for (size_t i = set->devs.len; i-- > 0;) {
        struct dev *d = set->devs.at[i];

        if (d == keep)
            continue;
        set->devs.at[i] = set->devs.at[set->devs.len - 1];
        set->devs.at[set->devs.len - 1] = d;
        devset_pop(set);
    }
    return keep;
}

struct dev *devset_extended(struct devset *set)
{
    for (size_t i = 0; i < set->devs.len; i++)
        if (has_new(set->devs.at[i]))
            return keep_only(set, set->devs.at[i])->loaded ? set->devs.at[0] : NULL;
    return NULL;
}

int devset_pick_part(struct devset *set, const struct devkind *kind, const char *which, struct dev **ret,
                     bool *ret_last, struct domo_err *err)
{
    uint32_t *AUTO_FREE ids = NULL;
    size_t n = 0;

    if (dev_list_ids(set, kind->parts->carrier, &ids, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (!dev_load(set, kind->parts->carrier, ids[i], err))
            return -1;
    if (kind->parts->pick(set, which, ret, ret_last, err))
        return -1;
    (void)keep_only(set, *ret);
    return 0;
}

int dev_part_extend(struct dev *d, store_txn t, struct domo_err *err)
{
    return parts_of(d)->extend(d, t, err) ? err_wrap(err, "%s", d->label) : 0;
}

int dev_part_retract(struct dev *d, store_txn t, struct domo_err *err)
{
    return parts_of(d)->retract(d, t, err) ? err_wrap(err, "%s", d->label) : 0;
}

int dev_part_drop(struct dev *d, store_txn t, struct domo_err *err)
{
    return parts_of(d)->drop(d, t, err) ? err_wrap(err, "%s", d->label) : 0;
}

enum plan_wait devset_part_wait(struct devset *set, struct dev *d, struct op *op, int64_t now_ms,
                                int64_t *ret_deadline_ms, struct domo_err *err)
{
    enum plan_wait r;

    *ret_deadline_ms = -1;
    if (devset_wait_begin(set, SET_WAIT_PART, op, now_ms, err))
        return PLAN_FAILED;
    r = parts_of(d)->settled(d, now_ms, set->began + set->timeouts.connect_ms, err);
    if (r == PLAN_AGAIN)
        deadline_min(ret_deadline_ms, set->began + set->timeouts.connect_ms);
    return r;
}

int dev_part_release(struct dev *d, struct domo_err *err)
{
    if (d->kind->take_back && d->kind->take_back(d, err))
        return err_wrap(err, "%s", d->label);
    return d->kind->unprepare && d->kind->unprepare(d, err) ? err_wrap(err, "%s", d->label) : 0;
}

bool dev_part_is_leaving(const struct dev *d, const struct json *element)
{
    return parts_of(d)->is_leaving(d, element);
}

struct json *dev_part_row(struct devset *set, struct dev *d, struct domo_err *err)
{
    struct json *rows = devset_rows(set, false, err);
    struct json *row = NULL;

    for (size_t i = 0; rows && i < set->devs.len; i++)
        if (set->devs.at[i] == d)
            row = json_copy(json_at(rows, i, NULL));
    (void)json_free(rows);
    parts_of(d)->show(d, row);
    row = json_done(row);
    if (!row && rows)
        (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return row;
}
