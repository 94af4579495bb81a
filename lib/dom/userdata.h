/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The files that libxl keeps per domain, and its locks, so that stock tools
 * and domo work on the same guest: userdata-<d|l>.<domid>.<uuid>.<id> in the
 * host's userdata directory (facts: xl.md 3.12, 3.14), and the history of
 * destroyed domids that must not be used again at once (xl.md 3.2).
 */
#ifndef DOMO_DOM_USERDATA_H
#define DOMO_DOM_USERDATA_H

#include <stdint.h>

#include "base/attr.h"
#include "base/json.h"
#include "host/host.h"

/* The whole config of a domain as libxl stores it. */
int userdata_write_config(struct host *, uint32_t domid, const char *uuid, const struct json *,
                          struct domo_err *) MUST_CHECK;
/* *ret NULL if there is none. BAD_STATE_FILE if it can't be parsed. */
int userdata_read_config(struct host *, uint32_t domid, const char *uuid, struct json **ret,
                         struct domo_err *) MUST_CHECK;
/* Removes all files of a domain; missing ones are fine. */
int userdata_remove(struct host *, uint32_t domid, const char *uuid, struct domo_err *) MUST_CHECK;

/* libxl's lock around changes of a domain's stored config. DOMAIN_BUSY when another tool holds it past the deadline. */
struct userdata_lock {
    int fd; /* -1 = not held */
    char path[512];
};
int userdata_lock(struct host *, uint32_t domid, const char *uuid, int64_t deadline_ms, struct userdata_lock *ret,
                  struct domo_err *) MUST_CHECK;
/* Another lock of libxl's for the domain, by its name there: "qmp-socket-lock". */
int userdata_lock_of(struct host *, uint32_t domid, const char *uuid, const char *what, int64_t deadline_ms,
                     struct userdata_lock *ret, struct domo_err *) MUST_CHECK;
void userdata_unlock(struct userdata_lock *);

/* Calls "each" for every userdata file with the domid and UUID in its name; stops at non-zero and returns it. */
int userdata_each(struct host *, int (*each)(void *arg, const char *path, uint32_t domid, const char *uuid), void *arg,
                  struct domo_err *) MUST_CHECK;

/* Was the domid given back less than libxl's 60 s ago? */
int domid_is_recent(struct host *, uint32_t domid, bool *ret, struct domo_err *) MUST_CHECK;
int domid_mark_recent(struct host *, uint32_t domid, struct domo_err *) MUST_CHECK;

#endif
