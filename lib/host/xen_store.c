/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * XenStore through libxenstore, on every kind of host.
 *
 * Known wart: requests block, and the first watch makes libxenstore start a
 * reader thread. Programs that set no watch (most queries) stay without one.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xenstore.h>

#include "host/codes.h"
#include "host/xen.h"

/* ---- connection ---- */

/* libxenstore takes another socket than its default from the environment alone. */
static struct xs_handle *open_at(const char *path)
{
    const char *old = getenv("XENSTORED_PATH");
    char *AUTO_FREE copy = old ? strdup(old) : NULL;
    struct xs_handle *xs;
    int sys;

    if ((old && !copy) || setenv("XENSTORED_PATH", path, 1) < 0) {
        errno = ENOMEM;
        return NULL;
    }
    xs = xs_open(XS_UNWATCH_FILTER);
    sys = errno;
    if (copy)
        (void)setenv("XENSTORED_PATH", copy, 1);
    else
        (void)unsetenv("XENSTORED_PATH");
    errno = sys;
    return xs;
}

int xen_store_open(struct host *h, struct domo_err *err)
{
    struct xen_host *x = h->impl;

    if (x->xs)
        return 0;
    x->xs = h->store_path[0] ? open_at(h->store_path) : xs_open(XS_UNWATCH_FILTER);
    if (x->xs)
        return 0;
    if (h->store_path[0])
        return err_sys(err, DOMO_E_NO_STORE, errno, "can't connect to XenStore at '%s'", h->store_path);
    if (errno == EACCES || errno == EPERM)
        return err_sys(err, DOMO_E_PERMISSION, errno, "can't connect to XenStore");
    /* Who names a socket has a store without a Xen below it in mind. */
    if (!xen_is_here() && !getenv("XENSTORED_PATH"))
        return err_set(err, DOMO_E_NO_XEN, "this machine does not run on Xen, or its Xen devices are missing");
    return err_sys(err, DOMO_E_NO_STORE, errno, "can't connect to XenStore");
}

void xen_store_close(struct host *h)
{
    struct xen_host *x = h->impl;

    xs_close(x->xs);
    x->xs = NULL;
    x->xs_fd = -1;
}

static int handle(struct host *h, struct xs_handle **ret, struct domo_err *err)
{
    const struct xen_host *x = h->impl;

    if (xen_store_open(h, err) < 0)
        return -1;
    *ret = x->xs;
    return 0;
}

/* ---- failures ---- */

static int failed(struct host *h, struct domo_err *err, const char *fmt, ...) PRINTF_LIKE(3, 4);
static int failed(struct host *h, struct domo_err *err, const char *fmt, ...)
{
    enum domo_code code = host_store_code(errno);
    char what[ERR_MSG_MAX];
    int sys = errno;
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    (void)err_sys(err, code, sys, "XenStore: can't %s", what);
    if (code == DOMO_E_NO_STORE && h->is_simulated)
        (void)err_hint(err, "the simulated host went away; the next command starts it anew, without its guests");
    return -1;
}

static int fail(struct host *h, struct domo_err *err, const char *op, const char *path)
{
    return failed(h, err, "%s '%s'", op, path);
}

/* ---- transactions ---- */

static int store_op_begin(struct host *h, store_txn *ret, struct domo_err *err)
{
    struct xs_handle *xs;
    xs_transaction_t t;

    if (handle(h, &xs, err) < 0)
        return -1;
    t = xs_transaction_start(xs);
    if (t == XBT_NULL)
        return failed(h, err, "start a transaction");
    *ret = t;
    return 0;
}

static int store_op_end(struct host *h, store_txn t, bool commit, struct domo_err *err)
{
    struct xs_handle *xs;

    if (handle(h, &xs, err) < 0)
        return -1;
    if (!xs_transaction_end(xs, t, !commit))
        return failed(h, err, "%s a transaction", commit ? "commit" : "discard");
    return 0;
}

/* ---- nodes ---- */

static int store_op_read(struct host *h, store_txn t, const char *path, char **ret, size_t *ret_len,
                         struct domo_err *err)
{
    struct xs_handle *xs;
    unsigned len = 0;
    char *value;

    if (handle(h, &xs, err) < 0)
        return -1;
    value = xs_read(xs, t, path, &len);
    if (!value)
        return fail(h, err, "read", path);
    *ret = value;
    if (ret_len)
        *ret_len = len;
    return 0;
}

static int store_op_write(struct host *h, store_txn t, const char *path, const void *value, size_t len,
                          struct domo_err *err)
{
    struct xs_handle *xs;

    if (handle(h, &xs, err) < 0)
        return -1;
    if (!xs_write(xs, t, path, value, (unsigned)len))
        return fail(h, err, "write", path);
    return 0;
}

static int store_op_mkdir(struct host *h, store_txn t, const char *path, struct domo_err *err)
{
    struct xs_handle *xs;

    if (handle(h, &xs, err) < 0)
        return -1;
    if (!xs_mkdir(xs, t, path))
        return fail(h, err, "make", path);
    return 0;
}

static int store_op_rm(struct host *h, store_txn t, const char *path, struct domo_err *err)
{
    struct xs_handle *xs;

    if (handle(h, &xs, err) < 0)
        return -1;
    /* The daemon says "no such node" only when the parent is missing too; both mean that it is gone. */
    if (!xs_rm(xs, t, path) && errno != ENOENT)
        return fail(h, err, "remove", path);
    return 0;
}

static int store_op_list(struct host *h, store_txn t, const char *path, char ***ret, size_t *ret_n,
                         struct domo_err *err)
{
    struct xs_handle *xs;
    unsigned n = 0;
    char **names;

    if (handle(h, &xs, err) < 0)
        return -1;
    names = xs_directory(xs, t, path, &n);
    if (!names)
        return fail(h, err, "list", path);
    *ret = names;
    *ret_n = n;
    return 0;
}

/* ---- permissions ---- */

static unsigned rights_to_xs(unsigned rights)
{
    return (rights & STORE_READ ? (unsigned)XS_PERM_READ : 0) | (rights & STORE_WRITE ? (unsigned)XS_PERM_WRITE : 0);
}

static int store_op_set_perms(struct host *h, store_txn t, const char *path, const struct store_perm *perms, size_t n,
                              struct domo_err *err)
{
    struct xs_permissions *AUTO_FREE list = NULL;
    struct xs_handle *xs;

    if (handle(h, &xs, err) < 0)
        return -1;
    list = calloc(n ? n : 1, sizeof *list);
    if (!list)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (size_t i = 0; i < n; i++) {
        list[i].id = perms[i].domid;
        list[i].perms = rights_to_xs(perms[i].rights);
    }
    if (!xs_set_permissions(xs, t, path, list, (unsigned)n))
        return fail(h, err, "set the permissions of", path);
    return 0;
}

static int store_op_get_perms(struct host *h, store_txn t, const char *path, struct store_perm **ret, size_t *ret_n,
                              struct domo_err *err)
{
    struct xs_permissions *AUTO_FREE list = NULL;
    struct store_perm *perms;
    struct xs_handle *xs;
    unsigned n = 0;

    if (handle(h, &xs, err) < 0)
        return -1;
    list = xs_get_permissions(xs, t, path, &n);
    if (!list)
        return fail(h, err, "read the permissions of", path);
    perms = calloc(n ? n : 1, sizeof *perms);
    if (!perms)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    for (unsigned i = 0; i < n; i++) {
        perms[i].domid = list[i].id;
        perms[i].rights =
            (list[i].perms & XS_PERM_READ ? STORE_READ : 0u) | (list[i].perms & XS_PERM_WRITE ? STORE_WRITE : 0u);
    }
    *ret = perms;
    *ret_n = n;
    return 0;
}

/* ---- watches ---- */

static int store_op_watch(struct host *h, const char *path, const char *token, struct domo_err *err)
{
    struct xen_host *x = h->impl;
    struct xs_handle *xs;

    if (handle(h, &xs, err) < 0)
        return -1;
    if (!xs_watch(xs, path, token))
        return fail(h, err, "watch", path);
    if (x->xs_fd < 0)
        x->xs_fd = xs_fileno(xs);
    return 0;
}

static int store_op_unwatch(struct host *h, const char *path, const char *token, struct domo_err *err)
{
    struct xs_handle *xs;

    if (handle(h, &xs, err) < 0)
        return -1;
    if (!xs_unwatch(xs, path, token))
        return fail(h, err, "stop to watch", path);
    return 0;
}

static int store_op_fd(struct host *h)
{
    return ((const struct xen_host *)h->impl)->xs_fd;
}

static int store_op_next_event(struct host *h, struct store_event *ret, bool *ret_any, struct domo_err *err)
{
    struct xs_handle *xs;
    char **AUTO_FREE vec = NULL;
    struct store_event event;

    if (handle(h, &xs, err) < 0)
        return -1;
    vec = xs_check_watch(xs);
    if (!vec && errno != EAGAIN)
        return failed(h, err, "read watch events");
    if (!vec) {
        *ret_any = false;
        return 0;
    }
    event.path = strdup(vec[XS_WATCH_PATH]);
    event.token = strdup(vec[XS_WATCH_TOKEN]);
    if (!event.path || !event.token) {
        store_event_fini(&event);
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    }
    *ret = event;
    *ret_any = true;
    return 0;
}

static int store_op_introduce(struct host *h, uint32_t domid, uint64_t gfn, uint32_t evtchn, struct domo_err *err)
{
    struct xs_handle *xs;

    if (handle(h, &xs, err) < 0)
        return -1;
    if (!xs_introduce_domain(xs, domid, gfn, evtchn))
        return failed(h, err, "introduce domain %u", domid);
    return 0;
}

static int store_op_resume(struct host *h, uint32_t domid, struct domo_err *err)
{
    struct xs_handle *xs;

    if (handle(h, &xs, err) < 0)
        return -1;
    if (!xs_resume_domain(xs, domid))
        return failed(h, err, "resume domain %u", domid);
    return 0;
}

const struct store_ops xen_store_ops = {
    .begin = store_op_begin,
    .end = store_op_end,
    .read = store_op_read,
    .write = store_op_write,
    .mkdir = store_op_mkdir,
    .rm = store_op_rm,
    .list = store_op_list,
    .set_perms = store_op_set_perms,
    .get_perms = store_op_get_perms,
    .watch = store_op_watch,
    .unwatch = store_op_unwatch,
    .fd = store_op_fd,
    .next_event = store_op_next_event,
    .introduce = store_op_introduce,
    .resume = store_op_resume,
};
