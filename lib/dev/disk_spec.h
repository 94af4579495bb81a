/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One disk as the administrator wrote it: the disk= grammar of
 * xl-disk-configuration(5), positional and key=value, and the mapping from
 * virtual device names to device numbers (Xen's vbd-interface document).
 * Pure: no file is looked at here.
 */
#ifndef DOMO_DEV_DISK_SPEC_H
#define DOMO_DEV_DISK_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "conf/diag.h"

enum disk_format {
    DISK_FORMAT_RAW,
    DISK_FORMAT_QCOW,
    DISK_FORMAT_QCOW2,
    DISK_FORMAT_VHD,
    DISK_FORMAT_QED,
    DISK_FORMAT_EMPTY
};
enum disk_access { DISK_ACCESS_RW, DISK_ACCESS_RO, DISK_ACCESS_RW_SHARED /* w!: no sharing check */ };
enum disk_backend {
    DISK_BACKEND_AUTO,
    DISK_BACKEND_PHY,
    DISK_BACKEND_QDISK,
    DISK_BACKEND_TAP,
    DISK_BACKEND_STANDALONE
};

struct disk_spec {
    char *target;   /* path; NULL = empty drive */
    char *vdev;     /* "xvda" as written */
    uint32_t devid; /* its number */
    enum disk_format format;
    enum disk_access access;
    enum disk_backend backendtype;
    char *backend; /* back end domain: name or number, NULL = the toolstack's */
    char *script;  /* as written; NULL = in process */
    bool is_cdrom, removable;
    bool direct_io_safe;
    bool discard, has_discard; /* default: on for writable disks */
    bool untrusted;
    bool is_virtio; /* specification=virtio */
    struct conf_pos pos;
};

void disk_spec_fini(struct disk_spec *);
int disk_spec_copy(const struct disk_spec *from, struct disk_spec *to) MUST_CHECK; /* 0, -ENOMEM */

/* Parses one spec. "at" is where "text" begins in the source of "diags" (column counts on from there). 0 or -1 with
 * at least one error in diags; *ret is set on success only. */
int disk_spec_parse(const char *text, struct conf_pos at, struct diags *, struct disk_spec *ret) MUST_CHECK;

/* The spec in canonical key=value form; caller frees; NULL when out of memory. */
char *disk_spec_print(const struct disk_spec *);

/* libxl's JSON object of a disk (facts: xl.md 3.14), both ways. From: 0, -EINVAL, -ENOMEM. */
struct json *disk_spec_to_libxl(const struct disk_spec *);
int disk_spec_from_libxl(const struct json *, struct disk_spec *ret) MUST_CHECK;

/* "xvda", "hdc1", "sdb", "d0p1", "51712" to the device number. 0 or -EINVAL. */
int vdev_to_devid(const char *vdev, uint32_t *ret_devid) MUST_CHECK;
/* The other way, the shortest common name ("xvda"); for numbers without a name, decimal. */
void vdev_from_devid(uint32_t devid, char out[24]);

/* Where a device model shows a disk to a guest without PV drivers: as the IDE disk of that index, 0 (hda) to 3 (hdd).
 * False: it does not. Whole disks alone, hdX and, as xl does, xvdX. */
bool vdev_ide_index(uint32_t devid, uint32_t *ret_index);

#endif
