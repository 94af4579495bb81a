/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/uptime.h"

#include <stdlib.h>
#include <time.h>

#include "base/str.h"
#include "dev/uuid_text.h"
#include "dom/names.h"

/* -1: not known. */
static int64_t host_seconds(void)
{
    struct timespec t;

    return clock_gettime(CLOCK_BOOTTIME, &t) ? -1 : (int64_t)t.tv_sec;
}

static int guest_seconds(struct host *h, const struct hyp_info *d, int64_t *ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX], uuid[UUID_TEXT_MAX], *AUTO_FREE text = NULL, *end = NULL;
    int64_t now, began;
    unsigned centi;

    *ret = -1;
    uuid_to_text(d->uuid, uuid);
    if (store_path(path, err, "/vm/%s/start_time", uuid) || store_read_opt(h, 0, path, &text, err))
        return -1;
    began = text ? strtoll(text, &end, 10) : 0;
    if (!text || end == text)
        return 0;
    h->env->wall(h, &now, &centi);
    /* Somebody may have set the clock back. */
    *ret = now > began ? now - began : 0;
    return 0;
}

static int add(struct host *h, const struct hyp_info *d, struct json *rows, struct domo_err *err)
{
    int64_t seconds = d->domid ? -1 : host_seconds();
    char *AUTO_FREE name = NULL;
    struct json *row;

    if (names_of(h, d->domid, &name, err) || (d->domid && guest_seconds(h, d, &seconds, err)))
        return -1;
    row = json_new_object();
    json_set_uint(row, "domid", d->domid);
    json_set_str(row, "name", name);
    json_set(row, "seconds", seconds < 0 ? json_new_null() : json_new_int(seconds));
    json_add(rows, row);
    return 0;
}

static int add_all(struct host *h, struct json *rows, struct domo_err *err)
{
    struct hyp_info *AUTO_FREE all = NULL;
    size_t n = 0;

    if (names_list_domains(h, &all, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (!all[i].is_dying && add(h, &all[i], rows, err))
            return -1;
    return 0;
}

int uptime_list(struct host *h, const uint32_t *domids, size_t n, struct json **ret, struct domo_err *err)
{
    struct json *rows = json_new_array();
    int r = n ? 0 : add_all(h, rows, err);

    for (size_t i = 0; r == 0 && i < n; i++) {
        struct hyp_info info;

        r = h->hyp->info(h, domids[i], &info, err) || add(h, &info, rows, err) ? -1 : 0;
    }
    rows = json_done(rows);
    if (r == 0 && !rows)
        r = err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (r)
        (void)json_free(rows);
    else
        *ret = rows;
    return r;
}
