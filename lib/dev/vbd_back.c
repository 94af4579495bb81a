/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A disk's back end on this host: the loop device in front of a file, the
 * claim on a block device, and giving both back.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

static bool is_in_process(const struct dev *d)
{
    return dev_is_ours(d) && !d->is_custom && d->vbd.has_target && dev_is_kernel_served(d);
}

static bool is_file(const struct dev *d)
{
    return is_in_process(d) && d->vbd.target.kind == OS_TARGET_FILE;
}

static int attach_loop(struct dev *d, struct domo_err *err)
{
    const struct disk_spec *s = &d->vbd.spec;
    char tag[HOST_LOOP_TAG_MAX + 1];
    struct os_loop_new wanted = {
        .path = s->target,
        .read_only = s->access == DISK_ACCESS_RO,
        .direct_io = s->direct_io_safe,
        .tag = tag,
    };
    struct host *h = d->set->host;

    if (loop_tag_print(d, tag, err) || h->os->loop_attach(h, &wanted, &d->vbd.loop, err))
        return -1;
    d->vbd.has_loop = true;
    return 0;
}

int vbd_prepare(struct dev *d, struct domo_err *err)
{
    if (dev_is_dm_served(d) && d->vbd.has_target && d->vbd.target.kind == OS_TARGET_FILE)
        return share_check_loops(d, err) || share_check_images(d, err) ? -1 : 0;
    if (!is_in_process(d))
        return 0;
    if (!is_file(d))
        return share_check_block(d, err);
    return share_check_loops(d, err) || share_check_images(d, err) ? -1 : attach_loop(d, err);
}

int vbd_verify(struct dev *d, struct domo_err *err)
{
    return is_file(d) ? share_check_loops(d, err) : 0;
}

void vbd_drop_claim(struct dev *d)
{
    if (d->has_claim)
        (void)close(d->vbd.claim_fd);
    d->has_claim = false;
    d->vbd.claim_fd = -1;
}

int vbd_unprepare(struct dev *d, struct domo_err *err)
{
    struct host *h = d->set->host;

    vbd_drop_claim(d);
    if (!d->vbd.has_loop)
        return 0;
    if (h->os->loop_detach(h, d->vbd.loop.number, err))
        return -1;
    d->vbd.has_loop = false;
    return 0;
}

/* An xl-made loop device has no tag: it is this disk's if it is on the disk's file. */
static bool is_on_target(struct dev *d, const struct os_loop *loop)
{
    const char *params = nodes_get(&d->keys, "params");
    struct host *h = d->set->host;
    struct os_target t;

    if (!params || str_starts(loop->tag, "domo:"))
        return false;
    if (h->os->target(h, params, &t, NULL) == 0 && t.dev == loop->back_dev && t.ino == loop->back_ino)
        return true;
    /* The file may have been removed meanwhile: then the name has to do, as far as the kernel keeps it. */
    return loop->tag[0] && strncmp(loop->tag, params, HOST_LOOP_TAG_MAX) == 0;
}

/* The number in "/dev/loopN"; -1 if it is not of that form. */
static int parse_loop_node(const char *node, uint32_t *ret)
{
    static const char prefix[] = "/dev/loop";

    return node && str_starts(node, prefix) && str_to_u32(node + strlen(prefix), ret) == 0 ? 0 : -1;
}

/* Nothing in the store says which: it may have one of ours all the same, as the tag in it tells. */
static int find_tagged_loop(struct dev *d, struct domo_err *err)
{
    const char *params = nodes_get(&d->keys, "params");
    struct host *h = d->set->host;
    struct os_loop *AUTO_FREE list = NULL;
    bool is_there;
    struct os_target t;
    struct os_file_id on;
    size_t n = 0;

    is_there = params && h->os->target(h, params, &t, NULL) == 0;
    /* Block devices have none. */
    if (is_there && t.kind == OS_TARGET_BLOCK)
        return 0;
    on = (struct os_file_id){.dev = is_there ? t.dev : 0, .ino = is_there ? t.ino : 0};
    if (h->os->loop_list(h, is_there ? &on : NULL, is_there, &list, &n, err))
        return -1;
    for (size_t i = 0; i < n && !d->vbd.has_loop; i++)
        if (loop_tag_is(list[i].tag, d)) {
            d->vbd.loop = list[i];
            d->vbd.has_loop = true;
        }
    return 0;
}

/* Which loop device does a disk have that we did not make in this process? The back end's directory is ours to write,
 * so its "node" can be believed, but the device may have been given to somebody else since. */
int vbd_find_loop(struct dev *d, struct domo_err *err)
{
    struct host *h = d->set->host;
    char *AUTO_FREE node = NULL;
    char path[STORE_PATH_MAX];
    struct dev_paths paths;
    bool is_there = false;
    uint32_t number;

    if (!d->has_back)
        return find_tagged_loop(d, err);
    dev_paths(d, &paths);
    dev_join(path, paths.back, "node");
    if (store_read_opt(h, 0, path, &node, err))
        return -1;
    if (!node)
        return find_tagged_loop(d, err);
    if (parse_loop_node(node, &number))
        return 0;
    if (h->os->loop_get(h, number, &d->vbd.loop, &is_there, err))
        return -1;
    if (is_there && (loop_tag_is(d->vbd.loop.tag, d) || is_on_target(d, &d->vbd.loop)))
        d->vbd.has_loop = true;
    else
        log_line(h->log, LOG_LEVEL_DEBUG, "%s: %s is not its loop device (any more), it is left alone", d->label, node);
    return 0;
}

enum plan_wait vbd_release(struct dev *d, struct domo_err *err)
{
    struct host *h = d->set->host;
    struct os_loop now;
    bool is_there;

    vbd_drop_claim(d);
    if (!d->let_go) {
        if (!d->vbd.has_loop && d->loaded && !d->is_custom && vbd_find_loop(d, err))
            return PLAN_FAILED;
        d->let_go = true;
        if (!d->vbd.has_loop)
            return PLAN_DONE;
        if (h->os->loop_detach(h, d->vbd.loop.number, err))
            return PLAN_FAILED;
    }
    if (!d->vbd.has_loop)
        return PLAN_DONE;
    /* The back end closes the device a moment after it says Closed; until then the kernel keeps the loop device. */
    if (h->os->loop_get(h, d->vbd.loop.number, &now, &is_there, err))
        return PLAN_FAILED;
    if (is_there && now.back_ino == d->vbd.loop.back_ino && str_eq(now.tag, d->vbd.loop.tag))
        return PLAN_AGAIN;
    d->vbd.has_loop = false;
    return PLAN_DONE;
}
