/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What is simulated, as data: the size of the host, how guests behave, what
 * fails. From a JSON file (schemas/world.json), checked to the last key.
 */
#ifndef DOMO_SIM_WORLD_H
#define DOMO_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"
#include "sim/machine.h"

enum guest_manner {
    GUEST_NORMAL,
    GUEST_SLOW,             /* each step of its drivers takes delay_ms */
    GUEST_NEVER_CONNECTS,   /* boots, has no drivers for its devices */
    GUEST_CRASHES,          /* while booting */
    GUEST_IGNORES_SHUTDOWN, /* control/shutdown stays */
    GUEST_REFUSES_UNPLUG,   /* its disks are in use: goes back to Connected when asked to close */
    GUEST_GARBAGE,          /* publishes nonsense as ring-ref, event-channel and state */
    GUEST_RECONNECTS,       /* closes and connects again, for ever, every delay_ms */
    GUEST_MANNERS
};

/* A rule of behaviour; the first that fits is taken. Patterns are fnmatch(3)'s, NULL fits everything. */
struct world_guest {
    char *name, *kernel;
    uint32_t order; /* the n-th guest ever made on this host, counting from 1; 0 = any */
    enum guest_manner manner;
    uint32_t delay_ms;           /* between two steps of its drivers */
    uint32_t boot_ms;            /* from unpause to the first step */
    bool serves_vbd, serves_vif; /* a driver domain: the back end drivers that its kernel has */
};

/* A call of the seam that fails: "hyp.create", "store.write", "os.loop_attach", or a pattern of such: "hyp.*". */
struct world_fault {
    char *op;
    uint32_t nth; /* of the calls of one command, counting from 1; 0 = each */
    int sys;      /* errno; 0 = it works, only late */
    uint32_t delay_ms;
};

struct world_quota {
    char *name;
    uint32_t value;
};

/* The back ends that there can be: backs.def. */
enum {
    WORLD_BACKS = 0
#define BACK(name) +1
#include "sim/backs.def"
#undef BACK
};

struct world {
    struct machine_size size;
    bool lacks_back[WORLD_BACKS]; /* back end drivers that domain 0 does not have */
    uint32_t back_delay_ms;       /* between two steps of a back end */
    bool has_loop_limit;
    uint32_t loop_limit; /* how many loop devices domain 0 can have */
    char **bridges;      /* with names; a fresh world has xenbr0 */
    size_t bridge_count;
    struct world_guest *guests;
    size_t guest_count;
    struct world_fault *faults;
    size_t fault_count;
    struct os_pci *pci; /* the machine's devices */
    size_t pci_count;
    struct os_usb *usb; /* an element an interface */
    size_t usb_count;
    bool lacks_iommu;
    struct world_quota *quotas; /* of the store */
    size_t quota_count;
};

/* The world that a directory without a file has: 16 GiB, 4 processors, xenbr0, well-behaved guests. NULL: no memory. */
struct world *world_default(void);
/* CONFIG-class errors name the file, the place in it and what is allowed there. */
int world_parse(const char *file, const char *text, size_t len, struct world **ret, struct domo_err *) MUST_CHECK;
struct world *world_free(struct world *);

/* Does domain 0 have the back end of that name? */
bool world_has_back(const struct world *, const char *name);
/* As modprobe and rmmod. -ENOENT: there is no such back end. */
int world_set_back(struct world *, const char *name, bool on) MUST_CHECK;
/* Does the rule of a driver domain name that back end? */
bool world_serves(const struct world_guest *, const char *name);
/* Makes the world's bridges on the node of domain 0 or of a driver domain; 0 or a negative errno. */
struct node;
int world_bridge(const struct world *, struct node *) MUST_CHECK;

/* The rule for a guest; never NULL. */
const struct world_guest *world_rule(const struct world *, const char *name, const char *kernel, uint32_t order);

#endif
