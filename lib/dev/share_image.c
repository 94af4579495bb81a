/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Is another guest using this disk image? QEMU does not lock the images that
 * it serves to front ends, but it has them open, and the kernel knows whether
 * a file is: so the effort does not grow with the number of guests. Only when
 * somebody has it open the store is asked who, which names the images of all
 * tools; somebody else (a backup) may read what he wants.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

struct share_image {
    uint32_t domid, devid;
    uint64_t dev, ino;
    bool read_only;
};

void share_forget_images(struct devset *set)
{
    VEC_FINI(&set->images);
    set->images_known = false;
}

/* One node of a back end; NULL in *ret if it is missing. */
static int read_node(struct devset *set, const char *back, const char *name, char **ret, struct domo_err *err)
{
    char path[STORE_PATH_MAX];

    return store_path(path, err, "%s/%s", back, name) || store_read_opt(set->host, 0, path, ret, err) ? -1 : 0;
}

/* An image that is not there (any more) is not used. */
static int add_image(struct devset *set, uint32_t domid, uint32_t devid, const char *back, struct domo_err *err)
{
    char *AUTO_FREE params = NULL, *AUTO_FREE mode = NULL;
    struct share_image *image;
    struct os_target target;
    const char *file;

    if (read_node(set, back, "params", &params, err) || read_node(set, back, "mode", &mode, err))
        return -1;
    file = params ? strchr(params, ':') : NULL; /* "qcow2:/path" */
    if (!file || set->host->os->target(set->host, file + 1, &target, NULL))
        return 0;
    image = VEC_PUSH(&set->images);
    if (!image)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    *image = (struct share_image){
        .domid = domid, .devid = devid, .dev = target.dev, .ino = target.ino, .read_only = str_eq(mode, "r")};
    return 0;
}

static int add_images_of(struct devset *set, const char *all, const char *guest, struct domo_err *err)
{
    char path[STORE_PATH_MAX], back[STORE_PATH_MAX];
    char **AUTO_FREE disks = NULL;
    uint32_t domid, devid;
    size_t n = 0;

    if (str_to_u32(guest, &domid))
        return 0;
    if (store_path(path, err, "%s/%s", all, guest) || store_list(set->host, 0, path, &disks, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (str_to_u32(disks[i], &devid))
            continue;
        if (store_path(back, err, "%s/%s", path, disks[i]) || add_image(set, domid, devid, back, err))
            return -1;
    }
    return 0;
}

static int know_images(struct devset *set, struct domo_err *err)
{
    char **AUTO_FREE guests = NULL;
    char path[STORE_PATH_MAX];
    size_t n = 0;

    if (set->images_known)
        return 0;
    if (store_path(path, err, "/local/domain/%" PRIu32 "/backend/qdisk", set->host->domid) ||
        store_list(set->host, 0, path, &guests, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (add_images_of(set, path, guests[i], err))
            return -1;
    set->images_known = true;
    return 0;
}

/* Another disk of the same guest, which may not be in the store yet. */
static const struct dev *find_sibling(const struct dev *d)
{
    for (size_t i = 0; i < d->set->devs.len && d->set->devs.at[i] != d; i++) {
        const struct dev *o = d->set->devs.at[i];

        if (o->kind == d->kind && o->vbd.has_target && o->vbd.target.kind == OS_TARGET_FILE &&
            o->vbd.target.dev == d->vbd.target.dev && o->vbd.target.ino == d->vbd.target.ino &&
            (o->vbd.spec.access != DISK_ACCESS_RO || d->vbd.spec.access != DISK_ACCESS_RO))
            return o;
    }
    return NULL;
}

int share_check_images(struct dev *d, struct domo_err *err)
{
    bool we_read = d->vbd.spec.access == DISK_ACCESS_RO;
    const struct dev *sibling = find_sibling(d);
    bool is_open = false;

    if (d->vbd.spec.access == DISK_ACCESS_RW_SHARED)
        return 0;
    if (sibling)
        return err_set(err, DOMO_E_DISK_SHARED, "'%s' is in use by %s of this guest", d->vbd.spec.target,
                       sibling->label);
    if (d->set->host->os->file_is_open(d->set->host, d->vbd.spec.target, !we_read, &is_open, err))
        return -1;
    if (!is_open)
        return 0;
    if (know_images(d->set, err))
        return -1;
    for (size_t i = 0; i < d->set->images.len; i++) {
        const struct share_image *u = &d->set->images.at[i];

        if (u->dev == d->vbd.target.dev && u->ino == d->vbd.target.ino && !(u->read_only && we_read) &&
            !(u->domid == d->set->domid && u->devid == d->devid))
            return share_say_user(d, u->domid, u->devid, u->read_only, err);
    }
    return 0;
}
