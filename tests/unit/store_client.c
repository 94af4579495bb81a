/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store_client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct client *new_client(struct domostore *ds, uint16_t domid)
{
    struct client *c = calloc(1, sizeof *c);

    if (!c)
        abort();
    c->ds = ds;
    c->domid = domid;
    return c;
}

struct client *client_mem(struct domostore *ds, uint16_t domid, bool privileged)
{
    struct client *c = new_client(ds, domid);

    c->mc = domostore_connect(ds, domid, privileged);
    if (!c->mc)
        abort();
    return c;
}

struct client *client_ring(struct domostore *ds, uint16_t domid, uint8_t *page)
{
    struct client *c = new_client(ds, domid);

    c->page = page;
    return c;
}

void client_free(struct client *c)
{
    (void)domostore_close(c->mc);
    free(c);
}

static uint32_t *field(struct client *c, size_t at)
{
    return (uint32_t *)(void *)(c->page + at);
}

/* One pass over the ring: puts what fits, takes what is there. */
static size_t ring_pass(struct client *c, const char *bytes, size_t len)
{
    uint32_t *req_cons = field(c, 2048), *req_prod = field(c, 2052), *rsp_cons = field(c, 2056),
             *rsp_prod = field(c, 2060);
    size_t put = 0;

    while (put < len && *req_prod - *req_cons < 1024)
        c->page[(*req_prod)++ & 1023] = (uint8_t)bytes[put++];
    domostore_ring_event(c->ds, c->domid);
    while (*rsp_cons != *rsp_prod && c->have < sizeof c->buf)
        c->buf[c->have++] = (char)c->page[1024 + ((*rsp_cons)++ & 1023)];
    (void)domostore_turn(c->ds);
    return put;
}

static void transfer(struct client *c, const char *bytes, size_t len)
{
    size_t before, put = 0;
    ssize_t n;
    int idle = 0;

    if (c->page) {
        while (idle < 3) {
            size_t now;

            before = c->have;
            now = ring_pass(c, bytes + put, len - put);
            put += now;
            idle = now || c->have != before ? 0 : idle + 1;
        }
        return;
    }
    if (len && domostore_send(c->mc, bytes, len) < 0)
        return;
    while ((n = domostore_recv(c->mc, c->buf + c->have, sizeof c->buf - c->have)) > 0)
        c->have += (size_t)n;
}

static void parse(struct client *c)
{
    struct proto_head head;
    size_t at = 0;

    while (c->have - at >= PROTO_HEAD_SIZE && proto_decode(c->buf + at, &head) == 0 &&
           c->have - at >= PROTO_HEAD_SIZE + head.len) {
        const char *payload = c->buf + at + PROTO_HEAD_SIZE;

        at += PROTO_HEAD_SIZE + head.len;
        if (head.type == PROTO_WATCH_EVENT) {
            if (c->event_count < CLIENT_EVENTS)
                (void)snprintf(c->events[c->event_count], 256, "%.100s %.100s", payload, payload + strlen(payload) + 1);
            c->event_count++;
            continue;
        }
        c->type = head.type;
        c->req_id = head.req_id;
        c->tx_id = head.tx_id;
        memcpy(c->reply, payload, head.len);
        c->reply[head.len] = '\0';
        c->reply_len = head.len;
    }
    memmove(c->buf, c->buf + at, c->have - at);
    c->have -= at;
}

void client_take(struct client *c)
{
    c->event_count = 0;
    c->type = UINT32_MAX;
    c->reply[0] = '\0';
    transfer(c, NULL, 0);
    parse(c);
}

const char *client_ask(struct client *c, uint32_t type, uint32_t tx, const void *payload, size_t len)
{
    struct proto_head head = {.type = type, .req_id = 5, .tx_id = tx, .len = (uint32_t)len};
    char msg[PROTO_MSG_MAX];

    proto_encode(msg, &head);
    if (len)
        memcpy(msg + PROTO_HEAD_SIZE, payload, len);
    c->type = UINT32_MAX;
    c->event_count = 0;
    transfer(c, msg, PROTO_HEAD_SIZE + len);
    parse(c);
    return c->type == UINT32_MAX ? "(none)" : c->reply;
}

const char *client_path(struct client *c, uint32_t type, uint32_t tx, const char *path)
{
    return client_ask(c, type, tx, path, strlen(path) + 1);
}

static const char *two(struct client *c, uint32_t type, uint32_t tx, const char *a, const char *b, size_t b_len)
{
    char payload[PROTO_PAYLOAD_MAX];
    size_t n = strlen(a) + 1;

    memcpy(payload, a, n);
    memcpy(payload + n, b, b_len);
    return client_ask(c, type, tx, payload, n + b_len);
}

const char *client_write(struct client *c, uint32_t tx, const char *path, const char *value)
{
    return two(c, PROTO_WRITE, tx, path, value, strlen(value));
}

const char *client_perms(struct client *c, uint32_t tx, const char *path, const char *perms)
{
    char text[256];
    size_t i;

    (void)snprintf(text, sizeof text, "%s", perms);
    for (i = 0; text[i]; i++)
        if (text[i] == ' ')
            text[i] = '\0';
    return two(c, PROTO_SET_PERMS, tx, path, text, strlen(perms) + 1);
}

const char *client_perms_of(struct client *c, const char *path)
{
    size_t i;

    (void)client_path(c, PROTO_GET_PERMS, 0, path);
    for (i = 0; i + 1 < c->reply_len; i++)
        if (c->reply[i] == '\0')
            c->reply[i] = ' ';
    return c->reply;
}

const char *client_watch(struct client *c, const char *path, const char *token)
{
    return two(c, PROTO_WATCH, 0, path, token, strlen(token) + 1);
}

uint32_t client_start(struct client *c)
{
    return (uint32_t)strtoul(client_ask(c, PROTO_TRANSACTION_START, 0, "", 1), NULL, 10);
}

const char *client_end(struct client *c, uint32_t tx, bool commit)
{
    return client_ask(c, PROTO_TRANSACTION_END, tx, commit ? "T" : "F", 2);
}

bool client_has_event(const struct client *c, const char *event)
{
    size_t i;

    for (i = 0; i < c->event_count && i < CLIENT_EVENTS; i++)
        if (strcmp(c->events[i], event) == 0)
            return true;
    return false;
}
