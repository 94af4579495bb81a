/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One function an operation, in a table. Each gets the request and the reply to
 * fill, and gives 0 or a negative errno.
 */
#include "sim/serve.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "host/sim_wire.h"
#include "sim/node.h"
#include "sim/serve_impl.h"
#include "sim/world.h"

/* ---- helpers ---- */

static uint32_t number(const struct call *c, const char *name)
{
    return (uint32_t)json_uint(json_get(c->in, name), UINT32_MAX);
}

static const char *text(const struct call *c, const char *name)
{
    return json_get_str(c->in, name, NULL);
}

static int take_record(const struct call *c, const struct rec_table *t, void *ret)
{
    const char *in = text(c, "in");

    return in ? rec_get(in, t, ret, NULL) : -EINVAL;
}

static int give_record(struct call *c, const struct rec_table *t, const void *record)
{
    struct str s AUTO_STR = STR_INIT;

    rec_put(&s, t, record);
    json_set_str(c->out, "out", str_text(&s));
    return s.failed ? -ENOMEM : 0;
}

static void add_line(struct str *s, const struct rec_table *t, const void *record)
{
    if (s->len)
        str_addc(s, '\n');
    rec_put(s, t, record);
}

static int give_lines(struct call *c, const struct str *s)
{
    json_set_str(c->out, "out", str_text(s));
    return s->failed ? -ENOMEM : 0;
}

/* ---- the host ---- */

static int do_hello(struct call *c)
{
    const struct world *w = sim_world(c->sim);
    struct json *faults;

    json_set_int(c->out, "wire", SIM_WIRE_VERSION);
    json_set_int(c->out, "pid", getpid());
    faults = json_set_array(c->out, "faults");
    for (size_t i = 0; i < w->fault_count; i++) {
        struct json *row = json_add_object(faults);

        json_set_str(row, "op", w->faults[i].op);
        json_set_uint(row, "nth", w->faults[i].nth);
        json_set_int(row, "errno", w->faults[i].sys);
        json_set_uint(row, "delay_ms", w->faults[i].delay_ms);
    }
    return 0;
}

static int do_stop(struct call *c)
{
    c->stop = true;
    return 0;
}

static int do_check(struct call *c)
{
    char *AUTO_FREE why = NULL;
    int r = machine_check(sim_machine(c->sim), &why);

    if (r == 0)
        r = domostore_check(sim_store(c->sim), &why);
    if (why)
        json_set_str(c->out, "why", why);
    return r;
}

static int do_host_info(struct call *c)
{
    struct hyp_host_info info;
    int r = machine_info(sim_machine(c->sim), &info);

    info.has_iommu = !sim_world(c->sim)->lacks_iommu;
    return r < 0 ? r : give_record(c, &sim_host_info, &info);
}

/* ---- domains ---- */

static int do_create(struct call *c)
{
    struct hyp_domain_new n = {0};
    uint32_t domid = 0;
    int r = take_record(c, &sim_domain_new, &n);

    if (r == 0)
        r = machine_create(sim_machine(c->sim), &n, &domid);
    if (r == 0)
        json_set_uint(c->out, "domid", domid);
    return r;
}

enum { CPU_WORDS_MAX = 64 };

/* A list of words of CPU bits into "words"; NULL in *ret if the request has none. */
static int take_cpus(const struct call *c, const char *name, uint64_t words[CPU_WORDS_MAX], const uint64_t **ret,
                     size_t *ret_n)
{
    const struct json *list = json_get(c->in, name);
    size_t n = json_len(list);

    *ret = NULL;
    if (!list)
        return 0;
    if (!json_is_array(list) || n > CPU_WORDS_MAX)
        return -EINVAL;
    for (size_t i = 0; i < n; i++)
        words[i] = json_uint(json_at(list, i, NULL), 0);
    *ret = words;
    *ret_n = n;
    return 0;
}

static int do_setup(struct call *c)
{
    uint64_t hard[CPU_WORDS_MAX], soft[CPU_WORDS_MAX];
    struct hyp_setup s = {0};
    int r = take_record(c, &sim_setup, &s);

    if (r == 0)
        r = take_cpus(c, "hard", hard, &s.hard_affinity, &s.cpu_words);
    if (r == 0)
        r = take_cpus(c, "soft", soft, &s.soft_affinity, &s.cpu_words);
    return r < 0 ? r : machine_setup(sim_machine(c->sim), number(c, "domid"), &s);
}

static int do_evtchn_alloc(struct call *c)
{
    int port = machine_evtchn_alloc(sim_machine(c->sim), number(c, "domid"), number(c, "remote"));

    if (port >= 0)
        json_set_int(c->out, "port", port);
    return port < 0 ? port : 0;
}

static int do_build(struct call *c)
{
    struct hyp_image image = {.kernel_path = text(c, "kernel"), .cmdline = text(c, "cmdline")};
    struct hyp_built built = {0};
    int r = take_record(c, &sim_image, &image);

    if (r == 0)
        r = machine_build(sim_machine(c->sim), number(c, "domid"), &image, &built);
    return r < 0 ? r : give_record(c, &sim_built, &built);
}

static int do_pause(struct call *c)
{
    return machine_pause(sim_machine(c->sim), number(c, "domid"));
}

static int do_unpause(struct call *c)
{
    return machine_unpause(sim_machine(c->sim), number(c, "domid"));
}

static int do_resume(struct call *c)
{
    return machine_resume(sim_machine(c->sim), number(c, "domid"));
}

static int do_set_uuid(struct call *c)
{
    struct hyp_domain_new named = {.domid = 0};
    int r = take_record(c, &sim_domain_new, &named);

    return r < 0 ? r : machine_set_uuid(sim_machine(c->sim), named.domid, named.uuid);
}

static int do_trigger(struct call *c)
{
    return machine_trigger(sim_machine(c->sim), number(c, "domid"), (enum hyp_trigger)number(c, "which"),
                           number(c, "vcpu"));
}

static int do_destroy(struct call *c)
{
    return machine_destroy(sim_machine(c->sim), number(c, "domid"));
}

static int do_info(struct call *c)
{
    struct hyp_info info;
    int r = machine_domain(sim_machine(c->sim), number(c, "domid"), &info);

    return r < 0 ? r : give_record(c, &sim_info, &info);
}

static int do_list(struct call *c)
{
    uint32_t next = number(c, "first"), max = number(c, "max");
    struct str s AUTO_STR = STR_INIT;
    struct hyp_info info;

    for (uint32_t i = 0; i < max && machine_next(sim_machine(c->sim), next, &info) == 0; i++) {
        add_line(&s, &sim_info, &info);
        next = info.domid + 1;
    }
    return give_lines(c, &s);
}

static int do_sched(struct call *c)
{
    struct hyp_sched sched = {0};
    int r = machine_sched(sim_machine(c->sim), number(c, "domid"), &sched);

    return r < 0 ? r : give_record(c, &sim_sched, &sched);
}

/* ---- disks ---- */

static int do_loop_attach(struct call *c)
{
    struct os_loop_new l = {
        .path = text(c, "path"), .tag = text(c, "tag"), .read_only = json_get_bool(c->in, "read_only", false)};
    struct os_loop loop = {0};
    int r = l.path ? node_loop_attach(c->node, &l, &loop) : -EINVAL;

    return r < 0 ? r : give_record(c, &sim_loop, &loop);
}

static int do_loop_detach(struct call *c)
{
    return node_loop_detach(c->node, number(c, "number"));
}

/* Is the loop device on one of the files that the request asks for? */
static bool is_asked(const struct os_file_id *on, size_t n, const struct os_loop *loop)
{
    for (size_t i = 0; i < n; i++)
        if (on[i].ino == loop->back_ino && on[i].dev == loop->back_dev)
            return true;
    return false;
}

static int do_loop_list(struct call *c)
{
    const struct json *files = json_get(c->in, "on");
    struct os_file_id *AUTO_FREE on = NULL;
    struct str s AUTO_STR = STR_INIT;
    size_t n = json_len(files);
    struct os_loop loop;

    on = calloc(n + 1, sizeof *on);
    if (!on)
        return -ENOMEM;
    for (size_t i = 0; i < n; i++) {
        on[i].dev = json_uint(json_get(json_at(files, i, NULL), "dev"), 0);
        on[i].ino = json_uint(json_get(json_at(files, i, NULL), "ino"), 0);
    }
    for (size_t i = 0; node_loop_at(c->node, i, &loop); i++)
        if (!files || is_asked(on, n, &loop))
            add_line(&s, &sim_loop, &loop);
    return give_lines(c, &s);
}

static int do_loop_get(struct call *c)
{
    struct os_loop loop;
    uint64_t size = 0;
    int r;

    if (!node_loop_get(c->node, number(c, "number"), &loop))
        return -ENXIO;
    r = node_loop_size(c->node, loop.number, &size);
    if (r < 0)
        return r;
    json_set_uint(c->out, "size", size);
    return give_record(c, &sim_loop, &loop);
}

static int do_vbd_users(struct call *c)
{
    struct str s AUTO_STR = STR_INIT;
    struct os_vbd_user user;

    for (size_t i = 0; node_vbd_user_at(c->node, i, &user); i++)
        add_line(&s, &sim_vbd_user, &user);
    return give_lines(c, &s);
}

/* ---- interfaces ---- */

static int do_iface(struct call *c)
{
    const char *name = text(c, "name");
    struct os_iface iface;

    if (!name || !node_iface(c->node, name, &iface))
        return -ENODEV;
    return give_record(c, &sim_iface, &iface);
}

static int do_iface_change(struct call *c)
{
    struct sim_iface_change how = {0};
    struct os_iface_change change;
    int r = take_record(c, &sim_change, &how);

    if (r < 0 || !text(c, "name"))
        return -EINVAL;
    change = (struct os_iface_change){
        .rename = text(c, "rename"),
        .bridge = text(c, "bridge"),
        .mac = how.has_mac ? how.mac : NULL,
        .mtu = how.mtu,
        .up = how.up,
        .down = how.down,
    };
    return node_iface_change(c->node, text(c, "name"), &change);
}

static int do_iface_add(struct call *c)
{
    if (!text(c, "name"))
        return -EINVAL;
    return node_iface_add(c->node, text(c, "name"), json_get_bool(c->in, "bridge", false), NULL);
}

static int do_iface_remove(struct call *c)
{
    return text(c, "name") ? node_iface_remove(c->node, text(c, "name")) : -EINVAL;
}

static int do_iface_list(struct call *c)
{
    struct json *names = json_set_array(c->out, "names");
    struct os_iface iface;
    const char *name;

    for (size_t i = 0; (name = node_iface_at(c->node, i, &iface)); i++)
        json_add_str(names, name);
    return 0;
}

static int do_has_backend(struct call *c)
{
    const struct world *w = sim_world(c->sim);
    const struct world_guest *driver = c->as ? sim_driver(c->sim, c->as) : NULL;
    const char *kind = json_get_str(c->in, "kind", "");

    json_set_bool(c->out, "has", driver ? world_serves(driver, kind) : world_has_back(w, kind));
    return 0;
}

/* Loads or unloads a back end driver, as modprobe and rmmod do. */
static int do_driver(struct call *c)
{
    struct world *w = sim_world(c->sim);
    const char *kind = json_get_str(c->in, "kind", "");
    bool on = json_get_bool(c->in, "on", true);

    return world_set_back(w, kind, on);
}

/* ---- shared pages, event channels ---- */

static struct link_notify take_notify(const struct call *c)
{
    int64_t byte = json_get_int(c->in, "byte", -1), port = json_get_int(c->in, "notify", -1);

    return (struct link_notify){.clears = byte >= 0,
                                .byte = byte >= 0 ? (uint32_t)byte : 0,
                                .kicks = port >= 0,
                                .port = port >= 0 ? (uint32_t)port : 0};
}

static int do_map(struct call *c)
{
    const struct json *list = json_get(c->in, "refs");
    uint32_t refs[HOST_LINK_PAGES_MAX];
    struct link_map m = {.domid = number(c, "domid"), .refs = refs, .n = json_len(list)};
    uint32_t id;
    int r;

    if (m.n > HOST_LINK_PAGES_MAX)
        return -EINVAL;
    for (size_t i = 0; i < m.n; i++)
        refs[i] = (uint32_t)json_uint(json_at(list, i, NULL), UINT32_MAX);
    m.write = json_get_bool(c->in, "write", false);
    m.notify = take_notify(c);
    r = peer_map(c->peer, &m, &id);
    if (r == 0)
        json_set_uint(c->out, "id", id);
    return r;
}

static int do_unmap(struct call *c)
{
    return peer_unmap(c->peer, number(c, "id"));
}

static int do_share(struct call *c)
{
    const struct link_share s = {.domid = number(c, "domid"),
                                 .n = number(c, "n"),
                                 .write = json_get_bool(c->in, "write", false),
                                 .notify = take_notify(c)};
    uint32_t refs[HOST_LINK_PAGES_MAX], id;
    int r = peer_share(c->peer, &s, refs, &id);
    struct json *list = r == 0 ? json_set_array(c->out, "refs") : NULL;

    for (size_t i = 0; list && i < s.n; i++)
        json_add(list, json_new_uint(refs[i]));
    if (r == 0)
        json_set_uint(c->out, "id", id);
    return r;
}

static int do_unshare(struct call *c)
{
    return peer_unshare(c->peer, number(c, "id"));
}

static int give_port(struct call *c, int port)
{
    if (port >= 0)
        json_set_int(c->out, "port", port);
    return port < 0 ? port : 0;
}

static int do_port_alloc(struct call *c)
{
    return give_port(c, peer_port_alloc(c->peer, number(c, "domid")));
}

static int do_port_bind(struct call *c)
{
    return give_port(c, peer_port_bind(c->peer, number(c, "domid"), number(c, "remote")));
}

static int do_port_close(struct call *c)
{
    return peer_port_close(c->peer, number(c, "port"));
}

static int do_port_kick(struct call *c)
{
    return peer_port_kick(c->peer, number(c, "port"));
}

static int do_port_unmask(struct call *c)
{
    return peer_port_unmask(c->peer, number(c, "port"));
}

static int do_ports_fd(struct call *c)
{
    return peer_events_fd(c->peer);
}

static int do_ports_take(struct call *c)
{
    struct json *list = json_set_array(c->out, "ports");
    uint32_t port;

    while (peer_next_port(c->peer, &port))
        json_add(list, json_new_uint(port));
    return 0;
}

/* ---- the table ---- */

static const struct {
    const char *op;
    int (*run)(struct call *);
    bool anywhere; /* a driver domain may ask it, too: it is about its own kernel */
} calls[] = {
    {"hello", do_hello, true},
    {"stop", do_stop, false},
    {"check", do_check, false},
    {"host_info", do_host_info, false},
    {"create", do_create, false},
    {"setup", do_setup, false},
    {"evtchn_alloc", do_evtchn_alloc, false},
    {"build", do_build, false},
    {"pause", do_pause, false},
    {"unpause", do_unpause, false},
    {"destroy", do_destroy, false},
    {"info", do_info, false},
    {"list", do_list, false},
    {"sched", do_sched, false},
    {"resume", do_resume, false},
    {"set_uuid", do_set_uuid, false},
    {"trigger", do_trigger, false},
    {"loop_attach", do_loop_attach, true},
    {"loop_detach", do_loop_detach, true},
    {"loop_list", do_loop_list, true},
    {"loop_get", do_loop_get, true},
    {"vbd_users", do_vbd_users, true},
    {"iface", do_iface, true},
    {"iface_change", do_iface_change, true},
    {"iface_add", do_iface_add, true},
    {"iface_remove", do_iface_remove, true},
    {"iface_list", do_iface_list, true},
    {"has_backend", do_has_backend, true},
    {"driver", do_driver, false},
    {"map", do_map, false},
    {"unmap", do_unmap, false},
    {"share", do_share, false},
    {"unshare", do_unshare, false},
    {"port_alloc", do_port_alloc, false},
    {"port_bind", do_port_bind, false},
    {"port_close", do_port_close, false},
    {"port_kick", do_port_kick, false},
    {"port_unmask", do_port_unmask, false},
    {"ports_fd", do_ports_fd, false},
    {"ports_take", do_ports_take, false},
    {"pci_assign", do_pci_assign, false},
    {"pci_deassign", do_pci_deassign, false},
    {"io_access", do_io_access, false},
    {"pci_list", do_pci_list, false},
    {"pci_driver", do_pci_driver, false},
    {"pci_act", do_pci_act, false},
    {"usb_list", do_usb_list, false},
    {"usb_driver", do_usb_driver, false},
    {"held", do_held, false},
    {"mem_limit", do_mem_limit, false},
    {"pod_target", do_pod_target, false},
    {"cpus", do_cpus, false},
    {"vcpu", do_vcpu, false},
    {"vcpu_pin", do_vcpu_pin, false},
    {"sched_set", do_sched_set, false},
    {"rtds", do_rtds, false},
    {"rtds_set", do_rtds_set, false},
    {"sched_params", do_sched_params, false},
    {"sched_params_set", do_sched_params_set, false},
    {"pool", do_pool, false},
    {"pool_free", do_pool_free, false},
    {"pool_create", do_pool_create, false},
    {"pool_destroy", do_pool_destroy, false},
    {"pool_cpu", do_pool_cpu, false},
    {"pool_move", do_pool_move, false},
};

static int run(struct call *c)
{
    const char *op = json_get_str(c->in, "op", "");

    for (size_t i = 0; i < ARRAY_LEN(calls); i++)
        if (strcmp(calls[i].op, op) == 0)
            return c->as && !calls[i].anywhere ? -EPERM : calls[i].run(c);
    return -ENOSYS;
}

char *serve_request(struct sim *sim, struct peer *peer, const char *line, size_t len, bool *ret_stop)
{
    struct json *in AUTO_JSON = NULL;
    struct call c = {.sim = sim, .peer = peer, .out = json_new_object()};
    char *reply;
    int r = json_parse(line, len, &in, NULL);

    c.in = in;
    c.as = (uint32_t)json_get_int(in, "as", 0);
    c.node = r == 0 ? sim_node_of(sim, c.as) : NULL;
    if (r == 0)
        r = c.node ? run(&c) : -ESRCH;
    json_set_int(c.out, "r", r);
    c.out = json_done(c.out);
    reply = c.out ? json_print(c.out, JSON_COMPACT) : NULL;
    (void)json_free(c.out);
    *ret_stop = c.stop;
    return reply;
}
