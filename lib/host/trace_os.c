/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <stdio.h>

#include "base/str.h"
#include "host/trace.h"

static const char *kind_name(enum os_target_kind kind)
{
    static const char *const names[] = {
        [OS_TARGET_FILE] = "file",
        [OS_TARGET_BLOCK] = "block",
        [OS_TARGET_OTHER] = "other",
    };

    return names[kind];
}

static int trace_target(struct host *h, const char *path, struct os_target *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.target %s", path);
    r = inner->os->target(inner, path, ret, err);
    return trace_result(h, r, err, call, "%s", r ? "" : kind_name(ret->kind));
}

static int trace_loop_attach(struct host *h, const struct os_loop_new *l, struct os_loop *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.loop_attach %s ro=%d", l->path, l->read_only);
    r = inner->os->loop_attach(inner, l, ret, err);
    return trace_result(h, r, err, call, "/dev/loop%u", r ? 0 : ret->number);
}

static int trace_loop_detach(struct host *h, uint32_t number, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.loop_detach /dev/loop%u", number);
    r = inner->os->loop_detach(inner, number, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_loop_list(struct host *h, const struct os_file_id *on, size_t n_on, struct os_loop **ret,
                           size_t *ret_n, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.loop_list");
    r = inner->os->loop_list(inner, on, n_on, ret, ret_n, err);
    return trace_result(h, r, err, call, "%zu devices", r ? 0 : *ret_n);
}

static int trace_loop_get(struct host *h, uint32_t number, struct os_loop *ret, bool *ret_found, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.loop_get /dev/loop%u", number);
    r = inner->os->loop_get(inner, number, ret, ret_found, err);
    return trace_result(h, r, err, call, "%s", !r && *ret_found ? ret->tag : "free");
}

static int trace_block_claim(struct host *h, const char *path, int *ret_fd, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.block_claim %s", path);
    r = inner->os->block_claim(inner, path, ret_fd, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_vbd_users(struct host *h, struct os_vbd_user **ret, size_t *ret_n, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.vbd_users");
    r = inner->os->vbd_users(inner, ret, ret_n, err);
    return trace_result(h, r, err, call, "%zu disks", r ? 0 : *ret_n);
}

static int trace_file_is_open(struct host *h, const char *path, bool any, bool *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.file_is_open %s %s", path, any ? "at all" : "for writing");
    r = inner->os->file_is_open(inner, path, any, ret, err);
    return trace_result(h, r, err, call, "%s", !r && *ret ? "yes" : "no");
}

static int trace_is_mounted(struct host *h, uint32_t major, uint32_t minor, bool *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.is_mounted %u:%u", major, minor);
    r = inner->os->is_mounted(inner, major, minor, ret, err);
    return trace_result(h, r, err, call, "%s", !r && *ret ? "yes" : "no");
}

static int trace_iface(struct host *h, const char *name, struct os_iface *ret, bool *ret_found, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.iface %s", name);
    r = inner->os->iface(inner, name, ret, ret_found, err);
    return trace_result(h, r, err, call, "%s", r || !*ret_found ? "none" : ret->is_up ? "up" : "down");
}

static int trace_iface_change(struct host *h, const char *name, const struct os_iface_change *c, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.iface_change %s%s%s%s%s%s%s", name, c->rename ? " name=" : "", c->rename ? c->rename : "",
                c->bridge ? " bridge=" : "", c->bridge ? c->bridge : "", c->mac ? " mac" : "",
                c->up     ? " up"
                : c->down ? " down"
                          : "");
    r = inner->os->iface_change(inner, name, c, err);
    return trace_result(h, r, err, call, "%s", "");
}

static bool trace_has_backend(struct host *h, const char *kind)
{
    struct host *inner = trace_inner(h);
    bool has = inner->os->has_backend(inner, kind);
    char call[TRACE_CALL_MAX];

    (void)snprintf(call, sizeof call, "os.has_backend %s", kind);
    (void)trace_result(h, 0, NULL, call, "%s", has ? "yes" : "no");
    return has;
}

static int trace_script_start(struct host *h, const struct os_script *s, struct os_child *ret, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.script_start %s%s%s", s->path, s->argv[0] && s->argv[1] ? " " : "",
                s->argv[0] && s->argv[1] ? s->argv[1] : "");
    r = inner->os->script_start(inner, s, ret, err);
    return trace_result(h, r, err, call, "%s", "");
}

/* As for watch events: only the last look, the one that finds it ended, has a line. */
static int trace_script_collect(struct host *h, struct os_child *c, bool kill_it, bool *ret_ended, int *ret_status,
                                struct domo_err *err)
{
    struct host *inner = trace_inner(h);
    struct domo_err local = DOMO_ERR_INIT;
    int r;

    if (!err)
        err = &local;
    r = inner->os->script_collect(inner, c, kill_it, ret_ended, ret_status, err);
    if (r == 0 && !*ret_ended)
        return 0;
    return trace_result(h, r, err, kill_it ? "os.script_kill" : "os.script_end", "status 0x%x",
                        r ? 0u : (unsigned)*ret_status);
}

static int trace_daemon_start(struct host *h, const struct os_daemon_new *d, struct os_daemon *ret,
                              struct domo_err *err)
{
    struct str line AUTO_STR = STR_INIT;

    for (size_t i = 0; d->argv[0] && d->argv[i + 1]; i++)
        str_addf(&line, " %s", d->argv[i + 1]);
    TRACE_BEGIN(h, err, "os.daemon_start %s%s", d->program, str_text(&line));
    r = inner->os->daemon_start(inner, d, ret, err);
    return trace_result(h, r, err, call, "%s", "");
}

static int trace_daemon_find(struct host *h, const char *pid_path, struct os_daemon *ret, bool *ret_runs,
                             struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.daemon_find %s", pid_path);
    r = inner->os->daemon_find(inner, pid_path, ret, ret_runs, err);
    return trace_result(h, r, err, call, "%s", !r && *ret_runs ? "runs" : "none");
}

/* Numbers of processes differ from run to run, so no line has one. */
static int trace_daemon_named(struct host *h, pid_t pid, const char *option, const char *value, struct os_daemon *ret,
                              bool *ret_runs, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.daemon_named %s %s", option, value);
    r = inner->os->daemon_named(inner, pid, option, value, ret, ret_runs, err);
    return trace_result(h, r, err, call, "%s", !r && *ret_runs ? "runs" : "none");
}

static int trace_daemon_watch(struct host *h, const struct os_daemon *d, int *ret_fd, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.daemon_watch");
    r = inner->os->daemon_watch(inner, d, ret_fd, err);
    return trace_result(h, r, err, call, "%s", !r && *ret_fd >= 0 ? "runs" : "ended");
}

static int trace_daemon_kill(struct host *h, const struct os_daemon *d, struct domo_err *err)
{
    TRACE_BEGIN(h, err, "os.daemon_kill");
    r = inner->os->daemon_kill(inner, d, err);
    return trace_result(h, r, err, call, "%s", "");
}

const struct os_ops trace_os_ops = {
    .target = trace_target,
    .loop_attach = trace_loop_attach,
    .loop_detach = trace_loop_detach,
    .loop_list = trace_loop_list,
    .loop_get = trace_loop_get,
    .block_claim = trace_block_claim,
    .vbd_users = trace_vbd_users,
    .file_is_open = trace_file_is_open,
    .is_mounted = trace_is_mounted,
    .iface = trace_iface,
    .iface_change = trace_iface_change,
    .pci_list = trace_pci_list,
    .pci_driver = trace_pci_driver,
    .pci_act = trace_pci_act,
    .usb_list = trace_usb_list,
    .usb_driver = trace_usb_driver,
    .has_backend = trace_has_backend,
    .script_start = trace_script_start,
    .script_collect = trace_script_collect,
    .daemon_start = trace_daemon_start,
    .daemon_find = trace_daemon_find,
    .daemon_named = trace_daemon_named,
    .daemon_watch = trace_daemon_watch,
    .daemon_kill = trace_daemon_kill,
};
