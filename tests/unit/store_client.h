/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A small client over an in-memory connection or a ring page, for tests.
 */
#ifndef DOMO_TESTS_STORE_CLIENT_H
#define DOMO_TESTS_STORE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "domostore.h"
#include "proto.h"

enum { CLIENT_EVENTS = 4096 };

struct client {
    struct domostore *ds;
    struct domostore_conn *mc; /* NULL for a ring */
    uint8_t *page;
    uint16_t domid;
    char buf[1 << 20]; /* received, not yet parsed */
    size_t have;
    uint32_t type;                     /* of the last reply; 0xffffffff = none came */
    uint32_t req_id, tx_id;            /* of the last reply */
    char reply[PROTO_PAYLOAD_MAX + 1]; /* its payload, NUL-terminated */
    size_t reply_len;
    char events[CLIENT_EVENTS][256]; /* "path token" */
    size_t event_count;
};

struct client *client_mem(struct domostore *ds, uint16_t domid, bool privileged);
/* Over a page that the server mapped for the domain. */
struct client *client_ring(struct domostore *ds, uint16_t domid, uint8_t *page);
void client_free(struct client *c);

/* Sends a request and takes what comes; the answer's text ("EINVAL" for errors, "(none)" without a reply). */
const char *client_ask(struct client *c, uint32_t type, uint32_t tx, const void *payload, size_t len);
/* The payload is "path\0" or "path\0rest". */
const char *client_path(struct client *c, uint32_t type, uint32_t tx, const char *path);
const char *client_write(struct client *c, uint32_t tx, const char *path, const char *value);
const char *client_perms(struct client *c, uint32_t tx, const char *path, const char *perms); /* "n0 r1" */
/* The permission list of a node as "n0 r1", or the error. */
const char *client_perms_of(struct client *c, const char *path);
const char *client_watch(struct client *c, const char *path, const char *token);
uint32_t client_start(struct client *c);
const char *client_end(struct client *c, uint32_t tx, bool commit);
/* Takes what has arrived without asking; the last reply and the events are of this time. */
void client_take(struct client *c);
bool client_has_event(const struct client *c, const char *event);

#endif
