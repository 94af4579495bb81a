/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The hypervisor's operations, asked of domo-simd. Kernels are read here with
 * libxenguest as on Xen, so that what Xen would refuse is refused.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/sim.h"
#include "host/sim_wire.h"

enum { EMPTY_DOMAIN_KIB = 1024 };

static struct sim_host *sim_of(struct host *h)
{
    h->stats.hyp_calls++;
    return h->impl;
}

static int hyp_host_info(struct host *h, struct hyp_host_info *ret, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    int r = sim_ask(sim_of(h), sim_request("host_info"), &reply, err);

    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't ask the hypervisor about the machine");
    return sim_take_record(reply, &sim_host_info, ret, err);
}

static int memory_facts(struct host *h, struct domo_err *err, uint64_t needed_kib)
{
    struct hyp_host_info info = {0};

    if (hyp_host_info(h, &info, NULL) == 0) {
        (void)err_fact(err, "free-kib", "%llu", (unsigned long long)info.free_kib);
        (void)err_fact(err, "needed-kib", "%llu", (unsigned long long)needed_kib);
    }
    return -1;
}

static int hyp_create(struct host *h, const struct hyp_domain_new *d, uint32_t *ret_domid, struct domo_err *err)
{
    struct json *request = sim_request("create");
    struct json *reply AUTO_JSON = NULL;
    int r;

    sim_add_record(request, &sim_domain_new, d);
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r == -EEXIST)
        return err_sys(err, DOMO_E_DOMAIN_EXISTS, EEXIST, "domain %u exists already", d->domid);
    if (r < 0) {
        (void)sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "the hypervisor did not create a domain");
        return r == -ENOMEM ? memory_facts(h, err, EMPTY_DOMAIN_KIB) : -1;
    }
    *ret_domid = (uint32_t)json_get_int(reply, "domid", 0);
    return 0;
}

static void add_cpus(struct json *request, const char *name, const uint64_t *words, size_t n)
{
    struct json *list = words ? json_set_array(request, name) : NULL;

    for (size_t i = 0; words && i < n; i++)
        json_add(list, json_new_uint(words[i]));
}

static int hyp_setup(struct host *h, uint32_t domid, const struct hyp_setup *s, struct domo_err *err)
{
    struct json *request = sim_request("setup");
    int r;

    json_set_uint(request, "domid", domid);
    sim_add_record(request, &sim_setup, s);
    add_cpus(request, "hard", s->hard_affinity, s->cpu_words);
    add_cpus(request, "soft", s->soft_affinity, s->cpu_words);
    r = sim_ask(sim_of(h), request, NULL, err);
    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't set domain %u up", domid) : 0;
}

static int hyp_evtchn_alloc(struct host *h, uint32_t domid, uint32_t remote, uint32_t *ret_port, struct domo_err *err)
{
    struct json *request = sim_request("evtchn_alloc");
    struct json *reply AUTO_JSON = NULL;
    int r;

    json_set_uint(request, "domid", domid);
    json_set_uint(request, "remote", remote);
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't make an event channel of domain %u for domain %u", domid,
                            remote);
    *ret_port = (uint32_t)json_get_int(reply, "port", 0);
    return 0;
}

/* ---- build ---- */

static int check_module(const char *path, enum domo_code code, const char *what, struct domo_err *err)
{
    int AUTO_CLOSE fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    return fd < 0 && path ? err_sys(err, code, errno, "%s can't be read: '%s'", what, path) : 0;
}

static int check_modules(const struct hyp_image *image, struct domo_err *err)
{
    if (check_module(image->inner_path, DOMO_E_KERNEL_NOT_FOUND, "the kernel for the shim", err))
        return -1;
    return check_module(image->ramdisk_path, DOMO_E_DOMAIN_BUILD, "the ramdisk", err);
}

static int build_failed(struct host *h, const struct hyp_image *image, int r, struct domo_err *err)
{
    if (r == -ENOMEM) {
        (void)err_set(err, DOMO_E_HOST_MEMORY, "the host has too little free memory for a guest of %llu MiB",
                      (unsigned long long)image->mem_kib / 1024);
        return memory_facts(h, err, image->mem_kib);
    }
    if (!image->kernel_path[0])
        return sim_hyp_fail(err, DOMO_E_DOMAIN_BUILD, r, "the guest's memory can't be laid out");
    return sim_hyp_fail(err, DOMO_E_DOMAIN_BUILD, r, "the guest can't be built (kernel '%s')", image->kernel_path);
}

static int ask_build(struct host *h, uint32_t domid, const struct hyp_image *image, struct hyp_built *ret,
                     struct domo_err *err)
{
    struct json *request = sim_request("build");
    struct json *reply AUTO_JSON = NULL;
    int r;

    json_set_uint(request, "domid", domid);
    sim_add_record(request, &sim_image, image);
    json_set_str(request, "kernel", image->kernel_path);
    json_set_str(request, "cmdline", image->cmdline);
    r = sim_ask(sim_of(h), request, &reply, err);
    return r < 0 ? build_failed(h, image, r, err) : sim_take_record(reply, &sim_built, ret, err);
}

static int build(struct host *h, uint32_t domid, const struct hyp_image *image, bool is_pvh, struct hyp_built *ret,
                 hyp_progress progress, void *arg, struct domo_err *err)
{
    int64_t start = h->env->now_us(h), middle;
    struct hyp_built built = {0};

    if (check_modules(image, err) < 0 || xen_check_kernel(h, image, is_pvh, built.guest_type, err) < 0)
        return -1;
    middle = h->env->now_us(h);
    if (progress)
        progress(arg, "parse-image", middle - start);
    if (ask_build(h, domid, image, &built, err) < 0)
        return -1;
    if (progress)
        progress(arg, "build-image", h->env->now_us(h) - middle);
    *ret = built;
    return 0;
}

static int hyp_build_pv(struct host *h, uint32_t domid, const struct hyp_image *image, struct hyp_built *ret,
                        hyp_progress progress, void *arg, struct domo_err *err)
{
    return build(h, domid, image, false, ret, progress, arg, err);
}

static int hyp_build_pvh(struct host *h, uint32_t domid, const struct hyp_image *image, struct hyp_built *ret,
                         hyp_progress progress, void *arg, struct domo_err *err)
{
    return build(h, domid, image, true, ret, progress, arg, err);
}

/* ---- HVM guests: a QEMU that emulates the processors as well ---- */

static int hyp_build_hvm(struct host *h, uint32_t domid, const struct hyp_hvm *b, struct hyp_built *ret,
                         struct domo_err *err)
{
    const struct hyp_image image = {
        .kernel_path = "",
        .cmdline = "",
        .mem_kib = b->mem_kib,
        .max_vcpus = b->max_vcpus,
        .store_evtchn = b->store_evtchn,
        .console_evtchn = b->console_evtchn,
        .store_domid = b->store_domid,
        .console_domid = b->console_domid,
    };

    return ask_build(h, domid, &image, ret, err);
}

/* A comma ends an option's value, unless there are two. Caller frees. */
static char *model_option(const char *dir)
{
    struct str AUTO_STR s = STR_INIT;

    str_add(&s, "socket,id=host,path=");
    for (; *dir; dir++) {
        str_addc(&s, *dir);
        if (*dir == ',')
            str_addc(&s, ',');
    }
    str_add(&s, "/" SIM_MODEL_SOCKET);
    return str_steal(&s);
}

/* The hypervisor's part in the end of a guest is the host's: it listens to a monitor of its own. */
static int hyp_dm_machine(struct host *h, struct hyp_dm *ret, struct domo_err *err)
{
    static const char *const words[] = {
        "-machine", "pc", "-accel", "tcg", "-no-reboot", "-chardev", NULL, "-mon", "chardev=host,mode=control"};
    _Static_assert(ARRAY_LEN(words) == SIM_MACHINE_WORDS, "they fit, with a NULL");
    const char *told = getenv("DOMO_QEMU");
    struct sim_host *s = sim_of(h);

    h->stats.hyp_calls++;
    if (!s->model)
        s->model = model_option(s->dir);
    if (!s->model)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        s->machine[i] = words[i] ? words[i] : s->model;
    *ret = (struct hyp_dm){
        .program = told && told[0] ? told : "qemu-system-x86_64",
        .machine = s->machine,
        .runs_vcpus = true,
        /* A normal user can't make interfaces: a network of its own, without a way out. */
        .net = "user,restrict=on",
    };
    return 0;
}

/* The simulated host has these back ends itself: no QEMU could reach its guests' pages. */
static int hyp_dm_backends(struct host *h, struct hyp_dm *ret, struct domo_err *err)
{
    (void)err;
    h->stats.hyp_calls++;
    *ret = (struct hyp_dm){.program = NULL};
    return 0;
}

/* ---- running, the end ---- */

static int ask_about(struct host *h, const char *op, uint32_t domid, struct json **ret, struct domo_err *err)
{
    struct json *request = sim_request(op);

    json_set_uint(request, "domid", domid);
    return sim_ask(sim_of(h), request, ret, err);
}

static int hyp_pause(struct host *h, uint32_t domid, struct domo_err *err)
{
    int r = ask_about(h, "pause", domid, NULL, err);

    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't pause domain %u", domid) : 0;
}

static int hyp_unpause(struct host *h, uint32_t domid, struct domo_err *err)
{
    int r = ask_about(h, "unpause", domid, NULL, err);

    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't unpause domain %u", domid) : 0;
}

static int hyp_destroy(struct host *h, uint32_t domid, struct domo_err *err)
{
    int r;

    if (domid == 0)
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 can't be destroyed");
    r = ask_about(h, "destroy", domid, NULL, err);
    return r < 0 ? sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't destroy domain %u", domid) : 0;
}

/* ---- looking ---- */

static int hyp_info(struct host *h, uint32_t domid, struct hyp_info *ret, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    int r = ask_about(h, "info", domid, &reply, err);

    if (r == -ESRCH)
        return err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "there is no domain %u", domid);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't ask the hypervisor about domain %u", domid);
    return sim_take_record(reply, &sim_info, ret, err);
}

static int hyp_sched(struct host *h, uint32_t domid, struct hyp_sched *ret, struct domo_err *err)
{
    struct json *reply AUTO_JSON = NULL;
    int r = ask_about(h, "sched", domid, &reply, err);

    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't read how domain %u is scheduled", domid);
    return sim_take_record(reply, &sim_sched, ret, err);
}

static int hyp_list(struct host *h, uint32_t first, struct hyp_info *ret, size_t max, size_t *ret_n,
                    struct domo_err *err)
{
    struct json *request = sim_request("list");
    struct json *reply AUTO_JSON = NULL;
    void *AUTO_FREE rows = NULL;
    size_t n = 0;
    int r;

    json_set_uint(request, "first", first);
    json_set_uint(request, "max", max);
    r = sim_ask(sim_of(h), request, &reply, err);
    if (r < 0)
        return sim_hyp_fail(err, DOMO_E_HYPERVISOR, r, "can't list the domains");
    if (sim_take_records(reply, &sim_info, sizeof *ret, &rows, &n, err) < 0)
        return -1;
    *ret_n = n < max ? n : max;
    memcpy(ret, rows, *ret_n * sizeof *ret);
    return 0;
}

const struct hyp_ops sim_hyp_ops = {
    .host_info = hyp_host_info,
    .create = hyp_create,
    .setup = hyp_setup,
    .evtchn_alloc = hyp_evtchn_alloc,
    .build_pv = hyp_build_pv,
    .build_pvh = hyp_build_pvh,
    .build_hvm = hyp_build_hvm,
    .dm_machine = hyp_dm_machine,
    .dm_backends = hyp_dm_backends,
    .unpack_kernel = xen_unpack_kernel,
    .pause = hyp_pause,
    .unpause = hyp_unpause,
    .destroy = hyp_destroy,
    .info = hyp_info,
    .sched = hyp_sched,
    .dump_core = sim_dump_core,
    .resume = sim_resume,
    .set_uuid = sim_set_uuid,
    .trigger = sim_trigger,
    .list = hyp_list,
    .pci_assign = sim_pci_assign,
    .pci_deassign = sim_pci_deassign,
    .io_access = sim_io_access,
    .mem_limit = sim_mem_limit,
    .pod_target = sim_pod_target,
    .cpus = sim_cpus,
    .vcpu = sim_vcpu,
    .vcpu_pin = sim_vcpu_pin,
    .sched_set = sim_sched_set,
    .rtds = sim_rtds,
    .rtds_set = sim_rtds_set,
    .sched_params = sim_sched_params,
    .sched_params_set = sim_sched_params_set,
    .pool = sim_pool,
    .pool_free = sim_pool_free,
    .pool_create = sim_pool_create,
    .pool_destroy = sim_pool_destroy,
    .pool_cpu = sim_pool_cpu,
    .pool_move = sim_pool_move,
};
