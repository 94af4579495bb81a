/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The table: for each phase and each stand of the hotplug a square, back end
 * states 0..8 from top to bottom, front end states 0..8 from left to right.
 *
 *   D done            P plug               B wait for the back end
 *   F wait for guest  H wait for hotplug   g front end closes: ask the errors
 *   b back end failed                      h hotplug failed
 *
 * Some reasons:
 * - Row 0: the nodes were written before the first look, so a back end without
 *   a state was taken away.
 * - Rows 5 and 6 while attaching: the back end has passed the goal and will not
 *   come back by itself.
 * - Columns 5 and 6 while connecting: a driver that fails writes an error node
 *   first; a boot loader in the guest that hands its disk on to the kernel
 *   closes without one, and opens again.
 * - Accepting does not depend on the guest, who may be paused; only closing
 *   shows that it has already given up.
 * - Closing ends with the back end; the guest's state only tells whose move it is.
 */
#include "dev/handshake.h"

static const char table[HS_PHASES][HS_PLUGS][XENBUS_STATES][XENBUS_STATES + 1] =
    {
        [HS_ACCEPT] =
            {
                [HS_PLUG_DONE] = {"bbbbbbbbb", "BBBBBggBB", "DDDDDggDD", "DDDDDggDD", "DDDDDggDD", "bbbbbggbb",
                                  "bbbbbggbb", "BBBBBggBB", "BBBBBggBB"},
                [HS_PLUG_OURS] = {"bbbbbbbbb", "BBBBBggBB", "PPPPPggPP", "PPPPPggPP", "PPPPPggPP", "bbbbbggbb",
                                  "bbbbbggbb", "BBBBBggBB", "BBBBBggBB"},
                [HS_PLUG_THEIRS] = {"bbbbbbbbb", "BBBBBggBB", "HHHHHggHH", "HHHHHggHH", "HHHHHggHH", "bbbbbggbb",
                                    "bbbbbggbb", "BBBBBggBB", "BBBBBggBB"},
                [HS_PLUG_ERROR] = {"bbbbbbbbb", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh",
                                   "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh"},
            },
        [HS_CONNECT] =
            {
                [HS_PLUG_DONE] = {"bbbbbbbbb", "BBBBBggBB", "FFFBBggFF", "FFFBBggFF", "FFFFDggFF", "bbbbbggbb",
                                  "bbbbbggbb", "BBBBBggBB", "BBBBBggBB"},
                [HS_PLUG_OURS] = {"bbbbbbbbb", "BBBBBggBB", "PPPPPggPP", "PPPPPggPP", "PPPPPggPP", "bbbbbggbb",
                                  "bbbbbggbb", "BBBBBggBB", "BBBBBggBB"},
                [HS_PLUG_THEIRS] = {"bbbbbbbbb", "BBBBBggBB", "HHHHHggHH", "HHHHHggHH", "HHHHHggHH", "bbbbbggbb",
                                    "bbbbbggbb", "BBBBBggBB", "BBBBBggBB"},
                [HS_PLUG_ERROR] = {"bbbbbbbbb", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh",
                                   "hhhhhhhhh", "hhhhhhhhh", "hhhhhhhhh"},
            },
        [HS_CLOSE] =
            {
                [HS_PLUG_DONE] = {"DDDDDDDDD", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF",
                                  "DDDDDDDDD", "BFFFFFBFF", "BFFFFFBFF"},
                [HS_PLUG_OURS] = {"DDDDDDDDD", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF",
                                  "DDDDDDDDD", "BFFFFFBFF", "BFFFFFBFF"},
                [HS_PLUG_THEIRS] = {"DDDDDDDDD", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF",
                                    "DDDDDDDDD", "BFFFFFBFF", "BFFFFFBFF"},
                [HS_PLUG_ERROR] = {"DDDDDDDDD", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF", "BFFFFFBFF",
                                   "DDDDDDDDD", "BFFFFFBFF", "BFFFFFBFF"},
            },
};

static const struct {
    char letter;
    enum hs_verdict verdict;
} letters[] = {
    {'D', HS_DONE},         {'P', HS_PLUG},       {'B', HS_WAIT_BACK}, {'F', HS_WAIT_FRONT},
    {'H', HS_WAIT_HOTPLUG}, {'g', HS_ASK_ERRORS}, {'b', HS_FAIL_BACK}, {'h', HS_FAIL_HOTPLUG},
};

enum hs_verdict handshake_step(enum hs_phase phase, enum xenbus_state back, enum xenbus_state front,
                               enum hs_hotplug hotplug)
{
    char letter = table[phase][hotplug][back][front];

    for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
        if (letters[i].letter == letter)
            return letters[i].verdict;
    }
    return HS_FAIL_BACK; /* the test that walks every cell shows that this is not reached */
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
