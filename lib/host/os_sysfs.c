/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/os_sysfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"

void sysfs_text(char out[SYSFS_TEXT_MAX], const char *bus, const char *device, const char *name)
{
    char path[256];
    ssize_t n = -1;
    int fd = -1;

    out[0] = '\0';
    if (snprintf(path, sizeof path, "/sys/bus/%s/devices/%s/%s", bus, device, name) < (int)sizeof path)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    n = read(fd, out, SYSFS_TEXT_MAX - 1);
    (void)close(fd);
    out[n > 0 ? n : 0] = '\0';
    if (n > 0 && out[n - 1] == '\n')
        out[n - 1] = '\0';
}

uint32_t sysfs_number(const char *bus, const char *device, const char *name, int base)
{
    char text[SYSFS_TEXT_MAX];

    sysfs_text(text, bus, device, name);
    return (uint32_t)strtoul(text, NULL, base);
}

void sysfs_driver(const char *bus, const char *device, char out[OS_DRIVER_MAX])
{
    char path[256], target[PATH_MAX];
    const char *name;
    ssize_t n = -1;

    out[0] = '\0';
    if (snprintf(path, sizeof path, "/sys/bus/%s/devices/%s/driver", bus, device) < (int)sizeof path)
        n = readlink(path, target, sizeof target - 1);
    if (n < 0)
        return;
    target[n] = '\0';
    name = strrchr(target, '/');
    (void)snprintf(out, OS_DRIVER_MAX, "%.*s", OS_DRIVER_MAX - 1, name ? name + 1 : target);
}

static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC), r = 0;

    if (fd < 0)
        return -errno;
    if (write(fd, text, strlen(text)) < 0)
        r = -errno;
    (void)close(fd);
    return r;
}

int sysfs_tell(const char *bus, const char *driver, const char *file, const char *device)
{
    char path[256];

    if (strchr(driver, '/') ||
        snprintf(path, sizeof path, "/sys/bus/%s/drivers/%s/%s", bus, driver, file) >= (int)sizeof path)
        return -EINVAL;
    return write_file(path, device);
}

int sysfs_unbind(const char *bus, const char *device)
{
    char driver[OS_DRIVER_MAX];

    sysfs_driver(bus, device, driver);
    return driver[0] ? sysfs_tell(bus, driver, "unbind", device) : 0;
}

int sysfs_fail(struct domo_err *err, int r, const char *bus, const char *device, const char *driver)
{
    if (r == -ENOENT && driver[0]) {
        (void)err_sys(err, DOMO_E_DEVICE_DRIVER, ENOENT, "this kernel has no %s driver '%s'", bus, driver);
        return err_hint(err, "modprobe %s", str_eq(driver, OS_PCIBACK) ? "xen-pciback" : driver);
    }
    if (r == -EPERM || r == -EACCES)
        return err_sys(err, DOMO_E_PERMISSION, -r, "can't change the driver of %s", device);
    return err_sys(err, DOMO_E_DEVICE_DRIVER, -r,
                   driver[0] ? "the driver '%s' does not take %s" : "can't take from its driver:%s %s", driver, device);
}
