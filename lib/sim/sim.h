/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The simulated host as a whole: a machine, a store, domain 0's kernel with its
 * back ends and its console daemon, and guests with front ends. It is stepped:
 * nothing happens between two sim_step()s, and time is what the caller says it
 * is. One thread, no socket, no process of its own; files are touched only by
 * the block back end, for disks of guests, and by world_load().
 */
#ifndef DOMO_SIM_SIM_H
#define DOMO_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "domostore.h"
#include "sim/machine.h"

struct sim;
struct world; /* what is simulated: world.h */
struct bus;   /* PCI and USB devices: bus.h */
struct node;  /* a domain's loop devices, bridges and interfaces: node.h */

/* Takes "world" over. NULL when out of memory. */
struct sim *sim_new(struct world *world);
struct sim *sim_free(struct sim *);

/* Does all that is due at "now_ms" (never goes back). Returns when something will be due again, -1 = not before
 * somebody asks for something. */
int64_t sim_step(struct sim *, int64_t now_ms);
int64_t sim_now_ms(const struct sim *);

struct machine *sim_machine(struct sim *);
struct domostore *sim_store(struct sim *);
struct world *sim_world(struct sim *);
struct node *sim_node(struct sim *);
/* A driver domain's own disks and interfaces, domain 0's for 0; NULL if "domid" runs no back ends. */
struct node *sim_node_of(struct sim *, uint32_t domid);
/* The rule of a guest that runs back ends; NULL if it does not. */
const struct world_guest *sim_driver(struct sim *, uint32_t domid);
/* Driver domains: the first above "after" (0 to start), or 0 at the end. */
uint32_t sim_next_driver(struct sim *, uint32_t after);
struct bus *sim_bus(struct sim *);

/* A timer: "due" is called once, from sim_step(), at or after "at_ms". -ENOMEM; the number to cancel it by is positive.
 */
int64_t sim_at(struct sim *, int64_t at_ms, void (*due)(void *arg), void *arg) MUST_CHECK;
void sim_cancel(struct sim *, int64_t timer);

/* --- the parts that live on it (their files say what they do) --- */
struct backs;
struct guests;
struct consoles;
struct world_guest;
/* The drivers of "domid"'s kernel, on that domain's "node"; "driver" is a driver domain's rule, NULL for domain 0. */
struct backs *backs_new(struct sim *, uint32_t domid, struct node *node, const struct world_guest *driver);
struct backs *backs_free(struct backs *);
struct guests *guests_new(struct sim *);
struct guests *guests_free(struct guests *);
struct consoles *consoles_new(struct sim *);
struct consoles *consoles_free(struct consoles *);
/* True if they had something to do: their store connections had events, their devices requests. */
bool backs_turn(struct backs *);
bool guests_turn(struct guests *);
/* The guest that serves devices: sim_node_of(), sim_driver(), sim_next_driver() ask. */
struct guest *guests_driver(struct guests *, uint32_t domid);
uint32_t guests_next_driver(struct guests *, uint32_t after);
bool consoles_turn(struct consoles *);
/* One descriptor that is readable while any console's terminal has input (an epoll set, so that thousands of them cost
 * whoever waits nothing); -1: there is none yet. consoles_turn() reads what there is. */
int consoles_fd(const struct consoles *);
struct consoles *sim_consoles(struct sim *);

#endif
