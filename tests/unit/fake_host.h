/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A host in memory for unit tests: a store with transactions, permissions and
 * watches; loop devices, block devices, interfaces and scripts; domains; back
 * ends and guests that answer the handshake as the kernel's drivers do. Its
 * clock only moves while somebody waits. Everything is a plain field: tests set
 * up the world and look at it directly.
 */
#ifndef DOMO_TESTS_FAKE_HOST_H
#define DOMO_TESTS_FAKE_HOST_H

#include "base/str.h"
#include "base/vec.h"
#include "host/host.h"

enum { FAKE_PERMS_MAX = 4, FAKE_LOOPS = 16 };

struct fake_node {
    char *path, *value; /* a NUL follows the value's bytes */
    size_t len;         /* of the value */
    struct store_perm perms[FAKE_PERMS_MAX];
    size_t n_perms;
};

/* Sorted by path. */
struct fake_tree {
    VEC(struct fake_node) list;
};

struct fake_watch {
    char *path, *token;
};

struct fake_file {
    char *path;
    struct os_target target;
    bool mounted;         /* or otherwise claimed by this host */
    bool opened, written; /* somebody else has it open, for reading or for writing */
    int claims;           /* how often block_claim was given and is not known to be closed */
};

struct fake_loop {
    bool configured, autoclear;
    int opens; /* by back ends */
    struct os_loop loop;
};

struct fake_iface {
    char name[16];
    struct os_iface iface;
    uint8_t mac[6];
};

/* What the next scripts do. */
struct fake_script {
    int status; /* exit status */
    int64_t duration_ms;
    const char *output; /* NULL = none */
    /* Called when it ends, to write nodes as a script would. May be NULL. */
    void (*effect)(struct host *, const struct os_script *);
};

struct fake_domain {
    struct hyp_info info;
};

/* What the kernel's drivers do in this world. */
struct fake_kernel {
    bool has_vbd, has_vif;   /* back end modules of domain 0 */
    bool back_fails;         /* back ends refuse: error node, then Closing */
    bool back_stays;         /* back ends never leave Initialising */
    bool back_never_closes;  /* back ends stay in Closing */
    bool front_absent;       /* guests have no driver */
    bool front_fails;        /* front ends give up: error node, then Closing */
    bool front_keeps;        /* front ends don't let go when asked to close */
    int iface_delay_ms;      /* how long after InitWait the interface appears */
    int linger_ms;           /* how long loop devices and interfaces stay after Closed */
    uint32_t driver_domain;  /* 0 = none; its back ends are there, and its toolstack plugs and cleans up */
    const char *their_error; /* what that toolstack writes as hotplug-status instead of "connected" */
};

/* Place of a device in the store, of either end. */
enum { FAKE_NAME_MAX = 32, FAKE_PATH_MAX = 256 };
struct fake_place {
    uint32_t owner, domid, devid; /* owner: whose directory it is in; domid: the guest */
    char kind[FAKE_NAME_MAX];
    char dir[FAKE_PATH_MAX];
};

/* A back end device that its driver has found. */
struct fake_back {
    struct fake_place at;
    char front[FAKE_PATH_MAX];
    char ifname[16];
    int loop;         /* -1 = none open */
    uint32_t ifindex; /* 0 = none */
    bool iface_wanted, gone;
    int64_t iface_ms, gone_ms;
};

struct fake {
    struct host host;
    int64_t now_ms;
    struct fake_tree tree;
    struct fake_tree txn_tree; /* of the one transaction that can be open */
    store_txn txn;             /* 0 = none open */
    uint64_t generation, txn_generation;
    int conflicts; /* so many commits lose a race */
    VEC(struct fake_watch) watches;
    VEC(struct store_event) events;
    VEC(struct fake_file) files;
    struct fake_loop loops[FAKE_LOOPS];
    VEC(struct fake_iface) ifaces;
    VEC(struct os_vbd_user) users;
    VEC(struct fake_domain) domains;
    VEC(struct fake_back) backs;
    struct fake_script script;
    struct str script_log; /* "PATH ARG… | NAME=VALUE …" a line */
    bool script_running;
    int64_t script_ends_ms;
    int scripts_killed;
    struct fake_kernel kernel;
    bool has_hvm; /* the processor can run PVH guests */
    uint32_t next_domid, next_port, next_index;
    uint64_t calls, fail_call; /* the call of that number fails with IO; 0 = none */
    bool failing_done;         /* it was reached */
};

/* A world with domain 0, block and network back ends, and nothing else. */
struct fake *fake_new(void);
struct fake *fake_free(struct fake *);

/* World building. */
void fake_add_file(struct fake *, const char *path, ino_t ino);
void fake_add_block(struct fake *, const char *path, uint32_t major, uint32_t minor);
void fake_add_bridge(struct fake *, const char *name, uint32_t mtu);
void fake_add_iface(struct fake *, const char *name);
/* A running guest with the nodes that creation leaves: /libxl/D/device, /local/domain/D/device, name. */
void fake_add_guest(struct fake *, uint32_t domid, const char *name, uint8_t uuid_byte);
struct fake_iface *fake_find_iface(struct fake *, const char *name);
struct fake_file *fake_find_file(struct fake *, const char *path);

/* The store from outside of any connection. */
void fake_write(struct fake *, const char *path, const char *value);
const char *fake_read(const struct fake *, const char *path); /* NULL = no such node; valid until the next change */
void fake_rm(struct fake *, const char *path);
/* "PATH = "VALUE" (n0,r5)" a line, sorted, of all nodes at or below "under" ("" = all); caller frees. */
char *fake_dump(const struct fake *, const char *under);
/* Everything that a failed operation must leave as it was: store, loop devices, interfaces, claims. Caller frees. */
char *fake_world(const struct fake *);

/* -- between the parts of the fake -- */

/* A test that runs out of memory ends. */
static inline void *fake_need(void *p)
{
    if (!p)
        abort();
    return p;
}
static inline char *fake_copy(const char *s)
{
    return fake_need(strdup(s));
}
#define FAKE_PUSH(v)                                                                                                   \
    ((__typeof__((v)->at))fake_need(vec_push_((void **)&(v)->at, &(v)->len, &(v)->cap, sizeof *(v)->at)))

extern const struct store_ops fake_store_ops;
extern const struct os_ops fake_os_ops;
extern const struct hyp_ops fake_hyp_ops;
struct fake *fake_of(struct host *);
/* Counts a call; -1 with IO if it is the one that is to fail. */
int fake_call(struct host *, struct domo_err *, const char *what);
void fake_tree_fini(struct fake_tree *);
/* Moves drivers by one step; false if nobody had anything to do. *next_ms: when somebody will have, -1 = never. */
bool fake_kernel_step(struct fake *, int64_t *next_ms);

#endif
