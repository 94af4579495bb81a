/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A socket of the simulated host on which lines are said: who is connected,
 * what each has said, and what it has not read yet.
 */
#ifndef DOMO_SIM_DESK_H
#define DOMO_SIM_DESK_H

#include <stdbool.h>

#include "base/str.h"
#include "sim/peer.h"
#include "sim/sim.h"

struct desk;

/* What becomes of a line of "peer": "out" gets what is said in return. "about" is the client's own, 0 at first, to
 * remember whom it speaks of. *ret_stop: the host is to end. */
typedef void desk_line(struct sim *, struct peer *, uint32_t *about, const char *line, size_t len, struct str *out,
                       bool *ret_stop);

/* Listens at "path" (mode 0600), replacing a stale socket. "epoll_fd": where its descriptors are added, each with its
 * number as data. 0 or a negative errno. */
int desk_open(const char *path, int epoll_fd, desk_line *, struct desk **ret) MUST_CHECK;
/* The world is about to end: takes back all that clients have mapped, shared and bound in it. NULL is fine. */
void desk_let_go(struct desk *);
/* Closes everything, after trying to send what is left; NULL is fine. Returns NULL. */
struct desk *desk_close(struct desk *);

/* A descriptor that epoll reported; does nothing if it is none of the desk's. "now_ms" is what the world is stepped to
 * after each request, so that a reply comes when all is quiet again. True: somebody asked the host to end. */
bool desk_ready(struct desk *, int fd, uint32_t events, struct sim *, int64_t now_ms);

#endif
