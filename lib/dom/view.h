/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * XenStore itself, looked at and changed by its paths: what an administrator
 * asks for by name. Knows nothing of guests and devices.
 *
 * Paths are absolute, or relative to the home of the domain that we run in
 * (/local/domain/N), as the server resolves them; STORE_BAD_PATH if the server
 * could only refuse them. What is changed by one call is changed in one
 * transaction. The shapes of the results are documented in lib/domo.h.
 */
#ifndef DOMO_DOM_VIEW_H
#define DOMO_DOM_VIEW_H

#include "base/json.h"
#include "host/host.h"

enum { VIEW_PATH_MAX = 3072, VIEW_RELATIVE_MAX = 2048, VIEW_PAYLOAD_MAX = 4096 };

enum {
    VIEW_VALUES = 1 << 0,
    VIEW_PERMS = 1 << 1,
    VIEW_BELOW = 1 << 2, /* without the node itself */
};

/* Could a node have this path? STORE_BAD_PATH if not. "special": @introduceDomain and the like are fine. */
int view_check_path(const char *path, bool special, struct domo_err *) MUST_CHECK;
/* STORE_NOT_FOUND, with the nearest node above that is there as a hint. Returns -1. */
int view_missing(struct host *, store_txn, const char *path, struct domo_err *);

/* The node and what is below it, down to "depth" levels, each level sorted by name: an array of rows. A node that
 * vanishes meanwhile is left out; one that may not be read is marked. */
int view_walk(struct host *, store_txn, const char *path, unsigned flags, unsigned depth, struct json **ret,
              struct domo_err *) MUST_CHECK;
/* The bytes of a value, with a NUL after them; free(*ret). */
int view_read(struct host *, store_txn, const char *path, char **ret, size_t *ret_len, struct domo_err *) MUST_CHECK;
int view_exists(struct host *, const char *path, bool *ret, struct domo_err *) MUST_CHECK;
/* Puts "value", or "value_hex" if it is no text, into a row. */
void view_set_value(struct json *row, const char *value, size_t len);

/* {"paths":[…]}: what was changed. */
struct view_write {
    const char *path;
    const void *value;
    size_t len;
};
int view_write(struct host *, const struct view_write *, size_t n, struct json **ret, struct domo_err *) MUST_CHECK;
int view_mkdir(struct host *, const char *const *paths, size_t n, struct json **ret, struct domo_err *) MUST_CHECK;
enum { VIEW_MISSING_OK = 1 << 0, VIEW_TIDY = 1 << 1 };
int view_remove(struct host *, const char *const *paths, size_t n, unsigned flags, struct json **ret,
                struct domo_err *) MUST_CHECK;
/* "entries": "n0", "r5". */
int view_set_perms(struct host *, const char *path, const char *const *entries, size_t n, bool recursive,
                   struct json **ret, struct domo_err *) MUST_CHECK;

struct view_watch {
    const char *const *paths;
    size_t n;
    bool values;        /* read each node that an event names */
    uint64_t count;     /* end after so many events, 0 = never */
    int64_t timeout_ms; /* end after this time, 0 = never */
    /* One event; false ends it. */
    bool (*event)(void *arg, const struct json *row);
    void *arg;
};
/* 0: enough events, or no count was given and the time is up. TIMEOUT, CANCELLED. */
int view_watch(struct host *, const struct view_watch *, struct domo_err *) MUST_CHECK;

#endif
