/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A simulated host with a small toolstack: guests, disks and interfaces are
 * made as domo and xl make them, and taken away again. Time is virtual.
 */
#ifndef DOMO_TESTS_SIM_RIG_H
#define DOMO_TESTS_SIM_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/node.h"
#include "sim/sim.h"
#include "sim/world.h"
#include "sim/xs.h"

enum { RIG_GUEST_KIB = 8192, RIG_DISK_SECTORS = 2048, RIG_XVDA = 51712, RIG_XVDB = 51728 };

struct rig {
    struct sim *sim;
    struct machine *machine;
    struct node *node;
    struct xsc *xs; /* the toolstack's */
    char dir[40];   /* for files of disks; removed at the end */
    struct domostore_stats before;
};

/* Takes the world over. */
struct rig *rig_new(struct world *);
/* Checks the machine and the store against themselves, and that nothing is left if "clean". */
void rig_free(struct rig *, bool clean);
/* A world of one rule for all guests. */
struct world *rig_world(enum guest_manner, uint32_t delay_ms, uint32_t boot_ms);

/* Lets so many milliseconds pass. Returns what sim_step() said last. */
int64_t rig_run(struct rig *, int64_t ms);
/* Lets time pass until a node has that value; false if it takes longer than "ms" or nothing more will happen. */
bool rig_wait(struct rig *, int64_t ms, const char *value, const char *path_fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* A guest that is built, introduced and paused, with what a toolstack writes for it. */
uint32_t rig_guest(struct rig *, const char *name);
void rig_start(struct rig *, uint32_t domid);
/* Destroys it, if it is still there, and takes its nodes and devices away. */
void rig_destroy(struct rig *, uint32_t domid);
bool rig_exists(struct rig *, uint32_t domid);
/* The reason for which it shut down; -1 if it did not. */
int rig_reason(struct rig *, uint32_t domid);

/* A disk on a fresh file of RIG_DISK_SECTORS; the descriptor of the file. */
int rig_disk(struct rig *, uint32_t domid, uint32_t devid, const char *mode);
/* A vif; hotplug is done by rig_plug(). */
void rig_vif(struct rig *, uint32_t domid, uint32_t devid);
void rig_plug(struct rig *, uint32_t domid, uint32_t devid);
/* A device of a kind that is a row (back_rows.c, front_rows.c), with the nodes that all kinds have; and its end, with
 * all devices of that back end. */
void rig_plain(struct rig *, const char *front, const char *back, uint32_t domid, uint32_t devid);
void rig_remove_plain(struct rig *, const char *front, const char *back, uint32_t domid, uint32_t devid);
/* Asks both ends to close: online=0, state=5. */
void rig_unplug(struct rig *, const char *kind, uint32_t domid, uint32_t devid);
/* Detaches the loop device alone. */
void rig_forget_loop(struct rig *, uint32_t domid, uint32_t devid);
/* Removes all nodes of a device, and the loop device. */
void rig_remove(struct rig *, const char *kind, uint32_t domid, uint32_t devid);

/* "" when there is none. Good until the next call. */
const char *rig_read(struct rig *, const char *path_fmt, ...) __attribute__((format(printf, 2, 3)));
void rig_write(struct rig *, const char *value, const char *path_fmt, ...) __attribute__((format(printf, 3, 4)));
int rig_back(struct rig *, const char *kind, uint32_t domid, uint32_t devid);
int rig_front(struct rig *, const char *kind, uint32_t domid, uint32_t devid);
/* What the back end wrote under error/. */
const char *rig_error(struct rig *, const char *kind, uint32_t domid, uint32_t devid);

#endif
