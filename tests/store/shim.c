/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A preloaded library that lets Debian's own xenstored and oxenstored run
 * without a hypervisor, so that our server can be compared with them. It
 * answers for libxenevtchn, libxengnttab and libxenctrl in the manner of
 * store/guestdir.h: domains are files $SHIM_DIR/ring.<domid>, event channels
 * are datagrams. $SHIM_SOCKET replaces the path oxenstored has compiled in.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The entry points are written down here in plain types, as the callers'
 * binary interface has them: handles are pointers, the answers about a domain
 * start with its number, and all that the servers look at is in the first
 * bytes. */
enum { INFO_BYTES = 32, INFO_RUNNING = 1 << 5, PAGE_BYTES = 4096, PORT_OF_DOM = 1000, PORT_OF_VIRQ = 999 };

/* Stands for every handle that is given out. */
static char handle;
static int event_fd = -1;

static const char *file(const char *kind, long domid)
{
    static char name[108];
    const char *dir = getenv("SHIM_DIR");

    if (domid < 0)
        (void)snprintf(name, sizeof name, "%s/%s", dir ? dir : ".", kind);
    else
        (void)snprintf(name, sizeof name, "%s/%s.%ld", dir ? dir : ".", kind, domid);
    return name;
}

static struct sockaddr_un address(const char *name)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};

    (void)snprintf(a.sun_path, sizeof a.sun_path, "%s", name);
    return a;
}

static void *next_symbol(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

/* --- event channels --- */

void *xenevtchn_open(void *logger, unsigned int flags)
{
    struct sockaddr_un a = address(file("evtchn", -1));

    (void)logger;
    (void)flags;
    (void)remove(a.sun_path);
    event_fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (event_fd < 0 || bind(event_fd, (struct sockaddr *)&a, sizeof a) < 0)
        return NULL;
    return &handle;
}

void *xenevtchn_fdopen(void *logger, int fd, unsigned open_flags)
{
    (void)logger;
    (void)open_flags;
    event_fd = fd;
    return &handle;
}

int xenevtchn_close(void *xce)
{
    (void)xce;
    return close(event_fd);
}

int xenevtchn_fd(void *xce)
{
    (void)xce;
    return event_fd;
}

int xenevtchn_bind_virq(void *xce, unsigned int virq)
{
    (void)xce;
    (void)virq;
    return PORT_OF_VIRQ;
}

int xenevtchn_bind_interdomain(void *xce, uint32_t domid, uint32_t remote)
{
    (void)xce;
    (void)remote;
    return (int)(PORT_OF_DOM + domid);
}

int xenevtchn_unbind(void *xce, uint32_t port)
{
    (void)xce;
    (void)port;
    return 0;
}

int xenevtchn_unmask(void *xce, uint32_t port)
{
    (void)xce;
    (void)port;
    return 0;
}

int xenevtchn_pending(void *xce)
{
    uint32_t port;

    (void)xce;
    return recv(event_fd, &port, sizeof port, MSG_DONTWAIT) == sizeof port ? (int)port : -1;
}

int xenevtchn_notify(void *xce, uint32_t port)
{
    struct sockaddr_un a = address(file("guest", (long)port - PORT_OF_DOM));
    uint32_t word = port;

    (void)xce;
    (void)sendto(event_fd, &word, sizeof word, MSG_DONTWAIT, (struct sockaddr *)&a, sizeof a);
    return 0;
}

/* --- pages --- */

static void *map_page(uint32_t domid)
{
    void *p;
    int fd = open(file("ring", domid), O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return NULL;
    p = mmap(NULL, PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)close(fd);
    return p == MAP_FAILED ? NULL : p;
}

void *xengnttab_open(void *logger, unsigned open_flags)
{
    (void)logger;
    (void)open_flags;
    return &handle;
}

int xengnttab_close(void *xgt)
{
    (void)xgt;
    return 0;
}

int xengnttab_set_max_grants(void *xgt, uint32_t nr_grants)
{
    (void)xgt;
    (void)nr_grants;
    return 0;
}

void *xengnttab_map_grant_ref(void *xgt, uint32_t domid, uint32_t ref, int prot)
{
    (void)xgt;
    (void)ref;
    (void)prot;
    return map_page(domid);
}

int xengnttab_unmap(void *xgt, void *start, uint32_t count)
{
    (void)xgt;
    return munmap(start, (size_t)count * PAGE_BYTES);
}

void *xc_map_foreign_range(void *xch, uint32_t dom, int size, int prot, unsigned long mfn)
{
    (void)xch;
    (void)size;
    (void)prot;
    (void)mfn;
    return map_page(dom);
}

/* --- domains --- */

void *xc_interface_open(void *logger, void *dombuild, unsigned open_flags)
{
    (void)logger;
    (void)dombuild;
    (void)open_flags;
    return &handle;
}

int xc_interface_close(void *xch)
{
    (void)xch;
    return 0;
}

static int is_there(uint32_t domid)
{
    if (access(file("ring", domid), F_OK) == 0)
        return 1;
    errno = ESRCH;
    return 0;
}

int xc_domain_getinfo(void *xch, uint32_t first_domid, unsigned int max_doms, uint32_t *info)
{
    (void)xch;
    (void)max_doms;
    if (!is_there(first_domid))
        return 0;
    memset(info, 0, INFO_BYTES);
    info[0] = first_domid;
    info[2] = INFO_RUNNING;
    return 1;
}

int xc_domain_getinfolist(void *xch, uint32_t first_domain, unsigned int max_domains, uint16_t *info)
{
    (void)xch;
    (void)max_domains;
    if (!is_there(first_domain))
        return 0;
    memset(info, 0, INFO_BYTES);
    info[0] = (uint16_t)first_domain;
    return 1;
}

/* --- paths that are compiled in --- */

int open(const char *path, int flags, ...)
{
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))next_symbol("open");
    mode_t mode = 0;
    va_list ap;

    va_start(ap, flags);
    if (flags & O_CREAT)
        mode = va_arg(ap, mode_t);
    va_end(ap);
    if (strcmp(path, "/proc/xen/xsd_port") == 0)
        path = file("port", -1);
    else if (strcmp(path, "/proc/xen/xsd_kva") == 0)
        path = file("ring", 0);
    return real(path, flags, mode);
}

static const char *socket_for(const char *path)
{
    const char *ours = getenv("SHIM_SOCKET"), *end = "/xenstored/socket";
    size_t n = strlen(path), k = strlen(end);

    return ours && n >= k && strcmp(path + n - k, end) == 0 ? ours : path;
}

int bind(int fd, const struct sockaddr *addr, socklen_t len)
{
    int (*real)(int, const struct sockaddr *, socklen_t) =
        (int (*)(int, const struct sockaddr *, socklen_t))next_symbol("bind");
    struct sockaddr_un a;

    if (addr->sa_family != AF_UNIX)
        return real(fd, addr, len);
    a = address(socket_for(((const struct sockaddr_un *)(const void *)addr)->sun_path));
    return real(fd, (struct sockaddr *)&a, sizeof a);
}

int unlink(const char *path)
{
    int (*real)(const char *) = (int (*)(const char *))next_symbol("unlink");

    return real(socket_for(path));
}

/* oxenstored insists on more descriptors than a container may allow. */
int setrlimit(__rlimit_resource_t resource, const struct rlimit *limit)
{
    int (*real)(__rlimit_resource_t, const struct rlimit *) =
        (int (*)(__rlimit_resource_t, const struct rlimit *))next_symbol("setrlimit");
    int rc = real(resource, limit);

    return rc < 0 && errno == EPERM ? 0 : rc;
}
