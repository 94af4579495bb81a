/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The table: for a device that the toolstack wants and for one that it does
 * not, a row for each state of ours, the front end's states 0 to 8 and nonsense
 * from left to right.
 *
 *   . stay   C connect   c close   x end   o reopen   r refuse
 *
 * Some reasons:
 * - Column 0: the front end's directory is gone, so nobody is there to wait for.
 * - A front end that is back at Initialising while we are connected has lost
 *   what it shared: we end, and reopen from Closed.
 * - Not wanted and Connected: we go on until the guest closes, since it may
 *   refuse, and then the toolstack wants the device again.
 * - Not wanted and not yet connected: there is nothing that the guest could
 *   have to finish, unless it has published its ring.
 */
#include "ring/walk.h"

#include <stddef.h>
#include <string.h>

static const char table[2][WALK_STATES][WALK_STATES + 1] = {
    [true] =
        {
            [WALK_INIT_WAIT] = "x..CCcx..r",
            [WALK_CONNECTED] = "xx...cx..r",
            [WALK_CLOSING] = "x.....x...",
            [WALK_CLOSED] = ".o........",
        },
    [false] =
        {
            [WALK_INIT_WAIT] = "xxxcccxccx",
            [WALK_CONNECTED] = "xx...cx..r",
            [WALK_CLOSING] = "xxx...x...",
            [WALK_CLOSED] = "..........",
        },
};

enum walk_action walk_step(enum walk_state own, enum walk_state front, bool online)
{
    switch (table[online][own][front]) {
    case 'C':
        return WALK_CONNECT;
    case 'c':
        return WALK_CLOSE;
    case 'x':
        return WALK_END;
    case 'o':
        return WALK_REOPEN;
    case 'r':
        return WALK_REFUSE;
    default:
        return WALK_STAY;
    }
}

enum walk_state walk_parse(const char *text)
{
    if (!text)
        return WALK_UNKNOWN;
    if (strlen(text) != 1 || text[0] < '0' || text[0] >= '0' + (int)WALK_NONSENSE)
        return WALK_NONSENSE;
    return (enum walk_state)(text[0] - '0');
}
