/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/rename.h"

#include <inttypes.h>

#include "base/str.h"
#include "dom/guest.h"
#include "dom/lifecycle.h"
#include "dom/name_lock.h"
#include "dom/names.h"
#include "dom/spec_keys.h"
#include "plan/history.h"

struct renaming {
    const struct guest *guest;
    const char *name;
};

/* /local/domain itself is touched by nothing here, so that the check is one of the locked name, and of what the index
 * knows. */
static int body(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    const struct renaming *r = arg;
    uint32_t domid = r->guest->info.domid;
    char path[STORE_PATH_MAX];

    if (names_check_free(h, t, r->name, domid, err))
        return -1;
    if (store_path(path, err, "/local/domain/%" PRIu32 "/name", domid) || store_write(h, t, path, r->name, err))
        return -1;
    if (store_path(path, err, "/vm/%s/name", r->guest->uuid))
        return -1;
    return store_write(h, t, path, r->name, err);
}

static int check_name(const char *name, struct domo_err *err)
{
    const char *hint = NULL, *why = spec_check_name(name, &hint);

    if (!why)
        return 0;
    (void)err_set(err, DOMO_E_CONFIG_VALUE, "%s", why);
    return hint ? err_hint(err, "%s", hint) : -1;
}

static int run(struct host *h, const struct guest *g, const char *name, struct domo_err *err)
{
    struct renaming r = {.guest = g, .name = name};
    struct name_lock lock = NAME_LOCK_INIT;
    int rc;

    if (name_lock(h, name, &lock, err))
        return -1;
    rc = store_transact(h, body, &r, err);
    if (rc == 0) {
        names_forget(h, g->name, g->info.domid, g->info.uuid);
        names_remember(h, name, g->info.domid, g->info.uuid);
    }
    name_unlock(&lock);
    return rc;
}

int rename_guest(struct host *h, uint32_t domid, const char *name, struct json **ret, struct domo_err *err)
{
    struct guest g = {.name = NULL};
    struct json *j = NULL;
    int r;

    if (domid == 0)
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 keeps its name");
    if (check_name(name, err) || guest_load(h, domid, &g, err))
        return -1;
    r = life_may_info(&g.info, LIFE_ON_RENAME, err);
    if (r == 0 && !str_eq(g.name, name))
        r = run(h, &g, name, err);
    if (r == 0 && !str_eq(g.name, name)) {
        struct json *about = history_of(domid, name, g.uuid);

        json_set_str(about, "before", g.name);
        history_add(h, "rename", about);
    }
    if (r == 0) {
        j = json_new_object();
        json_set_uint(j, "domid", domid);
        json_set_str(j, "name", name);
        json_set_str(j, "before", g.name);
        *ret = json_done(j);
        r = *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    guest_fini(&g);
    return r;
}
