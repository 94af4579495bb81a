/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Inside of a device set: one device on its way, and what the files of
 * lib/dev share. Not for other folders.
 */
#ifndef DOMO_DEV_DEVICE_H
#define DOMO_DEV_DEVICE_H

#include "dev/handshake.h"
#include "dev/kind.h"

enum {
    DEV_KIND_MAX = 32,       /* longest kind name, with its NUL */
    DEV_PATH_MAX = 160,      /* directory of a device in the store */
    DEV_TEXT_MAX = 256,      /* what is shown of a value that somebody else wrote */
    DEV_ASK_DM_MS = 100,     /* for what a device model says, which no store event tells of */
    DEV_LOOK_AGAIN_MS = 3,   /* for changes in the kernel that no store event tells of */
    DEV_LET_GO_MS = 2000,    /* how long the kernel may take to let go of a loop device or an interface */
    IFACE_NAME_MAX = 16,     /* the kernel's limit, with the NUL */
    CONSOLE_LIMIT = 1048576, /* how much output is kept while nobody reads it */
    DEV_SCRIPTS_AT_ONCE = 16 /* scripts of one set that run at the same time: two descriptors each */
};

/* The three directories of a device. "$DOMID" stands for a guest that does not exist yet. */
struct dev_paths {
    char back[DEV_PATH_MAX], front[DEV_PATH_MAX], libxl[DEV_PATH_MAX];
};

struct dev_vbd {
    struct disk_spec spec;
    struct os_target target;
    bool has_target;     /* it was looked at */
    struct os_loop loop; /* attached by us, or found at release */
    bool has_loop;
    int claim_fd; /* keeps others off the block device until the back end has it; -1 = none */
};

struct dev_vif {
    struct vif_spec spec;
    char ifname[IFACE_NAME_MAX]; /* as the back end makes it: vifD.N */
    uint32_t mtu;                /* the one that is wanted, or the bridge's; 0 = not known */
};

struct dev_console {
    uint64_t ring_ref;
    uint32_t port;
};

enum dev_script { DEV_SCRIPT_IDLE, DEV_SCRIPT_RUNNING, DEV_SCRIPT_ENDED };

struct dev {
    struct devset *set;
    const struct devkind *kind;
    char kind_name[DEV_KIND_MAX], back_name[DEV_KIND_MAX]; /* as in the store, also of kinds that have no row */
    uint32_t devid, back_domid;
    char *label;
    struct nodes keys; /* what /libxl says, or will say, about it: only the kind's "keeps" */
    char *script;      /* absolute path; NULL = none */
    bool has_back;     /* false: /libxl names no back end that makes sense */
    bool loaded;       /* it was found in the store, not made here */
    bool is_custom;    /* its script is not the default one */
    bool has_claim;

    struct dev_spec spec; /* as it is wanted, of a kind with a grammar */
    bool has_spec;
    struct dev_vbd vbd; /* of the wanted disk */
    struct dev_vif vif;
    struct dev_console console;

    /* Where it is on its way. */
    bool done[HS_PHASES];
    bool plugged;              /* our part of the hotplug is done */
    bool script_was_run;       /* "add" was started: "remove" is owed */
    bool let_go;               /* release has asked the kernel */
    bool released;             /* and is finished with it */
    enum xenbus_state before;  /* the back end's state when closing began */
    bool was_open;             /* closing changed its state */
    bool nobody_answers;       /* closing need not be waited for */
    enum dev_script run_state; /* of its script */
    bool run_adding;
    struct os_child child;
    int64_t run_deadline;
};

enum set_wait { SET_WAIT_NONE, SET_WAIT_ACCEPT, SET_WAIT_CONNECT, SET_WAIT_CLOSE, SET_WAIT_RELEASE };

struct devset {
    struct host *host; /* NULL: a dry run without a host */
    uint32_t domid;    /* 0 = not known yet */
    char *name, *uuid, *protocol;
    bool is_pv, emulates;
    struct dev_timeouts timeouts;
    VEC(struct dev *) devs;
    size_t watched; /* the first so many devices have their watches */
    enum set_wait waiting;
    int64_t began; /* when this wait was called first */
    enum dev_close close_mode;
    struct domo_err release_err; /* what went wrong while giving back, so far */
    struct os_loop *loops;       /* this host's, while preparing */
    size_t n_loops;
    bool loops_known;
    devset_dm_check dm_check; /* NULL = nobody to ask */
    void *dm_arg;
};

/* -- set.c -- */

/* A new device at the end of the set; NULL with NO_MEMORY. */
struct dev *devset_push(struct devset *, const struct devkind *, struct domo_err *);
/* Takes the last device out again (its checks failed) and frees it. */
void devset_pop(struct devset *);
/* Its label, once kind, devid and keys are known: 0, -1 NO_MEMORY. */
int dev_set_label(struct dev *, struct domo_err *) MUST_CHECK;
/* Does "which" name it? */
bool dev_matches(const struct dev *, const char *which);
/* The nodes of the kind: the grammar's rows, then its own. */
int dev_nodes(const struct dev *, struct nodes *, struct domo_err *) MUST_CHECK;
/* Gives it the next free number of its kind: of the guest if it lives, else of the set. */
int dev_pick_devid(struct dev *, struct domo_err *) MUST_CHECK;
/* What "keeps" wants of the nodes that the kind makes. Needs all of the spec. */
int dev_set_keys(struct dev *, struct domo_err *) MUST_CHECK;
/* DEVICE_EXISTS if another device of the set has its kind and devid. */
int dev_check_unique(const struct dev *, struct domo_err *) MUST_CHECK;
/* The back end is in the domain that we run in: hotplug and release are ours. */
bool dev_is_ours(const struct dev *);
/* A kernel driver of our domain should serve it. */
bool dev_is_kernel_served(const struct dev *);
/* A device model in our domain should serve it. */
bool dev_is_dm_served(const struct dev *);
void dev_paths(const struct dev *, struct dev_paths *ret);
/* "DIR/NAME". */
void dev_join(char out[STORE_PATH_MAX], const char *dir, const char *name);
/* Adds "one" to "all": the first error stands, later ones become its facts. */
void err_collect(struct domo_err *all, const struct domo_err *one);

/* -- backend.c -- */

/* Sets back_domid from what the config says (NULL: our domain), and script from its name; checks that something can
 * serve the back end. */
int dev_resolve_backend(struct dev *, const char *backend, struct domo_err *) MUST_CHECK;
/* Its two halves, for a kind whose back end's name depends on more than its domain. */
int dev_resolve_domain(struct dev *, const char *backend, struct domo_err *) MUST_CHECK;
int dev_check_server(const struct dev *, struct domo_err *) MUST_CHECK;
int dev_resolve_script(struct dev *, const char *script, struct domo_err *) MUST_CHECK;

/* -- share.c -- */

/* DISK_SHARED if somebody else uses what the prepared or to be prepared disk uses, and one of both writes. */
int share_check_loops(struct dev *, struct domo_err *) MUST_CHECK;
int share_check_block(struct dev *, struct domo_err *) MUST_CHECK;
/* The list of loop devices is old: look again at the next check. */
void share_forget(struct devset *);

/* -- tag.c -- */

/* "domo:UUID:KIND:DEVID". */
enum { TAG_UUID_MAX = 37 };
struct loop_tag {
    char uuid[TAG_UUID_MAX], kind[DEV_KIND_MAX];
    uint32_t devid;
};
int loop_tag_print(const struct dev *, char out[HOST_LOOP_TAG_MAX + 1], struct domo_err *) MUST_CHECK;
bool loop_tag_parse(const char *text, struct loop_tag *ret);
/* Is it the tag of this device? */
bool loop_tag_is(const char *text, const struct dev *);

/* -- fail.c -- */

/* Fills an error about the device with what can be seen of it: both states, hotplug-status and -error, error nodes of
 * both ends. */
int dev_fail(const struct dev *, enum domo_code, struct domo_err *, const char *fmt, ...) PRINTF_LIKE(4, 5);
/* Reads a node for people: printable, bounded; "" if it is missing or unreadable. */
void dev_read_text(struct host *, const char *path, char out[DEV_TEXT_MAX]);
/* The error nodes that the kernels of both ends leave; "" if there is none. */
void dev_error_text(const struct dev *, bool of_front, char out[DEV_TEXT_MAX]);

/* -- script.c -- */

/* Starts the device's script ("add", "remove" or the kind's words for it). */
int dev_script_start(struct dev *, bool adding, struct domo_err *) MUST_CHECK;
/* Looks after a running one: registers its descriptors with "op", collects its end, kills it when its time is up. */
enum plan_wait dev_script_step(struct dev *, struct op *, int64_t now_ms, int64_t *deadline_ms, struct domo_err *);
/* Kills it if it runs. */
void dev_script_abort(struct dev *);
void script_call_fini(struct script_call *);

/* -- wait.c -- */

/* Reads one end's state; a missing node is Unknown. */
int dev_state(const struct dev *, bool of_front, enum xenbus_state *ret, struct domo_err *) MUST_CHECK;
/* Arms missing watches, notes when this wait was called first, and empties op's descriptors. */
int devset_wait_begin(struct devset *, enum set_wait, struct op *, int64_t now_ms, struct domo_err *) MUST_CHECK;
/* "deadline" becomes the earlier of both (-1 = none). */
void deadline_min(int64_t *deadline, int64_t other);

/* -- one file a kind -- */
extern const struct devkind devkind_channel, devkind_console, devkind_p9, devkind_vbd, devkind_vfb, devkind_vif,
    devkind_vkb, devkind_vtpm;
/* -- vbd_back.c: the disk's back end on this host -- */
int vbd_prepare(struct dev *, struct domo_err *) MUST_CHECK;
int vbd_verify(struct dev *, struct domo_err *) MUST_CHECK;
int vbd_unprepare(struct dev *, struct domo_err *) MUST_CHECK;
enum plan_wait vbd_release(struct dev *, struct domo_err *);
/* -- vif_back.c: the interface on this host -- */
enum plan_wait vif_plug(struct dev *, struct domo_err *);
int vif_confirm(struct dev *, struct domo_err *) MUST_CHECK;
enum plan_wait vif_release(struct dev *, struct domo_err *);

#endif
