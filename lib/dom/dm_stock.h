/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A device model that libxl started: the store names its process, and its
 * monitor listens in the run directory, to one at a time, under libxl's lock.
 */
#ifndef DOMO_DOM_DM_STOCK_H
#define DOMO_DOM_DM_STOCK_H

#include "dom/qmp.h"

enum { DM_STOCK_PATH_MAX = 512 };

/* The process, if it is one with the guest's number, or our UUID, on its command line: else the number may be another
 * one's by now, and *ret_runs is false. */
int dm_stock_find(struct host *, uint32_t domid, const char *uuid, struct os_daemon *ret, bool *ret_runs,
                  struct domo_err *) MUST_CHECK;
void dm_stock_monitor(const struct host *, uint32_t domid, char ret[DM_STOCK_PATH_MAX]);
/* Waits for its turn, and connects; others wait until the monitor is closed. DOMAIN_BUSY, and those of qmp_open. */
int dm_stock_open(struct host *, uint32_t domid, const char *uuid, const struct os_daemon *, struct qmp **ret,
                  struct domo_err *) MUST_CHECK;
/* Removes the sockets that it leaves. */
void dm_stock_forget(const struct host *, uint32_t domid);

#endif
