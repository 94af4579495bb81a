/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who serves a device: the back end's domain, its driver, its hotplug script.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

enum { DOMAINS_AT_ONCE = 64 };

static int is_name_of(struct host *h, uint32_t domid, const char *name, bool *ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    char *AUTO_FREE have = NULL;

    if (store_path(path, err, "/local/domain/%" PRIu32 "/name", domid) || store_read_opt(h, 0, path, &have, err))
        return -1;
    *ret = str_eq(have, name);
    return 0;
}

/* Only a config that names a driver domain by its name comes here; nothing in the store leads from a name to a domain.
 * One that has ended, and waits to be taken away, serves nobody: its successor may have the name already. */
static int domid_of_name(struct host *h, const char *name, bool *ret_found, uint32_t *ret, struct domo_err *err)
{
    struct hyp_info infos[DOMAINS_AT_ONCE];
    uint32_t first = 0;
    size_t n;

    do {
        if (h->hyp->list(h, first, infos, DOMAINS_AT_ONCE, &n, err))
            return -1;
        for (size_t i = 0; i < n; i++) {
            bool is_it = false;

            first = infos[i].domid + 1;
            if (infos[i].is_dying || infos[i].is_shutdown)
                continue;
            if (is_name_of(h, infos[i].domid, name, &is_it, err))
                return -1;
            if (is_it) {
                *ret = infos[i].domid;
                *ret_found = true;
                return 0;
            }
        }
    } while (n == DOMAINS_AT_ONCE);
    *ret_found = false;
    return 0;
}

int dev_find_backend(struct host *h, const char *backend, bool *ret_found, uint32_t *ret, struct domo_err *err)
{
    struct domo_err why = DOMO_ERR_INIT;
    struct hyp_info info;

    *ret_found = true;
    *ret = h->domid;
    if (!backend)
        return 0;
    if (str_to_u32(backend, ret))
        return domid_of_name(h, backend, ret_found, ret, err);
    if (*ret == h->domid)
        return 0;
    if (h->hyp->info(h, *ret, &info, &why) == 0)
        *ret_found = !info.is_dying && !info.is_shutdown;
    else if (why.code == DOMO_E_DOMAIN_NOT_FOUND)
        *ret_found = false;
    else if (err)
        *err = why;
    return why.code == DOMO_E_OK || why.code == DOMO_E_DOMAIN_NOT_FOUND ? 0 : -1;
}

static int resolve_domain(const struct dev *d, const char *backend, uint32_t *ret, struct domo_err *err)
{
    struct host *h = d->set->host;
    bool found = true;

    if (!h) {
        /* A dry run without a host: a number can be shown as it is, a name stands for nobody. */
        if (!backend || str_to_u32(backend, ret))
            *ret = 0;
        return 0;
    }
    if (dev_find_backend(h, backend, &found, ret, err))
        return err_wrap(err, "back end domain '%s'", backend);
    if (found)
        return 0;
    (void)err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "there is no back end domain '%s' that runs", backend);
    return err_hint(err, "start it, or wait for it with --wait-backend");
}

int dev_resolve_domain(struct dev *d, const char *backend, struct domo_err *err)
{
    return resolve_domain(d, backend, &d->back_domid, err);
}

int dev_check_server(const struct dev *d, struct domo_err *err)
{
    struct host *h = d->set->host;

    if (!h || !dev_is_ours(d) || !dev_is_kernel_served(d) || h->os->has_backend(h, d->back_name))
        return 0;
    (void)err_set(err, DOMO_E_DEVICE_NO_BACKEND,
                  "no driver of this kernel serves '%s' back ends: the module %s is not loaded", d->back_name,
                  d->kind->module);
    return err_hint(err, "modprobe %s", d->kind->module);
}

int dev_resolve_backend(struct dev *d, const char *backend, struct domo_err *err)
{
    return dev_resolve_domain(d, backend, err) || dev_check_server(d, err) ? -1 : 0;
}

/* A script without a directory is one of the packaged ones, as in xl. */
static char *script_path(const struct host *h, const char *script)
{
    const char *dir = h && h->paths.scripts[0] ? h->paths.scripts : "/etc/xen/scripts";

    return script[0] == '/' ? strdup(script) : str_format("%s/%s", dir, script);
}

int dev_resolve_script(struct dev *d, const char *script, struct domo_err *err)
{
    struct host *h = d->set->host;
    char *AUTO_FREE standard = script_path(h, d->kind->default_script);
    char *path = script_path(h, script ? script : d->kind->default_script);
    struct os_target target;

    if (!standard || !path) {
        free(path);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    d->script = path;
    d->is_custom = !str_eq(path, standard);
    if (!d->is_custom || !h || !dev_is_ours(d))
        return 0;
    if (h->os->target(h, path, &target, NULL) || target.kind != OS_TARGET_FILE)
        return err_set(err, DOMO_E_SCRIPT_FAILED, "the hotplug script '%s' is not there", path);
    return 0;
}
