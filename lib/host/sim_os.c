/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The simulated host's kernel: loop devices, interfaces and back ends are
 * domo-simd's; files, other block devices and scripts are this machine's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sysmacros.h>

#include "base/fs.h"
#include "host/os.h"
#include "host/sim.h"
#include "host/sim_wire.h"

enum { LOOP_MAJOR_NO = 7 };

static struct sim_host *sim_of(struct host *h)
{
    h->stats.os_calls++;
    return h->impl;
}

static int os_fail(struct domo_err *err, enum domo_code code, int r, const char *what, const char *name)
{
    return r == SIM_LOST ? -1 : err_sys(err, code, -r, "%s '%s'", what, name);
}

/* ---- loop devices ---- */

/* "/dev/loop7": always the simulated one, whatever this machine has. */
static bool loop_path(const char *path, uint32_t *ret_number)
{
    return str_starts(path, "/dev/loop") && str_to_u32(path + strlen("/dev/loop"), ret_number) == 0;
}

/* 0, -ENXIO, SIM_LOST */
static int ask_loop(struct host *h, uint32_t number, struct os_loop *ret, uint64_t *ret_size, struct domo_err *err)
{
    struct json *request = sim_request("loop_get");
    struct json *reply AUTO_JSON = NULL;
    int r;

    json_set_uint(request, "number", number);
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r < 0)
        return r;
    *ret_size = json_uint(json_get(reply, "size"), 0);
    return sim_take_record(reply, &sim_loop, ret, err) < 0 ? SIM_LOST : 0;
}

static int sim_target(struct host *h, const char *path, struct os_target *ret, struct domo_err *err)
{
    struct os_loop loop = {0};
    uint64_t size = 0;
    uint32_t number;
    int r;

    if (!loop_path(path, &number))
        return os_target(h, path, ret, err);
    r = ask_loop(h, number, &loop, &size, err);
    if (r < 0)
        return os_fail(err, DOMO_E_DISK_NOT_FOUND, r, "there is no device", path);
    *ret = (struct os_target){
        .kind = OS_TARGET_BLOCK,
        .dev = makedev(0, 0),
        .ino = number,
        .rdev_major = loop.major,
        .rdev_minor = loop.minor,
        .size = size,
    };
    (void)snprintf(ret->real_path, sizeof ret->real_path, "%s", path);
    return 0;
}

static int attach_failed(const char *path, int r, struct domo_err *err)
{
    switch (-r) {
    case ENOENT:
        return os_fail(err, DOMO_E_DISK_NOT_FOUND, r, "can't open", path);
    case EACCES:
    case EPERM:
    case EROFS:
        return os_fail(err, DOMO_E_PERMISSION, r, "can't open", path);
    case ENOTBLK:
        return err_set(err, DOMO_E_DISK_BAD_TARGET, "'%s' is not a regular file", path);
    default:
        return os_fail(err, DOMO_E_NO_LOOP, r, "can't set up a loop device for", path);
    }
}

/* domo-simd has another working directory. Caller frees; NULL: no memory. */
static char *absolute(const char *path)
{
    char *AUTO_FREE here = path[0] == '/' ? NULL : getcwd(NULL, 0);

    return here ? str_format("%s/%s", here, path) : strdup(path);
}

static int sim_loop_attach(struct host *h, const struct os_loop_new *l, struct os_loop *ret, struct domo_err *err)
{
    struct json *request = sim_request("loop_attach");
    struct json *reply AUTO_JSON = NULL;
    char *AUTO_FREE path = absolute(l->path);
    int r;

    if (!path || (l->tag && strlen(l->tag) > HOST_LOOP_TAG_MAX)) {
        (void)json_free(request);
        return err_set(err, path ? DOMO_E_INTERNAL : DOMO_E_NO_MEMORY, "a loop device's tag is too long: '%s'",
                       l->tag ? l->tag : "");
    }
    json_set_str(request, "path", path);
    json_set_bool(request, "read_only", l->read_only);
    if (l->tag)
        json_set_str(request, "tag", l->tag);
    r = sim_ask(sim_of(h), request, &reply, err);
    return r < 0 ? attach_failed(l->path, r, err) : sim_take_record(reply, &sim_loop, ret, err);
}

static int sim_loop_detach(struct host *h, uint32_t number, struct domo_err *err)
{
    struct json *request = sim_request("loop_detach");
    int r;

    json_set_uint(request, "number", number);
    r = sim_ask(sim_of(h), request, NULL, err);
    return r < 0 ? os_fail(err, DOMO_E_IO, r, "can't free", "a loop device") : 0;
}

static int sim_loop_list(struct host *h, const struct os_file_id *on, size_t n_on, struct os_loop **ret, size_t *ret_n,
                         struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    void *rows = NULL;
    struct json *request = sim_request("loop_list");
    struct json *files = on ? json_set_array(request, "on") : NULL;
    int r;

    for (size_t i = 0; on && i < n_on; i++) {
        struct json *file = json_add_object(files);

        json_set_uint(file, "dev", on[i].dev);
        json_set_uint(file, "ino", on[i].ino);
    }
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r < 0)
        return os_fail(err, DOMO_E_IO, r, "can't list", "loop devices");
    if (sim_take_records(reply, &sim_loop, sizeof **ret, &rows, ret_n, err) < 0)
        return -1;
    *ret = rows;
    return 0;
}

static int sim_loop_get(struct host *h, uint32_t number, struct os_loop *ret, bool *ret_found, struct domo_err *err)
{
    uint64_t size;
    int r = ask_loop(h, number, ret, &size, err);

    if (r < 0 && r != -ENXIO)
        return os_fail(err, DOMO_E_IO, r, "can't look at", "a loop device");
    *ret_found = r == 0;
    return 0;
}

/* ---- who else uses a disk ---- */

/* A simulated device is claimed by a lock on a file that stands for it. */
static int sim_block_claim(struct host *h, const char *path, int *ret_fd, struct domo_err *err)
{
    const struct sim_host *s = sim_of(h);
    struct os_target target;
    char folder[HOST_REAL_PATH_MAX], file[HOST_REAL_PATH_MAX + 16];
    uint32_t number;
    int r;

    if (!loop_path(path, &number))
        return os_block_claim(h, path, ret_fd, err);
    if (sim_target(h, path, &target, err) < 0)
        return -1;
    (void)snprintf(folder, sizeof folder, "%s/%s", s->dir, SIM_CLAIMS);
    (void)snprintf(file, sizeof file, "%s/domain%u-loop%u", folder, s->domid, number);
    r = fs_mkdirs(folder, 0700);
    if (r == 0)
        r = fs_lock(file, FS_LOCK_FLOCK, 0, ret_fd);
    if (r == -EWOULDBLOCK)
        return err_sys(err, DOMO_E_DISK_SHARED, EBUSY, "'%s' is mounted or otherwise in use on this host", path);
    return r < 0 ? os_fail(err, DOMO_E_IO, r, "can't claim", path) : 0;
}

static int sim_vbd_users(struct host *h, struct os_vbd_user **ret, size_t *ret_n, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    void *rows = NULL;
    int r = sim_ask(sim_of(h), sim_request("vbd_users"), &reply, err);

    if (r < 0)
        return os_fail(err, DOMO_E_IO, r, "can't list", "disks of guests");
    if (sim_take_records(reply, &sim_vbd_user, sizeof **ret, &rows, ret_n, err) < 0)
        return -1;
    *ret = rows;
    return 0;
}

static int sim_is_mounted(struct host *h, uint32_t major_no, uint32_t minor_no, bool *ret, struct domo_err *err)
{
    if (major_no != LOOP_MAJOR_NO)
        return os_is_mounted(h, major_no, minor_no, ret, err);
    h->stats.os_calls++;
    *ret = false;
    return 0;
}

/* ---- interfaces ---- */

static int sim_get_iface(struct host *h, const char *name, struct os_iface *ret, bool *ret_found, struct domo_err *err)
{
    struct json *request = sim_request("iface");
    struct json *reply AUTO_JSON = NULL;
    int r;

    json_set_str(request, "name", name);
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r < 0 && r != -ENODEV)
        return os_fail(err, DOMO_E_VIF_INTERFACE, r, "can't look at interface", name);
    *ret_found = r == 0;
    return r == 0 ? sim_take_record(reply, &sim_iface, ret, err) : 0;
}

static int change_failed(const char *name, const struct os_iface_change *c, int r, struct domo_err *err)
{
    enum domo_code code = r == -EEXIST && c->rename ? DOMO_E_VIF_NAME : DOMO_E_VIF_INTERFACE;

    if (r == SIM_LOST)
        return -1;
    (void)err_sys(err, code, -r, "can't set interface '%s' up", name);
    if (c->bridge && c->bridge[0])
        (void)err_fact(err, "bridge", "%s", c->bridge);
    if (c->rename)
        (void)err_fact(err, "name", "%s", c->rename);
    return -1;
}

/* As the netlink one, which must look the indices up first. */
static int check_change(struct host *h, const char *name, const char *bridge, struct domo_err *err)
{
    struct os_iface iface;
    bool found = false;

    if (sim_get_iface(h, name, &iface, &found, err) < 0)
        return -1;
    if (!found)
        return err_set(err, DOMO_E_VIF_INTERFACE, "there is no interface '%s'", name);
    if (!bridge || !bridge[0])
        return 0;
    if (sim_get_iface(h, bridge, &iface, &found, err) < 0)
        return -1;
    return found ? 0 : err_set(err, DOMO_E_NO_BRIDGE, "there is no bridge '%s'", bridge);
}

static int sim_iface_change(struct host *h, const char *name, const struct os_iface_change *c, struct domo_err *err)
{
    struct sim_iface_change how = {.mtu = c->mtu, .up = c->up, .down = c->down, .has_mac = c->mac};
    struct json *request;
    int r;

    if (check_change(h, name, c->bridge, err) < 0)
        return -1;
    if (c->mac)
        memcpy(how.mac, c->mac, sizeof how.mac);
    request = sim_request("iface_change");
    sim_add_record(request, &sim_change, &how);
    json_set_str(request, "name", name);
    if (c->rename)
        json_set_str(request, "rename", c->rename);
    if (c->bridge)
        json_set_str(request, "bridge", c->bridge);
    r = sim_ask(sim_of(h), request, NULL, err);
    return r < 0 ? change_failed(name, c, r, err) : 0;
}

/* ---- back ends, scripts ---- */

static bool sim_has_backend(struct host *h, const char *kind)
{
    struct json *request = sim_request("has_backend");
    struct json *reply AUTO_JSON = NULL;

    json_set_str(request, "kind", kind);
    return sim_ask(sim_of(h), request, &reply, NULL) == 0 && json_get_bool(reply, "has", false);
}

/* What a script writes into XenStore goes into this host's. */
static int sim_script_start(struct host *h, const struct os_script *s, struct os_child *ret, struct domo_err *err)
{
    char *AUTO_FREE store = str_format("XENSTORED_PATH=%s", h->store_path);
    char *AUTO_FREE host = str_format("DOMO_HOST=%s", h->uri);
    const char **AUTO_FREE env = NULL;
    struct os_script with = *s;
    size_t n = 0;

    while (s->env && s->env[n])
        n++;
    env = calloc(n + 3, sizeof *env);
    if (!env || !store || !host)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (n)
        memcpy(env, s->env, n * sizeof *env);
    env[n] = store;
    env[n + 1] = host;
    with.env = env;
    return os_script_start(h, &with, ret, err);
}

const struct os_ops sim_os_ops = {
    .target = sim_target,
    .loop_attach = sim_loop_attach,
    .loop_detach = sim_loop_detach,
    .loop_list = sim_loop_list,
    .loop_get = sim_loop_get,
    .block_claim = sim_block_claim,
    .vbd_users = sim_vbd_users,
    .file_is_open = os_file_is_open,
    .is_mounted = sim_is_mounted,
    .iface = sim_get_iface,
    .iface_change = sim_iface_change,
    .pci_list = sim_pci_list,
    .pci_driver = sim_pci_driver,
    .pci_act = sim_pci_act,
    .usb_list = sim_usb_list,
    .usb_driver = sim_usb_driver,
    .has_backend = sim_has_backend,
    .script_start = sim_script_start,
    .script_collect = os_script_collect,
    .daemon_start = os_daemon_start,
    .daemon_find = os_daemon_find,
    .daemon_named = os_daemon_named,
    .daemon_watch = os_daemon_watch,
    .daemon_kill = os_daemon_kill,
};
