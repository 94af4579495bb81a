/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The table: for each phase and each stand of the hotplug a square, back end
 * states 0..8 from top to bottom, front end states 0..8 from left to right.
 *
 *   D done            P plug               B wait for the back end
 *   F wait for guest  H wait for hotplug   b back end failed   h hotplug failed
 *   g an end closes: ask the errors, else the guest's move
 *   a the same, else the back end's
 *
 * What the letter means when the time is up, or when a domain has gone, is the
 * second table, letter by event: both together have a verdict for every cell.
 *
 * Some reasons:
 * - Row 0: the nodes were written before the first look, so a back end without
 *   a state was taken away.
 * - Rows 5 and 6 while attaching: the back end has passed the goal and will not
 *   come back by itself; but a front end that closed and opens again (columns 1
 *   and 2 of row 6) makes it begin anew.
 * - Columns 5 and 6 while connecting: a driver that fails writes an error node
 *   first; a boot loader in the guest that hands its disk on to the kernel
 *   closes without one, and opens again.
 * - Rows 7 and 8: a toolstack writes Reconfiguring (7); the front end follows
 *   to 7, the back end to Reconfigured (8), the front end to Connected, and the
 *   back end after it. Reconfiguring asks the same table as connecting.
 * - Reconnecting: Closing and Closed are part of the way. A back end that is
 *   Closed waits for Initialising; a front end that is Closed has to open again.
 * - Accepting does not depend on the guest, who may be paused; only closing
 *   shows that it has already given up.
 * - Closing ends with the back end; the guest's state only tells whose move it
 *   is, so that it makes no difference which side began.
 */
#include "dev/handshake.h"

typedef char square[XENBUS_STATES][XENBUS_STATES + 1];

static const square accept_done = {
    "bbbbbbbbb", "BBBBBggBB", "DDDDDggDD", "DDDDDggDD", "DDDDDggDD", "bbbbbggbb", "bbbbbggbb", "DDDDDggDD", "DDDDDggDD",
};

static const square accept_ours = {
    "bbbbbbbbb", "BBBBBggBB", "PPPPPggPP", "PPPPPggPP", "PPPPPggPP", "bbbbbggbb", "bbbbbggbb", "PPPPPggPP", "PPPPPggPP",
};

static const square accept_theirs = {
    "bbbbbbbbb", "BBBBBggBB", "HHHHHggHH", "HHHHHggHH", "HHHHHggHH", "bbbbbggbb", "bbbbbggbb", "HHHHHggHH", "HHHHHggHH",
};

static const square connect_done = {
    "bbbbbbbbb", "BBBBBggBB", "FFFBBggFF", "FFFBBggFF", "FFFFDggFF", "bbbbbggbb", "baabbggbb", "FFFFFggBF", "FFFFBggFF",
};

static const square connect_ours = {
    "bbbbbbbbb", "BBBBBggBB", "PPPPPggPP", "PPPPPggPP", "PPPPPggPP", "bbbbbggbb", "baabbggbb", "PPPPPggPP", "PPPPPggPP",
};

static const square connect_theirs = {
    "bbbbbbbbb", "BBBBBggBB", "HHHHHggHH", "HHHHHggHH", "HHHHHggHH", "bbbbbggbb", "baabbggbb", "HHHHHggHH", "HHHHHggHH",
};

static const square reconnect_done = {
    "bbbbbbbbb", "BBBBBBBBB", "FFFBBFFFF", "FFFBBFFFF", "FFFFDBBFF", "BFFFFFBFF", "FBBBFFFFF", "FFFFFBBBF", "FFFFBBBFF",
};

static const square reconnect_ours = {
    "bbbbbbbbb", "BBBBBBBBB", "PPPPPPPPP", "PPPPPPPPP", "PPPPPPPPP", "BFFFFFBFF", "FBBBFFFFF", "PPPPPPPPP", "PPPPPPPPP",
};

static const square reconnect_theirs = {
    "bbbbbbbbb", "BBBBBBBBB", "HHHHHHHHH", "HHHHHHHHH", "HHHHHHHHH", "BFFFFFBFF", "FBBBFFFFF", "HHHHHHHHH", "HHHHHHHHH",
};

static const square hotplug_error = {
    "bbbbbbbbb", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh",
};

static const square closing = {
    "DDDDDDDDD", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "DDDDDDDDD", "BFFFFFBFF", "BFFFFFBFF",
};

static const square *const squares[HS_PHASES][HS_PLUGS] = {
    [HS_ACCEPT] = {&accept_done, &accept_ours, &accept_theirs, &hotplug_error},
    [HS_CONNECT] = {&connect_done, &connect_ours, &connect_theirs, &hotplug_error},
    [HS_RECONFIGURE] = {&connect_done, &connect_ours, &connect_theirs, &hotplug_error},
    [HS_RECONNECT] = {&reconnect_done, &reconnect_ours, &reconnect_theirs, &hotplug_error},
    [HS_CLOSE] = {&closing, &closing, &closing, &closing},
};

/* What a letter means at each event. Both squares of events are total: a phase that wants the device to work fails with
 * the domain that has gone, one that closes it is done without the server and goes on without the guest. */
struct meaning {
    char letter;
    enum hs_verdict working[HS_EVENTS], closing[HS_EVENTS];
};
static const struct meaning meanings[] = {
    {'D', {HS_DONE, HS_DONE, HS_FAIL_GUEST, HS_FAIL_SERVER}, {HS_DONE, HS_DONE, HS_DONE, HS_DONE}},
    {'P', {HS_PLUG, HS_LATE_PLUG, HS_FAIL_GUEST, HS_FAIL_SERVER}, {HS_DONE, HS_DONE, HS_DONE, HS_DONE}},
    {'B',
     {HS_WAIT_BACK, HS_LATE_BACK, HS_FAIL_GUEST, HS_FAIL_SERVER},
     {HS_WAIT_BACK, HS_LATE_BACK, HS_WAIT_BACK, HS_DONE}},
    {'F',
     {HS_WAIT_FRONT, HS_LATE_FRONT, HS_FAIL_GUEST, HS_FAIL_SERVER},
     {HS_WAIT_FRONT, HS_LATE_FRONT, HS_WAIT_BACK, HS_DONE}},
    {'H',
     {HS_WAIT_HOTPLUG, HS_LATE_HOTPLUG, HS_FAIL_GUEST, HS_FAIL_SERVER},
     {HS_WAIT_HOTPLUG, HS_LATE_HOTPLUG, HS_WAIT_HOTPLUG, HS_DONE}},
    {'g',
     {HS_ASK_FRONT, HS_ASK_FRONT, HS_FAIL_GUEST, HS_FAIL_SERVER},
     {HS_ASK_FRONT, HS_ASK_FRONT, HS_WAIT_BACK, HS_DONE}},
    {'a', {HS_ASK_BACK, HS_ASK_BACK, HS_FAIL_GUEST, HS_FAIL_SERVER}, {HS_ASK_BACK, HS_ASK_BACK, HS_WAIT_BACK, HS_DONE}},
    {'b', {HS_FAIL_BACK, HS_FAIL_BACK, HS_FAIL_GUEST, HS_FAIL_SERVER}, {HS_DONE, HS_DONE, HS_DONE, HS_DONE}},
    {'h', {HS_FAIL_HOTPLUG, HS_FAIL_HOTPLUG, HS_FAIL_GUEST, HS_FAIL_SERVER}, {HS_DONE, HS_DONE, HS_DONE, HS_DONE}},
};

static const struct meaning *meaning_of(char letter)
{
    size_t i = 0;

    /* The test that walks every cell shows that each letter has its row. */
    while (i < ARRAY_LEN(meanings) - 1 && meanings[i].letter != letter)
        i++;
    return &meanings[i];
}

enum hs_verdict handshake_step(const struct hs_look *l)
{
    const struct meaning *m = meaning_of((*squares[l->phase][l->hotplug])[l->back][l->front]);

    return l->phase == HS_CLOSE ? m->closing[l->event] : m->working[l->event];
}

enum hs_verdict handshake_unblamed(enum hs_verdict asked, enum hs_event event)
{
    bool is_late = event == HS_LATE;

    if (asked == HS_ASK_BACK)
        return is_late ? HS_LATE_BACK : HS_WAIT_BACK;
    return is_late ? HS_LATE_FRONT : HS_WAIT_FRONT;
}

const char *handshake_phase_name(enum hs_phase phase)
{
    static const char *const names[HS_PHASES] = {
        [HS_ACCEPT] = "accept",       [HS_CONNECT] = "connect", [HS_RECONFIGURE] = "reconfigure",
        [HS_RECONNECT] = "reconnect", [HS_CLOSE] = "close",
    };

    return names[phase];
}

const char *handshake_mover(enum hs_verdict verdict)
{
    static const char back[] = "the back end", front[] = "the guest's front end";
    static const char hotplug[] = "the driver domain's toolstack", kernel[] = "this host's kernel";
    static const char *const movers[HS_VERDICTS] = {
        [HS_PLUG] = kernel,      [HS_WAIT_BACK] = back,       [HS_WAIT_FRONT] = front, [HS_ASK_FRONT] = front,
        [HS_ASK_BACK] = back,    [HS_WAIT_HOTPLUG] = hotplug, [HS_LATE_PLUG] = kernel, [HS_LATE_BACK] = back,
        [HS_LATE_FRONT] = front, [HS_LATE_HOTPLUG] = hotplug,
    };

    return movers[verdict];
}

bool handshake_idle(enum xenbus_state back, enum xenbus_state front)
{
    bool back_unused = back == XENBUS_INITIALISING || back == XENBUS_INIT_WAIT;
    bool front_unused = front == XENBUS_UNKNOWN || front == XENBUS_INITIALISING || front == XENBUS_INIT_WAIT;

    return back_unused && front_unused;
}

enum xenbus_state xenbus_state_parse(const char *text)
{
    if (!text || text[0] < '0' || text[0] > '8' || text[1])
        return XENBUS_UNKNOWN;
    return (enum xenbus_state)(text[0] - '0');
}

const char *xenbus_state_name(enum xenbus_state state)
{
    static const char *const names[XENBUS_STATES] = {
        [XENBUS_UNKNOWN] = "Unknown",
        [XENBUS_INITIALISING] = "Initialising",
        [XENBUS_INIT_WAIT] = "InitWait",
        [XENBUS_INITIALISED] = "Initialised",
        [XENBUS_CONNECTED] = "Connected",
        [XENBUS_CLOSING] = "Closing",
        [XENBUS_CLOSED] = "Closed",
        [XENBUS_RECONFIGURING] = "Reconfiguring",
        [XENBUS_RECONFIGURED] = "Reconfigured",
    };

    return (unsigned)state < XENBUS_STATES ? names[state] : "Unknown";
}
