/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The store as a driver domain sees it: a socket for each, for programs that
 * run "in" it, with that domain's rights.
 */
#ifndef DOMO_SIM_DOORS_H
#define DOMO_SIM_DOORS_H

#include <stdbool.h>

#include "sim/home.h"
#include "sim/sim.h"

struct doors;

/* NULL when out of memory. Both stay the caller's and must outlive it. */
struct doors *doors_new(const struct home *, struct sim *, int epoll_fd);
struct doors *doors_free(struct doors *);
/* Opens one for each driver domain that has come, closes those of domains that have gone. */
void doors_follow(struct doors *);
/* A descriptor of the epoll set is readable: is it a door's? Then whoever knocks is let in. */
bool doors_ready(struct doors *, int fd);

#endif
