/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public functions on XenStore itself.
 */
#include <stdlib.h>
#include <string.h>

#include "dom/view.h"
#include "domo_ctx.h"

int domo_store_walk(struct domo_ctx *ctx, const char *path, unsigned flags, unsigned depth, struct domo_value **ret,
                    struct domo_err *err)
{
    const unsigned view = (flags & DOMO_STORE_VALUES ? VIEW_VALUES : 0u) |
                          (flags & DOMO_STORE_PERMS ? VIEW_PERMS : 0u) | (flags & DOMO_STORE_BELOW ? VIEW_BELOW : 0u);
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(view_walk(h, 0, path, view, depth, &j, err), &j, ret) : -1;
}

int domo_store_read(struct domo_ctx *ctx, const char *path, char **ret, size_t *ret_len, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? view_read(h, 0, path, ret, ret_len, err) : -1;
}

int domo_store_exists(struct domo_ctx *ctx, const char *path, bool *ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? view_exists(h, path, ret, err) : -1;
}

int domo_store_write(struct domo_ctx *ctx, const struct domo_store_pair *pairs, size_t n, struct domo_value **ret,
                     struct domo_err *err)
{
    struct view_write *AUTO_FREE writes = calloc(n ? n : 1, sizeof *writes);
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    if (!h)
        return -1;
    if (!writes)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < n; i++)
        writes[i] = (struct view_write){.path = pairs[i].path, .value = pairs[i].value, .len = pairs[i].len};
    return give(view_write(h, writes, n, &j, err), &j, ret);
}

int domo_store_mkdir(struct domo_ctx *ctx, const char *const *paths, size_t n, struct domo_value **ret,
                     struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(view_mkdir(h, paths, n, &j, err), &j, ret) : -1;
}

int domo_store_remove(struct domo_ctx *ctx, const char *const *paths, size_t n, unsigned flags, struct domo_value **ret,
                      struct domo_err *err)
{
    const unsigned view =
        (flags & DOMO_STORE_MISSING_OK ? VIEW_MISSING_OK : 0u) | (flags & DOMO_STORE_TIDY ? VIEW_TIDY : 0u);
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(view_remove(h, paths, n, view, &j, err), &j, ret) : -1;
}

int domo_store_set_perms(struct domo_ctx *ctx, const char *path, const char *const *entries, size_t n, unsigned flags,
                         struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(view_set_perms(h, path, entries, n, flags & DOMO_STORE_RECURSIVE, &j, err), &j, ret) : -1;
}

/* The caller's function, with the event as a value of his. */
struct relay {
    const struct domo_store_watch *watch;
};

static bool relay_event(void *arg, const struct json *row)
{
    const struct domo_store_watch *w = ((const struct relay *)arg)->watch;

    return w->event(w->arg, (const struct domo_value *)row);
}

int domo_store_watch(struct domo_ctx *ctx, const struct domo_store_watch *watch, struct domo_err *err)
{
    struct relay relay = {.watch = watch};
    const struct view_watch view = {
        .paths = watch->paths,
        .n = watch->n,
        .values = watch->flags & DOMO_STORE_VALUES,
        .count = watch->count,
        .timeout_ms = watch->timeout_ms,
        .event = relay_event,
        .arg = &relay,
    };
    struct host *h = host_of(ctx, err);

    return h ? view_watch(h, &view, err) : -1;
}
