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
    DEV_KIND_MAX = 32,     /* longest kind name, with its NUL */
    DEV_PATH_MAX = 160,    /* directory of a device in the store */
    DEV_TEXT_MAX = 256,    /* what is shown of a value that somebody else wrote */
    DEV_ASK_DM_MS = 100,   /* for what a device model says, which no store event tells of */
    DEV_LOOK_AGAIN_MS = 3, /* for changes in the kernel that no store event tells of */
    DEV_LET_GO_MS = 2000,  /* how long the kernel may take to let go of a loop device or an interface */
    DEV_ANY_SLOT = UINT16_MAX,
    DEV_FUNC_NAME_MAX = 64,  /* a name that the administrator gave to a PCI function */
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
    bool is_served;              /* in a driver domain, which runs no device model of the guest's */
};

struct dev_console {
    uint64_t ring_ref;
    uint32_t port;
};

/* A function of the guest's PCI bus. */
struct dev_func {
    struct os_pci info;
    uint32_t vslot; /* where the guest sees it; DEV_ANY_SLOT = pciback chooses */
    bool permissive, msitranslate, power_mgmt, seize, is_relaxed;
    char name[DEV_FUNC_NAME_MAX];   /* as it was given; "" = by its place */
    char was_driver[OS_DRIVER_MAX]; /* what it was taken from just now */
    bool is_new, is_leaving;        /* what this operation is about */
    bool was_hidden, is_assigned;   /* done by this operation, or found so */
    unsigned granted;               /* so many of its ranges, and then its interrupt, may be used */
};

/* A USB device at a port of the guest's controller. */
struct dev_usb {
    char bus_id[OS_USB_NAME_MAX];
    uint32_t bus, addr, port;
    bool is_new, is_leaving, was_taken;
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
    bool is_idle;      /* nobody is to serve it: its back end begins as Closed */
    bool has_claim;

    struct dev_spec spec; /* as it is wanted, of a kind with a grammar */
    bool has_spec;
    struct dev_vbd vbd; /* of the wanted disk */
    struct dev_vif vif;
    struct dev_console console;
    VEC(struct dev_func) funcs; /* of a PCI bus */
    VEC(struct dev_usb) usbs;   /* of a USB controller */

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
    unsigned run_turn; /* of the calls that the script gets */
    struct os_child child;
    int64_t run_deadline;
};

/* What the set waits for: a phase of the handshake, or what is beyond it. */
enum { SET_WAIT_NONE = -1, SET_WAIT_RELEASE = HS_PHASES, SET_WAIT_PART };

struct devset {
    struct host *host; /* NULL: a dry run without a host */
    uint32_t domid;    /* 0 = not known yet */
    char *name, *uuid, *protocol;
    bool is_pv, emulates;
    struct dev_timeouts timeouts;
    VEC(struct dev *) devs;
    size_t watched;       /* the first so many devices have their watches */
    bool watches_domains; /* it also hears of domains that end */
    int waiting;          /* enum hs_phase or SET_WAIT_* */
    int64_t began;        /* when this wait was called first */
    enum dev_close close_mode;
    struct domo_err release_err; /* what went wrong while giving back, so far */
    struct os_loop *loops;       /* this host's, while preparing */
    size_t n_loops;
    bool loops_known;
    VEC(struct share_image) images; /* and the images that device models of this host serve */
    bool images_known;
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
/* DISK_SHARED, with the other user's name. Returns -1. */
int share_say_user(const struct dev *, uint32_t domid, uint32_t devid, bool read_only, struct domo_err *);
/* The lists of loop devices and images are old: look again at the next check. */
void share_forget(struct devset *);

/* -- share_image.c -- */

/* DISK_SHARED if a device model serves the disk's file to a guest, and one of both writes. */
int share_check_images(struct dev *, struct domo_err *) MUST_CHECK;
void share_forget_images(struct devset *);

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

/* -- show.c -- */

/* A node of the front end's side, and the member of a row that it becomes. */
struct dev_show {
    const char *node, *member;
    bool is_number;
};
/* Those of a directory; its parts, the directories 0, 1, … in it, are a list of the next level. */
struct dev_show_level {
    const char *list; /* the list's name in the row above */
    const struct dev_show *nodes;
    size_t n;
    const struct dev_show_level *inner;
};
/* Adds to a row what the front end's directory says. */
void dev_show(const struct dev *, const struct dev_show_level *, struct json *row);

/* -- load.c -- */

/* Loads one device of /libxl; NULL with err. */
struct dev *dev_load(struct devset *, const char *kind_name, uint32_t devid, struct domo_err *);
/* The numbers of the guest's devices of a kind; free(*ret). */
int dev_list_ids(struct devset *, const char *kind_name, uint32_t **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;

/* -- pci_host.c: PCI functions on this host -- */

/* Removes a subtree of notes about a device of this host, and the directory "all" of such once it is empty. */
int dev_forget(struct host *, const char *path, const char *all, struct domo_err *) MUST_CHECK;
/* The guest that has the function; 0 = none. */
int pci_owner(struct host *, const struct pci_addr *, uint32_t *ret, struct domo_err *) MUST_CHECK;
/* The functions that "bdf" ("…" or "….*") means; free(*ret). DEVICE_NOT_FOUND. */
int pci_find(struct host *, const char *bdf, struct os_pci **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;
/* The place of the function that was made assignable under a name. DEVICE_NOT_FOUND. */
int pci_place_of_name(struct host *, const char *name, char ret[PCI_ADDR_TEXT_MAX], struct domo_err *) MUST_CHECK;
/* Can it be given away: not a bridge, nobody else's, and kept for guests or to be taken? */
int pci_check_free(struct dev *, const struct dev_func *, struct domo_err *) MUST_CHECK;
/* Takes it from its driver, which is noted in the store, and keeps it for guests; and gives it back. */
int pci_hide(struct host *, const struct os_pci *, const char *name, struct domo_err *) MUST_CHECK;
int pci_give_back(struct host *, const struct os_pci *, bool to_driver, struct domo_err *) MUST_CHECK;
int pci_prepare(struct dev *, struct domo_err *) MUST_CHECK;
int pci_unprepare(struct dev *, struct domo_err *) MUST_CHECK;
int pci_hand_over(struct dev *, struct domo_err *) MUST_CHECK;
int pci_take_back(struct dev *, struct domo_err *) MUST_CHECK;
enum plan_wait pci_release(struct dev *, struct domo_err *);

/* -- pci_bus.c: the nodes of a guest's PCI bus -- */
int pci_nodes(const struct dev *, struct nodes *, struct domo_err *) MUST_CHECK;
int pci_load(struct dev *, struct domo_err *) MUST_CHECK;
int pci_extend(struct dev *, store_txn, struct domo_err *) MUST_CHECK;
int pci_retract(struct dev *, store_txn, struct domo_err *) MUST_CHECK;
int pci_drop(struct dev *, store_txn, struct domo_err *) MUST_CHECK;
enum plan_wait pci_settled(struct dev *, int64_t now_ms, int64_t due_ms, struct domo_err *);
/* -- late.c: what is said when a phase fails; all fill "err" -- */

/* One look at one device that ended badly. */
struct dev_fate {
    const struct dev *d;
    struct hs_look look;
    enum hs_verdict verdict;
    int64_t limit_ms; /* how long the phase may take */
};
void dev_say_fate(const struct dev_fate *, struct domo_err *err);

/* -- timeouts.c -- */

/* The limit of a phase. */
int64_t dev_timeout_of(const struct dev_timeouts *, enum hs_phase);

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
int devset_wait_begin(struct devset *, int waiting, struct op *, int64_t now_ms, struct domo_err *) MUST_CHECK;
/* HS_LOOK, or which of the domains at the device's ends has gone. */
int dev_domain_event(const struct dev *, enum hs_event *ret, struct domo_err *) MUST_CHECK;
/* "deadline" becomes the earlier of both (-1 = none). */
void deadline_min(int64_t *deadline, int64_t other);

/* -- server.c -- */

/* Is the device served by another domain, and has that one ended? */
bool dev_server_is_gone(const struct dev *);
/* Its nodes, that of its own number among them, are gone: it is being destroyed. */
bool dev_server_is_leaving(const struct dev *);
/* DEVICE_BACKEND_GONE. Returns -1. */
int dev_fail_server(const struct dev *, struct domo_err *);
/* Calls store_watch or store_unwatch for the ends of other domains; nothing for devices that are ours. */
int dev_watch_server(const struct dev *, int (*call)(struct host *, const char *, const char *, struct domo_err *),
                     struct domo_err *) MUST_CHECK;

/* -- load.c -- */

/* Its script and whether that is the default one, from its keys. */
int dev_load_script(struct dev *, struct domo_err *) MUST_CHECK;

/* -- devd_dev.c -- */

/* The domain of a tag that a driver domain's daemon made, where the guest's number stands for its UUID. */
bool serve_tag_domid(const char *uuid, uint32_t *ret);

/* -- kind_serve.c: hotplug in a driver domain -- */
enum plan_wait vbd_serve(struct dev *, struct domo_err *);
enum plan_wait vif_serve(struct dev *, struct domo_err *);

/* -- one file a kind -- */
extern const struct devkind devkind_channel, devkind_console, devkind_p9, devkind_vbd, devkind_vfb, devkind_vif,
    devkind_vkb, devkind_vtpm;
extern const struct devkind devkind_pci, devkind_pvcalls, devkind_usbctrl, devkind_usbdev, devkind_vdispl, devkind_vsnd;
/* -- vbd_back.c: the disk's back end on this host -- */
int vbd_prepare(struct dev *, struct domo_err *) MUST_CHECK;
int vbd_verify(struct dev *, struct domo_err *) MUST_CHECK;
int vbd_unprepare(struct dev *, struct domo_err *) MUST_CHECK;
enum plan_wait vbd_release(struct dev *, struct domo_err *);
/* Lets others have the block device again. */
void vbd_drop_claim(struct dev *);
/* The loop device of a disk that another process attached. */
int vbd_find_loop(struct dev *, struct domo_err *) MUST_CHECK;
/* -- vbd.c, for a driver domain -- */
/* Looks at the target on this host. */
int vbd_look_at_target(struct dev *, struct domo_err *) MUST_CHECK;
/* What the hotplug script would write. */
void vbd_hotplug_nodes(const struct dev *, struct nodes *);
/* -- vif.c -- */
/* Has QEMU an interface of this host for the device's emulated card? */
bool vif_has_tap(const struct dev *);
/* -- vif_back.c: the interface on this host -- */
enum plan_wait vif_plug(struct dev *, struct domo_err *);
int vif_confirm(struct dev *, struct domo_err *) MUST_CHECK;
enum plan_wait vif_release(struct dev *, struct domo_err *);

#endif
