/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The public header's functions: thin entries that turn contexts, values and
 * options into what the rooms below work with.
 */
#include "domo_ctx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "conf/diag.h"
#include "dev/dev.h"
#include "dev/kind.h"
#include "dom/create.h"
#include "dom/destroy.h"
#include "dom/hotplug.h"
#include "dom/life.h"
#include "dom/names.h"
#include "dom/query.h"
#include "dom/reconnect.h"
#include "dom/spec.h"
#include "dom/supervise.h"
#include "dom/sweep.h"
#include "dom/ward.h"
#include "host/host.h"

struct domo_spec {
    struct spec *spec;
};

/* ---- errors ---- */

struct domo_err *domo_err_new(void)
{
    return calloc(1, sizeof(struct domo_err));
}

void domo_err_free(struct domo_err *e)
{
    free(e);
}

void domo_err_clear(struct domo_err *e)
{
    err_clear(e);
}

const char *domo_err_code(const struct domo_err *e)
{
    return err_id(e->code);
}

const char *domo_err_message(const struct domo_err *e)
{
    return e->msg;
}

const char *domo_err_hint(const struct domo_err *e)
{
    return err_hint_text(e);
}

int domo_err_status(const struct domo_err *e)
{
    return err_class_status(err_class(e->code));
}

struct domo_value *domo_err_value(const struct domo_err *e)
{
    return to_value(err_to_json(e));
}

int domo_err_set(struct domo_err *e, const char *code, const char *message)
{
    int c = 0;

    while (c < DOMO_E_COUNT && !str_eq(err_id((enum domo_code)c), code))
        c++;
    return err_set(e, c < DOMO_E_COUNT ? (enum domo_code)c : DOMO_E_INTERNAL, "%s", message);
}

int domo_err_context(struct domo_err *e, const char *what)
{
    return err_wrap(e, "%s", what);
}

struct domo_value *domo_err_catalogue(void)
{
    struct json *list = json_new_array();
    int c;

    for (c = 1; c < DOMO_E_COUNT; c++) {
        struct json *row = json_add_object(list);

        json_set_str(row, "code", err_id((enum domo_code)c));
        json_set_str(row, "class", err_class_name(err_class((enum domo_code)c)));
        json_set_int(row, "status", err_class_status(err_class((enum domo_code)c)));
        json_set_str(row, "hint", err_default_hint((enum domo_code)c));
        json_set_str(row, "doc", err_doc((enum domo_code)c));
    }
    return to_value(json_done(list));
}

/* ---- context ---- */

static void log_sink(void *arg, enum log_level level, const char *line)
{
    const struct domo_ctx *ctx = arg;

    ctx->hooks.log(ctx->hooks.arg, (int)level, line);
}

int domo_ctx_new(const char *host, const struct domo_hooks *hooks, struct domo_ctx **ret, struct domo_err *err)
{
    struct domo_ctx *ctx = calloc(1, sizeof *ctx);

    if (ctx && host)
        ctx->uri = strdup(host);
    if (!ctx || (host && !ctx->uri)) {
        free(ctx);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    if (hooks)
        ctx->hooks = *hooks;
    if (ctx->hooks.log)
        ctx->log = (struct log){.sink = log_sink, .arg = ctx, .threshold = (enum log_level)ctx->hooks.log_threshold};
    *ret = ctx;
    return 0;
}

void domo_ctx_free(struct domo_ctx *ctx)
{
    if (!ctx)
        return;
    (void)host_close(ctx->host);
    free(ctx->uri);
    free(ctx);
}

struct host *host_of(struct domo_ctx *ctx, struct domo_err *err)
{
    struct host *h = NULL, *traced = NULL;

    if (ctx->host)
        return ctx->host;
    if (host_open(ctx->uri, &ctx->log, &h, err))
        return NULL;
    if (ctx->hooks.trace) {
        if (host_trace(h, &ctx->log, &traced, err)) {
            (void)host_close(h);
            return NULL;
        }
        h = traced;
    }
    h->cancelled = ctx->hooks.cancelled;
    ctx->host = h;
    return h;
}

struct domo_value *domo_ctx_stats(const struct domo_ctx *ctx)
{
    static const struct host_stats none;
    const struct host_stats *s = ctx->host ? &ctx->host->stats : &none;
    struct json *j = json_new_object();

    json_set_uint(j, "store_requests", s->store_requests);
    json_set_uint(j, "store_commits", s->store_commits);
    json_set_uint(j, "store_conflicts", s->store_conflicts);
    json_set_uint(j, "hyp_calls", s->hyp_calls);
    json_set_uint(j, "os_calls", s->os_calls);
    json_set_uint(j, "forks", s->forks);
    return to_value(json_done(j));
}

void ctx_on_step(void *arg, const struct op *op, size_t index, size_t total, const struct step *step)
{
    const struct domo_ctx *ctx = arg;

    if (ctx->hooks.progress)
        ctx->hooks.progress(ctx->hooks.arg, op->plan->name, index, total, step->name, step->summary);
}

static const struct domo_options no_options;

static bool has_flag(const struct domo_options *opt, unsigned flag)
{
    return opt && (opt->flags & flag);
}

static const struct domo_options *or_default(const struct domo_options *opt)
{
    return opt ? opt : &no_options;
}

/* Results carry their timing always; who did not ask for it does not get it. */
static struct domo_value *trim_timing(struct json *j, const struct domo_options *opt)
{
    if (!or_default(opt)->timing)
        (void)json_free(json_steal(j, "timing"));
    return to_value(j);
}

/* ---- configuration ---- */

static struct json *findings(const char *file, const struct diags *d)
{
    struct json *j = json_new_object();
    struct str AUTO_STR text = STR_INIT;

    diags_print(d, &text);
    json_set_str(j, "file", file);
    json_set_str(j, "text", str_text(&text));
    json_set_int(j, "errors", d->errors);
    json_set_int(j, "warnings", d->warnings);
    json_set(j, "findings", diags_to_json(d));
    return json_done(j);
}

int domo_spec_load(const char *path, const char *const *overrides, unsigned flags, struct domo_spec **ret,
                   struct domo_value **ret_findings, struct domo_err *err)
{
    const struct spec_load load = {
        .overrides = overrides,
        .warn_unknown = flags & DOMO_CONFIG_WARN_UNKNOWN,
        .ignore_unsupported = flags & DOMO_CONFIG_IGNORE_UNSUPPORTED,
        .check_only = flags & DOMO_CONFIG_CHECK_ONLY,
    };
    struct domo_spec *s = calloc(1, sizeof *s);
    struct diags d;
    int r;

    if (!s)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    diags_init(&d);
    r = spec_load_file(path, &load, &d, &s->spec, err);
    if (ret_findings)
        *ret_findings = to_value(findings(path, &d));
    diags_fini(&d);
    if (r) {
        free(s);
        return -1;
    }
    *ret = s;
    return 0;
}

void domo_spec_free(struct domo_spec *s)
{
    if (!s)
        return;
    (void)spec_free(s->spec);
    free(s);
}

const char *domo_spec_name(const struct domo_spec *s)
{
    return s->spec->name;
}

struct domo_value *domo_spec_json(const struct domo_spec *s)
{
    return to_value(spec_to_libxl(s->spec));
}

char *domo_spec_text(const struct domo_spec *s)
{
    return spec_print(s->spec);
}

struct domo_value *domo_config_keys(const char *key)
{
    return to_value(spec_reference(key));
}

/* ---- domains ---- */

int domo_resolve(struct domo_ctx *ctx, const char *what, uint32_t *ret_domid, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct hyp_info d;

    if (!h)
        return -1;
    if (names_resolve(h, what, &d, err))
        return err && err->code == DOMO_E_DOMAIN_NOT_FOUND ? -1 : err_wrap(err, "look for domain '%s'", what);
    *ret_domid = d.domid;
    return 0;
}

int domo_name(struct domo_ctx *ctx, uint32_t domid, char **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    char *name = NULL;
    struct hyp_info d;

    if (!h || names_of(h, domid, &name, err))
        return -1;
    /* No name can mean no domain: only then the hypervisor is asked. */
    if (!name && h->hyp->info(h, domid, &d, err))
        return -1;
    *ret = name ? name : strdup("(null)");
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

static struct create_options create_options_of(struct domo_ctx *ctx, const struct domo_options *opt)
{
    return (struct create_options){
        .paused = has_flag(opt, DOMO_CREATE_PAUSED),
        .no_wait = has_flag(opt, DOMO_CREATE_NO_WAIT),
        .no_cache = has_flag(opt, DOMO_CREATE_NO_CACHE),
        .connect_timeout_ms = or_default(opt)->timeout_ms,
        .backend_ms = or_default(opt)->backend_ms,
        .timeouts = or_default(opt)->timeouts,
        .on_console = or_default(opt)->on_console,
        .on_console_arg = or_default(opt)->on_console_arg,
        .on_step = ctx_on_step,
        .on_step_arg = ctx,
    };
}

/* The guest stands: that nobody watches over it is told, but is no failure. */
static void watch_over(struct host *h, const char *uuid, const char *name)
{
    struct domo_err err = DOMO_ERR_INIT;
    bool started;

    ward_keep(h, uuid, name);
    if (supervise_start(h, &started, &err))
        log_line(h->log, LOG_LEVEL_WARN, "nobody will act when '%s' ends: %s", name, err.msg);
}

int domo_create(struct domo_ctx *ctx, const struct domo_spec *s, const struct domo_options *opt,
                struct domo_value **ret, struct domo_err *err)
{
    const struct create_options options = create_options_of(ctx, opt);
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;
    int r;

    if (!h)
        return -1;
    r = create_run(h, s->spec, &options, &j, err);
    if (j && !has_flag(opt, DOMO_CREATE_UNWATCHED))
        watch_over(h, json_get_str(j, "uuid", ""), json_get_str(j, "name", ""));
    if (j)
        *ret = trim_timing(j, opt);
    return r;
}

int domo_create_preview(struct domo_ctx *ctx, const struct domo_spec *s, const struct domo_options *opt,
                        struct domo_value **ret, struct domo_err *err)
{
    const struct create_options options = create_options_of(ctx, opt);
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    if (!h || create_preview(h, s->spec, &options, &j, err))
        return -1;
    *ret = to_value(j);
    return 0;
}

int domo_destroy(struct domo_ctx *ctx, uint32_t domid, const struct domo_options *opt, struct domo_value **ret,
                 struct domo_err *err)
{
    const struct destroy_options options = {
        .close_timeout_ms = or_default(opt)->timeout_ms,
        .timeouts = or_default(opt)->timeouts,
        .on_step = ctx_on_step,
        .on_step_arg = ctx,
    };
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    if (!h || destroy_run(h, domid, &options, &j, err))
        return -1;
    ward_drop(h, json_get_str(j, "uuid", ""));
    *ret = trim_timing(j, opt);
    return 0;
}

int domo_pause(struct domo_ctx *ctx, uint32_t domid, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    if (domid == 0)
        return err_set(err, DOMO_E_DOMAIN_PROTECTED, "domain 0 can't pause itself");
    return h ? life_pause(h, domid, err) : -1;
}

int domo_unpause(struct domo_ctx *ctx, uint32_t domid, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? life_unpause(h, domid, err) : -1;
}

int domo_list(struct domo_ctx *ctx, const uint32_t *domid, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(query_list(h, domid, &j, err), &j, ret) : -1;
}

int domo_list_long(struct domo_ctx *ctx, const uint32_t *domid, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(query_configs(h, domid, &j, err), &j, ret) : -1;
}

int domo_console_tty(struct domo_ctx *ctx, uint32_t domid, char **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);

    return h ? query_console(h, domid, ret, err) : -1;
}

/* ---- devices ---- */

/* A device text as the administrator typed it. */
struct parsed {
    struct disk_spec disk;
    struct vif_spec vif;
    struct dev_spec spec;
    struct hotplug_device what; /* points to one of them */
};

static void parsed_fini(struct parsed *p)
{
    if (p->what.disk)
        disk_spec_fini(&p->disk);
    if (p->what.vif)
        vif_spec_fini(&p->vif);
    if (p->what.spec)
        dev_spec_fini(&p->spec);
}

static int parse_text(const char *kind, const char *text, struct diags *d, struct parsed *ret)
{
    const struct conf_pos at = {.line = 1, .column = 1, .length = 1};
    const struct devkind *row = devkind_find(kind);

    if (row && row->grammar && dev_spec_parse(row->grammar, text, at, d, &ret->spec) == 0)
        ret->what.spec = &ret->spec;
    else if (str_eq(kind, "vif") && vif_spec_parse(text, at, d, &ret->vif) == 0)
        ret->what.vif = &ret->vif;
    else if (str_eq(kind, "vbd") && disk_spec_parse(text, at, d, &ret->disk) == 0)
        ret->what.disk = &ret->disk;
    else
        return -1;
    return 0;
}

static bool can_attach(const char *kind)
{
    const struct devkind *row = devkind_find(kind);

    return row && (row->grammar || str_eq(kind, "vif") || str_eq(kind, "vbd"));
}

static int parse_device(const char *kind, const char *text, struct parsed *ret, struct domo_err *err)
{
    struct diags d;
    int r;

    if (!can_attach(kind))
        return err_set(err, DOMO_E_UNSUPPORTED, "devices of kind '%s' can't be attached", kind);
    diags_init(&d);
    r = diags_source(&d, "<command line>", text) ? err_set(err, DOMO_E_NO_MEMORY, "out of memory") : 0;
    if (!r && parse_text(kind, text, &d, ret))
        r = diags_to_err(&d, err);
    diags_fini(&d);
    return r;
}

static struct json *parsed_json(const struct parsed *p)
{
    if (p->what.disk)
        return disk_spec_to_libxl(p->what.disk);
    return p->what.vif ? vif_spec_to_libxl(p->what.vif) : dev_spec_to_libxl(p->what.spec);
}

int domo_attach(struct domo_ctx *ctx, uint32_t domid, const char *kind, const char *text,
                const struct domo_options *opt, struct domo_value **ret, struct domo_err *err)
{
    const struct hotplug_options options = {
        .no_wait = has_flag(opt, DOMO_DEVICE_NO_WAIT),
        .timeout_ms = or_default(opt)->timeout_ms,
        .backend_ms = or_default(opt)->backend_ms,
        .timeouts = or_default(opt)->timeouts,
        .on_step = ctx_on_step,
        .on_step_arg = ctx,
    };
    struct parsed p = {.what = {.disk = NULL}};
    struct json *j = NULL;
    struct host *h;
    int r;

    if (parse_device(kind, text, &p, err))
        return -1;
    if (has_flag(opt, DOMO_DEVICE_DRY_RUN)) {
        j = parsed_json(&p);
        r = j ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    } else {
        h = host_of(ctx, err);
        r = h ? hotplug_attach(h, domid, &p.what, &options, &j, err) : -1;
    }
    parsed_fini(&p);
    if (!r)
        *ret = trim_timing(j, opt);
    return r;
}

int domo_detach(struct domo_ctx *ctx, uint32_t domid, const char *kind, const char *which,
                const struct domo_options *opt, struct domo_value **ret, struct domo_err *err)
{
    const struct hotplug_options options = {
        .force = has_flag(opt, DOMO_DEVICE_FORCE),
        .graceful = has_flag(opt, DOMO_DEVICE_GRACEFUL),
        .timeout_ms = or_default(opt)->timeout_ms,
        .timeouts = or_default(opt)->timeouts,
        .on_step = ctx_on_step,
        .on_step_arg = ctx,
    };
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    if (!h || hotplug_detach(h, domid, kind, which, &options, &j, err))
        return -1;
    *ret = trim_timing(j, opt);
    return 0;
}

int domo_reconnect(struct domo_ctx *ctx, uint32_t domid, const struct domo_options *opt, struct domo_value **ret,
                   struct domo_err *err)
{
    const struct hotplug_options options = {
        .timeout_ms = or_default(opt)->timeout_ms,
        .backend_ms = or_default(opt)->backend_ms,
        .on_step = ctx_on_step,
        .on_step_arg = ctx,
    };
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;
    int r;

    if (!h)
        return -1;
    r = reconnect_guest(h, domid, &options, &j, err);
    if (j)
        *ret = to_value(j);
    return r;
}

int domo_devices(struct domo_ctx *ctx, uint32_t domid, const char *kind, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(query_devices(h, domid, kind, &j, err), &j, ret) : -1;
}

int domo_tree(struct domo_ctx *ctx, const uint32_t *domid, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(query_tree(h, domid, &j, err), &j, ret) : -1;
}

/* ---- housekeeping ---- */

int domo_sweep(struct domo_ctx *ctx, unsigned flags, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(sweep_run(h, flags & DOMO_SWEEP_REMOVE, &j, err), &j, ret) : -1;
}

/* ---- the host ---- */

int domo_host_info(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    struct host *h = host_of(ctx, err);
    struct json *j = NULL;

    return h ? give(query_host(h, &j, err), &j, ret) : -1;
}

static int host_state(const struct domo_ctx *ctx, bool runs, bool ran, struct domo_value **ret, struct domo_err *err)
{
    const char *uri = ctx->uri ? ctx->uri : getenv("DOMO_HOST");
    struct json *j = json_new_object();

    json_set_str(j, "uri", uri);
    json_set_bool(j, "running", runs);
    json_set_bool(j, "was_running", ran);
    *ret = to_value(json_done(j));
    return *ret ? 0 : err_set(err, DOMO_E_NO_MEMORY, "out of memory");
}

int domo_host_start(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    bool ran = false;

    return host_start(ctx->uri, &ctx->log, &ran, err) < 0 ? -1 : host_state(ctx, true, ran, ret, err);
}

int domo_host_stop(struct domo_ctx *ctx, struct domo_value **ret, struct domo_err *err)
{
    bool ran = false;

    ctx->host = host_close(ctx->host);
    return host_stop(ctx->uri, &ran, err) < 0 ? -1 : host_state(ctx, false, ran, ret, err);
}
