/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Guests that the supervisor watches over: one small file each under the
 * host's own_run, wards/UUID, that says what it knows and what it is about to
 * do. The files are its only memory: it can be killed at any point, and the
 * next one goes on from them.
 */
#ifndef DOMO_DOM_WARD_H
#define DOMO_DOM_WARD_H

#include "base/json.h"
#include "dev/uuid_text.h"
#include "host/host.h"

enum ward_state {
    WARD_WATCHED,    /* it runs, or has just ended and nobody has looked */
    WARD_ENDED,      /* its end is known, and what is to be done about it */
    WARD_RESTARTING, /* its end is known and it is to be made anew: the old domain may still be there, or the new one */
};

struct ward {
    char uuid[UUID_TEXT_MAX];
    char *name;
    enum ward_state state;
    int64_t started_ms;    /* of the host's clock; when the guest was made last */
    int64_t not_before_ms; /* RESTARTING: not earlier than this */
    uint32_t quick;        /* how many times in a row it ended soon after its start */
    bool is_down;          /* RESTARTING: the old domain is being destroyed, or was, for the new one */
    char *action;          /* ENDED: the word of the config; NULL else */
    bool is_dumped;        /* ENDED: its core is written */
    /* RESTARTING: the old domain is kept under these; empty and NULL: it is destroyed */
    char aside_uuid[UUID_TEXT_MAX];
    char *aside_name;
    struct json *config; /* RESTARTING: what it is made of, as libxl stores it */
};

void ward_fini(struct ward *);
static inline void cleanup_ward_(struct ward *w)
{
    ward_fini(w);
}
#define AUTO_WARD CLEANUP(cleanup_ward_)

/* Best effort, by whoever creates and destroys guests: a guest that is not written down is not watched. */
void ward_keep(struct host *, const char *uuid, const char *name);
void ward_drop(struct host *, const char *uuid);

/* IO, NO_MEMORY. */
int ward_save(struct host *, const struct ward *, struct domo_err *) MUST_CHECK;
/* *ret_found false if there is none, or its file is damaged: a damaged one is removed, its guest is watched no more. */
int ward_load(struct host *, const char *uuid, struct ward *ret, bool *ret_found, struct domo_err *) MUST_CHECK;
/* The UUIDs of all of them: a snapshot. Stops at non-zero and returns it. */
int ward_each(struct host *, int (*each)(void *arg, const char *uuid), void *arg) MUST_CHECK;

/* Forgets the watched guests that the hypervisor does not have: somebody else took them down. One that is to be made
 * anew is not there either, and stays. */
int ward_prune(struct host *, struct domo_err *) MUST_CHECK;

/* A descriptor that is readable once somebody has written one down since fs_drain(): a guest may have ended before it
 * was. IO. */
int ward_listen(struct host *, int *ret_fd, struct domo_err *) MUST_CHECK;

/* Only one supervisor at a time: the lock that it holds. DOMAIN_BUSY. */
int ward_lock(struct host *, int *ret_fd, struct domo_err *) MUST_CHECK;
/* Does a supervisor run? */
bool ward_is_guarded(struct host *);

#endif
