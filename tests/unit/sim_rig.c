/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sim_rig.h"

#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"

#define OK(call) assert_int_equal((call), 0)

struct world *rig_world(enum guest_manner manner, uint32_t delay_ms, uint32_t boot_ms)
{
    struct world *w = world_default();

    assert_non_null(w);
    w->guests = calloc(1, sizeof *w->guests);
    assert_non_null(w->guests);
    w->guest_count = 1;
    w->guests[0] = (struct world_guest){.manner = manner, .delay_ms = delay_ms, .boot_ms = boot_ms};
    return w;
}

struct rig *rig_new(struct world *w)
{
    struct rig *r = calloc(1, sizeof *r);

    assert_non_null(r);
    r->sim = sim_new(w);
    assert_non_null(r->sim);
    r->machine = sim_machine(r->sim);
    r->node = sim_node(r->sim);
    r->xs = xsc_new(sim_store(r->sim), 0);
    assert_non_null(r->xs);
    (void)snprintf(r->dir, sizeof r->dir, "/tmp/test-sim-XXXXXX");
    assert_non_null(mkdtemp(r->dir));
    OK(xsc_mkdir(r->xs, 0, "/local/domain/0/backend", "vbd"));
    OK(xsc_mkdir(r->xs, 0, "/local/domain/0/backend", "vif"));
    OK(xsc_mkdir(r->xs, 0, "/local/domain/0/error/backend", "vbd"));
    OK(xsc_mkdir(r->xs, 0, "/local/domain/0/error/backend", "vif"));
    (void)rig_run(r, 1);
    domostore_stats(sim_store(r->sim), &r->before);
    return r;
}

static void check(struct rig *r)
{
    char *why = NULL;

    if (machine_check(r->machine, &why) < 0 || domostore_check(sim_store(r->sim), &why) < 0)
        print_error("%s\n", why);
    assert_null(why);
}

void rig_free(struct rig *r, bool clean)
{
    struct domostore_stats now;

    (void)rig_run(r, 1);
    check(r);
    domostore_stats(sim_store(r->sim), &now);
    if (clean) {
        if (now.nodes != r->before.nodes) {
            size_t len;
            char *dump = domostore_dump(sim_store(r->sim), false, &len);

            print_error("%s\n", dump);
            free(dump);
        }
        assert_int_equal(now.nodes, r->before.nodes);
        assert_int_equal(now.watches, r->before.watches);
        assert_int_equal(now.transactions, r->before.transactions);
        assert_int_equal(now.connections, r->before.connections);
        assert_int_equal(node_vbd_user_count(r->node), 0);
        assert_int_equal(node_loop_count(r->node), 0);
    }
    (void)xsc_free(r->xs);
    (void)sim_free(r->sim);
    OK(rmdir(r->dir));
    free(r);
}

int64_t rig_run(struct rig *r, int64_t ms)
{
    int64_t end = sim_now_ms(r->sim) + ms, next = sim_step(r->sim, sim_now_ms(r->sim));

    while (next >= 0 && next < end)
        next = sim_step(r->sim, next);
    return sim_step(r->sim, end);
}

static __attribute__((format(printf, 1, 0))) char *format(const char *fmt, va_list ap)
{
    static char path[512];

    assert_true(vsnprintf(path, sizeof path, fmt, ap) < (int)sizeof path);
    return path;
}

static const char *read_path(struct rig *r, const char *path)
{
    static char value[4096];
    char *text = NULL;

    (void)snprintf(value, sizeof value, "%s", xsc_read(r->xs, 0, path, NULL, &text) ? "" : text);
    free(text);
    return value;
}

const char *rig_read(struct rig *r, const char *fmt, ...)
{
    va_list ap;
    char *path;

    va_start(ap, fmt);
    path = format(fmt, ap);
    va_end(ap);
    return read_path(r, path);
}

void rig_write(struct rig *r, const char *value, const char *fmt, ...)
{
    va_list ap;
    char *path;

    va_start(ap, fmt);
    path = format(fmt, ap);
    va_end(ap);
    OK(xsc_write(r->xs, 0, path, NULL, value));
}

bool rig_wait(struct rig *r, int64_t ms, const char *value, const char *fmt, ...)
{
    int64_t end = sim_now_ms(r->sim) + ms, next = sim_now_ms(r->sim);
    char path[512];
    va_list ap;

    va_start(ap, fmt);
    (void)snprintf(path, sizeof path, "%s", format(fmt, ap));
    va_end(ap);
    for (;;) {
        next = sim_step(r->sim, next);
        if (str_eq(read_path(r, path), value))
            return true;
        if (next < 0 || next > end)
            return false;
    }
}

/* ---- guests ---- */

static void write_skeleton(struct rig *r, uint32_t domid, const char *name, const struct hyp_built *built,
                           const struct hyp_image *image)
{
    static const char *const rw[] = {"control/shutdown",
                                     "control/feature-poweroff",
                                     "control/feature-reboot",
                                     "control/feature-suspend",
                                     "device/suspend/event-channel",
                                     "data",
                                     "error"};
    static const char *const dirs[] = {"device", "control", "memory"};
    char dir[64], ro[32], own[32];

    (void)snprintf(dir, sizeof dir, "/local/domain/%" PRIu32, domid);
    (void)snprintf(ro, sizeof ro, "n0 r%" PRIu32, domid);
    (void)snprintf(own, sizeof own, "n%" PRIu32, domid);
    OK(xsc_mkdir(r->xs, 0, dir, NULL));
    OK(xsc_set_perms(r->xs, 0, dir, NULL, ro));
    OK(xsc_write(r->xs, 0, dir, "name", name));
    OK(xsc_writef(r->xs, 0, dir, "domid", "%" PRIu32, domid));
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        OK(xsc_mkdir(r->xs, 0, dir, dirs[i]));
    for (size_t i = 0; i < ARRAY_LEN(rw); i++) {
        OK(xsc_write(r->xs, 0, dir, rw[i], ""));
        OK(xsc_set_perms(r->xs, 0, dir, rw[i], own));
    }
    OK(xsc_writef(r->xs, 0, dir, "memory/target", "%d", RIG_GUEST_KIB));
    OK(xsc_writef(r->xs, 0, dir, "console/ring-ref", "%" PRIu64, built->console_gfn));
    OK(xsc_writef(r->xs, 0, dir, "console/port", "%" PRIu32, image->console_evtchn));
    OK(xsc_write(r->xs, 0, dir, "console/type", "xenconsoled"));
    OK(xsc_write(r->xs, 0, dir, "console/limit", "1048576"));
    OK(xsc_write(r->xs, 0, dir, "console/tty", ""));
}

uint32_t rig_guest(struct rig *r, const char *name)
{
    const struct hyp_domain_new fresh = {.max_vcpus = 1, .max_evtchn_port = 1023, .max_grant_frames = -1};
    const struct hyp_setup set = {.max_vcpus = 1, .max_mem_kib = RIG_GUEST_KIB, .sched_cap = -1};
    struct hyp_image image = {.mem_kib = RIG_GUEST_KIB, .max_vcpus = 1, .kernel_path = "/boot/vmlinuz"};
    struct hyp_built built;
    uint32_t domid;

    OK(machine_create(r->machine, &fresh, &domid));
    OK(machine_setup(r->machine, domid, &set));
    image.store_evtchn = (uint32_t)machine_evtchn_alloc(r->machine, domid, 0);
    image.console_evtchn = (uint32_t)machine_evtchn_alloc(r->machine, domid, 0);
    OK(machine_build(r->machine, domid, &image, &built));
    write_skeleton(r, domid, name, &built, &image);
    OK(domostore_introduce(sim_store(r->sim), (uint16_t)domid, built.store_gfn, image.store_evtchn));
    return domid;
}

void rig_start(struct rig *r, uint32_t domid)
{
    OK(machine_unpause(r->machine, domid));
    (void)rig_run(r, 0);
}

bool rig_exists(struct rig *r, uint32_t domid)
{
    struct hyp_info info;

    return machine_domain(r->machine, domid, &info) == 0;
}

int rig_reason(struct rig *r, uint32_t domid)
{
    struct hyp_info info;

    OK(machine_domain(r->machine, domid, &info));
    return info.is_shutdown ? (int)info.shutdown_reason : -1;
}

static void remove_all(struct rig *r, const char *kind, uint32_t domid)
{
    char dir[80];
    char **names = NULL;
    size_t n = 0;

    (void)snprintf(dir, sizeof dir, "/local/domain/0/backend/%s/%" PRIu32, kind, domid);
    if (xsc_list(r->xs, 0, dir, NULL, &names, &n))
        return;
    for (size_t i = 0; i < n; i++)
        rig_remove(r, kind, domid, (uint32_t)strtoul(names[i], NULL, 10));
    free(names);
}

void rig_destroy(struct rig *r, uint32_t domid)
{
    char dir[64];

    if (rig_exists(r, domid))
        OK(machine_destroy(r->machine, domid));
    (void)rig_run(r, 0);
    remove_all(r, "vbd", domid);
    remove_all(r, "vif", domid);
    (void)snprintf(dir, sizeof dir, "/local/domain/%" PRIu32, domid);
    IGNORE(xsc_rm(r->xs, 0, dir, NULL));
    (void)rig_run(r, 0);
}

/* ---- devices ---- */

struct node_row {
    const char *name, *value;
};

struct device {
    const char *kind;
    uint32_t domid, devid;
    const struct node_row *back, *front;
    const char *back_kind; /* NULL = as "kind" */
};

static int write_rows(struct xsc *xs, uint32_t tx, const char *dir, const struct node_row *rows)
{
    for (; rows->name; rows++)
        OK(xsc_write(xs, tx, dir, rows->name, rows->value));
    return 0;
}

static int write_device(struct xsc *xs, uint32_t tx, void *arg)
{
    const struct device *d = arg;
    char front[80], back[80], own[32], read[32];

    (void)snprintf(front, sizeof front, "/local/domain/%" PRIu32 "/device/%s/%" PRIu32, d->domid, d->kind, d->devid);
    (void)snprintf(back, sizeof back, "/local/domain/0/backend/%s/%" PRIu32 "/%" PRIu32,
                   d->back_kind ? d->back_kind : d->kind, d->domid, d->devid);
    (void)snprintf(own, sizeof own, "n%" PRIu32 " r0", d->domid);
    (void)snprintf(read, sizeof read, "n0 r%" PRIu32, d->domid);
    OK(xsc_mkdir(xs, tx, front, NULL));
    OK(xsc_set_perms(xs, tx, front, NULL, own));
    OK(xsc_write(xs, tx, front, "backend", back));
    OK(xsc_write(xs, tx, front, "backend-id", "0"));
    OK(write_rows(xs, tx, front, d->front));
    OK(xsc_write(xs, tx, front, "state", "1"));
    OK(xsc_mkdir(xs, tx, back, NULL));
    OK(xsc_set_perms(xs, tx, back, NULL, read));
    OK(xsc_write(xs, tx, back, "frontend", front));
    OK(xsc_writef(xs, tx, back, "frontend-id", "%" PRIu32, d->domid));
    OK(xsc_write(xs, tx, back, "online", "1"));
    OK(write_rows(xs, tx, back, d->back));
    return xsc_write(xs, tx, back, "state", "1");
}

int rig_disk(struct rig *r, uint32_t domid, uint32_t devid, const char *mode)
{
    char path[80], device[32], vdev[16], node[32];
    const struct node_row back[] = {{"mode", mode}, {"device-type", "disk"},     {"params", path},
                                    {"node", node}, {"physical-device", device}, {"hotplug-status", "connected"},
                                    {NULL, NULL}};
    const struct node_row front[] = {
        {"virtual-device", vdev}, {"device-type", "disk"}, {"protocol", "x86_64-abi"}, {NULL, NULL}};
    struct device d = {"vbd", domid, devid, back, front, NULL};
    struct os_loop_new wanted = {.path = path, .tag = "domo:test", .read_only = mode[0] == 'r'};
    struct os_loop loop;
    int fd;

    (void)snprintf(path, sizeof path, "%s/%" PRIu32 "-%" PRIu32, r->dir, domid, devid);
    fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    OK(ftruncate(fd, (off_t)RIG_DISK_SECTORS * 512));
    OK(node_loop_attach(r->node, &wanted, &loop));
    OK(unlink(path));
    (void)snprintf(device, sizeof device, "%" PRIx32 ":%" PRIx32, loop.major, loop.minor);
    (void)snprintf(node, sizeof node, "/dev/loop%" PRIu32, loop.number);
    (void)snprintf(vdev, sizeof vdev, "%" PRIu32, devid);
    OK(xsc_transact(r->xs, write_device, &d));
    (void)rig_run(r, 0);
    return fd;
}

void rig_vif(struct rig *r, uint32_t domid, uint32_t devid)
{
    static const struct node_row back[] = {
        {"mac", "00:16:3e:00:00:01"}, {"bridge", "xenbr0"}, {"handle", "0"}, {"hotplug-status", ""}, {NULL, NULL}};
    static const struct node_row front[] = {{"mac", "00:16:3e:00:00:01"}, {"handle", "0"}, {NULL, NULL}};
    struct device d = {"vif", domid, devid, back, front, NULL};

    OK(xsc_transact(r->xs, write_device, &d));
    (void)rig_run(r, 0);
}

void rig_plain(struct rig *r, const char *front, const char *back, uint32_t domid, uint32_t devid)
{
    static const struct node_row none[] = {{NULL, NULL}};
    struct device d = {front, domid, devid, none, none, back};

    OK(xsc_transact(r->xs, write_device, &d));
    (void)rig_run(r, 0);
}

void rig_remove_plain(struct rig *r, const char *front, const char *back, uint32_t domid, uint32_t devid)
{
    char dir[80];

    /* All that there may be none of any more: the guest may be gone. */
    (void)snprintf(dir, sizeof dir, "/local/domain/0/backend/%s", back);
    IGNORE(xsc_rm(r->xs, 0, dir, NULL));
    (void)snprintf(dir, sizeof dir, "/local/domain/0/error/backend/%s", back);
    IGNORE(xsc_rm(r->xs, 0, dir, NULL));
    (void)snprintf(dir, sizeof dir, "/local/domain/%" PRIu32 "/device/%s/%" PRIu32, domid, front, devid);
    IGNORE(xsc_rm(r->xs, 0, dir, NULL));
    (void)rig_run(r, 0);
}

void rig_plug(struct rig *r, uint32_t domid, uint32_t devid)
{
    struct os_iface_change change = {.bridge = "xenbr0", .up = true};
    char name[32];

    (void)snprintf(name, sizeof name, "vif%" PRIu32 ".%" PRIu32, domid, devid);
    OK(node_iface_change(r->node, name, &change));
    rig_write(r, "connected", "/local/domain/0/backend/vif/%" PRIu32 "/%" PRIu32 "/hotplug-status", domid, devid);
    (void)rig_run(r, 0);
}

void rig_unplug(struct rig *r, const char *kind, uint32_t domid, uint32_t devid)
{
    rig_write(r, "0", "/local/domain/0/backend/%s/%" PRIu32 "/%" PRIu32 "/online", kind, domid, devid);
    rig_write(r, "5", "/local/domain/0/backend/%s/%" PRIu32 "/%" PRIu32 "/state", kind, domid, devid);
    (void)rig_run(r, 0);
}

static void remove_dir(struct rig *r, const char *parent, uint32_t devid)
{
    char name[16];
    char **names = NULL;
    size_t n = 0;

    (void)snprintf(name, sizeof name, "%" PRIu32, devid);
    IGNORE(xsc_rm(r->xs, 0, parent, name));
    if (xsc_list(r->xs, 0, parent, NULL, &names, &n) == 0 && n == 0)
        IGNORE(xsc_rm(r->xs, 0, parent, NULL));
    free(names);
}

void rig_forget_loop(struct rig *r, uint32_t domid, uint32_t devid)
{
    unsigned loop;

    if (sscanf(rig_read(r, "/local/domain/0/backend/vbd/%" PRIu32 "/%" PRIu32 "/node", domid, devid), "/dev/loop%u",
               &loop) == 1)
        OK(node_loop_detach(r->node, loop));
}

void rig_remove(struct rig *r, const char *kind, uint32_t domid, uint32_t devid)
{
    char parent[96];

    if (kind[1] == 'b')
        rig_forget_loop(r, domid, devid);
    (void)snprintf(parent, sizeof parent, "/local/domain/%" PRIu32 "/device/%s", domid, kind);
    remove_dir(r, parent, devid);
    (void)snprintf(parent, sizeof parent, "/local/domain/0/backend/%s/%" PRIu32, kind, domid);
    remove_dir(r, parent, devid);
    (void)snprintf(parent, sizeof parent, "/local/domain/0/error/backend/%s/%" PRIu32, kind, domid);
    remove_dir(r, parent, devid);
    (void)rig_run(r, 0);
}

int rig_back(struct rig *r, const char *kind, uint32_t domid, uint32_t devid)
{
    return (int)strtol(rig_read(r, "/local/domain/0/backend/%s/%" PRIu32 "/%" PRIu32 "/state", kind, domid, devid),
                       NULL, 10);
}

int rig_front(struct rig *r, const char *kind, uint32_t domid, uint32_t devid)
{
    return (int)strtol(rig_read(r, "/local/domain/%" PRIu32 "/device/%s/%" PRIu32 "/state", domid, kind, devid), NULL,
                       10);
}

const char *rig_error(struct rig *r, const char *kind, uint32_t domid, uint32_t devid)
{
    return rig_read(r, "/local/domain/0/error/backend/%s/%" PRIu32 "/%" PRIu32 "/error", kind, domid, devid);
}
