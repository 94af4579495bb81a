/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Children of this process: with the descriptors that they are given and no
 * others, with no signal blocked or ignored.
 */
#ifndef DOMO_HOST_SPAWN_H
#define DOMO_HOST_SPAWN_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/attr.h"

enum { SPAWN_FDS_MAX = 4 };

struct spawn {
    const char *program; /* a path */
    char *const *argv, *const *env;
    int fds[SPAWN_FDS_MAX]; /* what the child has as 0, 1, …; -1 = /dev/null */
    int n_fds;
    bool own_group; /* in a process group of its own, so that it can be killed with all that it started */
};

/* 0 or a positive errno, as posix_spawn gives it. */
int host_spawn(const struct spawn *, pid_t *ret_pid) MUST_CHECK;

#endif
