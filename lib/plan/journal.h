/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A journal is one small file per running operation: what it is about to own.
 * It is written before something is acquired, locked (flock) for as long as
 * the process lives, and removed at the end. After a kill -9 the lock is gone
 * and the file is left: that is how a sweep tells "died half-way" from
 * "still at work", without pids and without guessing.
 */
#ifndef DOMO_PLAN_JOURNAL_H
#define DOMO_PLAN_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"

struct journal;

/* Starts a journal in "dir" (made if missing, mode 0700). "what" ("create"), "about" (free members: uuid, name, domid,
 * devices; copied). */
int journal_open(const char *dir, const char *what, const struct json *about, struct journal **ret,
                 struct domo_err *) MUST_CHECK;

/* Sets one member ("domid", "step") and writes the file again. NULL journal: nothing. */
int journal_note(struct journal *, const char *name, struct json *value, struct domo_err *) MUST_CHECK;

/* Removes the file and frees. NULL is fine. */
void journal_close(struct journal *);

/* Frees, but leaves the file as that of a dead operation: what it noted is still to be done by a sweep. NULL is fine.
 */
void journal_leave(struct journal *);

/* Is another process with an operation of that sort at work on what it has noted as that number ("domid")? False also
 * when it can't be told. */
bool journal_is_at_work(const char *dir, const char *what, const char *name, uint32_t value);

/* The journals whose operation is dead: calls "each" with the parsed text and its path, holding its lock meanwhile.
 * When "each" returns 1 the file is removed, 0 keeps it, -1 stops with its error. Unreadable journals are passed with
 * "about" NULL. */
int journal_each_dead(const char *dir,
                      int (*each)(void *arg, const char *path, const struct json *about, struct domo_err *), void *arg,
                      struct domo_err *) MUST_CHECK;

#endif
