/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Virtual device names and numbers, after Xen's vbd interface document.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "dev/disk_spec.h"

enum { MAJOR_XVD = 202, MAJOR_SD = 8, MAJOR_HD_FIRST = 3, MAJOR_HD_SECOND = 22 };

#define EXTENDED ((uint32_t)1 << 28)

/* The limits of a naming scheme. */
enum { XVD_SHORT_DISKS = 16, XVD_SHORT_PARTS = 16, XVD_DISKS = 1 << 20, XVD_PARTS = 256 };
enum { HD_DISKS = 4, HD_PARTS = 64, SD_DISKS = 16, SD_PARTS = 16 };

/* Letters count like columns of a spreadsheet: a 0, z 25, aa 26. */
static const char *take_letters(const char *s, uint32_t *ret)
{
    uint32_t n = 0;

    if (*s < 'a' || *s > 'z')
        return NULL;
    for (; *s >= 'a' && *s <= 'z'; s++) {
        n = n * 26 + (uint32_t)(*s - 'a') + 1;
        if (n > XVD_DISKS)
            return NULL;
    }
    *ret = n - 1;
    return s;
}

/* A decimal number without a leading zero (0 itself only where "zero_ok"). */
static const char *take_decimal(const char *s, bool zero_ok, uint32_t *ret)
{
    uint32_t n = 0;

    if (*s < '0' || *s > '9' || (*s == '0' && (!zero_ok || (s[1] >= '0' && s[1] <= '9'))))
        return NULL;
    for (; *s >= '0' && *s <= '9'; s++) {
        n = n * 10 + (uint32_t)(*s - '0');
        if (n > XVD_DISKS)
            return NULL;
    }
    *ret = n;
    return s;
}

static int xvd_number(uint32_t disk, uint32_t part, uint32_t *ret)
{
    if (disk >= XVD_DISKS || part >= XVD_PARTS)
        return -EINVAL;
    if (disk < XVD_SHORT_DISKS && part < XVD_SHORT_PARTS)
        *ret = MAJOR_XVD << 8 | disk << 4 | part;
    else
        *ret = EXTENDED | disk << 8 | part;
    return 0;
}

static int hd_number(uint32_t disk, uint32_t part, uint32_t *ret)
{
    if (disk >= HD_DISKS || part >= HD_PARTS)
        return -EINVAL;
    *ret = (uint32_t)(disk < 2 ? MAJOR_HD_FIRST : MAJOR_HD_SECOND) << 8 | (disk & 1) << 6 | part;
    return 0;
}

static int sd_number(uint32_t disk, uint32_t part, uint32_t *ret)
{
    if (disk >= SD_DISKS || part >= SD_PARTS)
        return -EINVAL;
    *ret = MAJOR_SD << 8 | disk << 4 | part;
    return 0;
}

static int parse_bare(const char *s, uint32_t *ret)
{
    unsigned long v;
    char *end;

    errno = 0;
    v = strtoul(s, &end, 0);
    if (*end || errno || v > INT_MAX)
        return -EINVAL;
    *ret = (uint32_t)v;
    return 0;
}

/* "d5" or "d5p3": the disk by number. */
static int parse_numbered(const char *s, uint32_t *ret)
{
    uint32_t disk, part = 0;

    s = take_decimal(s + 1, true, &disk);
    if (s && *s == 'p')
        s = take_decimal(s + 1, true, &part);
    return s && !*s ? xvd_number(disk, part, ret) : -EINVAL;
}

static int parse_lettered(const char *s, int (*number)(uint32_t, uint32_t, uint32_t *), uint32_t *ret)
{
    uint32_t disk, part = 0;

    s = take_letters(s, &disk);
    if (s && *s)
        s = take_decimal(s, false, &part);
    return s && !*s ? number(disk, part, ret) : -EINVAL;
}

int vdev_to_devid(const char *vdev, uint32_t *ret_devid)
{
    if (vdev[0] >= '0' && vdev[0] <= '9')
        return parse_bare(vdev, ret_devid);
    if (!strncmp(vdev, "xvd", 3))
        return parse_lettered(vdev + 3, xvd_number, ret_devid);
    if (!strncmp(vdev, "hd", 2))
        return parse_lettered(vdev + 2, hd_number, ret_devid);
    if (!strncmp(vdev, "sd", 2))
        return parse_lettered(vdev + 2, sd_number, ret_devid);
    if (vdev[0] == 'd')
        return parse_numbered(vdev, ret_devid);
    return -EINVAL;
}

static void print_name(const char *prefix, uint32_t disk, uint32_t part, char out[24])
{
    char letters[8];
    size_t at = sizeof letters - 1;

    letters[at] = '\0';
    for (disk++; disk; disk = (disk - 1) / 26)
        letters[--at] = (char)('a' + (disk - 1) % 26);
    if (part)
        (void)snprintf(out, 24, "%s%s%u", prefix, letters + at, part);
    else
        (void)snprintf(out, 24, "%s%s", prefix, letters + at);
}

void vdev_from_devid(uint32_t devid, char out[24])
{
    uint32_t major = devid >> 8, back;

    if (devid >= EXTENDED && devid < EXTENDED << 1)
        print_name("xvd", (devid & (EXTENDED - 1)) >> 8, devid & 0xff, out);
    else if (major == MAJOR_XVD)
        print_name("xvd", (devid >> 4) & 0xf, devid & 0xf, out);
    else if (major == MAJOR_SD)
        print_name("sd", (devid >> 4) & 0xf, devid & 0xf, out);
    else if (major == MAJOR_HD_FIRST || major == MAJOR_HD_SECOND)
        print_name("hd", (major == MAJOR_HD_SECOND) * 2u + ((devid >> 6) & 1), devid & 0x3f, out);
    else
        out[0] = '\0';
    /* Two bits of an IDE number have no name, and a short disk may have been given an extended number. */
    if (!out[0] || vdev_to_devid(out, &back) || back != devid)
        (void)snprintf(out, 24, "%u", devid);
}

bool vdev_ide_index(uint32_t devid, uint32_t *ret_index)
{
    for (uint32_t i = 0; i < HD_DISKS; i++) {
        uint32_t hd, xvd;

        if (hd_number(i, 0, &hd) || xvd_number(i, 0, &xvd))
            continue;
        if (devid != hd && devid != xvd)
            continue;
        *ret_index = i;
        return true;
    }
    return false;
}
