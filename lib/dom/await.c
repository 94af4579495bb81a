/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/await.h"

#include <inttypes.h>

#include "base/str.h"
#include "dev/dev.h"

/* A domain is introduced when its name is written; one that ends makes room for its successor of the same name. */
static const char *const watched[] = {"@introduceDomain", "@releaseDomain"};
static const char TOKEN[] = "domo-await";

static void add(struct await *a, const char *name)
{
    const char **slot;

    if (!name)
        return;
    for (size_t i = 0; i < a->names.len; i++)
        if (str_eq(a->names.at[i], name))
            return;
    slot = VEC_PUSH(&a->names);
    if (slot)
        *slot = name;
    else
        a->failed = true;
}

void await_disk(struct await *a, const struct disk_spec *s)
{
    add(a, s->backend);
}

void await_vif(struct await *a, const struct vif_spec *s)
{
    add(a, s->backend);
}

void await_spec(struct await *a, const struct dev_spec *s)
{
    add(a, dev_spec_get(s, "backend"));
}

void await_fini(struct await *a)
{
    VEC_FINI(&a->names);
}

int await_run(struct op *op, struct await *a, struct domo_err *err)
{
    if (a->failed)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    a->is_watching = true;
    for (size_t i = 0; i < ARRAY_LEN(watched); i++)
        if (store_watch(op->host, watched[i], TOKEN, err))
            return -1;
    return 0;
}

void await_end(struct op *op, struct await *a)
{
    for (size_t i = 0; a->is_watching && i < ARRAY_LEN(watched); i++)
        IGNORE(store_unwatch(op->host, watched[i], TOKEN, NULL));
    a->is_watching = false;
}

static enum plan_wait too_late(const char *name, int64_t limit_ms, struct domo_err *err)
{
    (void)err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "the back end domain '%s' did not come within %" PRId64 " s", name,
                  limit_ms / 1000);
    return PLAN_FAILED;
}

enum plan_wait await_wait(struct op *op, struct await *a, int64_t limit_ms, int64_t now_ms, int64_t *ret_deadline_ms,
                          struct domo_err *err)
{
    if (!a->deadline_ms)
        a->deadline_ms = now_ms + limit_ms;
    *ret_deadline_ms = a->deadline_ms;
    for (size_t i = 0; i < a->names.len; i++) {
        bool found = false;
        uint32_t domid;

        if (dev_find_backend(op->host, a->names.at[i], &found, &domid, err))
            return PLAN_FAILED;
        if (!found)
            return now_ms < a->deadline_ms ? PLAN_AGAIN : too_late(a->names.at[i], limit_ms, err);
    }
    await_end(op, a);
    return PLAN_DONE;
}
