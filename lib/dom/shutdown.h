/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Asking guests to shut down or to reboot, many at once: the request goes into
 * control/shutdown of each, the guest takes it away as its answer, and ends
 * some time later. A guest that is dead or can't be asked stops no other.
 * (The protocol: xenstore-paths(7), ~/control/shutdown and ~/control/feature-*.)
 */
#ifndef DOMO_DOM_SHUTDOWN_H
#define DOMO_DOM_SHUTDOWN_H

#include "base/json.h"
#include "host/host.h"

enum shutdown_ask { SHUTDOWN_ASK_POWEROFF, SHUTDOWN_ASK_REBOOT, SHUTDOWN_ASK_SUSPEND };

/* How far to wait. */
enum shutdown_until {
    SHUTDOWN_UNTIL_ANSWER, /* the guest has taken the request */
    SHUTDOWN_UNTIL_ENDED,  /* it has ended: shut down, or gone */
    SHUTDOWN_UNTIL_GONE,   /* the domain is gone: somebody has destroyed it */
};

struct shutdown_options {
    enum shutdown_ask ask;
    enum shutdown_until until;
    bool button;        /* press the virtual machine's button if the guest has no driver to ask */
    int64_t timeout_ms; /* for all of them together */
};

/* What is known of one guest, as far as it matters here. */
struct shutdown_facts {
    bool is_there, has_ended; /* ended: shut down, dying, or not there */
    bool has_request;         /* control/shutdown is not empty: the guest has not taken it */
    bool answers_late;        /* it was not asked by the store but by its button: no answer will come */
};

/* Pure: is the goal reached? */
bool shutdown_reached(const struct shutdown_facts *, enum shutdown_until);

/* Asks the guests "domids", or, with n 0, all but domain 0 and the one that we run in. *ret, also set when this fails
 * because some guests did not do as they were asked:
 * [{"domid","name","asked","state":"asked"|"answered"|"ended"|"gone"|"failed","reason" (why it ended),"ms","error"}].
 * -1: DOMAIN_NOT_FOUND and what else there is for a single guest; for several, TIMEOUT or DOMAIN_STATE naming those
 * that failed and why. What a guest was asked stays asked. */
int shutdown_ask(struct host *, const uint32_t *domids, size_t n, const struct shutdown_options *, struct json **ret,
                 struct domo_err *) MUST_CHECK;

/* Sends one magic system request, a letter or digit, to the guest's kernel. */
int shutdown_sysrq(struct host *, uint32_t domid, char key, struct domo_err *) MUST_CHECK;

#endif
