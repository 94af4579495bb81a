/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Disk images that QEMU serves: their formats' names, and whether a file is of
 * the format that it is said to have. Only the first and last bytes are looked
 * at; whether all of it is in order is QEMU's to say.
 */
#ifndef DOMO_DEV_IMAGE_H
#define DOMO_DEV_IMAGE_H

#include "base/err.h"
#include "dev/disk_spec.h"

/* As in xl.cfg: "qcow2". */
const char *image_format_name(enum disk_format);
/* As in the node "params" of a back end of QEMU's: "aio" for raw and empty ones. */
const char *image_params_name(enum disk_format);
/* QEMU's own name: "vpc" for vhd. */
const char *image_qemu_name(enum disk_format);
/* The path that such a node has behind its format's name, inside of "params"; NULL: an empty drive, or no such node. */
const char *image_of_params(const char *params, enum disk_format *ret);
/* 0, or DISK_BAD_TARGET that says what the file is instead; IO. Raw ones are whatever they are. */
int image_check(const char *path, enum disk_format, struct domo_err *) MUST_CHECK;

#endif
