/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A device kind: one row of functions and facts, one file a kind. The registry
 * array in kind.c lists them all. To add one, write its file and add the row.
 */
#ifndef DOMO_DEV_KIND_H
#define DOMO_DEV_KIND_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "dev/dev.h"
#include "dev/grammar.h"
#include "dev/nodes.h"
#include "host/host.h"

struct dev;

/* One call of a hotplug script. Owns its strings. */
enum { SCRIPT_ARGS_MAX = 4, SCRIPT_ENV_MAX = 10 };
struct script_call {
    char *argv[SCRIPT_ARGS_MAX + 1]; /* argv[0] is the script's path */
    char *env[SCRIPT_ENV_MAX + 1];   /* "NAME=value" */
};

/* What a kind has whose devices have no nodes of their own, but are parts of one carrier: the functions of a guest's
 * PCI bus, the devices at its USB controllers. Parts come and go while the carrier stays. */
struct dev_parts {
    const char *carrier; /* the carrier's kind */
    /* Makes the spec a part of a carrier of the set: one that is there, one of the living guest (loaded), or a new one.
     */
    int (*join)(struct devset *, struct dev_spec *, struct domo_err *);
    /* Finds the part that "which" names in the loaded carriers, and marks it as the one that leaves. *ret: its carrier;
     * *ret_last: the carrier goes with it. */
    int (*pick)(struct devset *, const char *which, struct dev **ret, bool *ret_last, struct domo_err *);
    /* Adds the nodes of new parts to a loaded carrier; asks the guest to let go of leaving ones; removes their nodes.
     */
    int (*extend)(struct dev *, store_txn, struct domo_err *);
    int (*retract)(struct dev *, store_txn, struct domo_err *);
    int (*drop)(struct dev *, store_txn, struct domo_err *);
    /* Have both ends taken in what extend or retract wrote? */
    enum plan_wait (*settled)(struct dev *, int64_t now_ms, int64_t due_ms, struct domo_err *);
    /* Is that element of libxl's list one of the leaving parts? */
    bool (*is_leaving)(const struct dev *, const struct json *element);
    /* The part as it was added, or taken away, as members of a row. */
    void (*show)(const struct dev *, struct json *row);
};

struct devkind {
    const char *name;      /* "vbd": as in the store on the front end's side and under /libxl */
    const char *back_name; /* "vbd": as in the back end domain's directory */
    const char *module;    /* kernel module that serves it, NULL = no kernel driver does */
    const char
        *default_script;     /* "block": done in process unless another one is named; NULL = the kind has no hotplug */
    const char *summary;     /* one line for help */
    bool has_hotplug_status; /* the back end waits for hotplug-status=connected */
    bool is_vital; /* a creation waits until the guest has connected it; the driver of other kinds may come late, or
                    * never */
    bool has_handshake; /* false: the console, which nobody waits for */
    /* How a device of this kind is written down; NULL: it has a grammar of its own (vbd, vif), or none. */
    const struct dev_grammar *grammar;
    const struct dev_parts *parts; /* NULL: its devices stand alone */
    /* Reads what else a device that was found has. NULL: nothing. */
    int (*load)(struct dev *, struct domo_err *);
    uint32_t first_devid; /* number of a guest's first device of this kind */
    bool is_fixed;        /* given when the guest is created: it can't be attached or detached while the guest runs */
    /* Names of the nodes in /libxl that devset_load keeps, NULL-terminated; NULL = none. */
    const char *const *keeps;
    /* Checks a device of a grammar against the host and the rest of the set, fills in what is generated, may choose
     * back_name. Its number and back end domain are known. NULL: nothing to do. */
    int (*settle)(struct dev *, struct domo_err *);
    /* Node contents besides frontend/backend/-id/state/online, which are the same for all, and those of the grammar's
     * rows. NULL: none. */
    int (*nodes)(const struct dev *, struct nodes *, struct domo_err *);
    /* Takes what the device needs on this host, and after all devices have: is there a clash? NULL: nothing. */
    int (*prepare)(struct dev *, struct domo_err *);
    int (*verify)(struct dev *, struct domo_err *);
    int (*unprepare)(struct dev *, struct domo_err *);
    /* Gives the domain, which exists now, what the hypervisor must let it use; and takes that back, as far as it was
     * given. NULL: nothing. */
    int (*hand_over)(struct dev *, struct domo_err *);
    int (*take_back)(struct dev *, struct domo_err *);
    /* In-process hotplug once the back end is in InitWait. PLAN_AGAIN: the kernel is not ready yet, call again in a
     * moment. NULL: nothing to do. */
    enum plan_wait (*plug)(struct dev *, struct domo_err *);
    /* In a driver domain, where domain 0's toolstack wrote the nodes ("keys" are read from the back end's directory):
     * all of the hotplug, without a prepare before it. PLAN_AGAIN as of plug. NULL: nothing to do. */
    enum plan_wait (*serve)(struct dev *, struct domo_err *);
    /* There, too: finds what an earlier process took for a device that is served already. NULL: nothing to find. */
    int (*adopt)(struct dev *, struct domo_err *);
    /* After the device's own script ended well: is the back end content? NULL: nothing to check. */
    int (*confirm)(struct dev *, struct domo_err *);
    /* Gives back what this host's kernel holds, by /libxl's copy only. PLAN_AGAIN: given back, but the kernel has not
     * let go yet; call again in a moment. NULL: nothing to do. */
    enum plan_wait (*release)(struct dev *, struct domo_err *);
    bool finds_own; /* release finds it also without the back end's directory */
    /* First argument(s) after the path, and environment besides the common variables, of the kind's script. */
    int (*script)(const struct dev *, bool adding, struct script_call *, struct domo_err *);
    /* How often that is called, one turn (struct dev: run_turn) after the other. NULL: once. */
    unsigned (*script_turns)(const struct dev *);
    /* Does "which" (vdev, MAC, devid) name this device? NULL: by devid alone. */
    bool (*matches)(const struct dev *, const char *which);
    /* "vif 0 (00:16:3e:…)": its label; caller frees. NULL: the kind's name and the devid. */
    char *(*title)(const struct dev *);
    /* Adds lines of what prepare and plug would do to a dry run. NULL: nothing. */
    void (*preview)(const struct dev *, struct json *lines);
    /* Adds the kind's own members to a row (vdev, mac, bridge, target …). NULL: none. */
    void (*describe)(const struct dev *, struct json *row);
};

extern const struct devkind *const devkinds[];        /* NULL-terminated */
const struct devkind *devkind_find(const char *name); /* NULL if there is none */
/* The same, where kinds share a name: the primary console is number 0, channels are the others. */
const struct devkind *devkind_at(const char *name, uint32_t devid);
/* The kind that is written down so; NULL if there is none. */
const struct devkind *devkind_of(const struct dev_grammar *);
/* The row of kinds that another tool made and that domo only takes down and shows. */
extern const struct devkind devkind_other;

#endif
