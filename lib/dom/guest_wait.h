/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Waiting until a guest is in a state: for scripts that would otherwise look
 * again and again.
 */
#ifndef DOMO_DOM_GUEST_WAIT_H
#define DOMO_DOM_GUEST_WAIT_H

#include "base/json.h"
#include "dom/lifecycle.h"

struct guest_wait {
    uint32_t domid;
    const char *state; /* "shutdown" (it has ended, for whatever reason), "gone", or a state of the lifecycle's table */
    int64_t timeout_ms; /* 0 = none */
};

/* Is that a state to wait for? */
bool guest_wait_knows(const char *state);
/* Pure: is it reached by a guest in that state? */
bool guest_wait_is_reached(const char *goal, enum life_state);

/* Blocks. It is the domain that is waited for: one that takes its place after a restart is another one. *ret:
 * {"domid","state","waited_ms"}. TIMEOUT names the state that it is in; DOMAIN_NOT_FOUND if it goes while something
 * else than its end is waited for; USAGE if there is no such state. */
int guest_wait_run(struct host *, const struct guest_wait *, struct json **ret, struct domo_err *) MUST_CHECK;

#endif
