/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Finding the devices that a guest has: from /libxl, which nobody but the
 * toolstack can write.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

/* Takes "NAME/" off the front of *text; false if it is empty, too long or the last part. */
static bool take_part(const char **text, char *out, size_t size)
{
    const char *slash = strchr(*text, '/');

    if (!slash || slash == *text || (size_t)(slash - *text) >= size)
        return false;
    memcpy(out, *text, (size_t)(slash - *text));
    out[slash - *text] = '\0';
    *text = slash + 1;
    return true;
}

/* "/local/domain/B/backend/KIND/D/N", where D and N must be the device's own. */
static bool parse_back_path(struct dev *d, const char *path)
{
    char domain[16], word[16], kind[DEV_KIND_MAX], guest[16];
    static const char prefix[] = "/local/domain/";
    uint32_t back_domid, domid, devid;

    if (!path || !str_starts(path, prefix))
        return false;
    path += strlen(prefix);
    if (!take_part(&path, domain, sizeof domain) || !take_part(&path, word, sizeof word) ||
        !take_part(&path, kind, sizeof kind) || !take_part(&path, guest, sizeof guest))
        return false;
    if (str_to_u32(domain, &back_domid) || !str_eq(word, "backend") || str_to_u32(guest, &domid) ||
        str_to_u32(path, &devid) || domid != d->set->domid || devid != d->devid)
        return false;
    d->back_domid = back_domid;
    memcpy(d->back_name, kind, sizeof kind);
    return true;
}

static int read_key(const struct dev *d, const char *name, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];
    struct dev_paths paths;

    dev_paths(d, &paths);
    dev_join(path, paths.libxl, name);
    return store_read_opt(d->set->host, 0, path, ret, err);
}

static int load_keys(struct dev *d, struct domo_err *err)
{
    for (const char *const *name = d->kind->keeps; name && *name; name++) {
        char *AUTO_FREE value = NULL;

        if (read_key(d, *name, &value, err))
            return -1;
        if (value)
            nodes_add(&d->keys, NODE_BACK, *name, "%s", value);
    }
    return d->keys.failed ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
}

/* Whose script it is tells whether one has to be run when the device goes: the default one's work is done in process.
 */
int dev_load_script(struct dev *d, struct domo_err *err)
{
    const char *script = nodes_get(&d->keys, "script");
    const struct host *h = d->set->host;
    char *AUTO_FREE standard = NULL;

    if (!script || !script[0] || !d->kind->default_script)
        return 0;
    standard =
        str_format("%s/%s", h->paths.scripts[0] ? h->paths.scripts : "/etc/xen/scripts", d->kind->default_script);
    d->script = strdup(script);
    if (!standard || !d->script)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    d->is_custom = !str_eq(script, standard);
    return 0;
}

static int load_dev(struct devset *set, const char *kind_name, uint32_t devid, struct dev **ret, struct domo_err *err)
{
    const struct devkind *kind = devkind_at(kind_name, devid);
    char *AUTO_FREE back_path = NULL;
    struct dev *d = devset_push(set, kind ? kind : &devkind_other, err);

    if (!d)
        return -1;
    (void)snprintf(d->kind_name, sizeof d->kind_name, "%s", kind_name);
    (void)snprintf(d->back_name, sizeof d->back_name, "%s", kind_name);
    d->devid = devid;
    d->loaded = true;
    d->plugged = true;
    if (read_key(d, "backend", &back_path, err) || load_keys(d, err) || dev_load_script(d, err))
        goto fail;
    d->has_back = parse_back_path(d, back_path);
    if (kind && kind->load && kind->load(d, err))
        goto fail;
    if (dev_set_label(d, err))
        goto fail;
    *ret = d;
    return 0;
fail:
    devset_pop(set);
    return -1;
}

/* What is asked for, and what there was instead. */
struct wanted {
    const char *which; /* NULL = all */
    struct str seen;
    size_t found;
};

struct dev *dev_load(struct devset *set, const char *kind_name, uint32_t devid, struct domo_err *err)
{
    struct dev *d = NULL;

    return load_dev(set, kind_name, devid, &d, err) ? NULL : d;
}

/* Stock xl makes PCI buses without a word in /libxl: there the back end's directory, which is domain 0's, tells. */
static int has_unlisted_pci(struct devset *set, bool *ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX], *AUTO_FREE value = NULL;

    *ret = false;
    if (store_path(path, err, "/local/domain/%" PRIu32 "/backend/pci/%" PRIu32 "/0/frontend", set->host->domid,
                   set->domid) ||
        store_read_opt(set->host, 0, path, &value, err))
        return -1;
    *ret = value != NULL;
    return 0;
}

int dev_list_ids(struct devset *set, const char *kind_name, uint32_t **ret, size_t *ret_n, struct domo_err *err)
{
    VEC(uint32_t) ids = VEC_INIT;
    char **AUTO_FREE names = NULL;
    char path[STORE_PATH_MAX];
    bool has_pci = false, failed = false;
    size_t n = 0;

    if (store_path(path, err, "/libxl/%" PRIu32 "/device/%s", set->domid, kind_name) ||
        store_list(set->host, 0, path, &names, &n, err))
        return -1;
    if (!n && str_eq(kind_name, devkind_pci.name) && has_unlisted_pci(set, &has_pci, err))
        return -1;
    for (size_t i = 0; i < n + has_pci && !failed; i++) {
        uint32_t devid = 0, *slot;

        if (i < n && str_to_u32(names[i], &devid))
            continue;
        slot = VEC_PUSH(&ids);
        failed = !slot;
        if (slot)
            *slot = devid;
    }
    if (failed) {
        VEC_FINI(&ids);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    *ret = ids.at;
    *ret_n = ids.len;
    return 0;
}

static int load_kind(struct devset *set, const char *kind_name, struct wanted *w, struct domo_err *err)
{
    uint32_t *AUTO_FREE ids = NULL;
    size_t n = 0;

    if (dev_list_ids(set, kind_name, &ids, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct dev *d;

        if (load_dev(set, kind_name, ids[i], &d, err))
            return -1;
        if (!w->which || dev_matches(d, w->which)) {
            w->found++;
            continue;
        }
        str_addf(&w->seen, "%s%s", w->seen.len ? ", " : "", d->label);
        devset_pop(set);
    }
    return 0;
}

static int load_all_kinds(struct devset *set, struct wanted *w, struct domo_err *err)
{
    char **AUTO_FREE kinds = NULL;
    char path[STORE_PATH_MAX];
    bool has_pci = false;
    size_t n = 0;

    if (store_path(path, err, "/libxl/%" PRIu32 "/device", set->domid) ||
        store_list(set->host, 0, path, &kinds, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        has_pci = has_pci || str_eq(kinds[i], devkind_pci.name);
        if (strlen(kinds[i]) < DEV_KIND_MAX && load_kind(set, kinds[i], w, err))
            return -1;
    }
    if (!has_pci && load_kind(set, devkind_pci.name, w, err))
        return -1;
    return 0;
}

int devset_load(struct devset *set, const char *kind, const char *which, struct domo_err *err)
{
    struct wanted w = {.which = which, .seen = STR_INIT, .found = 0};
    int r = kind ? load_kind(set, kind, &w, err) : load_all_kinds(set, &w, err);

    if (r == 0 && which && w.found == 0) {
        r = err_set(err, DOMO_E_DEVICE_NOT_FOUND, "'%s' has no %s '%s'", set->name, kind ? kind : "device", which);
        (void)err_hint(err, w.seen.len ? "it has: %s" : "it has none%s", str_text(&w.seen));
    }
    str_fini(&w.seen);
    return r;
}
