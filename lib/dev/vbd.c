/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Disks: served by the kernel's block back end (a block device, or a file
 * behind a loop device), or by QEMU (images of other formats, empty drives).
 * What happens on this host is in vbd_back.c.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"
#include "dev/image.h"

#define QDISK "qdisk"

static bool is_qdisk(const struct dev *d)
{
    return str_eq(d->back_name, QDISK);
}

/* Kind of the back ends that a program serves: the nodes are written, and the program is waited for. */
static const char standalone[] = "standalone";

static bool is_writable(const struct disk_spec *s)
{
    return s->access != DISK_ACCESS_RO;
}

static bool is_standalone(const struct disk_spec *s)
{
    return s->backendtype == DISK_BACKEND_STANDALONE && !s->is_virtio;
}

/* Checks against sharing are made where the disk is served: a driver domain has to know that none is wanted. Here it
 * has been decided, and the node is as xl writes it. */
static const char *mode_of(const struct dev *d)
{
    if (!is_writable(&d->vbd.spec))
        return "r";
    return d->vbd.spec.access == DISK_ACCESS_RW_SHARED && !dev_is_ours(d) ? "w!" : "w";
}

/* What the hotplug script would write. It goes into the same transaction as all the rest, so that the back end finds it
 * when it first looks. The names are those that the packaged script's "remove" reads. */
void vbd_hotplug_nodes(const struct dev *d, struct nodes *n)
{
    const struct dev_vbd *v = &d->vbd;

    if (v->has_loop) {
        nodes_add(n, NODE_BACK_ONLY, "node", "/dev/loop%" PRIu32, v->loop.number);
        nodes_add(n, NODE_BACK_ONLY, "physical-device", "%" PRIx32 ":%" PRIx32, v->loop.major, v->loop.minor);
        nodes_add(n, NODE_BACK_ONLY, "physical-device-path", "/dev/loop%" PRIu32, v->loop.number);
    } else if (v->has_target && v->target.kind == OS_TARGET_BLOCK) {
        nodes_add(n, NODE_BACK_ONLY, "physical-device", "%" PRIx32 ":%" PRIx32, v->target.rdev_major,
                  v->target.rdev_minor);
        nodes_add(n, NODE_BACK_ONLY, "physical-device-path", "%s",
                  v->target.real_path[0] ? v->target.real_path : v->spec.target);
    } else {
        return;
    }
    nodes_add(n, NODE_BACK_ONLY, "hotplug-status", "connected");
}

static void add_backing(const struct dev *d, struct nodes *n)
{
    const struct disk_spec *s = &d->vbd.spec;

    if (is_qdisk(d)) {
        nodes_add(n, NODE_BACK, "params", "%s:%s", image_params_name(s->format), s->target ? s->target : "");
        nodes_add(n, NODE_BACK, "type", QDISK);
        return;
    }
    nodes_add(n, NODE_BACK, "params", "%s", s->target);
    if (d->script)
        nodes_add(n, NODE_BACK, "script", "%s", d->script);
    nodes_add(n, NODE_BACK, "type", "%s", is_standalone(s) ? standalone : "phy");
}

static int vbd_nodes(const struct dev *d, struct nodes *n, struct domo_err *err)
{
    const struct disk_spec *s = &d->vbd.spec;
    const char *kind = s->is_cdrom ? "cdrom" : "disk";

    (void)err;
    add_backing(d, n);
    nodes_add(n, NODE_BACK, "removable", "%d", s->removable || s->is_cdrom);
    nodes_add(n, NODE_BACK, "bootable", "1");
    nodes_add(n, NODE_BACK, "dev", "%s", s->vdev);
    nodes_add(n, NODE_BACK, "mode", "%s", mode_of(d));
    nodes_add(n, NODE_BACK, "device-type", "%s", kind);
    if (s->direct_io_safe)
        nodes_add(n, NODE_BACK, "direct-io-safe", "1");
    nodes_add(n, NODE_BACK, "discard-enable", "%d", s->has_discard ? s->discard : is_writable(s));
    nodes_add(n, NODE_BACK, "specification", "xen");
    if (dev_is_ours(d) && !d->is_custom && !is_qdisk(d))
        vbd_hotplug_nodes(d, n);
    nodes_add(n, NODE_FRONT, "virtual-device", "%" PRIu32, d->devid);
    nodes_add(n, NODE_FRONT, "device-type", "%s", kind);
    nodes_add(n, NODE_FRONT, "trusted", "%d", !s->untrusted);
    if (d->set->is_pv && d->set->protocol)
        nodes_add(n, NODE_FRONT, "protocol", "%s", d->set->protocol);
    return 0;
}

static int refuse_backend(struct domo_err *err, const char *hint, const char *what)
{
    (void)err_set(err, DOMO_E_CONFIG_CONFLICT, "%s", what);
    return err_hint(err, "%s", hint);
}

static int choose_standalone(struct dev *d, const struct disk_spec *s, struct domo_err *err)
{
    if (s->script)
        return refuse_backend(err, "leave script= out", "a program (standalone) serves the disk, which runs no script");
    if (!s->target)
        return refuse_backend(err, "name what it serves with target=", "a program (standalone) serves no empty drive");
    if (s->format != DISK_FORMAT_RAW)
        return refuse_backend(err, "leave format= out", "what a program (standalone) serves is raw to the guest");
    memcpy(d->back_name, standalone, sizeof standalone);
    return 0;
}

/* The kernel serves what is raw and there, a program what it is asked to, QEMU the rest, as with libxl. */
static int choose_backend(struct dev *d, const struct disk_spec *s, struct domo_err *err)
{
    bool is_plain = s->target && s->format == DISK_FORMAT_RAW;
    /* The medium of an emulated drive changes, which the kernel's back end can't follow. */
    bool is_drive = s->is_cdrom && d->set->emulates && !s->backend;

    if (s->is_virtio) {
        (void)err_set(err, DOMO_E_UNSUPPORTED, "virtio disks of Xen 4.17 are for Arm guests, and this is x86");
        return err_hint(err, "leave specification=virtio out");
    }
    if (s->backendtype == DISK_BACKEND_TAP)
        return err_set(err, DOMO_E_UNSUPPORTED, "this version of Xen has no tap back end any more");
    if (is_standalone(s))
        return choose_standalone(d, s, err);
    if (s->backendtype == DISK_BACKEND_PHY && !s->target)
        return refuse_backend(err, "leave backendtype= out", "an empty drive needs QEMU (qdisk)");
    if (s->backendtype == DISK_BACKEND_PHY && !is_plain)
        return refuse_backend(err, "leave backendtype= out", "the kernel's back end (phy) serves raw images only");
    if (s->backendtype == DISK_BACKEND_PHY || (s->backendtype == DISK_BACKEND_AUTO && is_plain && !is_drive))
        return 0;
    if (s->script)
        return refuse_backend(err, "leave script= out, or use format=raw",
                              "QEMU (qdisk) serves the disk, which has no use for a script");
    (void)snprintf(d->back_name, sizeof d->back_name, "%s", QDISK);
    return 0;
}

/* A relative path would mean another file to whoever detaches the disk later, so the resolved one is kept. */
static int settle_path(struct dev *d, struct domo_err *err)
{
    struct dev_vbd *v = &d->vbd;
    char *path;

    if (v->spec.target[0] == '/' || !v->target.real_path[0])
        return 0;
    path = strdup(v->target.real_path);
    if (!path)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    free(v->spec.target);
    v->spec.target = path;
    return 0;
}

int vbd_look_at_target(struct dev *d, struct domo_err *err)
{
    struct dev_vbd *v = &d->vbd;
    struct host *h = d->set->host;

    if (!h || !dev_is_ours(d) || d->is_custom || !v->spec.target)
        return 0;
    if (h->os->target(h, v->spec.target, &v->target, err))
        return -1;
    v->has_target = true;
    if (v->target.kind == OS_TARGET_OTHER)
        return err_set(err, DOMO_E_DISK_BAD_TARGET, "'%s' is neither a file nor a block device", v->spec.target);
    if (v->target.kind == OS_TARGET_FILE && v->target.size == 0)
        return err_set(err, DOMO_E_DISK_BAD_TARGET, "'%s' is an empty file", v->spec.target);
    return image_check(v->spec.target, v->spec.format, err) || settle_path(d, err) ? -1 : 0;
}

static int resolve(struct dev *d, const struct disk_spec *spec, struct domo_err *err)
{
    if (disk_spec_copy(spec, &d->vbd.spec))
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    d->devid = spec->devid;
    if (spec->is_cdrom)
        d->vbd.spec.access = DISK_ACCESS_RO;
    if (choose_backend(d, spec, err) || dev_check_unique(d, err) || dev_resolve_backend(d, spec->backend, err))
        return -1;
    /* What a program serves it looks at itself; QEMU needs no script. */
    if (!is_standalone(spec) &&
        ((!is_qdisk(d) && dev_resolve_script(d, spec->script, err)) || vbd_look_at_target(d, err)))
        return -1;
    return dev_set_keys(d, err) || dev_set_label(d, err) ? -1 : 0;
}

int devset_add_disk(struct devset *set, struct disk_spec *spec, struct domo_err *err)
{
    struct dev *d = devset_push(set, &devkind_vbd, err);

    if (!d)
        return -1;
    if (resolve(d, spec, err)) {
        devset_pop(set);
        return err_wrap(err, "disk %s", spec->vdev);
    }
    /* An emulated drive without a medium: QEMU's emulation shows it to the guest. Its back end can't make a disk of
     * nothing, and the one of version 7.2 ends all of QEMU when a medium comes later: it must not try. */
    if (!d->vbd.spec.target && set->emulates)
        d->is_idle = d->done[HS_ACCEPT] = d->done[HS_CONNECT] = true;
    return 0;
}

static char *vbd_title(const struct dev *d)
{
    const char *vdev = d->loaded ? nodes_get(&d->keys, "dev") : d->vbd.spec.vdev;
    char name[24];

    vdev_from_devid(d->devid, name);
    return str_format("disk %s", vdev ? vdev : name);
}

static bool vbd_matches(const struct dev *d, const char *which)
{
    uint32_t devid;

    return vdev_to_devid(which, &devid) == 0 && devid == d->devid;
}

static int vbd_script(const struct dev *d, bool adding, struct script_call *call, struct domo_err *err)
{
    (void)d;
    call->argv[1] = strdup(adding ? "add" : "remove");
    return call->argv[1] ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

static void vbd_preview(const struct dev *d, struct json *lines)
{
    const struct disk_spec *s = &d->vbd.spec;
    char *AUTO_FREE line = NULL;

    if (!dev_is_ours(d) || is_qdisk(d))
        return;
    if (is_standalone(s))
        line = str_format("wait for the program that serves %s", s->target);
    else if (d->is_custom)
        line = str_format("run %s add", d->script);
    else if (d->vbd.has_target && d->vbd.target.kind == OS_TARGET_BLOCK)
        line = str_format("claim block device %s", s->target);
    else
        line = str_format("attach a loop device to %s (read-%s)", s->target, is_writable(s) ? "write" : "only");
    json_add_str(lines, line);
}

/* Of an image that QEMU serves without its format. */
static const char *target_of(const struct dev *d)
{
    const char *params = nodes_get(&d->keys, "params");
    const char *colon = params && is_qdisk(d) ? strchr(params, ':') : NULL;

    if (!colon)
        return params;
    return colon[1] ? colon + 1 : NULL;
}

static void vbd_describe(const struct dev *d, struct json *row)
{
    char vdev[24];
    uint32_t ide;

    vdev_from_devid(d->devid, vdev);
    if (d->set->emulates && vdev_ide_index(d->devid, &ide))
        json_setf(row, "emulated", "hd%c", 'a' + (int)ide);
    json_set_str(row, "vdev", nodes_get(&d->keys, "dev") ? nodes_get(&d->keys, "dev") : vdev);
    json_set_str(row, "target", target_of(d));
    json_set_str(row, "mode", nodes_get(&d->keys, "mode"));
    json_set_str(row, "device_type", nodes_get(&d->keys, "device-type"));
    json_set_str(row, "backend_type", nodes_get(&d->keys, "type"));
    json_set_str(row, "script", nodes_get(&d->keys, "script"));
}

static const char *const vbd_keeps[] = {"params", "script", "dev", "type", "mode", "device-type", NULL};

const struct devkind devkind_vbd = {
    .name = "vbd",
    .back_name = "vbd",
    .module = "xen-blkback",
    .default_script = "block",
    .summary = "a disk",
    .is_vital = true,
    .has_handshake = true,
    .keeps = vbd_keeps,
    .nodes = vbd_nodes,
    .prepare = vbd_prepare,
    .verify = vbd_verify,
    .unprepare = vbd_unprepare,
    .release = vbd_release,
    .finds_own = true,
    .serve = vbd_serve,
    .adopt = vbd_find_loop,
    .script = vbd_script,
    .matches = vbd_matches,
    .title = vbd_title,
    .preview = vbd_preview,
    .describe = vbd_describe,
};
