/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Devices of one guest, whatever their kind: a set that is prepared (loop
 * device, checks), written into the store, waited for, closed, released. The
 * steps of create, attach, detach and destroy are these calls; which kind does
 * what is in the kinds' rows (kind.h), and how both ends walk to Connected is
 * in handshake.h.
 *
 * The toolstack's truth about a device is under /libxl/D/device/KIND/N and in
 * this process: nothing that a guest can write steers what happens here.
 */
#ifndef DOMO_DEV_DEV_H
#define DOMO_DEV_DEV_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "base/json.h"
#include "base/vec.h"
#include "dev/dev_spec.h"
#include "dev/disk_spec.h"
#include "dev/vif_spec.h"
#include "host/host.h"
#include "plan/plan.h"

struct dev;
struct devkind;
struct devset;

/* xenbus states, xen/io/xenbus.h. */
enum xenbus_state {
    XENBUS_UNKNOWN,
    XENBUS_INITIALISING,
    XENBUS_INIT_WAIT,
    XENBUS_INITIALISED,
    XENBUS_CONNECTED,
    XENBUS_CLOSING,
    XENBUS_CLOSED,
    XENBUS_RECONFIGURING,
    XENBUS_RECONFIGURED
};

const char *xenbus_state_name(enum xenbus_state); /* "Connected"; "Unknown" for anything else */

/* The guest that the devices belong to. */
struct dev_guest {
    uint32_t domid;
    const char *name;      /* for messages */
    const char *uuid_text; /* for the tags of loop devices */
    bool is_pv;
    bool emulates;        /* a device model runs: some disks are also there without a driver of Xen's */
    const char *protocol; /* "x86_64-abi": vbd front ends of PV guests; NULL = leave the node out */
};

/* How long each phase may take, milliseconds. Defaults: DEV_TIMEOUTS_DEFAULT, those of libxl where it has one. */
struct dev_timeouts {
    int64_t backend_ms;     /* "accept": back end to InitWait (libxl: 10 s) */
    int64_t script_ms;      /* "script": one hotplug script (libxl: 40 s) */
    int64_t connect_ms;     /* "connect": both ends to Connected */
    int64_t reconfigure_ms; /* "reconfigure": from Reconfiguring back to Connected (libxl: 10 s) */
    int64_t reconnect_ms;   /* "reconnect": an end that went away to Connected again */
    int64_t close_ms;       /* "close": back end to Closed (libxl: 10 s) */
    int64_t model_ms;       /* "device-model": until one that was started answers (libxl: 60 s) */
};
extern const struct dev_timeouts DEV_TIMEOUTS_DEFAULT;
/* Sets limits from text: "connect=30,close=2.5", seconds. NULL and "" change nothing. USAGE names the item that is
 * wrong and the phases that there are; then nothing is changed. */
int dev_timeouts_set(struct dev_timeouts *, const char *text, struct domo_err *) MUST_CHECK;

/* An empty set. Copies what it needs of "guest" (domid may be set later, once it is known). Host NULL: only for
 * devset_add_* and devset_preview, without the checks that need a host. NULL when out of memory. */
struct devset *devset_new(struct host *, const struct dev_guest *, const struct dev_timeouts *);
const struct dev_timeouts *devset_timeouts(const struct devset *);
struct devset *devset_free(struct devset *); /* frees memory only, touches nothing of the host */
/* Once the guest's domid is known (creation makes the set first). Also its device ABI. */
void devset_set_domid(struct devset *, uint32_t domid);
int devset_set_protocol(struct devset *, const char *protocol) MUST_CHECK; /* 0, -ENOMEM */

/* Adds a wanted device: resolves defaults (back end domain by name or number, back end type, bridge, MAC, script path),
 * checks what can be checked at once (target exists and is of a usable kind, bridge exists, vdev not twice in the set,
 * kernel driver present when the back end is ours). Nothing is changed. DISK_*, NO_BRIDGE, DEVICE_*, UNSUPPORTED
 * (qdisk, …), wrapped with the device's name. "spec" gets generated values (MAC, devid) filled in, so that it can be
 * stored. */
int devset_add_disk(struct devset *, struct disk_spec *, struct domo_err *) MUST_CHECK;
int devset_add_vif(struct devset *, struct vif_spec *, struct domo_err *) MUST_CHECK;
/* The same for a kind with a grammar (dev_spec.h). */
int devset_add_spec(struct devset *, struct dev_spec *, struct domo_err *) MUST_CHECK;
/* The primary console of a PV guest, served by xenconsoled. Its ring is only known after the build:
 * devset_set_console(). */
int devset_add_console(struct devset *, struct domo_err *) MUST_CHECK;
void devset_set_console(struct devset *, uint64_t ring_ref, uint32_t port);

/* Finds the domain that a config means with backend= (a name, a number, NULL: ours). *ret_found false: there is none,
 * or it has ended. */
int dev_find_backend(struct host *, const char *backend, bool *ret_found, uint32_t *ret, struct domo_err *) MUST_CHECK;

/* Loads what is there, from /libxl/D/device (never from the guest's nodes): all kinds (kind NULL) or one; with "which"
 * (vdev, devid or MAC text) exactly one, else DEVICE_NOT_FOUND naming the devices that there are. */
int devset_load(struct devset *, const char *kind, const char *which, struct domo_err *) MUST_CHECK;
size_t devset_len(const struct devset *);
struct dev *devset_at(const struct devset *, size_t i); /* NULL behind the last */
/* Does a device of the set need a device model in our domain, besides what an HVM guest has one for? */
bool devset_needs_dm(const struct devset *);
/* The character device of the device model that is a guest's channel, by the channel's place in the list. */
#define CHANNEL_CHARDEV    "chardev:" CHANNEL_CHARDEV_ID
#define CHANNEL_CHARDEV_ID "libxl-channel%" PRIu32
enum { CHANNEL_FIRST_DEVID = 1 }; /* 0 is the primary console */
/* "disk xvdb", "vif 0 (00:16:3e:…)": of device "i". Valid as long as the set. */
const char *devset_label(const struct devset *, size_t i);

/* -- attaching, in this order -- */

/* Takes what the devices need on this host before their nodes exist: sharing checks, loop devices (tagged
 * "domo:UUID:KIND:DEVID"). Undo: devset_unprepare. */
int devset_prepare(struct devset *, struct domo_err *) MUST_CHECK;
int devset_unprepare(struct devset *, struct domo_err *) MUST_CHECK;
/* Writes all nodes (both ends and /libxl) in the caller's transaction; DEVICE_EXISTS if /libxl has it. With
 * "first_part" false the console, whose ring is known late, is written; with true all others. Runs again from scratch
 * after a conflict. */
int devset_write(struct devset *, store_txn, bool first_part, struct domo_err *) MUST_CHECK;
/* What devset_write would write, and what the host would be asked to do, for a dry run: adds lines. */
int devset_preview(struct devset *, bool first_part, struct json *lines, struct domo_err *) MUST_CHECK;
/* Gives the guest, once its domain is there, what the hypervisor must let it use: PCI functions with their memory,
 * ports and interrupts. Undo: devset_take_back, which is fine with what was never given. */
int devset_hand_over(struct devset *, struct domo_err *) MUST_CHECK;
int devset_take_back(struct devset *, struct domo_err *) MUST_CHECK;
/* Does any device of the set need that? */
bool devset_has_assigned(const struct devset *);

/* -- parts of a carrier of a living guest (kind.h: struct dev_parts) -- */

/* What devset_add_spec joined to a carrier that the guest has already. NULL: the carriers are all new, and are attached
 * like any device. */
struct dev *devset_extended(struct devset *);
/* Loads the guest's carriers of the kind and finds the part; *ret_last: the whole carrier is to be detached, and the
 * set holds it alone. */
int devset_pick_part(struct devset *, const struct devkind *, const char *which, struct dev **ret, bool *ret_last,
                     struct domo_err *) MUST_CHECK;
/* In the caller's transaction. */
int dev_part_extend(struct dev *, store_txn, struct domo_err *) MUST_CHECK;
int dev_part_retract(struct dev *, store_txn, struct domo_err *) MUST_CHECK;
int dev_part_drop(struct dev *, store_txn, struct domo_err *) MUST_CHECK;
/* Until both ends have followed. */
enum plan_wait devset_part_wait(struct devset *, struct dev *, struct op *, int64_t now_ms, int64_t *ret_deadline_ms,
                                struct domo_err *);
/* Gives back what the leaving part held on this host. */
int dev_part_release(struct dev *, struct domo_err *) MUST_CHECK;
bool dev_part_is_leaving(const struct dev *, const struct json *element);
/* The carrier's row, with what has changed. */
struct json *dev_part_row(struct devset *, struct dev *, struct domo_err *);

/* Arms the watches for waiting; each wait arms those that are missing. To take an attach back after devset_write, go
 * through all of detaching with DEV_CLOSE_FORCE (release included: a script that was run has to be run again), then
 * devset_unprepare. */
int devset_watch(struct devset *, struct domo_err *) MUST_CHECK;
int devset_unwatch(struct devset *, struct domo_err *) MUST_CHECK;
/* Wait functions for a step (see plan.h). Each drives all devices at once, in process hotplug and scripts included.
 * backends_wait: every back end that we can know of has accepted its device and hotplug is done (state >= InitWait and
 * hotplug-status connected where the kind has it). A back end that is absent or has passed the wanted state is an error
 * at once. connected_wait: both ends of every device are Connected. reconfigured_wait: they are Connected again after
 * the back ends were set to Reconfiguring. reconnected_wait: they are Connected again after an end closed or started
 * anew; needs what /libxl knows only (devset_load). A guest or a driver domain that goes meanwhile is an error at once.
 */
enum plan_wait devset_backends_wait(struct devset *, struct op *, int64_t now_ms, int64_t *ret_deadline_ms,
                                    struct domo_err *);
enum plan_wait devset_connected_wait(struct devset *, struct op *, int64_t now_ms, int64_t *ret_deadline_ms,
                                     struct domo_err *);
enum plan_wait devset_reconfigured_wait(struct devset *, struct op *, int64_t now_ms, int64_t *ret_deadline_ms,
                                        struct domo_err *);
enum plan_wait devset_reconnected_wait(struct devset *, struct op *, int64_t now_ms, int64_t *ret_deadline_ms,
                                       struct domo_err *);

/* The connected_wait of a creation is for the devices that no guest does without: those of kinds that are not vital
 * count as connected from here on. */
void devset_wait_for_vital(struct devset *);

/* While a back end of the device model has not accepted its device, this is asked now and then: -1 with err if the
 * device model has ended or said why it won't. */
typedef int (*devset_dm_check)(void *arg, const char *back_name, uint32_t devid, struct domo_err *);
void devset_set_dm_check(struct devset *, devset_dm_check, void *arg);

/* -- detaching, in this order -- */

/* How much consent is needed: SAFE asks and fails with DEVICE_IN_USE after close_ms; FORCE removes the front end's
 * nodes first and goes on whatever happens (used by destroy, too). */
enum dev_close { DEV_CLOSE_SAFE, DEV_CLOSE_FORCE };
/* In one transaction: online=0, state=Closing (never when Closed already). */
int devset_close(struct devset *, enum dev_close, struct domo_err *) MUST_CHECK;
enum plan_wait devset_closed_wait(struct devset *, struct op *, int64_t now_ms, int64_t *ret_deadline_ms,
                                  struct domo_err *);
/* After a safe close that failed: puts online=1 back so that the guest can go on using the device, where the back end
 * allows it. *ret_all_open: it did for each that was asked to close. */
int devset_reopen(struct devset *, bool *ret_all_open, struct domo_err *) MUST_CHECK;
/* Gives back what the host holds: loop devices (by /libxl's node and tag, never by what the guest says), scripts
 * "remove" or "offline". The wait drives scripts. Errors are collected, everything is tried; with
 * DEV_CLOSE_FORCE they are no failures of these two. */
int devset_release(struct devset *, struct domo_err *) MUST_CHECK;
enum plan_wait devset_release_wait(struct devset *, struct op *, int64_t now_ms, int64_t *ret_deadline_ms,
                                   struct domo_err *);
/* What could not be given back, also by force: the first of the errors, with the others as its facts. */
int devset_released(const struct devset *, struct domo_err *) MUST_CHECK;
/* Removes all nodes of the devices in the caller's transaction, empty parents included. */
int devset_remove_nodes(struct devset *, store_txn, struct domo_err *) MUST_CHECK;
/* For a guest that goes: removes what is outside of its own directories, the back ends of all kinds that it has. The
 * set must hold all its devices. */
int devset_remove_all_backs(struct devset *, store_txn, struct domo_err *) MUST_CHECK;

/* -- seeing -- */

/* One row a device, as domo_devices() of the public header documents. With "full" also
 * {"nodes":{"back":{…},"front":{…}, "libxl":{…}}}. NULL with err. */
struct json *devset_rows(struct devset *, bool full, struct domo_err *);

/* Do the ends of device "i" show states to each other? Not those of a console. */
bool devset_is_negotiated(const struct devset *, size_t i);

/* What is known of the guest while its devices are explained. */
struct dev_surroundings {
    bool guest_gone, guest_dying, guest_shutdown, guest_crashed, guest_paused;
    bool dm_ended; /* it should have a device model, and that has ended */
};
/* Why each device of the set is not connected, or that it is: [{"kind","devid","label","back_domid","healthy","cause",
 * "side","what","advice","waits_for","seen":{…}}]. NULL with err. */
struct json *devset_explain(struct devset *, const struct dev_surroundings *, struct domo_err *);

/* Sweep's view: the loop devices with our tag, whose device node is gone (or never came):
 * [{"loop":number,"uuid","kind","devid","why"}]. */
struct json *dev_orphan_loops(struct host *, struct domo_err *);

#endif
