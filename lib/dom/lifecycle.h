/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The life of a guest as one table: what each event means in each state, and
 * which commands are legal there. Pure. Commands refuse through it, the
 * supervisor reads what is to be done from it, the manual prints it.
 */
#ifndef DOMO_DOM_LIFECYCLE_H
#define DOMO_DOM_LIFECYCLE_H

#include "base/json.h"
#include "host/host.h"

enum life_state {
#define LIFE_STATE(id, name, is, hint, doc) LIFE_##id,
#include "dom/lifecycle.def"
#undef LIFE_STATE
    LIFE_STATES
};

/* Who lets it happen. */
enum life_source { LIFE_BY_USER, LIFE_BY_TOOLSTACK, LIFE_BY_GUEST, LIFE_BY_HYPERVISOR, LIFE_BY_TIMER };

enum life_event {
#define LIFE_EVENT(id, name, source, done, doc) LIFE_ON_##id,
#include "dom/lifecycle.def"
#undef LIFE_EVENT
    LIFE_EVENTS
};

enum life_action {
#define LIFE_ACTION(id, name, doc) LIFE_DO_##id,
#include "dom/lifecycle.def"
#undef LIFE_ACTION
    LIFE_ACTIONS
};

enum life_verdict { LIFE_GO = 1, LIFE_IGNORE, LIFE_REFUSE };

struct life_cell {
    enum life_verdict verdict;
    enum life_state next;    /* GO */
    enum life_action action; /* GO */
};

const struct life_cell *life_cell(enum life_state, enum life_event);
const char *life_state_name(enum life_state);
const char *life_event_name(enum life_event);
const char *life_action_name(enum life_action);
enum life_source life_event_source(enum life_event);

/* What is known of a guest. */
struct life_facts {
    const struct hyp_info *info; /* NULL: the hypervisor does not have it */
    bool is_building, is_saving; /* an operation is at work on it */
    bool has_nodes;              /* the store still knows it; matters for one that is dying */
};
enum life_state life_state(const struct life_facts *);
/* The event that this shutdown reason is (xen/sched.h: SHUTDOWN_*); one that nobody knows is a crash. */
enum life_event life_ended(uint32_t shutdown_reason);
/* "poweroff", …; "unknown" for anything else. */
const char *life_reason_name(uint32_t shutdown_reason);

/* May that be done now? DOMAIN_STATE (DOMAIN_NOT_FOUND for an absent guest) says why not, and what else could be done.
 */
int life_may(enum life_state, enum life_event, struct domo_err *) MUST_CHECK;
/* The same of a guest of which the hypervisor has told just now. An operation that is at work on it is not known
 * here; whoever is one holds its own locks. */
int life_may_info(const struct hyp_info *, enum life_event, struct domo_err *) MUST_CHECK;

/* The whole of it: {"states":[{"name","doc"}],"events":[{"name","source","doc","cells":[{"state","verdict","next",
 * "action"}]}],"actions":[{"name","doc"}]}. NULL when out of memory. */
struct json *life_table(void);

#endif
