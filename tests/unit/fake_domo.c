/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A host of three domains that answers from memory: what touches a host in the
 * public header, defined again, so that a program linked with this and with
 * libdomo works on canned answers. The rest (values, errors, configs) is the
 * library's own.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "domo.h"
#include "fake_domo_kinds.h"

/* They must stay words in what becomes JSON. */
#undef true
#undef false
#define J(...) #__VA_ARGS__

struct domo_ctx {
    struct domo_hooks hooks;
};

static const char domains[] = J([
    {
        "domid" : 0,
        "name" : "Domain-0",
        "uuid" : "00000000-0000-0000-0000-000000000000",
        "memory_mib" : 1024,
        "memory_kib" : 1048576,
        "max_memory_kib" : 1048576,
        "vcpus" : 2,
        "vcpus_max" : 2,
        "state" : {
            "running" : true,
            "blocked" : false,
            "paused" : false,
            "shutdown" : false,
            "dying" : false,
            "reason" : null
        },
        "flags" : "r-----",
        "cpu_seconds" : 12.34,
        "cpupool" : 0,
        "ssidref" : 0,
        "type" : "pv"
    },
    {
        "domid" : 5,
        "name" : "web",
        "uuid" : "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01",
        "memory_mib" : 256,
        "memory_kib" : 262144,
        "max_memory_kib" : 263168,
        "vcpus" : 1,
        "vcpus_max" : 4,
        "state" : {
            "running" : false,
            "blocked" : true,
            "paused" : false,
            "shutdown" : false,
            "dying" : false,
            "reason" : null
        },
        "flags" : "-b----",
        "cpu_seconds" : 3.05,
        "cpupool" : 0,
        "ssidref" : 0,
        "type" : "pv"
    },
    {
        "domid" : 7,
        "name" : "(null)",
        "uuid" : "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f02",
        "memory_mib" : 0,
        "memory_kib" : 12,
        "max_memory_kib" : 263168,
        "vcpus" : 1,
        "vcpus_max" : 1,
        "state" :
            {"running" : false, "blocked" : false, "paused" : true, "shutdown" : true, "dying" : true, "reason" : 3},
        "flags" : "--pscd",
        "cpu_seconds" : 100000.96,
        "cpupool" : 0,
        "ssidref" : 0,
        "type" : "pvh"
    }
]);

static const char configs[] = J([ {
    "domid" : 5,
    "config" : {"c_info" : {"type" : "pv", "name" : "web"}, "b_info" : {"max_vcpus" : 4, "target_memkb" : 262144}}
} ]);

#define DISK                                                                                                           \
    "kind" : "vbd",                                                                                                    \
             "devid" : 51712,                                                                                          \
             "vdev" : "xvda",                                                                                          \
                      "target" : "/srv/web.img",                                                                       \
                                 "mode" : "w",                                                                         \
                                          "back_domid" : 0,                                                            \
                                          "front_domid" : 5,                                                           \
                                          "handle" : -1,                                                               \
                                                     "state" : 4,                                                      \
                                                     "back" : {                                                        \
                                                         "path" : "/local/domain/0/backend/vbd/5/51712",               \
                                                         "state" : 4,                                                  \
                                                         "state_name" : "Connected",                                   \
                                                         "hotplug_status" : "connected",                               \
                                                         "error" : null                                                \
                                                     },                                                                \
                                                              "front"                                                  \
        : {"path" : "/local/domain/5/device/vbd/51712", "state" : 4, "state_name" : "Connected", "error" : null},      \
          "event_channel" : 15,                                                                                        \
          "ring_ref" : 8,                                                                                              \
          "tx_ring_ref" : -1,                                                                                          \
                          "rx_ring_ref" : -1,                                                                          \
                                          "connected" : true
#define CONSOLE                                                                                                        \
    "kind" : "console",                                                                                                \
             "devid" : 0,                                                                                              \
             "back_domid" : 0,                                                                                         \
             "front_domid" : 5,                                                                                        \
             "handle" : -1,                                                                                            \
                        "state" : 1,                                                                                   \
                        "back" : {                                                                                     \
                            "path" : "/local/domain/0/backend/console/5/0",                                            \
                            "state" : 1,                                                                               \
                            "state_name" : "Initialising",                                                             \
                            "hotplug_status" : null,                                                                   \
                            "error" : null                                                                             \
                        },                                                                                             \
                                 "front"                                                                               \
        : {"path" : "/local/domain/5/console", "state" : -1, "state_name" : "Unknown", "error" : null},                \
          "event_channel" : 2,                                                                                         \
          "ring_ref" : 4711,                                                                                           \
          "tx_ring_ref" : -1,                                                                                          \
                          "rx_ring_ref" : -1,                                                                          \
                                          "connected" : false
#define VIF                                                                                                            \
    "kind" : "vif",                                                                                                    \
             "devid" : 0,                                                                                              \
             "mac" : "00:16:3e:00:00:02",                                                                              \
                     "bridge" : "xenbr0",                                                                              \
                                "interface" : "vif5.0",                                                                \
                                              "back_domid" : 0,                                                        \
                                              "front_domid" : 5,                                                       \
                                              "handle" : 0,                                                            \
                                              "state" : 2,                                                             \
                                              "back" : {                                                               \
                                                  "path" : "/local/domain/0/backend/vif/5/0",                          \
                                                  "state" : 2,                                                         \
                                                  "state_name" : "InitWait",                                           \
                                                  "hotplug_status" : "connected",                                      \
                                                  "error" : null                                                       \
                                              },                                                                       \
                                                       "front" : {                                                     \
                                                           "path" : "/local/domain/5/device/vif/0",                    \
                                                           "state" : 1,                                                \
                                                           "state_name" : "Initialising",                              \
                                                           "error" : "12 no memory"                                    \
                                                       },                                                              \
                                                                 "event_channel" : -1,                                 \
                                                                                   "ring_ref" : -1,                    \
                                                                                                "tx_ring_ref"          \
        : -1,                                                                                                          \
          "rx_ring_ref" : -1,                                                                                          \
                          "connected" : false
/* Two levels, so that the rows above are expanded before they become text. */
#define JX(...) J(__VA_ARGS__)

static const char disk_row[] = JX({DISK}), vif_row[] = JX({VIF});
static const char disk_rows[] = JX([ {DISK} ]), vif_rows[] = JX([ {VIF} ]);
static const char all_rows[] = JX([ {DISK}, {VIF} ]);
static const char trees[] = JX([
    {
        "domid" : 0,
        "name" : "Domain-0",
        "uuid" : "00000000-0000-0000-0000-000000000000",
        "type" : "pv",
        "state" : "r-----",
        "devices" : []
    },
    {
        "domid" : 5,
        "name" : "web",
        "uuid" : "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01",
        "type" : "pv",
        "state" : "-b----",
        "devices" : [
            {
                DISK,
                "back_domain" : "Domain-0",
                "nodes" : {
                    "back" : {"physical-device-path" : "/dev/loop3", "params" : "/srv/web.img", "sectors" : "16384"},
                    "front" : {"state" : "4"},
                    "libxl" : {}
                }
            },
            {
                VIF,
                "back_domain" : "Domain-0",
                "queues" : 2,
                "nodes" : {"back" : {"bridge" : "xenbr0"}, "front" : {"state" : "1"}, "libxl" : {}}
            },
            {CONSOLE, "nodes" : {"back" : {}, "front" : {"tty" : "/dev/pts/3"}, "libxl" : {}}}
        ]
    }
]);

static const char leftovers[] = J([
    {
        "what" : "loop-device",
        "id" : "/dev/loop4",
        "why" : "its guest is gone",
        "action" : "detach it from its file",
        "removed" : false
    },
    {
        "what" : "domain",
        "id" : "7",
        "why" : "it was being created when the creator died",
        "action" : "destroy it",
        "removed" : false
    }
]);

static const char plan[] = J({
    "plan" : "create",
    "steps" : [
        {"name" : "reserve-name", "summary" : "make sure that the name is free", "does" : []}, {
            "name" : "make-domain",
            "summary" : "create an empty domain",
            "does" : [ "xc_domain_create", "xc_domain_max_vcpus 1" ]
        }
    ]
});

static const char timing[] = J([
    {"step" : "reserve-name", "us" : 1500, "store_requests" : 4},
    {"step" : "make-domain", "us" : 250000, "store_requests" : 0}
]);

static struct json *parse(const char *text)
{
    struct json *j = NULL;

    if (json_parse(text, strlen(text), &j, NULL) < 0)
        abort();
    return j;
}

static int give(const char *text, struct domo_value **ret)
{
    *ret = (struct domo_value *)parse(text);
    return 0;
}

int domo_ctx_new(const char *host, const struct domo_hooks *hooks, struct domo_ctx **ret, struct domo_err *err)
{
    struct domo_ctx *ctx;

    if (host && strcmp(host, "none:") == 0)
        return err_set(err, DOMO_E_NO_XEN, "can't open the hypervisor");
    ctx = calloc(1, sizeof *ctx);
    if (!ctx)
        abort();
    ctx->hooks = *hooks;
    *ret = ctx;
    return 0;
}

void domo_ctx_free(struct domo_ctx *ctx)
{
    free(ctx);
}

struct domo_value *domo_ctx_stats(const struct domo_ctx *ctx)
{
    (void)ctx;
    return (struct domo_value *)parse(J({
        "store_requests" : 4,
        "store_commits" : 1,
        "store_conflicts" : 0,
        "hyp_calls" : 2,
        "os_calls" : 0,
        "forks" : 0
    }));
}

/* The row of the domain that a number, name or UUID means. */
static struct json *find(struct json *rows, const char *what)
{
    for (size_t i = 0; i < json_len(rows); i++) {
        struct json *row = json_at(rows, i, NULL);

        if (strcmp(json_get_str(row, "name", ""), what) == 0 || strcmp(json_get_str(row, "uuid", ""), what) == 0 ||
            (what[0] >= '0' && what[0] <= '9' && json_get_int(row, "domid", -1) == atoll(what)))
            return row;
    }
    return NULL;
}

int domo_resolve(struct domo_ctx *ctx, const char *what, uint32_t *ret_domid, struct domo_err *err)
{
    struct json *AUTO_JSON rows = parse(domains);
    const struct json *row = find(rows, what);

    (void)ctx;
    if (!row)
        return err_set(err, DOMO_E_DOMAIN_NOT_FOUND, "no domain is called '%s'", what);
    *ret_domid = (uint32_t)json_get_int(row, "domid", 0);
    return 0;
}

/* Only the element of that domain, or all. */
static int pick(const char *text, const uint32_t *domid, struct domo_value **ret)
{
    struct json *rows = parse(text);

    for (size_t i = json_len(rows); domid && i > 0; i--)
        if (json_get_int(json_at(rows, i - 1, NULL), "domid", -1) != *domid)
            json_remove_at(rows, i - 1);
    *ret = (struct domo_value *)rows;
    return 0;
}

int domo_list(struct domo_ctx *ctx, const uint32_t *domid, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    return pick(domains, domid, ret);
}

int domo_list_long(struct domo_ctx *ctx, const uint32_t *domid, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    return pick(configs, domid, ret);
}

int domo_tree(struct domo_ctx *ctx, const uint32_t *domid, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    return pick(trees, domid, ret);
}

int domo_name(struct domo_ctx *ctx, uint32_t domid, char **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    *ret = strdup(domid == 5 ? "web" : domid == 0 ? "Domain-0" : "(null)");
    return 0;
}

int domo_pause(struct domo_ctx *ctx, uint32_t domid, struct domo_err *err)
{
    (void)ctx;
    if (domid == 0)
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 can't pause itself");
    return 0;
}

int domo_unpause(struct domo_ctx *ctx, uint32_t domid, struct domo_err *err)
{
    (void)ctx;
    (void)domid;
    (void)err;
    return 0;
}

int domo_shutdown(struct domo_ctx *ctx, const uint32_t *domids, size_t n, unsigned flags, int64_t timeout_ms,
                  struct domo_value **ret, struct domo_err *err)
{
    static const char one[] = "[{\"domid\":5,\"name\":\"web\",\"asked\":\"%s\",\"state\":\"%s\",\"reason\":%s,"
                              "\"ms\":3,\"error\":null}%s]";
    static const char stuck[] =
        ",{\"domid\":6,\"name\":\"db\",\"asked\":\"poweroff\",\"state\":\"failed\",\"reason\":null,"
        "\"ms\":2000,\"error\":{\"code\":\"timeout\",\"class\":\"timeout\","
        "\"message\":\"the guest has not taken the request in 2 s\",\"context\":[]}}";
    bool waits = flags & (DOMO_SHUTDOWN_WAIT | DOMO_SHUTDOWN_WAIT_GONE);
    char *text = str_format(one, flags & DOMO_SHUTDOWN_REBOOT ? "reboot" : "poweroff", waits ? "ended" : "answered",
                            waits ? "\"poweroff\"" : "null", n ? "" : stuck);

    (void)ctx;
    (void)timeout_ms;
    *ret = NULL;
    if (n && domids[0] == 0) {
        free(text);
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 can't be asked from here: use the host's own commands");
    }
    *ret = (struct domo_value *)parse(text);
    free(text);
    if (n)
        return 0;
    return err_set(err, DOMO_E_TIMEOUT,
                   "1 of 2 guests did not do as they were asked: 'db' (the guest has not taken the request in 2 s)");
}

int domo_sysrq(struct domo_ctx *ctx, uint32_t domid, char key, struct domo_err *err)
{
    (void)ctx;
    (void)domid;
    (void)key;
    (void)err;
    return 0;
}

int domo_rename(struct domo_ctx *ctx, uint32_t domid, const char *name, struct domo_value **ret, struct domo_err *err)
{
    char *text = str_format("{\"domid\":%u,\"name\":\"%s\",\"before\":\"web\"}", domid, name);

    (void)ctx;
    if (strcmp(name, "db") == 0) {
        free(text);
        return err_set(err, DOMO_E_DOMAIN_EXISTS, "there is a domain 'db' already (6)");
    }
    *ret = (struct domo_value *)parse(text);
    free(text);
    return 0;
}

static void tell_progress(struct domo_ctx *ctx, const char *operation)
{
    if (!ctx->hooks.progress)
        return;
    ctx->hooks.progress(ctx->hooks.arg, operation, 1, 2, "reserve-name", "make sure that the name is free");
    ctx->hooks.progress(ctx->hooks.arg, operation, 2, 2, "make-domain", "create an empty domain");
}

static struct domo_value *result(const char *text, const struct domo_options *o)
{
    struct json *j = parse(text);

    if (o && o->timing)
        json_set(j, "timing", parse(timing));
    return (struct domo_value *)j;
}

int domo_create(struct domo_ctx *ctx, const struct domo_spec *spec, const struct domo_options *o,
                struct domo_value **ret, struct domo_err *err)
{
    const char *tty = getenv("DOMO_FAKE_TTY");
    struct json *made;

    tell_progress(ctx, "create");
    if (strcmp(domo_spec_name(spec), "broken") == 0) {
        (void)err_set(err, DOMO_E_SCRIPT_FAILED, "the script /etc/xen/scripts/block failed with status 7");
        (void)err_fact(err, "script", "first line\n\x1b[31mlast line\n");
        (void)err_fact(err, "hotplug-status", "error");
        (void)err_wrap(err, "attach disk xvda");
        return err_wrap(err, "create 'broken'");
    }
    if (o->on_console && tty)
        o->on_console(o->on_console_arg, 5, tty);
    made = parse(JX({
        "domid" : 5,
        "uuid" : "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01",
        "paused" : false,
        "console" : "/dev/pts/3",
        "devices" : [ {DISK} ]
    }));
    json_set_str(made, "name", domo_spec_name(spec));
    if (o->timing)
        json_set(made, "timing", parse(timing));
    *ret = (struct domo_value *)made;
    return 0;
}

int domo_create_preview(struct domo_ctx *ctx, const struct domo_spec *spec, const struct domo_options *o,
                        struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)spec;
    (void)o;
    (void)err;
    return give(plan, ret);
}

int domo_destroy(struct domo_ctx *ctx, uint32_t domid, const struct domo_options *o, struct domo_value **ret,
                 struct domo_err *err)
{
    if (domid == 0)
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 can't be destroyed");
    tell_progress(ctx, "destroy");
    *ret = result(J({"domid" : 5, "name" : "web", "uuid" : "4a3ce7a4-51a8-4b0d-9d0a-6e2c1b6e5f01"}), o);
    return 0;
}

int domo_console_tty(struct domo_ctx *ctx, uint32_t domid, char **ret, struct domo_err *err)
{
    const char *tty = getenv("DOMO_FAKE_TTY");

    (void)ctx;
    if (!tty)
        return err_set(err, DOMO_E_CONSOLE, "domain %u has no console tty", domid);
    *ret = strdup(tty);
    return 0;
}

int domo_console_line(struct domo_ctx *ctx, uint32_t domid, enum domo_console kind, uint32_t number, char **ret,
                      struct domo_err *err)
{
    const char *tty = getenv("DOMO_FAKE_TTY");

    (void)ctx;
    if (!tty || number)
        return err_set(err, DOMO_E_CONSOLE, "domain %u has no %s %u with a terminal", domid,
                       kind == DOMO_CONSOLE_SERIAL ? "serial line" : "console", number);
    *ret = strdup(tty);
    return 0;
}

int domo_attach(struct domo_ctx *ctx, uint32_t domid, const char *kind, const char *text, const struct domo_options *o,
                struct domo_value **ret, struct domo_err *err)
{
    struct json *parsed;

    (void)domid;
    if (o->flags & DOMO_DEVICE_DRY_RUN) {
        parsed = json_new_object();
        json_set_str(parsed, "text", text);
        *ret = (struct domo_value *)parsed;
        return 0;
    }
    if (strstr(text, "bridge=nosuch")) {
        (void)err_set(err, DOMO_E_NO_BRIDGE, "there is no bridge 'nosuch'");
        return err_wrap(err, "attach an interface to 'web'");
    }
    tell_progress(ctx, "attach");
    if (fake_kind_row(kind)) {
        *ret = fake_kind_changed(kind, "0000:03:00.0");
        return 0;
    }
    *ret = result(strcmp(kind, "vbd") == 0 ? disk_row : vif_row, o);
    return 0;
}

int domo_detach(struct domo_ctx *ctx, uint32_t domid, const char *kind, const char *which, const struct domo_options *o,
                struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)domid;
    if (strcmp(which, "xvdz") == 0)
        return err_set(err, DOMO_E_DEVICE_NOT_FOUND, "'web' has no disk xvdz, it has xvda");
    if (!(o->flags & (DOMO_DEVICE_FORCE | DOMO_DEVICE_GRACEFUL)) && strcmp(which, "xvdb") == 0)
        return err_set(err, DOMO_E_DEVICE_IN_USE, "the guest keeps xvdb open");
    if (fake_kind_row(kind)) {
        *ret = fake_kind_changed(kind, which);
        return 0;
    }
    *ret = result(strcmp(kind, "vbd") == 0 ? disk_row : vif_row, o);
    domo_value_set_bool(*ret, "forced", (o->flags & DOMO_DEVICE_FORCE) || strcmp(which, "xvdb") == 0);
    return 0;
}

int domo_devices(struct domo_ctx *ctx, uint32_t domid, const char *kind, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    if (domid != 5)
        return give("[]", ret);
    if (kind && fake_kind_row(kind)) {
        *ret = fake_kind_rows(kind);
        return 0;
    }
    return give(!kind ? all_rows : strcmp(kind, "vbd") == 0 ? disk_rows : vif_rows, ret);
}

int domo_sweep(struct domo_ctx *ctx, unsigned flags, struct domo_value **ret, struct domo_err *err)
{
    struct json *rows;

    (void)ctx;
    (void)err;
    if (getenv("DOMO_FAKE_CLEAN"))
        return give("[]", ret);
    rows = parse(leftovers);
    if (flags & DOMO_SWEEP_REMOVE) {
        json_set_bool(json_at(rows, 0, NULL), "removed", 1);
        json_set_str(json_at(rows, 1, NULL), "error", "the hypervisor refused");
        json_set_str(json_at(rows, 1, NULL), "error_code", "host.hypervisor");
    }
    *ret = (struct domo_value *)rows;
    return 0;
}

int domo_host_info(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    return give("{\"uri\":\"sim:/home/u/sim\",\"simulated\":true,\"xen\":\"4.17\",\"cpus\":4,\"nodes\":1,"
                "\"memory_kib\":16777216,\"free_kib\":15728640,\"guests\":2,"
                "\"supervisor\":true,\"store\":\"/home/u/sim/store.sock\"}",
                ret);
}

int domo_host_start(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    if (getenv("DOMO_FAKE_XEN"))
        return err_set(err, DOMO_E_UNSUPPORTED, "only a simulated host can be started and ended");
    return give("{\"uri\":\"sim:sim\",\"running\":true,\"was_running\":false}", ret);
}

int domo_host_stop(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    (void)ctx;
    (void)err;
    return give("{\"uri\":\"sim:sim\",\"running\":false,\"was_running\":true}", ret);
}
