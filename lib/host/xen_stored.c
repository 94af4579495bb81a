/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A store daemon's view of the real Xen.
 */
#include "host/stored.h"

/* First: it says what the others are to declare. */
#include <xenctrl.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xen/grant_table.h>
#include <xen/sys/xenbus_dev.h>
#include <xenevtchn.h>
#include <xenforeignmemory.h>
#include <xengnttab.h>
#include <xentoollog.h>

#include "base/fs.h"
#include "base/str.h"

enum { PAGE = 4096, LIST_MAX = 1024 };

enum map_kind { MAP_GRANT, MAP_FRAME, MAP_OWN };

struct stored {
    xentoollog_logger *log;
    xc_interface *xc;
    xenevtchn_handle *events;
    xengnttab_handle *grants;
    xenforeignmemory_handle *memory;
};

bool stored_xen_is_here(void)
{
    return access("/dev/xen/privcmd", F_OK) == 0;
}

static void hv_close(struct stored *x)
{
    if (!x)
        return;
    if (x->memory)
        (void)xenforeignmemory_close(x->memory);
    if (x->grants)
        (void)xengnttab_close(x->grants);
    if (x->events)
        (void)xenevtchn_close(x->events);
    if (x->xc)
        (void)xc_interface_close(x->xc);
    if (x->log)
        xtl_logger_destroy(x->log);
    free(x);
}

static int open_handles(struct stored *x, int events_fd)
{
    /* The libraries tell of each failure at once, though some are answers that we expect: a guest without a grant. */
    x->log = (xentoollog_logger *)xtl_createlogger_stdiostream(stderr, XTL_CRITICAL, 0);
    if (!x->log)
        return -ENOMEM;
    x->events = events_fd >= 0 ? xenevtchn_fdopen(x->log, events_fd, 0) : xenevtchn_open(x->log, 0);
    if (!x->events || fcntl(xenevtchn_fd(x->events), F_SETFL, O_NONBLOCK) < 0 ||
        fcntl(xenevtchn_fd(x->events), F_SETFD, FD_CLOEXEC) < 0)
        return -errno;
    x->grants = xengnttab_open(x->log, 0);
    if (!x->grants)
        return -errno;
    x->memory = xenforeignmemory_open(x->log, 0);
    if (!x->memory)
        return -errno;
    x->xc = xc_interface_open(x->log, x->log, XC_OPENFLAG_NON_REENTRANT);
    return x->xc ? 0 : -errno;
}

static int hv_open(int events_fd, struct stored **ret)
{
    struct stored *x = calloc(1, sizeof *x);
    int rc;

    if (!x)
        return -ENOMEM;
    rc = open_handles(x, events_fd);
    if (rc < 0) {
        hv_close(x);
        return rc;
    }
    *ret = x;
    return 0;
}

/* --- event channels --- */

static int hv_events_fd(struct stored *x)
{
    return xenevtchn_fd(x->events);
}

/* The library hands them out one a call. The device gives all there are in one read, and takes them back in one write:
 * with many guests that is most of the system calls. */
static int hv_take_events(struct stored *x, uint32_t *ret_ports, size_t max)
{
    int fd = xenevtchn_fd(x->events);
    ssize_t n = read(fd, ret_ports, max * sizeof *ret_ports);

    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    n -= n % (ssize_t)sizeof *ret_ports;
    if (n > 0 && write(fd, ret_ports, (size_t)n) != n)
        return -errno;
    return (int)(n / (ssize_t)sizeof *ret_ports);
}

static int hv_bind(struct stored *x, uint16_t domid, uint32_t remote, uint32_t *ret_port)
{
    xenevtchn_port_or_error_t port = xenevtchn_bind_interdomain(x->events, domid, remote);

    if (port < 0)
        return -errno;
    *ret_port = (uint32_t)port;
    return 0;
}

static int hv_bind_deaths(struct stored *x, uint32_t *ret_port)
{
    xenevtchn_port_or_error_t port = xenevtchn_bind_virq(x->events, VIRQ_DOM_EXC);

    if (port < 0)
        return -errno;
    *ret_port = (uint32_t)port;
    return 0;
}

static void hv_unbind(struct stored *x, uint32_t port)
{
    (void)xenevtchn_unbind(x->events, port);
}

static void hv_notify(struct stored *x, uint32_t port)
{
    (void)xenevtchn_notify(x->events, port);
}

/* --- pages --- */

/* With an array for errors, a page that is not there would be mapped all the same, and kill us when it is touched. */
static int map_frame(struct stored *x, uint16_t domid, uint64_t gfn, void **ret)
{
    xen_pfn_t frame = gfn;
    void *p = xenforeignmemory_map(x->memory, domid, PROT_READ | PROT_WRITE, 1, &frame, NULL);

    if (!p)
        return -errno;
    *ret = p;
    return 0;
}

static int hv_map(struct stored *x, uint16_t domid, uint64_t gfn, struct stored_map *ret)
{
    void *p = xengnttab_map_grant_ref(x->grants, domid, GNTTAB_RESERVED_XENSTORE, PROT_READ | PROT_WRITE);
    int how = MAP_GRANT, rc = 0;

    if (!p) {
        how = MAP_FRAME;
        rc = map_frame(x, domid, gfn, &p);
    }
    if (rc < 0)
        return rc == -ENOMEM || rc == -EACCES ? rc : -ENOENT; /* -EPERM: the frame is not this domain's */
    *ret = (struct stored_map){.page = p, .how = how};
    return 0;
}

static int map_file(const char *path, void **ret)
{
    int AUTO_CLOSE fd = open(path, O_RDWR | O_CLOEXEC);
    void *p;

    if (fd < 0)
        return -errno;
    p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED)
        return -errno;
    *ret = p;
    return 0;
}

/* The device is there on every kernel with back ends. */
static int own_by_device(void **ret_page, uint32_t *ret_remote)
{
    int AUTO_CLOSE fd = open("/dev/xen/xenbus_backend", O_RDWR | O_CLOEXEC);
    int port = fd < 0 ? -1 : ioctl(fd, IOCTL_XENBUS_BACKEND_EVTCHN, 0);

    if (port <= 0)
        return -ENOENT;
    *ret_remote = (uint32_t)port;
    return map_file("/dev/xen/xenbus_backend", ret_page);
}

/* The files need xenfs to be mounted. */
static int own_by_files(void **ret_page, uint32_t *ret_remote)
{
    char text[16] = "";
    int AUTO_CLOSE fd = open("/proc/xen/xsd_port", O_RDONLY | O_CLOEXEC);

    if (fd < 0 || read(fd, text, sizeof text - 1) <= 0)
        return -ENOENT;
    text[strcspn(text, "\n")] = '\0';
    if (str_to_u32(text, ret_remote) < 0 || *ret_remote == 0)
        return -ENOENT;
    return map_file("/proc/xen/xsd_kva", ret_page);
}

static int hv_map_own(struct stored *x, struct stored_map *ret, uint32_t *ret_remote)
{
    void *page = NULL;
    int rc = own_by_device(&page, ret_remote);

    (void)x;
    if (rc < 0)
        rc = own_by_files(&page, ret_remote);
    if (rc == 0)
        *ret = (struct stored_map){.page = page, .how = MAP_OWN};
    return rc;
}

static void hv_unmap(struct stored *x, const struct stored_map *map)
{
    switch ((enum map_kind)map->how) {
    case MAP_GRANT:
        (void)xengnttab_unmap(x->grants, map->page, 1);
        break;
    case MAP_FRAME:
        (void)xenforeignmemory_unmap(x->memory, map->page, 1);
        break;
    case MAP_OWN:
        (void)munmap(map->page, PAGE);
        break;
    }
}

/* --- domains --- */

static int hv_list(struct stored *x, uint16_t first, struct stored_dom *ret, size_t max)
{
    xc_domaininfo_t *AUTO_FREE batch = NULL;
    int i, n;

    if (max > LIST_MAX)
        return -EINVAL;
    batch = calloc(max, sizeof *batch);
    if (!batch)
        return -ENOMEM;
    n = xc_domain_getinfolist(x->xc, first, (unsigned)max, batch);
    if (n < 0)
        return -errno;
    for (i = 0; i < n; i++)
        ret[i] = (struct stored_dom){.domid = batch[i].domain,
                                     .is_dying = batch[i].flags & XEN_DOMINF_dying,
                                     .is_shutdown = batch[i].flags & XEN_DOMINF_shutdown};
    return n;
}

const struct stored_ops stored_xen_ops = {
    .open = hv_open,
    .close = hv_close,
    .events_fd = hv_events_fd,
    .take_events = hv_take_events,
    .bind = hv_bind,
    .bind_deaths = hv_bind_deaths,
    .unbind = hv_unbind,
    .notify = hv_notify,
    .map = hv_map,
    .map_own = hv_map_own,
    .unmap = hv_unmap,
    .list = hv_list,
};
