/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * usage: dm_probe PID DOMID
 * Tries with each descriptor of the hypervisor's that a process holds, by a copy of that descriptor, what its owner
 * could: a hypercall of its choice, and an operation on domain DOMID as its device model. Prints a line for each
 * descriptor: "hypercall ANSWER dm-op ANSWER", where an answer is "refused" or "let".
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As the kernel's privcmd has them; no header of user space does. */
struct hypercall {
    uint64_t op, arg[5];
};
struct dm_op {
    uint16_t domid, n;
    const void *buffers;
};
#define PRIVCMD_HYPERCALL _IOC(_IOC_NONE, 'P', 0, sizeof(struct hypercall))
#define PRIVCMD_DM_OP     _IOC(_IOC_NONE, 'P', 5, sizeof(struct dm_op))
enum { XEN_VERSION = 17 };

static const char *answer(int r)
{
    return r < 0 && (errno == EPERM || errno == EACCES) ? "refused" : "let";
}

static void probe(int fd, uint16_t domid)
{
    struct hypercall version = {.op = XEN_VERSION};
    const struct dm_op nothing = {.domid = domid};
    const char *call = answer(ioctl(fd, PRIVCMD_HYPERCALL, &version));

    (void)printf("hypercall %s dm-op %s\n", call, answer(ioctl(fd, PRIVCMD_DM_OP, &nothing)));
}

int main(int argc, char **argv)
{
    pid_t pid = argc == 3 ? (pid_t)strtol(argv[1], NULL, 10) : 0;
    uint16_t domid = argc == 3 ? (uint16_t)strtoul(argv[2], NULL, 10) : 0;
    char dir[64], link[512], path[400];
    const struct dirent *e;
    int process, found = 0;
    DIR *list;

    (void)snprintf(dir, sizeof dir, "/proc/%d/fd", (int)pid);
    list = pid > 0 ? opendir(dir) : NULL;
    process = list ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (process < 0)
        return 2;
    while ((e = readdir(list))) {
        ssize_t n;
        int fd;

        (void)snprintf(path, sizeof path, "%s/%s", dir, e->d_name);
        n = readlink(path, link, sizeof link - 1);
        link[n > 0 ? n : 0] = '\0';
        if (strcmp(link, "/dev/xen/privcmd") != 0)
            continue;
        fd = (int)syscall(SYS_pidfd_getfd, process, atoi(e->d_name), 0);
        if (fd < 0)
            return 3;
        probe(fd, domid);
        found++;
        (void)close(fd);
    }
    (void)closedir(list);
    return found ? 0 : 1;
}
