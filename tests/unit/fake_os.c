/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The fake host's kernel as seen by its own processes: files, loop devices,
 * interfaces, scripts.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake_bus.h"
#include "fake_host.h"

enum { FAKE_FS = 65024, LOOP_MAJOR_NO = 7 };

void fake_add_file(struct fake *f, const char *path, ino_t ino)
{
    struct fake_file *file = FAKE_PUSH(&f->files);

    file->path = fake_copy(path);
    file->target = (struct os_target){.kind = OS_TARGET_FILE, .dev = FAKE_FS, .ino = ino, .size = 1 << 20};
    (void)snprintf(file->target.real_path, sizeof file->target.real_path, "%s", path);
}

void fake_add_block(struct fake *f, const char *path, uint32_t major, uint32_t minor)
{
    struct fake_file *file;

    fake_add_file(f, path, 0);
    file = &f->files.at[f->files.len - 1];
    file->target.kind = OS_TARGET_BLOCK;
    file->target.rdev_major = major;
    file->target.rdev_minor = minor;
}

struct fake_file *fake_find_file(struct fake *f, const char *path)
{
    for (size_t i = 0; i < f->files.len; i++) {
        if (str_eq(f->files.at[i].path, path))
            return &f->files.at[i];
    }
    return NULL;
}

void fake_add_iface(struct fake *f, const char *name)
{
    struct fake_iface *i = FAKE_PUSH(&f->ifaces);

    (void)snprintf(i->name, sizeof i->name, "%s", name);
    i->iface = (struct os_iface){.index = ++f->next_index, .mtu = 1500};
}

void fake_add_bridge(struct fake *f, const char *name, uint32_t mtu)
{
    fake_add_iface(f, name);
    f->ifaces.at[f->ifaces.len - 1].iface.is_bridge = true;
    f->ifaces.at[f->ifaces.len - 1].iface.mtu = mtu;
}

struct fake_iface *fake_find_iface(struct fake *f, const char *name)
{
    for (size_t i = 0; i < f->ifaces.len; i++) {
        if (str_eq(f->ifaces.at[i].name, name))
            return &f->ifaces.at[i];
    }
    return NULL;
}

static int o_target(struct host *h, const char *path, struct os_target *ret, struct domo_err *err)
{
    const struct fake_file *file = fake_find_file(fake_of(h), path);

    if (fake_call(h, err, "os.target"))
        return -1;
    if (!file)
        return err_sys(err, DOMO_E_DISK_NOT_FOUND, ENOENT, "'%s'", path);
    *ret = file->target;
    return 0;
}

static int o_loop_attach(struct host *h, const struct os_loop_new *l, struct os_loop *ret, struct domo_err *err)
{
    struct fake *f = fake_of(h);
    const struct fake_file *file = fake_find_file(f, l->path);

    if (fake_call(h, err, "os.loop_attach"))
        return -1;
    for (uint32_t i = 0; file && i < FAKE_LOOPS; i++) {
        struct fake_loop *slot = &f->loops[i];

        if (slot->configured)
            continue;
        slot->configured = true;
        slot->autoclear = false;
        slot->loop = (struct os_loop){.number = i,
                                      .major = LOOP_MAJOR_NO,
                                      .minor = i,
                                      .back_dev = file->target.dev,
                                      .back_ino = file->target.ino,
                                      .read_only = l->read_only};
        (void)snprintf(slot->loop.tag, sizeof slot->loop.tag, "%s", l->tag);
        *ret = slot->loop;
        return 0;
    }
    return err_set(err, DOMO_E_NO_LOOP, "no loop device");
}

static int o_loop_detach(struct host *h, uint32_t number, struct domo_err *err)
{
    struct fake_loop *slot = &fake_of(h)->loops[number];

    if (fake_call(h, err, "os.loop_detach"))
        return -1;
    slot->autoclear = slot->opens > 0;
    slot->configured = slot->configured && slot->opens > 0;
    return 0;
}

static int o_loop_list(struct host *h, const struct os_file_id *on, size_t n_on, struct os_loop **ret, size_t *ret_n,
                       struct domo_err *err)
{
    struct os_loop *list;
    size_t n = 0;

    if (fake_call(h, err, "os.loop_list"))
        return -1;
    list = fake_need(calloc(FAKE_LOOPS, sizeof *list));
    for (size_t i = 0; i < FAKE_LOOPS; i++) {
        const struct os_loop *loop = &fake_of(h)->loops[i].loop;
        bool wanted = !on;

        for (size_t j = 0; on && j < n_on; j++)
            wanted |= on[j].dev == loop->back_dev && on[j].ino == loop->back_ino;
        if (fake_of(h)->loops[i].configured && wanted)
            list[n++] = *loop;
    }
    *ret = list;
    *ret_n = n;
    return 0;
}

static int o_loop_get(struct host *h, uint32_t number, struct os_loop *ret, bool *ret_found, struct domo_err *err)
{
    if (fake_call(h, err, "os.loop_get"))
        return -1;
    *ret_found = number < FAKE_LOOPS && fake_of(h)->loops[number].configured;
    if (*ret_found)
        *ret = fake_of(h)->loops[number].loop;
    return 0;
}

static int o_block_claim(struct host *h, const char *path, int *ret_fd, struct domo_err *err)
{
    struct fake_file *file = fake_find_file(fake_of(h), path);

    if (fake_call(h, err, "os.block_claim"))
        return -1;
    if (!file || file->mounted)
        return err_sys(err, DOMO_E_DISK_SHARED, EBUSY, "'%s' is mounted or otherwise in use on this host", path);
    *ret_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    file->claims++;
    return 0;
}

static int o_vbd_users(struct host *h, struct os_vbd_user **ret, size_t *ret_n, struct domo_err *err)
{
    const struct fake *f = fake_of(h);

    if (fake_call(h, err, "os.vbd_users"))
        return -1;
    *ret = fake_need(calloc(f->users.len + 1, sizeof **ret));
    if (f->users.len)
        memcpy(*ret, f->users.at, f->users.len * sizeof **ret);
    *ret_n = f->users.len;
    return 0;
}

static int o_file_is_open(struct host *h, const char *path, bool any, bool *ret, struct domo_err *err)
{
    const struct fake_file *file = fake_find_file(fake_of(h), path);

    if (fake_call(h, err, "os.file_is_open"))
        return -1;
    if (!file)
        return err_sys(err, DOMO_E_DISK_NOT_FOUND, ENOENT, "'%s'", path);
    *ret = file->written || (any && file->opened);
    return 0;
}

static int o_is_mounted(struct host *h, uint32_t major, uint32_t minor, bool *ret, struct domo_err *err)
{
    const struct fake *f = fake_of(h);

    if (fake_call(h, err, "os.is_mounted"))
        return -1;
    *ret = false;
    for (size_t i = 0; i < f->files.len; i++) {
        const struct fake_file *file = &f->files.at[i];

        if (file->target.rdev_major == major && file->target.rdev_minor == minor)
            *ret = file->mounted;
    }
    return 0;
}

static int o_iface(struct host *h, const char *name, struct os_iface *ret, bool *ret_found, struct domo_err *err)
{
    const struct fake_iface *i = fake_find_iface(fake_of(h), name);

    if (fake_call(h, err, "os.iface"))
        return -1;
    *ret_found = i != NULL;
    if (i)
        *ret = i->iface;
    return 0;
}

static int o_iface_change(struct host *h, const char *name, const struct os_iface_change *c, struct domo_err *err)
{
    struct fake *f = fake_of(h);
    struct fake_iface *i = fake_find_iface(f, name);
    const struct fake_iface *bridge = c->bridge && c->bridge[0] ? fake_find_iface(f, c->bridge) : NULL;

    if (fake_call(h, err, "os.iface_change"))
        return -1;
    if (!i)
        return err_set(err, DOMO_E_VIF_INTERFACE, "there is no interface '%s'", name);
    if (c->bridge && c->bridge[0] && !bridge)
        return err_set(err, DOMO_E_NO_BRIDGE, "there is no bridge '%s'", c->bridge);
    if (c->rename && fake_find_iface(f, c->rename))
        return err_sys(err, DOMO_E_VIF_NAME, EEXIST, "can't rename");
    if (c->rename)
        (void)snprintf(i->name, sizeof i->name, "%s", c->rename);
    if (bridge)
        i->iface.master = bridge->iface.index;
    if (c->mac)
        memcpy(i->mac, c->mac, sizeof i->mac);
    if (c->mtu)
        i->iface.mtu = c->mtu;
    i->iface.is_up = c->up || (i->iface.is_up && !c->down);
    return 0;
}

static bool o_has_backend(struct host *h, const char *kind)
{
    const struct fake_kernel *k = &fake_of(h)->kernel;

    return (str_eq(kind, "vbd") && k->has_vbd) || (str_eq(kind, "vif") && k->has_vif) || str_eq(kind, "pci");
}

static int o_script_start(struct host *h, const struct os_script *s, struct os_child *ret, struct domo_err *err)
{
    struct fake *f = fake_of(h);

    if (fake_call(h, err, "os.script_start"))
        return -1;
    h->stats.forks++;
    for (size_t i = 0; s->argv[i]; i++)
        str_addf(&f->script_log, "%s%s", i ? " " : "", s->argv[i]);
    str_add(&f->script_log, " |");
    for (size_t i = 0; s->env[i]; i++)
        str_addf(&f->script_log, " %s", s->env[i]);
    str_add(&f->script_log, "\n");
    if (f->script.effect)
        f->script.effect(h, s);
    f->script_running = true;
    f->script_ends_ms = f->now_ms + f->script.duration_ms;
    memset(ret, 0, sizeof *ret);
    ret->pid = 4711;
    ret->pidfd = 1000;
    ret->out_fd = -1;
    return 0;
}

static int o_script_collect(struct host *h, struct os_child *c, bool kill_it, bool *ret_ended, int *ret_status,
                            struct domo_err *err)
{
    struct fake *f = fake_of(h);

    (void)err;
    if (f->script.output) {
        (void)snprintf(c->tail, sizeof c->tail, "%s", f->script.output);
        c->tail_len = strlen(c->tail);
    }
    *ret_ended = kill_it || f->now_ms >= f->script_ends_ms;
    *ret_status = kill_it ? 9 : f->script.status << 8;
    f->script_running = f->script_running && !*ret_ended;
    f->scripts_killed += kill_it;
    return 0;
}

const struct os_ops fake_os_ops = {
    .target = o_target,
    .loop_attach = o_loop_attach,
    .loop_detach = o_loop_detach,
    .loop_list = o_loop_list,
    .loop_get = o_loop_get,
    .block_claim = o_block_claim,
    .vbd_users = o_vbd_users,
    .file_is_open = o_file_is_open,
    .is_mounted = o_is_mounted,
    .iface = o_iface,
    .iface_change = o_iface_change,
    .pci_list = fake_pci_list,
    .pci_driver = fake_pci_driver,
    .pci_act = fake_pci_act,
    .usb_list = fake_usb_list,
    .usb_driver = fake_usb_driver,
    .has_backend = o_has_backend,
    .script_start = o_script_start,
    .script_collect = o_script_collect,
};
