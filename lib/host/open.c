/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Opening and closing a host by its URI.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "host/fault.h"
#include "host/sim.h"
#include "host/trace.h"

/* $DOMO_STATE_ROOT is put in front of all paths of state: tests keep their hands off the real ones with it. */
static int set_paths(struct host *h, struct domo_err *err)
{
    const char *root = getenv("DOMO_STATE_ROOT");
    const struct {
        char *to;
        const char *path;
    } rows[] = {
        {h->paths.userdata, "/var/lib/xen"},    {h->paths.run, "/var/run/xen"},
        {h->paths.own_run, "/run/domo"},        {h->paths.cache, "/var/cache/domo/kernels"},
        {h->paths.scripts, "/etc/xen/scripts"}, {h->paths.log, "/var/log/xen"},
    };

    if (root && root[0] && root[0] != '/')
        return err_set(err, DOMO_E_USAGE, "DOMO_STATE_ROOT must be an absolute path, not '%s'", root);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (snprintf(rows[i].to, sizeof h->paths.run, "%s%s", root ? root : "", rows[i].path) >=
            (int)sizeof h->paths.run)
            return err_set(err, DOMO_E_USAGE, "DOMO_STATE_ROOT is too long");
    return 0;
}

/* In a driver domain we are not domain 0: the store knows, relative to our own directory. */
static int read_own_domid(struct host *h, struct domo_err *err)
{
    char *AUTO_FREE text = NULL;
    uint32_t domid;

    if (store_read_opt(h, 0, "domid", &text, err) < 0)
        return -1;
    h->domid = text && str_to_u32(text, &domid) == 0 ? domid : 0;
    return 0;
}

/* NULL: $DOMO_HOST, else the machine that we run on. */
static const char *which(const char *uri)
{
    if (!uri)
        uri = getenv("DOMO_HOST");
    return uri && uri[0] ? uri : "xen:";
}

static bool is_xen(const char *uri)
{
    return str_eq(uri, "xen:") || str_eq(uri, "xen");
}

static bool is_sim(const char *uri)
{
    return str_starts(uri, "sim:");
}

static int unknown_host(const char *uri, struct domo_err *err)
{
    (void)err_set(err, DOMO_E_USAGE, "unknown host '%s'", uri);
    return err_hint(err, "hosts are named like this: xen:, sim:DIR");
}

/* ---- kinds of hosts ---- */

static int xen_open(struct host *h, struct domo_err *err)
{
    struct xen_host *impl = calloc(1, sizeof *impl);

    if (!impl)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    impl->xs_fd = -1;
    h->hyp = &xen_hyp_ops;
    h->store = &xen_store_ops;
    h->os = &linux_os_ops;
    h->link = &xen_link_ops;
    h->env = &linux_env_ops;
    h->impl = impl;
    (void)snprintf(h->uri, sizeof h->uri, "xen:");
    return set_paths(h, err);
}

/* $DOMO_FAULTS, on any host: for tests of whatever is above. */
static int add_faults(struct host **h, struct domo_err *err)
{
    struct host_fault *AUTO_FREE faults = NULL;
    const char *text = getenv("DOMO_FAULTS");
    size_t n = 0;

    if (!text || !text[0])
        return 0;
    if (host_fault_parse(text, &faults, &n, err) < 0)
        return err_wrap(err, "DOMO_FAULTS");
    return host_fault(*h, faults, n, h, err);
}

int host_open(const char *uri, const struct log *log, struct host **ret, struct domo_err *err)
{
    struct host *h;
    int r;

    uri = which(uri);
    if (!is_xen(uri) && !is_sim(uri))
        return unknown_host(uri, err);
    h = calloc(1, sizeof *h);
    if (!h)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    h->log = log;
    r = is_sim(uri) ? sim_open(h, uri, err) : xen_open(h, err);
    if (r < 0 || read_own_domid(h, err) < 0 || (is_sim(uri) && sim_add_faults(&h, err) < 0) ||
        add_faults(&h, err) < 0) {
        (void)host_close(h);
        return -1;
    }
    *ret = h;
    return 0;
}

struct host *host_close(struct host *h)
{
    if (!h)
        return NULL;
    if (trace_is(h))
        return trace_close(h);
    if (fault_is(h))
        return fault_close(h);
    if (h->impl) {
        if (h->is_simulated)
            sim_link_close(h);
        else
            xen_link_close(h);
        xen_store_close(h);
        if (h->is_simulated)
            sim_close(h);
        else
            xen_hyp_close(h);
    }
    free(h->impl);
    free(h);
    return NULL;
}

/* ---- start and stop ---- */

static int need_sim(const char *uri, struct domo_err *err)
{
    if (is_sim(uri))
        return 0;
    if (!is_xen(uri))
        return unknown_host(uri, err);
    (void)err_set(err, DOMO_E_UNSUPPORTED, "only a simulated host can be started and ended");
    return err_hint(err, "name one: --host sim:DIR");
}

int host_start(const char *uri, const struct log *log, bool *ret_was_running, struct domo_err *err)
{
    struct sim_host s = {.fd = -1};
    bool started = false;

    uri = which(uri);
    if (need_sim(uri, err) < 0 || sim_dir(uri, s.dir, &s.domid, err) < 0 || sim_connect(&s, log, &started, err) < 0)
        return -1;
    sim_disconnect(&s);
    *ret_was_running = !started;
    return 0;
}

int host_stop(const char *uri, bool *ret_was_running, struct domo_err *err)
{
    struct sim_host s = {.fd = -1};

    uri = which(uri);
    if (need_sim(uri, err) < 0 || sim_dir(uri, s.dir, &s.domid, err) < 0)
        return -1;
    return sim_stop(&s, ret_was_running, err);
}
