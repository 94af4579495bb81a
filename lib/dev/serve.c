/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The table: one row for each stand, one column for each sight.
 *
 * Some reasons:
 * - A device that was plugged and is seen waiting again is another one of the
 *   same name, made between two looks: what the first one held goes first.
 * - What failed stays failed until its toolstack takes it away; it is not tried
 *   for ever. A daemon that starts anew tries once more.
 * - What is running is brought to its end before anything else is begun.
 */
#include "dev/serve.h"

enum serve_move serve_decide(enum serve_stand stand, enum serve_seen seen)
{
    static const enum serve_move table[SERVE_STANDS][SERVE_SEENS] = {
        [SERVE_NEW] =
            {
                [SERVE_SEEN_GONE] = SERVE_FORGET,
                [SERVE_SEEN_OVER] = SERVE_UNPLUG,
                [SERVE_SEEN_WAITS] = SERVE_PLUG,
                [SERVE_SEEN_REFUSED] = SERVE_PLUG,
                [SERVE_SEEN_PLUGGED] = SERVE_ADOPT,
                [SERVE_SEEN_OTHER] = SERVE_NOTHING,
            },
        [SERVE_PLUGGING] =
            {
                [SERVE_SEEN_GONE] = SERVE_UNPLUG,
                [SERVE_SEEN_OVER] = SERVE_UNPLUG,
                [SERVE_SEEN_WAITS] = SERVE_GO_ON,
                [SERVE_SEEN_REFUSED] = SERVE_GO_ON,
                [SERVE_SEEN_PLUGGED] = SERVE_GO_ON,
                [SERVE_SEEN_OTHER] = SERVE_GO_ON,
            },
        [SERVE_ON] =
            {
                [SERVE_SEEN_GONE] = SERVE_UNPLUG,
                [SERVE_SEEN_OVER] = SERVE_UNPLUG,
                [SERVE_SEEN_WAITS] = SERVE_UNPLUG,
                [SERVE_SEEN_REFUSED] = SERVE_NOTHING,
                [SERVE_SEEN_PLUGGED] = SERVE_NOTHING,
                [SERVE_SEEN_OTHER] = SERVE_NOTHING,
            },
        [SERVE_FAILED] =
            {
                [SERVE_SEEN_GONE] = SERVE_UNPLUG,
                [SERVE_SEEN_OVER] = SERVE_UNPLUG,
                [SERVE_SEEN_WAITS] = SERVE_UNPLUG,
                [SERVE_SEEN_REFUSED] = SERVE_NOTHING,
                [SERVE_SEEN_PLUGGED] = SERVE_NOTHING,
                [SERVE_SEEN_OTHER] = SERVE_NOTHING,
            },
        [SERVE_UNPLUGGING] =
            {
                [SERVE_SEEN_GONE] = SERVE_GO_ON,
                [SERVE_SEEN_OVER] = SERVE_GO_ON,
                [SERVE_SEEN_WAITS] = SERVE_GO_ON,
                [SERVE_SEEN_REFUSED] = SERVE_GO_ON,
                [SERVE_SEEN_PLUGGED] = SERVE_GO_ON,
                [SERVE_SEEN_OTHER] = SERVE_GO_ON,
            },
    };

    return table[stand][seen];
}
