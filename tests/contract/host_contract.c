/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Promise: a host keeps what host.h says. One list of checks for every kind of
 * host: runs as root in the control domain of a real Xen (in the lab), and as
 * anybody on a simulated one. Prints TAP.
 *
 *   host_contract KERNEL RAMDISK
 *
 * It makes guests, store nodes below /domo-contract, loop devices and a bridge
 * port of its own, and removes them again.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "contract.h"
#include "dom/kernel.h"
#include "host/sim.h"

enum { MEM_KIB = 256 * 1024 };

/* ---- the store ---- */

static void check_nodes(struct contract *c)
{
    static const struct store_perm perms[] = {{.domid = 0}, {.domid = 7, .rights = STORE_READ}};
    struct store_perm *got = NULL;
    struct host *h = c->h;
    char *value = NULL, **names = NULL;
    size_t n = 0, len = 0;

    OK(c, store_write(h, 0, "/domo-contract/a", "one", &c->err) == 0, "a node and its parents are made by a write");
    OK(c, store_read(h, 0, "/domo-contract/a", &value, &c->err) == 0 && str_eq(value, "one"), "its value is read back");
    DROP(value);
    OK(c,
       h->store->write(h, 0, "/domo-contract/bin", "x\0y", 3, &c->err) == 0 &&
           h->store->read(h, 0, "/domo-contract/bin", &value, &len, &c->err) == 0 && len == 3 &&
           memcmp(value, "x\0y", 4) == 0,
       "values may hold NUL bytes");
    DROP(value);
    OK(c, store_writef(h, 0, &c->err, "/domo-contract/n", "%d", 42) == 0, "a formatted value is written");
    OK(c, store_list(h, 0, "/domo-contract", &names, &n, &c->err) == 0 && n == 3, "children are listed");
    DROP(names);
    OK(c,
       store_mkdir(h, 0, "/domo-contract/dir", &c->err) == 0 &&
           store_list(h, 0, "/domo-contract/dir", &names, &n, &c->err) == 0 && n == 0,
       "an empty directory has no children");
    DROP(names);
    OK(c,
       store_set_perms(h, 0, "/domo-contract/a", perms, 2, &c->err) == 0 &&
           h->store->get_perms(h, 0, "/domo-contract/a", &got, &n, &c->err) == 0 && n == 2 && got[0].domid == 0 &&
           got[0].rights == 0 && got[1].domid == 7 && got[1].rights == STORE_READ,
       "permissions are set and read back");
    DROP(got);
    OK(c,
       failed_with(c, store_read(h, 0, "/domo-contract/none", &value, &c->err), DOMO_E_STORE_NOT_FOUND) &&
           strstr(c->err.msg, "/domo-contract/none"),
       "a missing node is named");
    OK(c,
       store_rm(h, 0, "/domo-contract", &c->err) == 0 && store_rm(h, 0, "/domo-contract", &c->err) == 0 &&
           store_rm(h, 0, "/domo-contract/x/y", &c->err) == 0,
       "a subtree is removed; once more is fine");
}

/* Another connection changes what the transaction read, as often as "times" says. */
struct race {
    struct host *other;
    int times, bodies;
};

static int race_body(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    struct race *race = arg;
    char *AUTO_FREE value = NULL;

    race->bodies++;
    if (store_read_opt(h, t, "/domo-contract/race", &value, err) < 0)
        return -1;
    if (race->times-- > 0 && store_writef(race->other, 0, err, "/domo-contract/race", "%d", race->times) < 0)
        return -1;
    return store_write(h, t, "/domo-contract/race", "mine", err);
}

static int failing_body(struct host *h, store_txn t, void *arg, struct domo_err *err)
{
    (void)arg;
    if (store_write(h, t, "/domo-contract/never", "x", err) < 0)
        return -1;
    return err_set(err, DOMO_E_DOMAIN_EXISTS, "on purpose");
}

static void check_transactions(struct contract *c)
{
    struct race race = {.times = 3};
    struct host *h = c->h;
    char *value = NULL;

    if (!OK(c, host_open(NULL, NULL, &race.other, &c->err) == 0, "a second connection opens"))
        return;
    OK(c,
       store_write(h, 0, "/domo-contract/race", "start", &c->err) == 0 &&
           store_transact(h, race_body, &race, &c->err) == 0 && race.bodies == 4 &&
           store_read(h, 0, "/domo-contract/race", &value, &c->err) == 0 && str_eq(value, "mine"),
       "a transaction that lost three races is repeated and then stands (%d bodies)", race.bodies);
    DROP(value);
    OK(c, h->stats.store_conflicts == 3, "conflicts are counted");
    race.times = 1000;
    race.bodies = 0;
    OK(c,
       failed_with(c, store_transact(h, race_body, &race, &c->err), DOMO_E_STORE_CONFLICT) &&
           race.bodies == STORE_TRIES,
       "one that always loses gives up after %d tries", STORE_TRIES);
    OK(c,
       failed_with(c, store_transact(h, failing_body, NULL, &c->err), DOMO_E_DOMAIN_EXISTS) &&
           store_read_opt(h, 0, "/domo-contract/never", &value, &c->err) == 0 && !value,
       "a failing body leaves nothing");
    (void)host_close(race.other);
    (void)!store_rm(h, 0, "/domo-contract", NULL);
}

static bool wait_event(struct contract *c, struct store_event *ret, int64_t ms)
{
    int64_t deadline = c->h->env->now_ms(c->h) + ms;
    bool any = false;

    for (;;) {
        struct pollfd p = {.fd = c->h->store->fd(c->h), .events = POLLIN};

        if (store_next_event(c->h, ret, &any, &c->err) < 0)
            return false;
        if (any)
            return true;
        if (c->h->env->wait(c->h, &p, 1, deadline, &c->err) <= 0)
            return false;
    }
}

static void check_watches(struct contract *c)
{
    struct store_event e = {0};
    struct host *h = c->h;

    OK(c, h->store->fd(h) == -1, "before the first watch there is no descriptor");
    OK(c, store_watch(h, "/domo-contract/w", "tok", &c->err) == 0 && h->store->fd(h) >= 0, "a watch is set");
    OK(c, wait_event(c, &e, 2000) && str_eq(e.token, "tok"), "it fires once when it is set");
    store_event_fini(&e);
    OK(c, !wait_event(c, &e, 100), "and not again");
    OK(c,
       store_write(h, 0, "/domo-contract/w/x", "1", &c->err) == 0 && wait_event(c, &e, 2000) &&
           str_eq(e.path, "/domo-contract/w/x"),
       "a write below it fires with the path written");
    store_event_fini(&e);
    OK(c,
       store_unwatch(h, "/domo-contract/w", "tok", &c->err) == 0 &&
           store_write(h, 0, "/domo-contract/w/x", "2", &c->err) == 0 && !wait_event(c, &e, 100),
       "after the unwatch nothing fires");
    (void)!store_rm(h, 0, "/domo-contract", NULL);
}

/* ---- domains ---- */

static void show_part(void *arg, const char *part, int64_t us)
{
    (void)arg;
    (void)printf("#   build %-12s %8lld us\n", part, (long long)us);
}

static const struct hyp_domain_new pv_domain = {
    .container = HYP_CONTAINER_PV,
    .uuid = "domo contract 1",
    .max_vcpus = 2,
    .max_evtchn_port = 1023,
    .max_grant_frames = -1,
    .max_maptrack_frames = -1,
    .max_grant_version = -1,
};

static const struct hyp_setup pv_setup = {
    .max_vcpus = 2,
    .max_mem_kib = MEM_KIB + 1024,
    .memmap_limit_kib = MEM_KIB + 1024,
    .sched_weight = 300,
    .sched_cap = -1,
    .hard_affinity = (const uint64_t[]){1},
    .cpu_words = 1,
};

static int build(struct contract *c, uint32_t domid, const struct kernel *k, const char *path, uint64_t mem_kib,
                 struct hyp_built *ret)
{
    struct hyp_image image = {
        .kernel_path = path,
        .kernel = k->bytes,
        .kernel_len = k->len,
        .ramdisk_path = c->ramdisk,
        .cmdline = "console=hvc0",
        .mem_kib = mem_kib,
        .max_vcpus = 2,
    };

    if (c->h->hyp->evtchn_alloc(c->h, domid, 0, &image.store_evtchn, &c->err) < 0 ||
        c->h->hyp->evtchn_alloc(c->h, domid, 0, &image.console_evtchn, &c->err) < 0)
        return -1;
    return c->h->hyp->build_pv(c->h, domid, &image, ret, show_part, NULL, &c->err);
}

/* PVH guests: the same kernel, another entry into it. */
static int build_pvh(struct contract *c, uint32_t domid, const struct kernel *k, const char *path,
                     struct hyp_built *ret)
{
    struct hyp_image image = {
        .kernel_path = path,
        .kernel = k->bytes,
        .kernel_len = k->len,
        .ramdisk_path = c->ramdisk,
        .cmdline = "console=hvc0",
        .mem_kib = MEM_KIB,
        .max_vcpus = 2,
        .vcpus = 2,
    };

    if (c->h->hyp->evtchn_alloc(c->h, domid, 0, &image.store_evtchn, &c->err) < 0 ||
        c->h->hyp->evtchn_alloc(c->h, domid, 0, &image.console_evtchn, &c->err) < 0)
        return -1;
    return c->h->hyp->build_pvh(c->h, domid, &image, ret, show_part, NULL, &c->err);
}

static void check_run(struct contract *c, uint32_t domid)
{
    const struct hyp_ops *hyp = c->h->hyp;
    static const uint8_t other[HOST_UUID_LEN] = {1, 2, 3};
    struct hyp_info info = {0};

    OK(c, hyp->unpause(c->h, domid, &c->err) == 0 && hyp->info(c->h, domid, &info, &c->err) == 0 && !info.is_paused,
       "it runs after unpause");
    (void)poll(NULL, 0, 300);
    OK(c, hyp->info(c->h, domid, &info, &c->err) == 0 && info.cpu_time_ns > 1000000 && !info.is_shutdown,
       "it uses CPU time (%llu ms)", (unsigned long long)info.cpu_time_ns / 1000000);
    OK(c, hyp->pause(c->h, domid, &c->err) == 0 && hyp->info(c->h, domid, &info, &c->err) == 0 && info.is_paused,
       "it stands after pause");
    OK(c,
       hyp->set_uuid(c->h, domid, other, &c->err) == 0 && hyp->info(c->h, domid, &info, &c->err) == 0 &&
           memcmp(info.uuid, other, sizeof info.uuid) == 0,
       "it has another UUID");
    OK(c, hyp->trigger(c->h, domid, HYP_TRIGGER_NMI, 0, &c->err) == 0, "it is sent an NMI");
}

static void check_guest(struct contract *c, const struct kernel *k)
{
    const struct hyp_ops *hyp = c->h->hyp;
    struct hyp_built built = {0};
    struct hyp_info info = {0}, all[64];
    uint32_t domid = 0;
    size_t n = 0;
    int64_t begin;

    if (!OK(c, hyp->create(c->h, &pv_domain, &domid, &c->err) == 0 && domid > 0, "a domain is created"))
        return;
    OK(c, hyp->setup(c->h, domid, &pv_setup, &c->err) == 0, "it is set up");
    OK(c, build(c, domid, k, c->kernel, MEM_KIB, &built) == 0, "a kernel is built into it");
    OK(c, built.store_gfn && built.console_gfn && str_eq(built.guest_type, "xen-3.0-x86_64"),
       "pages of store and console are known, the type is '%s'", built.guest_type);
    OK(c,
       hyp->info(c->h, domid, &info, &c->err) == 0 && info.is_paused && !info.is_hvm && info.vcpus_max == 2 &&
           info.mem_kib > MEM_KIB - 1024 && info.mem_kib <= MEM_KIB + 1024 &&
           memcmp(info.uuid, pv_domain.uuid, sizeof info.uuid) == 0,
       "info tells it: paused, %u vcpus, %llu KiB", info.vcpus_max, (unsigned long long)info.mem_kib);
    OK(c,
       hyp->list(c->h, 0, all, ARRAY_LEN(all), &n, &c->err) == 0 && n >= 2 && all[0].domid == 0 &&
           all[n - 1].domid == domid,
       "list has it last (%zu domains)", n);
    OK(c, hyp->list(c->h, domid, all, 1, &n, &c->err) == 0 && n == 1 && all[0].domid == domid,
       "list begins where told");
    check_resources(c, domid, true);
    check_run(c, domid);
    OK(c, failed_with(c, hyp->trigger(c->h, domid, HYP_TRIGGER_POWER, 0, &c->err), DOMO_E_UNSUPPORTED),
       "a PV domain has no power button");
    /* Of a guest that runs a kernel: that a core is one, journeys show (39-life). */
    OK(c, failed_with(c, hyp->dump_core(c->h, 12345, -1, &c->err), DOMO_E_DOMAIN_NOT_FOUND),
       "a domain that is not there has no core");
    begin = c->h->env->now_us(c->h);
    OK(c, hyp->destroy(c->h, domid, &c->err) == 0, "it is destroyed (%lld us)",
       (long long)(c->h->env->now_us(c->h) - begin));
    OK(c, failed_with(c, hyp->info(c->h, domid, &info, &c->err), DOMO_E_DOMAIN_NOT_FOUND), "then it is not found");
    OK(c, failed_with(c, hyp->destroy(c->h, domid, &c->err), DOMO_E_DOMAIN_NOT_FOUND), "nor destroyed again");
    OK(c, failed_with(c, hyp->pause(c->h, domid, &c->err), DOMO_E_DOMAIN_NOT_FOUND), "nor paused");
    check_no_resources(c, domid);
}

static void check_pvh(struct contract *c, const struct kernel *k)
{
    const struct hyp_ops *hyp = c->h->hyp;
    /* An ELF file that PV guests could be made of, as far as its head tells. */
    static char elf[64] = "\177ELF\2\1\1";
    const struct kernel junk = {.bytes = elf, .len = sizeof elf};
    struct hyp_domain_new d = pv_domain;
    struct hyp_setup s = pv_setup;
    struct hyp_built built = {0};
    struct hyp_info info = {0};
    uint32_t domid = 0;

    d.container = HYP_CONTAINER_PVH;
    s.memmap_limit_kib = 0;
    s.paging_kib = 4096;
    s.timer_mode = HYP_TIMER_ONE_MISSED_PENDING;
    if (!OK(c, hyp->create(c->h, &d, &domid, &c->err) == 0 && domid > 0, "a PVH domain is created"))
        return;
    OK(c, hyp->setup(c->h, domid, &s, &c->err) == 0, "it is set up");
    OK(c,
       failed_with(c, build_pvh(c, domid, &junk, "plain", &built), DOMO_E_KERNEL_FORMAT) && strstr(c->err.msg, "plain"),
       "a kernel without PVH entry is refused: %s", c->err.msg);
    OK(c,
       hyp->destroy(c->h, domid, &c->err) == 0 && hyp->create(c->h, &d, &domid, &c->err) == 0 &&
           hyp->setup(c->h, domid, &s, &c->err) == 0 && build_pvh(c, domid, k, c->kernel, &built) == 0,
       "a kernel is built into it");
    OK(c, built.store_gfn && built.console_gfn && str_eq(built.guest_type, "hvm-3.0-x86_32"),
       "pages of store and console are known, the type is '%s'", built.guest_type);
    OK(c,
       hyp->info(c->h, domid, &info, &c->err) == 0 && info.is_paused && info.is_hvm && info.vcpus_max == 2 &&
           info.mem_kib > MEM_KIB - 1024 && info.mem_kib <= MEM_KIB + 1024,
       "info tells it: paused, %u vcpus, %llu KiB", info.vcpus_max, (unsigned long long)info.mem_kib);
    check_resources(c, domid, false);
    check_run(c, domid);
    OK(c, hyp->destroy(c->h, domid, &c->err) == 0, "it is destroyed");
    if (c->h->is_simulated)
        return;
    d.no_hap = true;
    OK(c, failed_with(c, hyp->create(c->h, &d, &domid, &c->err), DOMO_E_UNSUPPORTED), "no shadow paging here: %s",
       c->err.msg);
}

static void check_refusals(struct contract *c, const struct kernel *k)
{
    const struct hyp_ops *hyp = c->h->hyp;
    struct hyp_domain_new d = pv_domain;
    struct kernel junk = {.bytes = "no kernel at all", .len = 16};
    struct hyp_built built;
    struct hyp_setup s = pv_setup;
    struct hyp_host_info info = {0};
    const char *ramdisk = c->ramdisk;
    uint32_t domid = 0, other = 0;

    OK(c, hyp->host_info(c->h, &info, &c->err) == 0 && info.cpus && info.free_kib && info.xen_major >= 4,
       "the host tells itself: Xen %u.%u, %u cpus, %llu of %llu KiB free", info.xen_major, info.xen_minor, info.cpus,
       (unsigned long long)info.free_kib, (unsigned long long)info.total_kib);
    OK(c, hyp->create(c->h, &d, &domid, &c->err) == 0, "a domain to try on is created");
    d.domid = domid;
    OK(c, failed_with(c, hyp->create(c->h, &d, &other, &c->err), DOMO_E_DOMAIN_EXISTS), "its domid is taken");
    s.max_mem_kib = info.total_kib * 2;
    s.memmap_limit_kib = 0;
    OK(c, hyp->setup(c->h, domid, &s, &c->err) == 0, "a limit above the host's memory is fine");
    OK(c,
       failed_with(c, build(c, domid, &junk, "junk", MEM_KIB, &built), DOMO_E_KERNEL_FORMAT) &&
           strstr(c->err.msg, "junk"),
       "junk is no kernel: %s", c->err.msg);
    c->ramdisk = "/nowhere/initrd";
    OK(c, build(c, domid, k, c->kernel, MEM_KIB, &built) < 0 && strstr(c->err.msg, "/nowhere/initrd"),
       "a missing ramdisk is named: %s", c->err.msg);
    c->ramdisk = ramdisk;
    OK(c, failed_with(c, build(c, domid, k, c->kernel, info.total_kib * 2, &built), DOMO_E_HOST_MEMORY),
       "more memory than there is: %s", c->err.msg);
    OK(c, hyp->destroy(c->h, domid, &c->err) == 0, "the half-built domain is destroyed");
    OK(c, failed_with(c, hyp->destroy(c->h, 0, &c->err), DOMO_E_DOMAIN_PROTECTED), "domain 0 is not");
}

static bool load(struct contract *c, bool use_cache, enum kernel_source source, struct kernel *k, const char *what)
{
    int64_t begin = c->h->env->now_us(c->h);
    bool ok = kernel_load(c->h, c->kernel, use_cache, k, &c->err) == 0 && k->source == source && !k->note[0];

    return OK(c, ok, "%s (%lld us, %zu bytes, %s)", what, (long long)(c->h->env->now_us(c->h) - begin), k->len,
              k->note[0] ? k->note : kernel_source_name(k->source));
}

static void check_kernel(struct contract *c, struct kernel *k)
{
    struct kernel first = {0}, bypass = {0};
    char index[300];

    (void)load(c, true, KERNEL_UNPACKED, &first, "the kernel is unpacked");
    (void)load(c, true, KERNEL_CACHED, k, "and comes from the cache then");
    OK(c, first.len == k->len && memcmp(first.bytes, k->bytes, k->len) == 0, "with the same bytes");
    kernel_fini(k);
    (void)snprintf(index, sizeof index, "%s/index", c->h->paths.cache);
    (void)unlink(index);
    (void)load(c, true, KERNEL_CACHED, k, "also when it must be hashed");
    (void)load(c, false, KERNEL_UNPACKED, &bypass, "the cache can be bypassed");
    kernel_fini(&first);
    kernel_fini(&bypass);
}

/* ---- this machine's kernel ---- */

static void check_loop(struct contract *c)
{
    static const char path[] = "/tmp/domo-contract.img";
    const struct os_ops *os = c->h->os;
    struct os_loop loop = {0}, *all = NULL;
    struct os_target target = {0}, node = {0};
    char dev[32];
    bool found = false, mounted = true, is_open = true;
    size_t n = 0;
    int64_t begin = c->h->env->now_us(c->h);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if (!OK(c, fd >= 0 && ftruncate(fd, 8 << 20) == 0, "a file is made"))
        return;
    (void)close(fd);
    OK(c, os->target(c->h, path, &target, &c->err) == 0 && target.kind == OS_TARGET_FILE, "it is a file");
    OK(c, os->file_is_open(c->h, path, true, &is_open, &c->err) == 0 && !is_open, "nobody has it open");
    OK(c,
       os->loop_attach(c->h, &(struct os_loop_new){.path = path, .direct_io = true, .tag = "domo:contract"}, &loop,
                       &c->err) == 0,
       "it gets a loop device (%lld us)", (long long)(c->h->env->now_us(c->h) - begin));
    (void)snprintf(dev, sizeof dev, "/dev/loop%u", loop.number);
    OK(c,
       os->target(c->h, dev, &node, &c->err) == 0 && node.kind == OS_TARGET_BLOCK && node.size == 8 << 20 &&
           node.rdev_major == loop.major && node.rdev_minor == loop.minor,
       "%s is a block device of its size", dev);
    OK(c, os->is_mounted(c->h, loop.major, loop.minor, &mounted, &c->err) == 0 && !mounted, "it is not mounted");
    if (os->loop_list(c->h, NULL, 0, &all, &n, &c->err) == 0)
        for (size_t i = 0; i < n; i++)
            found |= all[i].number == loop.number && str_eq(all[i].tag, "domo:contract") &&
                     all[i].back_ino == target.ino && all[i].back_dev == target.dev;
    OK(c, found, "it is listed with its tag and its file");
    DROP(all);
    OK(c,
       os->loop_list(c->h, &(struct os_file_id){target.dev, target.ino}, 1, &all, &n, &c->err) == 0 && n == 1 &&
           all[0].number == loop.number,
       "asked for the loop devices on its file, it alone is told");
    DROP(all);
    OK(c, os->loop_list(c->h, &(struct os_file_id){target.dev, target.ino + 1}, 1, &all, &n, &c->err) == 0 && n == 0,
       "on another file there is none");
    DROP(all);
    OK(c, os->loop_detach(c->h, loop.number, &c->err) == 0 && os->loop_detach(c->h, loop.number, &c->err) == 0,
       "it is given back; once more is fine");
    OK(c,
       failed_with(c, os->loop_attach(c->h, &(struct os_loop_new){.path = "/nowhere"}, &loop, &c->err),
                   DOMO_E_DISK_NOT_FOUND),
       "a missing file is named");
    (void)unlink(path);
}

enum { NO_DOMAIN = 0x7000 };

/* Nothing that is there is touched: it may be a real machine's disk. */
static void check_bus(struct contract *c)
{
    const struct pci_addr nowhere = {.domain = 0xfffe, .bus = 0xff, .dev = 0x1f, .func = 7};
    const struct hyp_io port = {.kind = HYP_IO_PORTS, .first = 0x80, .count = 1};
    const struct hyp_ops *hyp = c->h->hyp;
    const struct os_ops *os = c->h->os;
    struct os_pci *pci = NULL;
    struct os_usb *usb = NULL;
    bool in_order = true;
    size_t n = 0;

    OK(c, os->pci_list(c->h, &pci, &n, &c->err) == 0, "PCI functions are listed");
    for (size_t i = 1; i < n; i++)
        in_order = in_order && pci_addr_sbdf(&pci[i - 1].addr) < pci_addr_sbdf(&pci[i].addr);
    OK(c, in_order, "in the order of their places");
    DROP(pci);
    OK(c, os->usb_list(c->h, &usb, &n, &c->err) == 0, "USB interfaces are listed");
    DROP(usb);
    OK(c, failed_with(c, os->pci_driver(c->h, &nowhere, OS_PCIBACK, &c->err), DOMO_E_DEVICE_DRIVER),
       "no driver takes a function that is not there");
    OK(c, failed_with(c, os->usb_driver(c->h, "9-9.9:1.0", "usbhid", &c->err), DOMO_E_DEVICE_DRIVER),
       "nor an interface");
    OK(c, hyp->pci_assign(c->h, NO_DOMAIN, &nowhere, &c->err) < 0, "nothing is assigned to a domain that is not there");
    err_clear(&c->err);
    OK(c, hyp->pci_deassign(c->h, NO_DOMAIN, &nowhere, &c->err) == 0, "taking nothing back is fine");
    OK(c, failed_with(c, hyp->io_access(c->h, NO_DOMAIN, &port, true, &c->err), DOMO_E_DOMAIN_NOT_FOUND),
       "nor may it use a port");
}

static void check_daemon(struct contract *c)
{
    char pid_path[64], log_path[64];
    static const char *const argv[] = {"sleep", "100", NULL};
    const struct os_daemon_new new = {.program = "sleep", .argv = argv, .pid_path = pid_path, .log_path = log_path};
    const struct os_ops *os = c->h->os;
    struct os_daemon d = {0}, found = {0};
    struct pollfd end = {.fd = -1, .events = POLLIN};
    bool runs = false;

    (void)snprintf(pid_path, sizeof pid_path, "/tmp/domo-contract-%d.pid", (int)getpid());
    (void)snprintf(log_path, sizeof log_path, "/tmp/domo-contract-%d.log", (int)getpid());
    if (!OK(c, os->daemon_start(c->h, &new, &d, &c->err) == 0 && d.pid > 0, "a daemon is started"))
        return;
    OK(c,
       os->daemon_find(c->h, pid_path, &found, &runs, &c->err) == 0 && runs && found.pid == d.pid &&
           found.start == d.start,
       "its pid file names it");
    found = (struct os_daemon){0};
    OK(c, os->daemon_named(c->h, d.pid, "sleep", "100", &found, &runs, &c->err) == 0 && runs && found.start == d.start,
       "so does its number, with words of its command line");
    OK(c,
       os->daemon_named(c->h, d.pid, "100", "sleep", &found, &runs, &c->err) == 0 && !runs &&
           os->daemon_named(c->h, d.pid, "sleep", "10", &found, &runs, &c->err) == 0 && !runs,
       "with other words it is somebody else");
    found = d;
    found.start--;
    OK(c, os->daemon_kill(c->h, &found, &c->err) == 0 && kill(d.pid, 0) == 0, "another with its number is not it");
    OK(c, os->daemon_watch(c->h, &d, &end.fd, &c->err) == 0 && end.fd >= 0, "its end can be waited for");
    OK(c, os->daemon_kill(c->h, &d, &c->err) == 0 && c->h->env->wait(c->h, &end, 1, 0, &c->err) == 1, "it is killed");
    OK(c, os->daemon_kill(c->h, &d, &c->err) == 0, "once more is fine");
    OK(c, os->daemon_find(c->h, pid_path, &found, &runs, &c->err) == 0 && !runs, "and is found no more");
    (void)close(end.fd);
    (void)unlink(pid_path);
    (void)unlink(log_path);
}

/* HVM guests, and the device models of a host: a real one has them if QEMU and a BIOS are there (a lab with --dm). */
static void check_hvm(struct contract *c)
{
    const struct hyp_domain_new n = {.container = HYP_CONTAINER_HVM,
                                     .uuid = {0x5a},
                                     .max_vcpus = 1,
                                     .max_evtchn_port = 1023,
                                     .max_grant_frames = -1,
                                     .max_maptrack_frames = -1,
                                     .max_grant_version = -1};
    const struct hyp_setup s = {
        .max_vcpus = 1, .max_mem_kib = 9 << 10, .paging_kib = 2 << 10, .emulates_timers = true, .sched_cap = -1};
    const struct hyp_hvm b = {.mem_kib = 8 << 10, .max_vcpus = 1, .vcpus = 1};
    const struct hyp_ops *hyp = c->h->hyp;
    struct hyp_dm dm = {.program = NULL};
    struct hyp_built built = {0};
    struct hyp_info info = {0};
    uint32_t domid = 0;

    if (!c->h->is_simulated) {
        bool has_dm = hyp->dm_backends(c->h, &dm, &c->err) == 0;

        OK(c,
           has_dm ? dm.program && dm.machine[0] && dm.attaches && !dm.runs_vcpus
                  : failed_with(c, -1, DOMO_E_DEVICE_MODEL),
           "the device model that serves back ends, or that there is none");
        OK(c,
           has_dm ? hyp->dm_machine(c->h, &dm, &c->err) == 0 && dm.machine[0] && !dm.attaches && !dm.runs_vcpus
                  : failed_with(c, hyp->dm_machine(c->h, &dm, &c->err), DOMO_E_DEVICE_MODEL),
           "the device model of HVM guests, or that there is none");
        if (!has_dm) {
            OK(c, failed_with(c, hyp->build_hvm(c->h, 1, &b, &built, &c->err), DOMO_E_DEVICE_MODEL),
               "no BIOS: said so");
            return;
        }
    } else {
        OK(c, hyp->dm_backends(c->h, &dm, &c->err) == 0 && !dm.program, "the host serves back ends itself");
        OK(c, hyp->dm_machine(c->h, &dm, &c->err) == 0 && dm.program && dm.machine[0] && dm.runs_vcpus,
           "there is a device model that runs processors");
    }
    OK(c,
       hyp->create(c->h, &n, &domid, &c->err) == 0 && hyp->setup(c->h, domid, &s, &c->err) == 0 &&
           hyp->build_hvm(c->h, domid, &b, &built, &c->err) == 0 && built.store_gfn && built.console_gfn,
       "an HVM guest's memory is laid out");
    /* Without the hole of the graphics card's first pages. */
    OK(c, hyp->info(c->h, domid, &info, &c->err) == 0 && info.is_hvm && info.mem_kib + 128 >= b.mem_kib,
       "it is an HVM guest");
    OK(c, hyp->destroy(c->h, domid, &c->err) == 0, "it is destroyed");
}

static int shell(const char *code)
{
    int status = system(code);

    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Interfaces are not made through the seam: back ends and administrators make them. */
static bool sim_iface(struct contract *c, const char *op, const char *name, bool is_bridge)
{
    struct json *request = sim_request(op);

    json_set_str(request, "name", name);
    json_set_bool(request, "bridge", is_bridge);
    return sim_ask(c->h->impl, request, NULL, &c->err) == 0;
}

static bool make_ifaces(struct contract *c)
{
    if (c->h->is_simulated)
        return sim_iface(c, "iface_add", "dctbr0", true) && sim_iface(c, "iface_add", "dcta", false) &&
               sim_iface(c, "iface_add", "dctb", false);
    return shell("ip link add dctbr0 type bridge && ip link add dcta type veth peer name dctb") == 0;
}

static bool remove_ifaces(struct contract *c)
{
    if (c->h->is_simulated)
        return sim_iface(c, "iface_remove", "dctport", false) && sim_iface(c, "iface_remove", "dctb", false) &&
               sim_iface(c, "iface_remove", "dctbr0", false);
    return shell("ip link del dctport; ip link del dctbr0") == 0;
}

static void check_iface(struct contract *c)
{
    static const uint8_t mac[6] = {0xfe, 0xff, 0xff, 0xff, 0xff, 0xff};
    const struct os_ops *os = c->h->os;
    struct os_iface bridge = {0}, port = {0};
    bool found = false;

    if (!OK(c, make_ifaces(c), "a bridge and a pair of interfaces are made"))
        return;
    OK(c, os->iface(c->h, "dctbr0", &bridge, &found, &c->err) == 0 && found && bridge.is_bridge, "the bridge is one");
    OK(c,
       os->iface_change(
           c->h, "dcta",
           &(struct os_iface_change){.rename = "dctport", .bridge = "dctbr0", .mac = mac, .mtu = 1400, .up = true},
           &c->err) == 0,
       "name, bridge, address, mtu and flags change at once");
    OK(c,
       os->iface(c->h, "dctport", &port, &found, &c->err) == 0 && found && port.master == bridge.index &&
           port.mtu == 1400 && port.is_up && !port.is_bridge,
       "and are seen");
    OK(c,
       os->iface_change(c->h, "dctport", &(struct os_iface_change){.bridge = ""}, &c->err) == 0 &&
           os->iface(c->h, "dctport", &port, &found, &c->err) == 0 && port.master == 0,
       "it leaves the bridge");
    OK(c,
       failed_with(c, os->iface_change(c->h, "dctport", &(struct os_iface_change){.bridge = "nobr"}, &c->err),
                   DOMO_E_NO_BRIDGE),
       "a missing bridge is told apart");
    OK(c,
       failed_with(c, os->iface_change(c->h, "dctb", &(struct os_iface_change){.rename = "dctport"}, &c->err),
                   DOMO_E_VIF_NAME),
       "a taken name is told apart");
    OK(c,
       failed_with(c, os->iface_change(c->h, "dctport", &(struct os_iface_change){.bridge = "dctb"}, &c->err),
                   DOMO_E_VIF_INTERFACE),
       "the kernel's words are given: %s", c->err.msg);
    OK(c, remove_ifaces(c), "they are removed");
}

int main(int argc, char **argv)
{
    struct contract c = {0};
    struct kernel k = {0};
    int64_t begin = clock_now_us();

    if (argc != 3) {
        (void)fputs("usage: host_contract KERNEL RAMDISK\n", stderr);
        return 2;
    }
    c.kernel = argv[1];
    c.ramdisk = argv[2];
    if (!OK(&c, host_open(NULL, NULL, &c.h, &c.err) == 0, "the host opens (%lld us)",
            (long long)(clock_now_us() - begin)))
        return tap_end(&c.tap);
    OK(&c, c.h->domid == 0, "we are domain 0");
    OK(&c, c.h->os->has_backend(c.h, "vbd") && !c.h->os->has_backend(c.h, "nothing"), "blkback is there");
    check_nodes(&c);
    check_transactions(&c);
    check_watches(&c);
    check_kernel(&c, &k);
    if (k.bytes) {
        check_guest(&c, &k);
        check_pvh(&c, &k);
        check_refusals(&c, &k);
    }
    kernel_fini(&k);
    check_loop(&c);
    check_bus(&c);
    check_daemon(&c);
    check_hvm(&c);
    check_iface(&c);
    check_link(&c);
    (void)host_close(c.h);
    return tap_end(&c.tap);
}
