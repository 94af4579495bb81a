/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A XenStore client for the parts inside the simulation: a back end or a daemon
 * of domain 0 over an in-memory connection, a guest over its shared ring page.
 * A call is answered before it returns, because the server is in this process;
 * watch events that come meanwhile are kept.
 *
 * Functions return 0 or a negative errno: the server's word, or -EAGAIN if it
 * makes this client wait (the call can be repeated later), -EIO if the
 * connection or the ring is broken, -ENOMEM.
 * "dir" and "name" make a path; with "name" NULL "dir" is one. A guest's paths
 * may be relative to its home.
 */
#ifndef DOMO_SIM_XS_H
#define DOMO_SIM_XS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "domostore.h"

struct xsc;

struct xsc_event {
    char *path, *token; /* "token" lies behind "path" in one allocation: free(path) */
};

/* A connection of a domain; that of domain 0 is privileged. NULL when out of memory. */
struct xsc *xsc_new(struct domostore *, uint16_t domid);
/* A guest's end of its store ring. "kick" tells the server's end of the event channel; it is called with "arg". */
struct xsc *xsc_new_ring(struct domostore *, uint16_t domid, void *page, void (*kick)(void *arg), void *arg);
/* Watches and transactions of a ring stay with the server until it forgets the domain. */
struct xsc *xsc_free(struct xsc *);

/* Caller frees *ret, which has a NUL behind its bytes. */
int xsc_read(struct xsc *, uint32_t tx, const char *dir, const char *name, char **ret) MUST_CHECK;
/* A node that is a decimal number and nothing else; -EINVAL if it is not. */
int xsc_read_u32(struct xsc *, uint32_t tx, const char *dir, const char *name, uint32_t *ret) MUST_CHECK;
bool xsc_exists(struct xsc *, uint32_t tx, const char *dir, const char *name);
int xsc_write(struct xsc *, uint32_t tx, const char *dir, const char *name, const char *value) MUST_CHECK;
int xsc_writef(struct xsc *, uint32_t tx, const char *dir, const char *name, const char *fmt, ...)
    PRINTF_LIKE(5, 6) MUST_CHECK;
int xsc_mkdir(struct xsc *, uint32_t tx, const char *dir, const char *name) MUST_CHECK;
int xsc_rm(struct xsc *, uint32_t tx, const char *dir, const char *name) MUST_CHECK;
/* Names of the children; one allocation, free(*ret). */
int xsc_list(struct xsc *, uint32_t tx, const char *dir, const char *name, char ***ret, size_t *ret_n) MUST_CHECK;
/* "perms" as on the wire, with blanks between: "n5 r0". */
int xsc_set_perms(struct xsc *, uint32_t tx, const char *dir, const char *name, const char *perms) MUST_CHECK;
int xsc_watch(struct xsc *, const char *path, const char *token) MUST_CHECK;
int xsc_unwatch(struct xsc *, const char *path, const char *token) MUST_CHECK;
int xsc_begin(struct xsc *, uint32_t *ret_tx) MUST_CHECK;
/* -EAGAIN: a commit lost a race, nothing was changed. */
int xsc_end(struct xsc *, uint32_t tx, bool commit) MUST_CHECK;

/* One event, without waiting. The caller frees ret->path. */
bool xsc_next(struct xsc *, struct xsc_event *ret);

/* Runs "body" in a transaction, again after a lost race, a few times. A body that fails discards it. */
int xsc_transact(struct xsc *, int (*body)(struct xsc *, uint32_t tx, void *arg), void *arg) MUST_CHECK;

#endif
