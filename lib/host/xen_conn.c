/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/xen_conn.h"
#include "host/codes.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xentoollog.h>

#include "base/str.h"

/* Our logger as libxenctrl wants it; "head" must be first: callbacks get its address. */
struct xen_log {
    xentoollog_logger head;
    const struct log *sink;
    char text[768]; /* error lines, joined by "; " */
};

static void keep_error(struct xen_log *log, const char *line)
{
    size_t n = strlen(log->text);

    /* The library often says the same thing from several levels; the first lines are nearest to the cause. */
    if (strstr(log->text, line))
        return;
    (void)snprintf(log->text + n, sizeof log->text - n, "%s%s", n ? "; " : "", line);
}

__attribute__((format(printf, 5, 0))) static void on_message(xentoollog_logger *logger, xentoollog_level level, int sys,
                                                             const char *context, const char *fmt, va_list ap)
{
    struct xen_log *log = (struct xen_log *)logger;
    bool wanted = log->sink && log->sink->sink && log->sink->threshold <= LOG_LEVEL_DEBUG;
    char line[1024];
    int n;

    /* A build says hundreds of lines: nothing is formatted that nobody reads. The lowest level is about libxenctrl's
     * own buffers, and its numbers differ from run to run. */
    if (level <= XTL_DEBUG || (level < XTL_ERROR && !wanted))
        return;
    n = vsnprintf(line, sizeof line, fmt, ap);
    if (n < 0)
        return;
    for (n = (int)strlen(line); n > 0 && line[n - 1] == '\n'; n--)
        line[n - 1] = '\0';
    if (level >= XTL_ERROR)
        keep_error(log, line);
    if (sys > 0)
        log_line(log->sink, LOG_LEVEL_DEBUG, "%s: %s: %s", context ? context : "xc", line, strerror(sys));
    else
        log_line(log->sink, LOG_LEVEL_DEBUG, "%s: %s", context ? context : "xc", line);
}

static void on_destroy(xentoollog_logger *logger)
{
    free(logger);
}

static struct xen_log *log_new(const struct log *sink)
{
    struct xen_log *log = calloc(1, sizeof *log);

    if (!log)
        return NULL;
    log->head.vmessage = on_message;
    log->head.destroy = on_destroy;
    log->sink = sink;
    return log;
}

const char *xen_log_text(const struct xen_log *log)
{
    return log ? log->text : "";
}

bool xen_is_here(void)
{
    return access("/dev/xen/privcmd", F_OK) == 0 || access("/proc/xen/privcmd", F_OK) == 0;
}

static int open_failed(struct domo_err *err, int sys)
{
    if (sys == EACCES || sys == EPERM)
        return err_sys(err, DOMO_E_PERMISSION, sys, "can't open the hypervisor's interface /dev/xen/privcmd");
    return err_sys(err, DOMO_E_NO_XEN, sys, "can't open the hypervisor's interface /dev/xen/privcmd");
}

int xen_xc(struct host *h, xc_interface **ret, struct domo_err *err)
{
    struct xen_host *x = h->impl;

    h->stats.hyp_calls++;
    if (!x->xc) {
        if (!x->log)
            x->log = log_new(h->log);
        if (!x->log)
            return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
        /* The same logger twice: without one, the builder would write a file of its own in /var/log/xen. */
        x->xc = xc_interface_open(&x->log->head, &x->log->head, XC_OPENFLAG_NON_REENTRANT);
        if (!x->xc)
            return open_failed(err, errno);
    }
    x->log->text[0] = '\0';
    *ret = x->xc;
    return 0;
}

void xen_hyp_close(struct host *h)
{
    struct xen_host *x = h->impl;

    if (x->xc)
        (void)xc_interface_close(x->xc);
    x->xc = NULL;
    free(x->log);
    x->log = NULL;
}

int xen_dummy_open(struct host *h, xc_interface **ret, struct xen_log **ret_log, struct domo_err *err)
{
    struct xen_log *log = log_new(h->log);
    xc_interface *xc = NULL;

    if (log)
        xc = xc_interface_open(&log->head, &log->head, XC_OPENFLAG_NON_REENTRANT | XC_OPENFLAG_DUMMY);
    if (!xc) {
        free(log);
        return err_set(err, DOMO_E_NO_MEMORY, "can't set libxenctrl up");
    }
    *ret = xc;
    *ret_log = log;
    return 0;
}

void xen_dummy_close(xc_interface *xc, struct xen_log *log)
{
    (void)xc_interface_close(xc);
    free(log);
}

int xen_fail(struct host *h, struct domo_err *err, enum domo_code fallback, int sys, const char *fmt, ...)
{
    const struct xen_host *x = h->impl;
    enum domo_code code = host_hyp_code(sys, fallback);
    char what[ERR_MSG_MAX];
    va_list ap;

    va_start(ap, fmt);
    (void)vsnprintf(what, sizeof what, fmt, ap);
    va_end(ap);
    (void)err_sys(err, code, sys, "%s", what);
    /* Xen answers EACCES to a control call whose interface version is not its own. */
    if (sys == EACCES)
        (void)err_hint(err, "is libxenctrl from the same Xen version as the running hypervisor? run as root in dom0?");
    if (xen_log_text(x->log)[0])
        (void)err_fact(err, "libxc", "%s", xen_log_text(x->log));
    return -1;
}

int xen_memory_facts(struct host *h, struct domo_err *err, uint64_t needed_kib)
{
    struct hyp_host_info info;

    if (xen_hyp_ops.host_info(h, &info, NULL) == 0) {
        (void)err_fact(err, "free-kib", "%llu", (unsigned long long)info.free_kib);
        (void)err_fact(err, "needed-kib", "%llu", (unsigned long long)needed_kib);
    }
    return -1;
}
