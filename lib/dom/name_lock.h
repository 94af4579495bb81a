/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * One creation of a name, and of a UUID, at a time. XenStore can't tell two that begin at the
 * same moment apart: neither sees the other's name, and servers that merge
 * transactions let both commit, because they touch different domains. Each
 * name has a lock of its own, so creations of different names do not wait.
 * UUIDs likewise: the hypervisor takes one twice.
 */
#ifndef DOMO_DOM_NAME_LOCK_H
#define DOMO_DOM_NAME_LOCK_H

#include "host/host.h"

struct name_lock {
    char *path;
    int fd;
};

#define NAME_LOCK_INIT                                                                                                 \
    {                                                                                                                  \
        .path = NULL, .fd = -1                                                                                         \
    }

/* Waits up to ten seconds for whoever has it. DOMAIN_BUSY, IO, NO_MEMORY. Let go with name_unlock(). */
int name_lock(struct host *, const char *name, struct name_lock *ret, struct domo_err *) MUST_CHECK;
/* The same for a UUID; never wait for a UUID with a name locked. */
int uuid_lock(struct host *, const uint8_t uuid[HOST_UUID_LEN], struct name_lock *ret, struct domo_err *) MUST_CHECK;
/* Nothing to do for one that was not taken. */
void name_unlock(struct name_lock *);

/* Removes the lock files of processes that were killed. */
void name_locks_prune(struct host *);

#endif
