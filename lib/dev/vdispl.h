/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The connectors of a virtual display: "ID:WIDTHxHEIGHT", parted by semicolons.
 */
#ifndef DOMO_DEV_VDISPL_H
#define DOMO_DEV_VDISPL_H

#include <stdbool.h>

#include "dev/grammar.h"

struct vdispl_connector {
    char id[64];
    unsigned width, height; /* pixels */
};

/* Takes the next connector off the front of *text; false at its end, or at what is none. */
bool vdispl_next(const char **text, struct vdispl_connector *ret);

#endif
