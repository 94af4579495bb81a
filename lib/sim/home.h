/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The directory of a simulated host: whose it is, what is in it, and that only
 * one domo-simd serves it.
 */
#ifndef DOMO_SIM_HOME_H
#define DOMO_SIM_HOME_H

#include "base/err.h"
#include "sim/world.h"

struct home {
    const char *dir; /* absolute */
    int lock_fd;     /* held as long as the host runs; -1 = not held */
    bool was_killed; /* the host before us did not end by itself: its world is gone */
};

#define HOME_INIT                                                                                                      \
    {                                                                                                                  \
        .dir = NULL, .lock_fd = -1, .was_killed = false,                                                               \
    }

/* Makes the directory if need be, takes the lock, empties the state of the host before. A directory that holds other
 * things is refused (USAGE); DOMAIN_BUSY when another one serves it. */
int home_enter(struct home *, const char *dir, struct domo_err *) MUST_CHECK;
/* "the host ended by itself": forgets the lock's owner. */
void home_leave(struct home *);
/* The world that the directory describes, or the default one. */
int home_world(const struct home *, struct world **ret, struct domo_err *) MUST_CHECK;
/* A path in it; caller frees, NULL: no memory. */
char *home_path(const struct home *, const char *name);

#endif
