/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A guest's device model as a process of this host. It belongs to the guest
 * and not to whoever started it: two files in the run directory, named by the
 * guest's UUID, say which process it is and where its monitor listens.
 */
#ifndef DOMO_DOM_DM_H
#define DOMO_DOM_DM_H

#include "dom/dm_argv.h"
#include "dom/guest.h"
#include "dom/qmp.h"

/* Starts it and waits until its monitor says that it is ready; *ret is the open monitor. What an earlier guest of that
 * UUID left is killed. If it ends instead, DEVICE_MODEL at once, with the end of its log in the message and in the fact
 * "device-model-log". After a failure dm_stop() cleans up. */
int dm_start(struct host *, const struct dm_guest *, struct qmp **ret, struct domo_err *) MUST_CHECK;
/* The open monitor of a guest that runs, also of one that libxl made. DEVICE_MODEL if its device model has ended, or
 * there is none; DOMAIN_BUSY if another tool talks to it all the time. */
int dm_open(struct host *, const struct guest *, struct qmp **ret, struct domo_err *) MUST_CHECK;
/* Asks it to end, kills it if it does not, removes its files. Fine if there is none. If its pid file is damaged it is
 * only asked, and not killed: BAD_STATE_FILE if it does not end. */
int dm_stop(struct host *, const char *uuid, struct domo_err *) MUST_CHECK;
/* The same for a guest that may not be ours: also the device model that the store names, libxl's for example. */
int dm_end(struct host *, uint32_t domid, const char *uuid, struct domo_err *) MUST_CHECK;

/* The size of the log now, to be given to dm_check_device(). */
int64_t dm_log_size(const struct host *, const char *name);
/* Has it ended, or said since then that it can't serve the device? DEVICE_MODEL with its words. */
int dm_check_device(struct host *, const char *uuid, const char *name, int64_t from, const char *back_name,
                    uint32_t devid, struct domo_err *) MUST_CHECK;

/* "running", "ended" (its files are there, the process is not), or "none". */
const char *dm_state(struct host *, const char *uuid);

/* Are there files of one, running or not? */
bool dm_exists(const struct host *, const char *uuid);

/* The UUID of every guest that has files of a device model here: a snapshot, which "each" may change. */
int dm_each(struct host *, int (*each)(void *arg, const char *uuid, struct domo_err *), void *arg,
            struct domo_err *) MUST_CHECK;

/* The nodes that a device model has: that it runs, its process, the terminals of serial lines. Asks the monitor.
 * *ret_tty (the caller's) is the first line's terminal, NULL if it has none. */
int dm_write_nodes(struct host *, uint32_t domid, const struct dm_guest *, struct qmp *, char **ret_tty,
                   struct domo_err *) MUST_CHECK;
/* Those outside of the guest's own directories, in the caller's transaction. */
int dm_remove_nodes(struct host *, store_txn, uint32_t domid, struct domo_err *) MUST_CHECK;

#endif
