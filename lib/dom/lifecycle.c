/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "dom/lifecycle.h"

#include "base/str.h"

static const struct {
    const char *name, *is, *hint, *doc;
} states[LIFE_STATES] = {
#define LIFE_STATE(id, name_, is_, hint_, doc_) [LIFE_##id] = {.name = name_, .is = is_, .hint = hint_, .doc = doc_},
#include "dom/lifecycle.def"
#undef LIFE_STATE
};

static const struct {
    const char *name, *done, *doc;
    enum life_source source;
} events[LIFE_EVENTS] = {
#define LIFE_EVENT(id, name_, source_, done_, doc_)                                                                    \
    [LIFE_ON_##id] = {.name = name_, .done = done_, .doc = doc_, .source = LIFE_BY_##source_},
#include "dom/lifecycle.def"
#undef LIFE_EVENT
};

static const struct {
    const char *name, *doc;
} actions[LIFE_ACTIONS] = {
#define LIFE_ACTION(id, name_, doc_) [LIFE_DO_##id] = {.name = name_, .doc = doc_},
#include "dom/lifecycle.def"
#undef LIFE_ACTION
};

static const char *const source_names[] = {[LIFE_BY_USER] = "user",
                                           [LIFE_BY_TOOLSTACK] = "toolstack",
                                           [LIFE_BY_GUEST] = "guest",
                                           [LIFE_BY_HYPERVISOR] = "hypervisor",
                                           [LIFE_BY_TIMER] = "timer"};
static const char *const verdict_names[] = {[LIFE_GO] = "go", [LIFE_IGNORE] = "ignore", [LIFE_REFUSE] = "refuse"};

/* GO: to that state, doing that. An event that only tells what is known already, or comes too late, is ignored (__):
 * the first reason of an end stands. NO is for what somebody asks and can't have. */
#define GO(state, what)                                                                                                \
    {                                                                                                                  \
        LIFE_GO, LIFE_##state, LIFE_DO_##what                                                                          \
    }
#define NO                                                                                                             \
    {                                                                                                                  \
        .verdict = LIFE_REFUSE                                                                                         \
    }
#define __                                                                                                             \
    {                                                                                                                  \
        .verdict = LIFE_IGNORE                                                                                         \
    }

/* Five ends that are alike but for their names. */
#define FIVE(cell)      cell, cell, cell, cell, cell
#define FIVE_STAY(what) GO(POWEROFF, what), GO(REBOOT, what), GO(CRASH, what), GO(WATCHDOG, what), GO(SOFT_RESET, what)
#define END(state)      GO(state, BY_CONFIG)

/* clang-format off */
static const struct life_cell cells[LIFE_EVENTS][LIFE_STATES] = {
    /* absent, building, paused, running, saving, suspended,
     * poweroff, reboot, crash, watchdog, soft-reset,
     * dying, zombie */
    [LIFE_ON_CREATE] = {
        GO(BUILDING, MAKE), NO, NO, NO, NO, NO,
        FIVE(NO),
        /* What is left of the old one has neither its name nor its UUID any more. */
        GO(BUILDING, MAKE), GO(BUILDING, MAKE)},
    [LIFE_ON_DESTROY] = {
        NO, GO(DYING, TAKE_DOWN), GO(DYING, TAKE_DOWN), GO(DYING, TAKE_DOWN), GO(DYING, TAKE_DOWN), GO(DYING, TAKE_DOWN),
        FIVE(GO(DYING, TAKE_DOWN)),
        /* Whoever began may have been killed: what is left in the store goes then. */
        GO(DYING, TAKE_DOWN), GO(ZOMBIE, TAKE_DOWN)},
    [LIFE_ON_PAUSE] = {
        /* The hypervisor counts: twice paused is to be unpaused twice. */
        NO, NO, GO(PAUSED, STOP), GO(PAUSED, STOP), NO, NO,
        FIVE(NO),
        NO, NO},
    [LIFE_ON_UNPAUSE] = {
        NO, NO, GO(RUNNING, START), NO, NO, NO,
        FIVE(NO),
        NO, NO},
    [LIFE_ON_SHUTDOWN] = {
        /* A paused guest would find the request when nobody expects it any more. */
        NO, NO, NO, GO(RUNNING, ASK), NO, NO,
        FIVE(NO),
        NO, NO},
    [LIFE_ON_REBOOT] = {
        NO, NO, NO, GO(RUNNING, ASK), NO, NO,
        FIVE(NO),
        NO, NO},
    [LIFE_ON_SUSPEND] = {
        NO, NO, NO, GO(RUNNING, ASK), NO, NO,
        FIVE(NO),
        NO, NO},
    [LIFE_ON_RESUME] = {
        NO, NO, NO, NO, NO, GO(RUNNING, GO_ON),
        FIVE(NO),
        NO, NO},
    [LIFE_ON_SAVE] = {
        NO, NO, NO, GO(SAVING, WRITE), NO, NO,
        FIVE(NO),
        NO, NO},
    [LIFE_ON_TRIGGER] = {
        NO, NO, GO(PAUSED, SEND), GO(RUNNING, SEND), NO, NO,
        FIVE(NO),
        NO, NO},
    [LIFE_ON_SYSRQ] = {
        NO, NO, GO(PAUSED, SEND), GO(RUNNING, SEND), NO, NO,
        FIVE(NO),
        NO, NO},
    [LIFE_ON_DUMP_CORE] = {
        NO, NO, GO(PAUSED, DUMP), GO(RUNNING, DUMP), NO, GO(SUSPENDED, DUMP),
        FIVE_STAY(DUMP),
        NO, NO},
    [LIFE_ON_RENAME] = {
        NO, NO, GO(PAUSED, CHANGE), GO(RUNNING, CHANGE), NO, GO(SUSPENDED, CHANGE),
        FIVE_STAY(CHANGE),
        NO, NO},
    [LIFE_ON_ATTACH] = {
        NO, NO, GO(PAUSED, CHANGE), GO(RUNNING, CHANGE), NO, NO,
        FIVE(NO),
        NO, NO},
    [LIFE_ON_DETACH] = {
        NO, NO, GO(PAUSED, CHANGE), GO(RUNNING, CHANGE), NO, NO,
        FIVE(NO),
        NO, NO},
    [LIFE_ON_BUILT] = {
        __, GO(PAUSED, NONE), __, __, __, __,
        FIVE(__),
        __, __},
    [LIFE_ON_SAVED] = {
        __, __, __, __, GO(DYING, TAKE_DOWN), __,
        FIVE(__),
        __, __},
    [LIFE_ON_FAILED] = {
        __, GO(ABSENT, FORGET), __, __, GO(RUNNING, GO_ON), __,
        FIVE(__),
        __, __},
    [LIFE_ON_LEFT_OVER] = {
        __, __, __, __, __, __,
        FIVE(__),
        GO(ZOMBIE, NONE), __},
    [LIFE_ON_ANSWERED] = {
        __, __, __, GO(RUNNING, WAIT), GO(SAVING, WAIT), __,
        FIVE(__),
        __, __},
    /* A guest that is paused can be ended from outside, and one that is saved can end by itself. */
    [LIFE_ON_ENDED_POWEROFF] = {
        __, END(POWEROFF), END(POWEROFF), END(POWEROFF), END(POWEROFF), __,
        FIVE(__),
        __, __},
    [LIFE_ON_ENDED_REBOOT] = {
        __, END(REBOOT), END(REBOOT), END(REBOOT), END(REBOOT), __,
        FIVE(__),
        __, __},
    [LIFE_ON_ENDED_SUSPEND] = {
        /* Whoever asked for it goes on with it. */
        __, GO(SUSPENDED, NONE), GO(SUSPENDED, NONE), GO(SUSPENDED, NONE), GO(SAVING, WRITE), __,
        FIVE(__),
        __, __},
    [LIFE_ON_ENDED_CRASH] = {
        __, END(CRASH), END(CRASH), END(CRASH), END(CRASH), __,
        FIVE(__),
        __, __},
    [LIFE_ON_ENDED_WATCHDOG] = {
        __, END(WATCHDOG), END(WATCHDOG), END(WATCHDOG), END(WATCHDOG), __,
        FIVE(__),
        __, __},
    [LIFE_ON_ENDED_SOFT_RESET] = {
        __, END(SOFT_RESET), END(SOFT_RESET), END(SOFT_RESET), END(SOFT_RESET), __,
        FIVE(__),
        __, __},
    [LIFE_ON_DIES] = {
        __, GO(DYING, NONE), GO(DYING, NONE), GO(DYING, NONE), GO(DYING, NONE), GO(DYING, NONE),
        FIVE(GO(DYING, NONE)),
        __, __},
    [LIFE_ON_GONE] = {
        __, GO(ABSENT, FORGET), GO(ABSENT, FORGET), GO(ABSENT, FORGET), GO(ABSENT, FORGET), GO(ABSENT, FORGET),
        FIVE(GO(ABSENT, FORGET)),
        GO(ABSENT, FORGET), GO(ABSENT, FORGET)},
    [LIFE_ON_NO_ANSWER] = {
        __, __, __, GO(RUNNING, WITHDRAW), GO(RUNNING, WITHDRAW), __,
        FIVE(__),
        __, __},
    [LIFE_ON_RESTART_DUE] = {
        /* One that runs is the new one already: whoever made it was killed then. */
        GO(BUILDING, MAKE_ANEW), __, __, __, __, __,
        FIVE(GO(BUILDING, MAKE_ANEW)),
        GO(BUILDING, MAKE_ANEW), GO(BUILDING, MAKE_ANEW)},
};
/* clang-format on */

const struct life_cell *life_cell(enum life_state state, enum life_event event)
{
    return &cells[event][state];
}

const char *life_state_name(enum life_state state)
{
    return states[state].name;
}

const char *life_event_name(enum life_event event)
{
    return events[event].name;
}

const char *life_action_name(enum life_action action)
{
    return actions[action].name;
}

enum life_source life_event_source(enum life_event event)
{
    return events[event].source;
}

/* ---- what a guest's state is ---- */

static const struct {
    const char *name;
    enum life_state state;
    enum life_event event;
} ends[] = {
    {"poweroff", LIFE_POWEROFF, LIFE_ON_ENDED_POWEROFF}, {"reboot", LIFE_REBOOT, LIFE_ON_ENDED_REBOOT},
    {"suspend", LIFE_SUSPENDED, LIFE_ON_ENDED_SUSPEND},  {"crash", LIFE_CRASH, LIFE_ON_ENDED_CRASH},
    {"watchdog", LIFE_WATCHDOG, LIFE_ON_ENDED_WATCHDOG}, {"soft-reset", LIFE_SOFT_RESET, LIFE_ON_ENDED_SOFT_RESET},
};

enum life_event life_ended(uint32_t reason)
{
    return reason < ARRAY_LEN(ends) ? ends[reason].event : LIFE_ON_ENDED_CRASH;
}

const char *life_reason_name(uint32_t reason)
{
    return reason < ARRAY_LEN(ends) ? ends[reason].name : "unknown";
}

enum life_state life_state(const struct life_facts *f)
{
    const struct hyp_info *i = f->info;

    if (!i)
        return LIFE_ABSENT;
    if (i->is_dying)
        return f->has_nodes ? LIFE_DYING : LIFE_ZOMBIE;
    if (f->is_saving)
        return LIFE_SAVING;
    if (i->is_shutdown)
        return i->shutdown_reason < ARRAY_LEN(ends) ? ends[i->shutdown_reason].state : LIFE_CRASH;
    if (f->is_building)
        return LIFE_BUILDING;
    return i->is_paused ? LIFE_PAUSED : LIFE_RUNNING;
}

/* ---- refusing ---- */

int life_may(enum life_state state, enum life_event event, struct domo_err *err)
{
    if (cells[event][state].verdict != LIFE_REFUSE)
        return 0;
    (void)err_set(err, state == LIFE_ABSENT ? DOMO_E_DOMAIN_NOT_FOUND : DOMO_E_DOMAIN_STATE,
                  "the guest can't be %s: %s", events[event].done, states[state].is);
    return states[state].hint ? err_hint(err, "%s", states[state].hint) : -1;
}

int life_may_info(const struct hyp_info *info, enum life_event event, struct domo_err *err)
{
    const struct life_facts f = {.info = info, .has_nodes = true};

    return life_may(life_state(&f), event, err);
}

/* ---- the table for those who read ---- */

static struct json *cells_of(enum life_event event)
{
    struct json *list = json_new_array();

    for (enum life_state s = 0; s < LIFE_STATES; s++) {
        const struct life_cell *c = &cells[event][s];
        struct json *row = json_new_object();

        json_set_str(row, "state", states[s].name);
        json_set_str(row, "verdict", verdict_names[c->verdict]);
        json_set_str(row, "next", c->verdict == LIFE_GO ? states[c->next].name : NULL);
        json_set_str(row, "action", c->verdict == LIFE_GO ? actions[c->action].name : NULL);
        json_add(list, row);
    }
    return list;
}

static struct json *rows_of_events(void)
{
    struct json *list = json_new_array();

    for (enum life_event e = 0; e < LIFE_EVENTS; e++) {
        struct json *row = json_new_object();

        json_set_str(row, "name", events[e].name);
        json_set_str(row, "source", source_names[events[e].source]);
        json_set_str(row, "doc", events[e].doc);
        json_set(row, "cells", cells_of(e));
        json_add(list, row);
    }
    return list;
}

static void add_named(struct json *list, const char *name, const char *doc)
{
    struct json *row = json_new_object();

    json_set_str(row, "name", name);
    json_set_str(row, "doc", doc);
    json_add(list, row);
}

struct json *life_table(void)
{
    struct json *j = json_new_object(), *list = json_set_array(j, "states");

    for (size_t i = 0; i < LIFE_STATES; i++)
        add_named(list, states[i].name, states[i].doc);
    json_set(j, "events", rows_of_events());
    list = json_set_array(j, "actions");
    for (size_t i = 0; i < LIFE_ACTIONS; i++)
        add_named(list, actions[i].name, actions[i].doc);
    return json_done(j);
}
