/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Packets through domain 0: from one guest's tx ring into the rx rings of all
 * others on the same bridge. A bridge here does not learn addresses: it is a
 * hub. Private to back_vif.c.
 */
#ifndef DOMO_SIM_BACK_PACKET_H
#define DOMO_SIM_BACK_PACKET_H

#include "sim/back.h"

/* Takes at most a ring full of packets from this guest and answers them. True if there may be more. */
bool packet_serve(struct back *);

#endif
