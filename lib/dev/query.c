/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Showing devices. What a guest wrote is bounded, made printable, and read as
 * a number only if it is one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "dev/device.h"

enum { TREE_NODES_MAX = 400, TREE_DEPTH_MAX = 4 };

static void read_at(const struct dev *d, const char *dir, const char *name, char out[DEV_TEXT_MAX])
{
    char path[STORE_PATH_MAX];

    dev_join(path, dir, name);
    dev_read_text(d->set->host, path, out);
}

/* What a front end published about its rings. Its directories are listed first: then only what is there is read, and
 * that once. */
enum { RINGS_SEEN_MAX = 8 };
struct rings {
    const struct dev *d;
    const char *front;
    char **top, **queue; /* names in the directory, and in that of its first queue */
    size_t n_top, n_queue;
    struct {
        const char *name;
        int64_t value;
    } seen[RINGS_SEEN_MAX];
    size_t n_seen;
};

static bool has_name(char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq(names[i], name))
            return true;
    return false;
}

static void rings_open(struct rings *r, const struct dev *d, const char *front)
{
    struct host *h = d->set->host;
    char path[STORE_PATH_MAX];

    *r = (struct rings){.d = d, .front = front};
    /* What can't be listed counts as empty, as a node that can't be read. */
    if (store_list(h, 0, front, &r->top, &r->n_top, NULL) || !has_name(r->top, r->n_top, "queue-0"))
        return;
    dev_join(path, front, "queue-0");
    IGNORE(store_list(h, 0, path, &r->queue, &r->n_queue, NULL));
}

static void rings_close(struct rings *r)
{
    free(r->top);
    free(r->queue);
}

static bool is_published(const struct rings *r, const char *name)
{
    static const char queue[] = "queue-0/";

    if (str_starts(name, queue))
        return has_name(r->queue, r->n_queue, name + sizeof queue - 1);
    return has_name(r->top, r->n_top, name);
}

/* -1 if it holds no number. */
static int64_t ring_value(struct rings *r, const char *name)
{
    char text[DEV_TEXT_MAX];
    int64_t value = -1;
    uint32_t number;

    for (size_t i = 0; i < r->n_seen; i++)
        if (str_eq(r->seen[i].name, name))
            return r->seen[i].value;
    read_at(r->d, r->front, name, text);
    if (str_to_u32(text, &number) == 0)
        value = number;
    if (r->n_seen < RINGS_SEEN_MAX) {
        r->seen[r->n_seen].name = name;
        r->seen[r->n_seen++].value = value;
    }
    return value;
}

/* The first of the names that holds a number; -1 if none does. */
static int64_t number_at(struct rings *r, const char *const *names)
{
    int64_t value = -1;

    for (; *names && value < 0; names++)
        if (is_published(r, *names))
            value = ring_value(r, *names);
    return value;
}

/* How many queues a front end published: directories of that name, or the one ring that stands directly there. */
static int64_t count_queues(const struct rings *r)
{
    static const char *const single[] = {"ring-ref", "ring-ref0", "tx-ring-ref"};
    int64_t n = 0;

    for (size_t i = 0; i < r->n_top; i++)
        n += str_starts(r->top[i], "queue-");
    for (size_t i = 0; n == 0 && i < ARRAY_LEN(single); i++)
        n = has_name(r->top, r->n_top, single[i]);
    return n;
}

static void set_or_null(struct json *obj, const char *name, const char *text)
{
    json_set_str(obj, name, text[0] ? text : NULL);
}

static enum xenbus_state add_end(const struct dev *d, const char *dir, bool is_front, struct json *obj)
{
    char text[DEV_TEXT_MAX];
    enum xenbus_state state;

    read_at(d, dir, "state", text);
    state = xenbus_state_parse(text);
    json_set_str(obj, "path", dir);
    json_set_int(obj, "state", text[0] ? (int64_t)state : -1);
    json_set_str(obj, "state_name", xenbus_state_name(state));
    if (!is_front) {
        read_at(d, dir, "hotplug-status", text);
        set_or_null(obj, "hotplug_status", text);
    }
    dev_error_text(d, is_front, text);
    if (!is_front && !text[0])
        read_at(d, dir, "hotplug-error", text);
    set_or_null(obj, "error", text);
    return state;
}

/* What stands directly in the front end's directory: all that stock tools look at, so their tables show -1 for a front
 * end with several queues or split channels. Kept apart, for output that must equal theirs. */
static void add_flat(struct rings *r, struct json *row)
{
    static const struct {
        const char *name, *nodes[2];
    } flat[] = {
        {"event_channel", {"event-channel", NULL}},
        {"ring_ref", {"ring-ref", NULL}},
        {"tx_ring_ref", {"tx-ring-ref", NULL}},
        {"rx_ring_ref", {"rx-ring-ref", NULL}},
    };
    struct json *obj = json_set_object(row, "flat");

    for (size_t i = 0; i < ARRAY_LEN(flat); i++)
        json_set_int(obj, flat[i].name, number_at(r, flat[i].nodes));
}

/* A front end with several queues keeps its rings one level deeper; the first one stands for all. */
static void add_rings(struct rings *r, struct json *row)
{
    static const char *const channel[] = {
        "event-channel", "event-channel-tx", "queue-0/event-channel", "queue-0/event-channel-tx", "port", NULL};
    static const char *const ring[] = {"ring-ref",          "ring-ref0", "queue-0/ring-ref",
                                       "queue-0/ring-ref0", "page-gref", NULL};
    static const char *const tx[] = {"tx-ring-ref", "queue-0/tx-ring-ref", NULL};
    static const char *const rx[] = {"rx-ring-ref", "queue-0/rx-ring-ref", NULL};
    bool is_vif = r->d->kind == &devkind_vif;

    json_set_int(row, "event_channel", number_at(r, channel));
    json_set_int(row, "ring_ref", is_vif ? -1 : number_at(r, ring));
    json_set_int(row, "tx_ring_ref", is_vif ? number_at(r, tx) : -1);
    json_set_int(row, "rx_ring_ref", is_vif ? number_at(r, rx) : -1);
}

/* Adds the children of "dir" as members, directories as objects with their own value under "". */
static void add_tree(struct host *h, const char *dir, struct json *obj, int depth, int *left)
{
    char **AUTO_FREE names = NULL;
    char path[STORE_PATH_MAX], text[DEV_TEXT_MAX];
    size_t n = 0;

    if (depth == 0 || store_list(h, 0, dir, &names, &n, NULL))
        return;
    for (size_t i = 0; i<n && * left> 0; i++) {
        struct json *child;

        if (strlen(dir) + 1 + strlen(names[i]) >= sizeof path)
            continue;
        (*left)--;
        dev_join(path, dir, names[i]);
        dev_read_text(h, path, text);
        child = json_new_object();
        add_tree(h, path, child, depth - 1, left);
        if (json_len(child) == 0) {
            (void)json_free(child);
            json_set_str(obj, names[i], text);
        } else {
            json_set(obj, names[i], child);
        }
    }
}

static void add_nodes(const struct dev *d, const struct dev_paths *paths, struct json *row)
{
    struct json *nodes = json_set_object(row, "nodes");
    struct host *h = d->set->host;
    int left = TREE_NODES_MAX;

    if (d->has_back)
        add_tree(h, paths->back, json_set_object(nodes, "back"), TREE_DEPTH_MAX, &left);
    left = TREE_NODES_MAX;
    add_tree(h, paths->front, json_set_object(nodes, "front"), TREE_DEPTH_MAX, &left);
    left = TREE_NODES_MAX;
    add_tree(h, paths->libxl, json_set_object(nodes, "libxl"), TREE_DEPTH_MAX, &left);
}

/* How the guest reaches the device now: by Xen's driver, by the device that a device model shows as well, or not. */
static const char *io_path(const struct json *row)
{
    if (json_get_bool(row, "connected", false))
        return "pv";
    return json_get_str(row, "emulated", NULL) ? "emulated" : "none";
}

/* Who serves it, by name. */
static void add_server(const struct dev *d, struct json *row)
{
    char path[STORE_PATH_MAX], text[DEV_TEXT_MAX];

    (void)snprintf(path, sizeof path, "/local/domain/%" PRIu32 "/name", d->back_domid);
    text[0] = '\0';
    if (d->has_back)
        dev_read_text(d->set->host, path, text);
    set_or_null(row, "back_domain", text);
}

static void add_row(const struct dev *d, bool full, struct json *rows)
{
    enum xenbus_state back = XENBUS_UNKNOWN, front;
    struct json *row = json_add_object(rows);
    struct dev_paths paths;
    struct rings rings;
    struct json *end;

    dev_paths(d, &paths);
    json_set_str(row, "kind", d->kind_name);
    json_set_int(row, "devid", d->devid);
    if (d->kind->describe)
        d->kind->describe(d, row);
    json_set_int(row, "back_domid", d->has_back ? (int64_t)d->back_domid : -1);
    if (dev_server_is_gone(d))
        json_set_bool(row, "back_gone", true);
    json_set_int(row, "front_domid", d->set->domid);
    json_set_int(row, "handle", d->kind == &devkind_vif ? (int64_t)d->devid : -1);
    end = json_set_object(row, "back");
    if (d->has_back)
        back = add_end(d, paths.back, false, end);
    json_set_int(row, "state", json_get_int(end, "state", -1));
    front = add_end(d, paths.front, true, json_set_object(row, "front"));
    rings_open(&rings, d, paths.front);
    add_rings(&rings, row);
    add_flat(&rings, row);
    json_set_int(row, "queues", count_queues(&rings));
    rings_close(&rings);
    json_set_bool(row, "connected", back == XENBUS_CONNECTED && front == XENBUS_CONNECTED);
    json_set_str(row, "io_path", io_path(row));
    if (full)
        add_server(d, row);
    if (full)
        add_nodes(d, &paths, row);
}

bool devset_is_negotiated(const struct devset *set, size_t i)
{
    return set->devs.at[i]->kind->has_handshake;
}

struct json *devset_rows(struct devset *set, bool full, struct domo_err *err)
{
    struct json *rows = json_new_array();

    for (size_t i = 0; rows && i < set->devs.len; i++)
        add_row(set->devs.at[i], full, rows);
    rows = json_done(rows);
    if (!rows)
        (void)err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    return rows;
}
