/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The server as its own files see it: the store, the connections, what is
 * left to do at the end of a turn.
 */
#ifndef DOMO_STORE_SERVER_H
#define DOMO_STORE_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "conn.h"
#include "domostore.h"
#include "guard.h"
#include "store.h"
#include "trace.h"

/* The flattened child names of one directory, for DIRECTORY_PART. */
struct listing {
    uint64_t gen; /* of the directory's children; 0 = nothing cached */
    char *names;
    size_t len;
};

struct str;

struct domostore {
    struct store s;
    struct domostore_ops ops;
    void *ops_arg;
    struct conn *conns;
    size_t conn_count;
    uint64_t last_id;
    struct conn *flush; /* connections with output to hand over */
    bool some_dead;     /* a connection is to be freed */
    bool purge_again;   /* a dead domain's nodes could not all be removed */
    struct listing listing;
    struct guard guard;
    struct trace trace;
    struct conn *serving; /* whose request is being served, NULL between requests */
    int epoll_fd;
    struct listener *listeners;
    int (*update)(void *arg, const char *file);
    void *update_arg;
    char *update_file;    /* what the next live update is to start, or NULL */
    char input[64 << 10]; /* bytes of one read */
};

static inline struct store *server_store(struct domostore *ds)
{
    return &ds->s;
}

/* Book-keeping of connections. */
void server_link(struct domostore *ds, struct conn *c);
void server_unlink(struct domostore *ds, struct conn *c);
void server_note_dead(struct domostore *ds);
void server_want_flush(struct conn *c);
/* The transport has more input: it is asked again in the next turn. */
void server_again(struct conn *c);
/* Connection by number, NULL if it is gone. */
struct conn *server_conn(struct domostore *ds, uint64_t id);

/* The memory report, with all domains or with what a reply can hold (report.c). */
void report_memory(const struct domostore *ds, struct str *to, size_t max);

/* Serves one complete request (dispatch.c). */
void server_serve(struct conn *c, struct req *q);

/* The path of a request, NUL-terminated; relative ones are below the caller's home. -EINVAL. */
int server_path(const struct conn *c, const char *text, struct path *ret) MUST_CHECK;

void server_log(const struct domostore *ds, int level, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Domain life (life.c). */
int server_introduce(struct domostore *ds, uint16_t domid, uint64_t gfn, uint32_t port,
                     const struct conn *by) MUST_CHECK;
int server_release(struct domostore *ds, uint16_t domid) MUST_CHECK;
int server_resume(struct domostore *ds, uint16_t domid) MUST_CHECK;
/* An unfinished purge goes on; true when none is left. */
bool server_purge(struct domostore *ds);

/* Maps the ring of a domain that a dump says was introduced. -ENOENT, -EINVAL, -ENOMEM. */
int server_reconnect(struct domostore *ds, struct domain *dom) MUST_CHECK;

struct record;
struct record_writer;

/* Sockets (socket.c). */
void socket_save(struct domostore *ds, struct record_writer *w);
void socket_fini(struct domostore *ds);

/* Rings (ring.c): a connection over a mapped page; a live one is not started over. NULL when out of memory. */
struct conn *ring_connect(struct domostore *ds, struct domain *dom, void *page, bool live);
/* The guest kicked. */
void ring_event(struct conn *c);
/* Introduced again: everything pending is dropped, the ring starts over. */
void ring_restart(struct conn *c);
uint32_t ring_features(void);
/* Puts back what a dump kept of a ring. -EINVAL. */
int ring_restore(struct conn *c, const struct record *r) MUST_CHECK;

/* Handlers that fill a file of their own. 0 with a reply queued, or a negative errno. */
int control_serve(struct conn *c, struct req *q) MUST_CHECK;
int quota_get_serve(struct conn *c, struct req *q) MUST_CHECK;
int quota_set_serve(struct conn *c, struct req *q) MUST_CHECK;
int feature_get_serve(struct conn *c, struct req *q) MUST_CHECK;
int feature_set_serve(struct conn *c, struct req *q) MUST_CHECK;
int introduce_serve(struct conn *c, struct req *q) MUST_CHECK;
int release_serve(struct conn *c, struct req *q) MUST_CHECK;
int resume_serve(struct conn *c, struct req *q) MUST_CHECK;
int is_introduced_serve(struct conn *c, struct req *q) MUST_CHECK;
int domain_path_serve(struct conn *c, struct req *q) MUST_CHECK;
int set_target_serve(struct conn *c, struct req *q) MUST_CHECK;
int watch_serve(struct conn *c, struct req *q) MUST_CHECK;
int unwatch_serve(struct conn *c, struct req *q) MUST_CHECK;
int reset_watches_serve(struct conn *c, struct req *q) MUST_CHECK;
int txn_start_serve(struct conn *c, struct req *q) MUST_CHECK;
int txn_end_serve(struct conn *c, struct req *q) MUST_CHECK;

#endif
