/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Is somebody else using this disk? Two writers, or a writer and a reader, on
 * one file or device destroy data. Asked of this kernel, which knows: loop
 * devices on the same file, vbds on the same device, exclusive claims. So the
 * effort in the store does not grow with the number of guests.
 *
 * Against races: a loop device is attached first and looked at afterwards, so
 * of two that come at the same time at least one sees the other; and a block
 * device is claimed exclusively until its back end has it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "dev/device.h"

void share_forget(struct devset *set)
{
    share_forget_images(set);
    free(set->loops);
    set->loops = NULL;
    set->n_loops = 0;
    set->loops_known = false;
}

/* Those on the files of all disks of the set, so that one look is enough. */
static int know_loops(struct devset *set, struct domo_err *err)
{
    struct os_file_id *AUTO_FREE files = NULL;
    struct host *h = set->host;
    size_t n = 0;

    if (set->loops_known)
        return 0;
    files = calloc(set->devs.len + 1, sizeof *files);
    if (!files)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < set->devs.len; i++) {
        const struct dev *d = set->devs.at[i];

        if (d->kind == &devkind_vbd && d->vbd.has_target && d->vbd.target.kind == OS_TARGET_FILE)
            files[n++] = (struct os_file_id){.dev = d->vbd.target.dev, .ino = d->vbd.target.ino};
    }
    if (h->os->loop_list(h, files, n, &set->loops, &set->n_loops, err))
        return -1;
    set->loops_known = true;
    return 0;
}

/* "disk xvda of 'web'" for a tag of ours, else the loop device's name. True if the tag's guest is gone. */
static bool user_of_loop(const struct devset *set, const struct os_loop *loop, char *out, size_t size)
{
    char path[STORE_PATH_MAX], name[DEV_TEXT_MAX] = "", vdev[24];
    struct loop_tag tag;
    uint32_t domid;

    if (!loop_tag_parse(loop->tag, &tag)) {
        (void)snprintf(out, size, "/dev/loop%" PRIu32, loop->number);
        return false;
    }
    vdev_from_devid(tag.devid, vdev);
    if (strcasecmp(tag.uuid, set->uuid) == 0) {
        (void)snprintf(out, size, "disk %s of this guest (/dev/loop%" PRIu32 ")", vdev, loop->number);
        return false;
    }
    if (serve_tag_domid(tag.uuid, &domid)) {
        (void)snprintf(out, size, "disk %s of domain %" PRIu32 " (/dev/loop%" PRIu32 ")", vdev, domid, loop->number);
        return false;
    }
    if (store_path(path, NULL, "/vm/%s/name", tag.uuid) == 0)
        dev_read_text(set->host, path, name);
    if (name[0])
        (void)snprintf(out, size, "disk %s of '%s' (/dev/loop%" PRIu32 ")", vdev, name, loop->number);
    else
        (void)snprintf(out, size, "disk %s of guest %s, which is gone (/dev/loop%" PRIu32 ")", vdev, tag.uuid,
                       loop->number);
    return !name[0];
}

int share_check_loops(struct dev *d, struct domo_err *err)
{
    const struct os_target *t = &d->vbd.target;
    bool we_read = d->vbd.spec.access == DISK_ACCESS_RO;
    char who[DEV_TEXT_MAX * 2];
    bool is_gone;

    if (d->vbd.spec.access == DISK_ACCESS_RW_SHARED)
        return 0;
    if (know_loops(d->set, err))
        return -1;
    for (size_t i = 0; i < d->set->n_loops; i++) {
        const struct os_loop *loop = &d->set->loops[i];

        if (loop->back_dev != t->dev || loop->back_ino != t->ino || (loop->read_only && we_read))
            continue;
        if (d->vbd.has_loop && loop->number == d->vbd.loop.number)
            continue;
        is_gone = user_of_loop(d->set, loop, who, sizeof who);
        (void)err_set(err, DOMO_E_DISK_SHARED, "'%s' is in use %s by %s", d->vbd.spec.target,
                      loop->read_only ? "read-only" : "read-write", who);
        (void)err_fact(err, "loop-device", "/dev/loop%" PRIu32, loop->number);
        return is_gone ? err_hint(err, "'domo sweep' removes what a killed operation left behind") : -1;
    }
    return 0;
}

int share_say_user(const struct dev *d, uint32_t domid, uint32_t devid, bool read_only, struct domo_err *err)
{
    char path[STORE_PATH_MAX], name[DEV_TEXT_MAX], vdev[24];

    vdev_from_devid(devid, vdev);
    (void)snprintf(path, sizeof path, "/local/domain/%" PRIu32 "/name", domid);
    dev_read_text(d->set->host, path, name);
    return err_set(err, DOMO_E_DISK_SHARED, "'%s' is in use %s by disk %s of domain %" PRIu32 " ('%s')",
                   d->vbd.spec.target, read_only ? "read-only" : "read-write", vdev, domid, name);
}

static int check_vbds(struct dev *d, struct domo_err *err)
{
    const struct os_target *t = &d->vbd.target;
    bool we_read = d->vbd.spec.access == DISK_ACCESS_RO;
    struct os_vbd_user *AUTO_FREE users = NULL;
    struct host *h = d->set->host;
    size_t n;

    if (h->os->vbd_users(h, &users, &n, err))
        return -1;
    for (size_t i = 0; i < n; i++) {
        if (users[i].major != t->rdev_major || users[i].minor != t->rdev_minor || (users[i].read_only && we_read))
            continue;
        return share_say_user(d, users[i].domid, users[i].devid, users[i].read_only, err);
    }
    return 0;
}

int share_check_block(struct dev *d, struct domo_err *err)
{
    const struct os_target *t = &d->vbd.target;
    struct host *h = d->set->host;
    bool is_mounted = false;

    if (d->vbd.spec.access == DISK_ACCESS_RW_SHARED)
        return 0;
    if (check_vbds(d, err))
        return -1;
    if (d->vbd.spec.access == DISK_ACCESS_RW) {
        if (h->os->block_claim(h, d->vbd.spec.target, &d->vbd.claim_fd, err))
            return -1;
        d->has_claim = true;
        return 0;
    }
    if (h->os->is_mounted(h, t->rdev_major, t->rdev_minor, &is_mounted, err))
        return -1;
    if (is_mounted)
        return err_set(err, DOMO_E_DISK_SHARED, "'%s' is mounted on this host", d->vbd.spec.target);
    return 0;
}
