/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Domain 0's kernel objects that devices need: loop devices, bridges and
 * network interfaces. The seam's os operations and the back ends work on them.
 */
#ifndef DOMO_SIM_NODE_H
#define DOMO_SIM_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "host/host.h"

struct node;

/* Without any device. NULL when out of memory. */
struct node *node_open(void);
struct node *node_close(struct node *);

/* --- loop devices: major 7; the file is opened by the simulated host itself, so that a deleted one stays usable --- */
/* -ENOENT and other errors of open(2); -ENOTBLK if it is no regular file. */
int node_loop_attach(struct node *, const struct os_loop_new *, struct os_loop *ret) MUST_CHECK;
/* Autoclear as Linux: goes when the last back end has closed it. Fine when it is free already. */
int node_loop_detach(struct node *, uint32_t number) MUST_CHECK;
/* How many this kernel can have; -ENOSPC beyond. A fresh one has no limit. */
void node_loop_limit(struct node *, uint32_t most);
size_t node_loop_count(const struct node *);
bool node_loop_at(const struct node *, size_t i, struct os_loop *ret);
bool node_loop_get(const struct node *, uint32_t number, struct os_loop *ret);
/* Bytes of the file behind it now; -ENXIO if it is not configured. */
int node_loop_size(const struct node *, uint32_t number, uint64_t *ret) MUST_CHECK;

/* --- what a block back end opens: a loop device by number, or (major, minor) of a block device of this machine --- */
/* A descriptor to read and write (never close it), and the size in bytes. -ENXIO, -EROFS. */
int node_block_open(struct node *, uint32_t domid, uint32_t devid, uint32_t major, uint32_t minor, bool write,
                    int *ret_fd, uint64_t *ret_size) MUST_CHECK;
void node_block_close(struct node *, uint32_t domid, uint32_t devid);
size_t node_vbd_user_count(const struct node *);
bool node_vbd_user_at(const struct node *, size_t i, struct os_vbd_user *ret);

/* --- interfaces and bridges --- */
/* -EEXIST, -EINVAL (no name for an interface). "mac" may be NULL. */
int node_iface_add(struct node *, const char *name, bool is_bridge, const uint8_t mac[6]) MUST_CHECK;
int node_iface_remove(struct node *, const char *name) MUST_CHECK;
bool node_iface(const struct node *, const char *name, struct os_iface *ret);
/* All or nothing. -ENODEV (it, or the bridge), -EEXIST (the name is taken), -EBUSY (renamed while it is up),
 * -EOPNOTSUPP (the bridge is none), -ELOOP (a bridge into a bridge), -EINVAL. */
int node_iface_change(struct node *, const char *name, const struct os_iface_change *) MUST_CHECK;
size_t node_iface_count(const struct node *);
const char *node_iface_at(const struct node *, size_t i, struct os_iface *ret);
/* The interface's name now (a toolstack renames it) by its index; NULL if it is gone. */
const char *node_iface_name(const struct node *, uint32_t index);

#endif
