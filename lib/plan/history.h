/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The host's history: what has happened to its guests, one JSON object a line
 * under the host's own_run, history/now and, before it was full, history/before.
 * Whoever does something adds a line; readers follow the files and can go on
 * where they stopped, by the token of the last line that they have seen. It
 * is bounded: what is older than two files is gone, and a reader that wanted it
 * is told so.
 *
 * A line: {"token":"1f0c9a2e-17","time":"2026-11-21T17:03:11.05Z","event":"attach","result":"done",…}
 * The first half of a token changes when the history begins anew (at each start
 * of the host), the second counts without gaps.
 */
#ifndef DOMO_PLAN_HISTORY_H
#define DOMO_PLAN_HISTORY_H

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "host/host.h"

/* Bytes of one file, about; of a line, at most. */
enum { HISTORY_FILE_BYTES = 1 << 20, HISTORY_LINE_BYTES = 4096 };

/* Adds a line; takes "about" (an object, or NULL: nothing more to say). Best effort: nothing is stopped because it
 * could not be written down, it is only logged. */
void history_add(struct host *, const char *event, struct json *about);

/* What most lines say: whom it is about. "name" and "uuid" may be NULL or empty. */
struct json *history_of(uint32_t domid, const char *name, const char *uuid);

struct history;

/* "from": a token (what follows it), "oldest" (all that is left), or NULL (what comes from now on). EVENTS_LOST: the
 * history has begun anew since the token was given. USAGE: that is no token of this host. */
int history_open(struct host *, const char *from, struct history **ret, struct domo_err *) MUST_CHECK;
/* The next line; *ret NULL: there is none yet. EVENTS_LOST: what follows the token or the last line is
 * not there any more. */
int history_next(struct history *, struct json **ret, struct domo_err *) MUST_CHECK;
/* Readable when there may be a next line; history_next() empties it. Valid until the reader is closed. */
int history_fd(const struct history *);
/* Waits for it, at most "timeout_ms" (-1: for ever). 1: look again; 0: the time is over. CANCELLED. */
int history_wait(struct history *, int64_t timeout_ms, struct domo_err *) MUST_CHECK;
/* NULL is fine. */
void history_close(struct history *);

#endif
