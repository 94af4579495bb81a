/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Who else uses a block device: the kernel's block back end does not open
 * devices exclusively, so it is asked itself, through sysfs; everybody else
 * (mounts, swap, volume managers) is kept off by an exclusive claim.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/vec.h"
#include "host/os.h"

enum { ATTR_MAX = 64 };

typedef VEC(struct os_vbd_user) user_list;

int os_block_claim(struct host *h, const char *path, int *ret_fd, struct domo_err *err)
{
    int fd = open(path, O_RDONLY | O_EXCL | O_CLOEXEC);
    enum domo_code code = errno == ENOENT                     ? DOMO_E_DISK_NOT_FOUND
                          : errno == EACCES || errno == EPERM ? DOMO_E_PERMISSION
                                                              : DOMO_E_IO;

    h->stats.os_calls++;
    if (fd < 0 && errno == EBUSY)
        return err_sys(err, DOMO_E_DISK_SHARED, EBUSY, "'%s' is mounted or otherwise in use on this host", path);
    if (fd < 0)
        return err_sys(err, code, errno, "can't open '%s'", path);
    *ret_fd = fd;
    return 0;
}

/* "vbd-7-51712". */
static bool parse_name(const char *name, struct os_vbd_user *ret)
{
    char *AUTO_FREE copy = str_starts(name, "vbd-") ? strdup(name + 4) : NULL;
    char *dash = copy ? strchr(copy, '-') : NULL;

    if (!dash)
        return false;
    *dash = '\0';
    return str_to_u32(copy, &ret->domid) == 0 && str_to_u32(dash + 1, &ret->devid) == 0;
}

static bool read_attr(const char *device, const char *attr, char out[ATTR_MAX])
{
    char *AUTO_FREE path = str_format("/sys/bus/xen-backend/devices/%s/%s", device, attr);
    char *AUTO_FREE text = NULL;
    size_t len;

    if (!path || fs_read(path, ATTR_MAX - 1, &text, &len) < 0)
        return false;
    (void)snprintf(out, ATTR_MAX, "%s", text);
    return true;
}

/* The attributes are there once the device was opened. */
static int add_user(user_list *list, const char *name, struct domo_err *err)
{
    char number[ATTR_MAX], mode[ATTR_MAX];
    struct os_vbd_user user, *slot;

    if (!parse_name(name, &user) || !read_attr(name, "physical_device", number) || !read_attr(name, "mode", mode))
        return 0;
    if (sscanf(number, "%x:%x", &user.major, &user.minor) != 2)
        return 0;
    user.read_only = !strchr(mode, 'w');
    slot = VEC_PUSH(list);
    if (!slot)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    *slot = user;
    return 0;
}

int os_vbd_users(struct host *h, struct os_vbd_user **ret, size_t *ret_n, struct domo_err *err)
{
    user_list list = VEC_INIT;
    struct dirent *entry;
    DIR *d;
    int r = 0;

    h->stats.os_calls++;
    /* Without any back end driver there is no directory, and no user. */
    d = opendir("/sys/bus/xen-backend/devices");
    while (d && r == 0 && (entry = readdir(d)))
        r = add_user(&list, entry->d_name, err);
    if (d)
        (void)closedir(d);
    if (r < 0) {
        VEC_FINI(&list);
        return -1;
    }
    *ret = list.at;
    *ret_n = list.len;
    return 0;
}
