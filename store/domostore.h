/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * domostore: a XenStore server to embed.
 *
 * It links no Xen library, starts no thread, installs no signal handler and
 * keeps no global state. It is driven by whoever embeds it: either through
 * one descriptor to poll (domostore_fd, domostore_timeout_ms,
 * domostore_dispatch), or, without sockets, by calling domostore_turn() after
 * each batch of input.
 *
 * Functions return 0 or a negative errno unless they say otherwise. A server
 * and all that belongs to it may be used by one thread at a time.
 */
#ifndef DOMOSTORE_H
#define DOMOSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

struct domostore;      /* a server */
struct domostore_conn; /* an in-memory connection to it */

/* What the server asks of its host. Any may be NULL. */
struct domostore_ops {
    /* Is there a domain of this number, though it was not introduced? NULL: there is none. */
    bool (*domain_exists)(void *arg, uint16_t domid);
    /* Maps the store ring of a domain that is being introduced: *ret_page is one writable page that stays mapped until
     * ring_unmap. Errors: -ENOENT (no such domain), -EINVAL, -ENOMEM. NULL: INTRODUCE makes a domain known without a
     * ring. */
    int (*ring_map)(void *arg, uint16_t domid, uint64_t gfn, uint32_t port, void **ret_page);
    /* An introduced domain is introduced again: its event channel is to be bound anew. */
    int (*ring_rebind)(void *arg, uint16_t domid, uint64_t gfn, uint32_t port);
    void (*ring_unmap)(void *arg, uint16_t domid, void *page);
    /* Kicks the guest's end of its event channel. */
    void (*ring_notify)(void *arg, uint16_t domid);
    /* One line of a log, level 0 (debug) to 3 (error); 2 is what somebody asked for or should see. */
    void (*log)(void *arg, int level, const char *line);
};

/* A new server with an empty store. "ops" is copied and may be NULL. NULL when out of memory. */
struct domostore *domostore_new(const struct domostore_ops *ops, void *arg);
/* Closes all connections and frees everything; NULL is fine. Returns NULL. */
struct domostore *domostore_free(struct domostore *ds);

/* --- the loop --- */

/* A descriptor that is readable when domostore_dispatch() has something to do; -1 before the first listener. */
int domostore_fd(const struct domostore *ds);
/* Milliseconds after which domostore_dispatch() is wanted even so: 0 = work is waiting, -1 = none. */
int domostore_timeout_ms(const struct domostore *ds);
/* Serves what is ready, waiting up to "timeout_ms" for it (-1 = as domostore_timeout_ms() says). Returns the number of
 * descriptors served, or a negative errno. */
int domostore_dispatch(struct domostore *ds, int timeout_ms);
/* The part of it that needs no descriptor: hands out queued replies and events, frees what was removed (a slice).
 * True when nothing is left to do. */
bool domostore_turn(struct domostore *ds);

/* --- UNIX sockets: privileged connections --- */

/* Makes a listening socket at "path" (mode 0600), replacing a stale one. */
int domostore_listen(struct domostore *ds, const char *path);
/* Takes over a listening or a connected descriptor. */
int domostore_add_listener(struct domostore *ds, int fd);
int domostore_add_client(struct domostore *ds, int fd);
/* The same for a program that runs in another domain: it may what its domain may. It ends with the domain, and does not
 * outlive a live update. */
int domostore_add_client_of(struct domostore *ds, int fd, uint16_t domid);

/* Polls a descriptor of the embedding program along with the others: "ready" is called when it is readable. The
 * descriptor stays the caller's. */
int domostore_add_fd(struct domostore *ds, int fd, void (*ready)(void *arg), void *arg);

/* --- domains --- */

/* What INTRODUCE does. */
int domostore_introduce(struct domostore *ds, uint16_t domid, uint64_t gfn, uint32_t port);
/* The guest kicked its event channel: serves its ring. */
void domostore_ring_event(struct domostore *ds, uint16_t domid);
/* The domain shut down but is still there: tells @releaseDomain watchers, once. */
void domostore_domain_shutdown(struct domostore *ds, uint16_t domid);
/* The domain is gone: removes its connection, its nodes and its entries in permission lists, then tells
 * @releaseDomain watchers. */
void domostore_domain_destroyed(struct domostore *ds, uint16_t domid);
/* Domains that the server knows: the first above "after" (-1 to start), or -1 at the end. *ret_introduced may be
 * NULL. */
int domostore_next_domain(const struct domostore *ds, int after, bool *ret_introduced);

/* --- in-memory connections --- */

/* A connection of a domain; a privileged one has all rights. NULL when out of memory. */
struct domostore_conn *domostore_connect(struct domostore *ds, uint16_t domid, bool privileged);
/* Closes it; NULL is fine. Returns NULL. */
struct domostore_conn *domostore_close(struct domostore_conn *mc);
/* Sends bytes of requests. -EPIPE: the server closed the connection. */
int domostore_send(struct domostore_conn *mc, const void *bytes, size_t len);
/* Takes bytes of replies and events; 0 when there are none, -EPIPE at the end. */
ssize_t domostore_recv(struct domostore_conn *mc, void *bytes, size_t len);

/* --- state --- */

/* The whole state as text or as JSON (format in dump.h), with a NUL behind its *ret_len bytes; caller frees. "ret_len"
 * may be NULL. NULL when out of memory. */
char *domostore_dump(struct domostore *ds, bool json, size_t *ret_len);
/* Loads such a text into a new, unused server. "live": with connections, watches and transactions, in the process that
 * inherited the descriptors (the same numbers) and can map the same rings. Otherwise with nodes, quotas and the domains
 * they name, and guests are to be introduced again. -EINVAL, -ENOMEM; the server is of no use then. */
int domostore_load(struct domostore *ds, const char *text, size_t len, bool live);
/* Lets the descriptors of listeners and clients survive exec (or not, the default). */
int domostore_inherit(struct domostore *ds, bool on);
/* Called by "xenstore-control live-update": the program is asked to replace itself by "file" (NULL: as it sees fit)
 * when the request is answered; it returns 0, or a negative errno, which the tool is told. NULL: all are refused. */
void domostore_on_update(struct domostore *ds, int (*update)(void *arg, const char *file), void *arg);

/* A limit by its name; -EINVAL if there is none of that name. 0 = unlimited. */
int domostore_set_quota(struct domostore *ds, const char *name, uint32_t value);

/* After how many conflicts in a row the next transaction of a privileged connection makes guests wait for up to 50 ms
 * while it is open; 0 = never. 4 if not set. */
void domostore_set_guard(struct domostore *ds, uint32_t conflicts);

/* Counters, for tests and metrics. */
struct domostore_stats {
    size_t nodes, connections, watches, transactions, domains;
    uint64_t generation;
};
void domostore_stats(const struct domostore *ds, struct domostore_stats *ret);
/* Checks everything against everything: counts, charges, links. 0, or -EIO with *ret_why (caller frees). Slow. */
int domostore_check(struct domostore *ds, char **ret_why);

#ifdef __cplusplus
}
#endif

#endif
