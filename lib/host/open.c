/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Opening and closing a host by its URI.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "host/trace.h"
#include "host/xen.h"

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
        {h->paths.scripts, "/etc/xen/scripts"},
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

static int check_uri(const char *uri, struct domo_err *err)
{
    if (str_eq(uri, "xen:") || str_eq(uri, "xen"))
        return 0;
    if (str_starts(uri, "sim:"))
        return err_set(err, DOMO_E_UNSUPPORTED, "the simulated host (%s) does not exist yet", uri);
    (void)err_set(err, DOMO_E_USAGE, "unknown host '%s'", uri);
    return err_hint(err, "hosts are named like this: xen:");
}

int host_open(const char *uri, const struct log *log, struct host **ret, struct domo_err *err)
{
    struct xen_host *impl;
    struct host *h;

    if (!uri)
        uri = getenv("DOMO_HOST");
    if (!uri || !uri[0])
        uri = "xen:";
    if (check_uri(uri, err) < 0)
        return -1;
    h = calloc(1, sizeof *h);
    impl = calloc(1, sizeof *impl);
    if (!h || !impl) {
        free(h);
        free(impl);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    impl->xs_fd = -1;
    *h = (struct host){
        .hyp = &xen_hyp_ops,
        .store = &xen_store_ops,
        .os = &linux_os_ops,
        .env = &linux_env_ops,
        .impl = impl,
        .uri = "xen:",
        .log = log,
    };
    if (set_paths(h, err) < 0 || read_own_domid(h, err) < 0) {
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
    xen_store_close(h);
    xen_hyp_close(h);
    free(h->impl);
    free(h);
    return NULL;
}
