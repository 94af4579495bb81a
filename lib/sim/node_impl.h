/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What domain 0's kernel is inside: for node*.c alone.
 */
#ifndef DOMO_SIM_NODE_IMPL_H
#define DOMO_SIM_NODE_IMPL_H

#include "base/vec.h"
#include "sim/node.h"

enum { NODE_LOOP_MAJOR = 7, NODE_NAME_MAX = 16 };

struct loop {
    struct os_loop info;
    int fd;
    bool autoclear; /* goes with its last user */
};

struct user {
    struct os_vbd_user info;
    int own_fd; /* of a real block device; -1: the loop device's */
};

struct iface {
    char name[NODE_NAME_MAX];
    struct os_iface info;
    uint8_t mac[6];
};

struct node {
    VEC(struct loop) loops; /* by number */
    bool has_loop_limit;
    uint32_t loop_limit;
    VEC(struct user) users;
    VEC(struct iface) ifaces;
    uint32_t last_index;
};

#endif
