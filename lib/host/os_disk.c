/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What a disk's target is, and whether this host itself uses a block device.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/str.h"
#include "base/vec.h"
#include "host/os.h"

enum { MOUNTS_MAX = 16 << 20, RELATED_MAX = 256, SECTOR = 512 };

typedef VEC(dev_t) dev_list;

/* ---- target ---- */

/* From sysfs, so that the device need not be opened. 0 if unknown. */
static uint64_t block_size(uint32_t major, uint32_t minor)
{
    char *AUTO_FREE text = NULL;
    char path[64];
    uint64_t sectors = 0;
    size_t len;

    (void)snprintf(path, sizeof path, "/sys/dev/block/%u:%u/size", major, minor);
    if (fs_read(path, 64, &text, &len) < 0)
        return 0;
    text[strcspn(text, "\n")] = '\0';
    return str_to_u64(text, &sectors) == 0 ? sectors * SECTOR : 0;
}

static void note_real_path(const char *path, char out[HOST_REAL_PATH_MAX])
{
    char *AUTO_FREE real = realpath(path, NULL);

    out[0] = '\0';
    if (real && strlen(real) < HOST_REAL_PATH_MAX)
        (void)snprintf(out, HOST_REAL_PATH_MAX, "%s", real);
}

int os_target(struct host *h, const char *path, struct os_target *ret, struct domo_err *err)
{
    struct stat st;

    h->stats.os_calls++;
    if (stat(path, &st) < 0) {
        enum domo_code code = errno == ENOENT || errno == ENOTDIR ? DOMO_E_DISK_NOT_FOUND
                              : errno == EACCES                   ? DOMO_E_PERMISSION
                                                                  : DOMO_E_IO;

        return err_sys(err, code, errno, "'%s'", path);
    }
    *ret = (struct os_target){
        .kind = S_ISREG(st.st_mode)   ? OS_TARGET_FILE
                : S_ISBLK(st.st_mode) ? OS_TARGET_BLOCK
                                      : OS_TARGET_OTHER,
        .dev = st.st_dev,
        .ino = st.st_ino,
        .size = (uint64_t)st.st_size,
    };
    if (ret->kind == OS_TARGET_BLOCK) {
        ret->rdev_major = major(st.st_rdev);
        ret->rdev_minor = minor(st.st_rdev);
        ret->size = block_size(ret->rdev_major, ret->rdev_minor);
    }
    note_real_path(path, ret->real_path);
    return 0;
}

/* ---- in use by this host ---- */

static bool contains(const dev_list *list, dev_t dev)
{
    for (size_t i = 0; i < list->len; i++)
        if (list->at[i] == dev)
            return true;
    return false;
}

static void add_dev(dev_list *list, dev_t dev)
{
    dev_t *slot;

    if (contains(list, dev) || list->len >= RELATED_MAX)
        return;
    slot = VEC_PUSH(list);
    if (slot)
        *slot = dev;
}

/* Adds the device whose number is in the file "DIR/NAME/dev". */
static void add_from_sysfs(dev_list *list, const char *dir, const char *name)
{
    char *AUTO_FREE path = str_format("%s/%s/dev", dir, name);
    char *AUTO_FREE text = NULL;
    unsigned major_no, minor_no;
    size_t len;

    if (path && fs_read(path, 64, &text, &len) == 0 && sscanf(text, "%u:%u", &major_no, &minor_no) == 2)
        add_dev(list, makedev(major_no, minor_no));
}

/* Entries of a directory that are block devices; in a disk's own directory only its partitions have a "dev". */
static void add_children(dev_list *list, const char *dir)
{
    struct dirent *entry;
    DIR *d = opendir(dir);

    if (!d)
        return;
    while ((entry = readdir(d)))
        if (entry->d_name[0] != '.')
            add_from_sysfs(list, dir, entry->d_name);
    (void)closedir(d);
}

/* The device, its partitions, and what is stacked on any of them (LVM, RAID, crypt): writing to the one is writing to
 * all. */
static void add_related(dev_list *list, dev_t dev)
{
    add_dev(list, dev);
    for (size_t i = 0; i < list->len; i++) {
        char dir[64], holders[80];

        (void)snprintf(dir, sizeof dir, "/sys/dev/block/%u:%u", major(list->at[i]), minor(list->at[i]));
        (void)snprintf(holders, sizeof holders, "%s/holders", dir);
        add_children(list, dir);
        add_children(list, holders);
    }
}

/* Mounts and swaps write blanks in paths as octal. */
static void unescape(char *s)
{
    char *out = s;

    while (*s) {
        if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' && s[3] >= '0' && s[3] <= '7') {
            *out++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
            s += 4;
        } else {
            *out++ = *s++;
        }
    }
    *out = '\0';
}

static bool is_one_of(char *path, const dev_list *list)
{
    struct stat st;

    unescape(path);
    return path[0] == '/' && stat(path, &st) == 0 && S_ISBLK(st.st_mode) && contains(list, st.st_rdev);
}

/* One line of mountinfo: "36 35 98:0 /root /mnt rw - ext4 /dev/sda1 rw". File systems with several devices (btrfs) have
 * a number of their own: for them the source is looked at. */
static bool mount_uses(char *line, const dev_list *list)
{
    unsigned major_no, minor_no;
    char *source = strstr(line, " - ");

    if (sscanf(line, "%*u %*u %u:%u", &major_no, &minor_no) == 2 && contains(list, makedev(major_no, minor_no)))
        return true;
    source = source ? strchr(source + 3, ' ') : NULL;
    if (!source)
        return false;
    source++;
    source[strcspn(source, " ")] = '\0';
    return is_one_of(source, list);
}

static bool swap_uses(char *line, const dev_list *list)
{
    line[strcspn(line, " \t")] = '\0';
    return is_one_of(line, list);
}

static int any_line(const char *path, bool (*uses)(char *, const dev_list *), const dev_list *list, bool *ret,
                    struct domo_err *err)
{
    char *AUTO_FREE text = NULL;
    char *line, *rest;
    size_t len;
    int r = fs_read(path, MOUNTS_MAX, &text, &len);

    /* A kernel without swap has no /proc/swaps. */
    if (r == -ENOENT)
        return 0;
    if (r < 0)
        return err_sys(err, DOMO_E_IO, -r, "can't read %s", path);
    for (rest = text; !*ret && (line = strsep(&rest, "\n"));)
        *ret = uses(line, list);
    return 0;
}

int os_is_mounted(struct host *h, uint32_t major_no, uint32_t minor_no, bool *ret, struct domo_err *err)
{
    dev_list list = VEC_INIT;
    bool used = false;
    int r;

    h->stats.os_calls++;
    add_related(&list, makedev(major_no, minor_no));
    r = any_line("/proc/self/mountinfo", mount_uses, &list, &used, err);
    if (r == 0 && !used)
        r = any_line("/proc/swaps", swap_uses, &list, &used, err);
    VEC_FINI(&list);
    if (r == 0)
        *ret = used;
    return r;
}

/* ---- who has it open ---- */

/* The kernel grants a lease only on a file that nobody else has open (or open for writing), and that is all that is
 * wanted of it. While it is held somebody else's open waits, and a signal comes, which must be one that does no harm.
 */
int os_file_is_open(struct host *h, const char *path, bool any, bool *ret, struct domo_err *err)
{
    int AUTO_CLOSE fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

    h->stats.os_calls++;
    if (fd < 0)
        return err_sys(err,
                       errno == ENOENT                     ? DOMO_E_DISK_NOT_FOUND
                       : errno == EACCES || errno == EPERM ? DOMO_E_PERMISSION
                                                           : DOMO_E_IO,
                       errno, "can't open '%s'", path);
    *ret = fcntl(fd, F_SETSIG, SIGURG) < 0 || fcntl(fd, F_SETLEASE, any ? F_WRLCK : F_RDLCK) < 0;
    if (!*ret)
        (void)fcntl(fd, F_SETLEASE, F_UNLCK);
    return 0;
}
