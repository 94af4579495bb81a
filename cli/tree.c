/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tree: guests, their devices, both ends of each device.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups.h"
#include "out.h"
#include "text.h"

struct tree_opts {
    bool dot;
};

static const struct opt tree_opts[] = {
    OPT_BOOL(struct tree_opts, dot, "dot", 0, "as a graph for Graphviz"),
    OPT_END,
};

enum { CONNECTED = 4 };

/* What is worth a word about one end, and where it stands in a device's row. */
struct fact {
    const char *label, *key;
};

static const struct fact back_facts[] = {
    {"hotplug ", "back.hotplug_status"},
    {"", "target"},
    {"on ", "nodes.back.physical-device-path"},
    {"bridge ", "bridge"},
    {"interface ", "interface"},
    {"sectors ", "nodes.back.sectors"},
    {"error: ", "back.error"},
    {NULL, NULL},
};
static const struct fact front_facts[] = {
    {"ring ", "ring_ref"},       {"tx ring ", "tx_ring_ref"},
    {"rx ring ", "rx_ring_ref"}, {"event channel ", "event_channel"},
    {"queues ", "queues"},       {"tty ", "nodes.front.tty"},
    {"error: ", "front.error"},  {NULL, NULL},
};
static const struct fact guest_facts[] = {
    {"device model ", "device_model"},
    {"VNC ", "vnc.address"},
    {NULL, NULL},
};
static const struct fact device_facts[] = {
    {"", "mac"},
    {"as ", "emulated"},
    {NULL, NULL},
};

/* One queue is the rule and not worth a word. */
static bool is_usual(const char *key, const struct domo_value *v)
{
    return strcmp(key, "queues") == 0 && domo_value_int(v, 0) <= 1;
}

static bool is_missing(const struct domo_value *v)
{
    return domo_value_type(v) == DOMO_TYPE_NULL ||
           (domo_value_type(v) == DOMO_TYPE_STRING && !*domo_value_str(v, "")) ||
           (domo_value_type(v) == DOMO_TYPE_INT && domo_value_int(v, 0) < 0);
}

static char *describe(const struct fact *facts, const struct domo_value *row)
{
    char *all = text_fmt("%s", "");

    for (; facts->label; facts++) {
        const struct domo_value *v = domo_value_get(row, facts->key);
        AUTO_FREE char *text = out_text(v), *before = all;

        if (is_missing(v) || is_usual(facts->key, v)) {
            before = NULL;
            continue;
        }
        all = text_fmt("%s%s%s%s", before, *before ? ", " : "", facts->label, text);
    }
    return all;
}

static const char *kind_noun(const char *kind)
{
    static const char *const nouns[][2] = {
        {"vbd", "disk"}, {"vif", "interface"}, {"vfb", "display"}, {"vkb", "keyboard"}};

    for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++)
        if (strcmp(nouns[i][0], kind) == 0)
            return nouns[i][1];
    return kind;
}

/* "disk xvda (vbd/51712)" */
static char *device_title(const struct domo_value *row)
{
    const struct domo_value *vdev = domo_value_get(row, "vdev");
    const char *kind = domo_value_str(domo_value_get(row, "kind"), "device");
    AUTO_FREE char *devid = out_text(domo_value_get(row, "devid")), *name = is_missing(vdev) ? NULL : out_text(vdev);

    return text_fmt("%s %s (%s/%s)", kind_noun(kind), name ? name : devid, kind, devid);
}

static bool is_connected(const struct domo_value *row)
{
    return domo_value_bool(domo_value_get(row, "connected"),
                           domo_value_int(domo_value_get(row, "back.state"), 0) == CONNECTED &&
                               domo_value_int(domo_value_get(row, "front.state"), 0) == CONNECTED);
}

/* The primary console's ends show no states to each other: it is served when it has a terminal. */
static bool is_console(const struct domo_value *row)
{
    return strcmp(domo_value_str(domo_value_get(row, "kind"), ""), "console") == 0 &&
           domo_value_int(domo_value_get(row, "devid"), -1) == 0;
}

static const char *device_state(const struct domo_value *row)
{
    if (is_console(row))
        return domo_value_get(row, "nodes.front.tty") ? "served" : "NOT served";
    if (domo_value_bool(domo_value_get(row, "back_gone"), false))
        return "NOT served";
    if (is_connected(row))
        return "connected";
    /* The guest may well use the disk, only not by a driver of Xen's. */
    return is_missing(domo_value_get(row, "emulated")) ? "NOT connected" : "emulated";
}

static char *end_state(const struct domo_value *row, const char *end)
{
    AUTO_FREE char *number_key = text_fmt("%s.state", end), *name_key = text_fmt("%s.state_name", end);
    int64_t number = domo_value_int(domo_value_get(row, number_key), -1);

    if (is_console(row))
        return text_fmt("-");
    if (*end == 'b' && domo_value_bool(domo_value_get(row, "back_gone"), false))
        return text_fmt("domain gone");
    if (number < 0)
        return text_fmt("gone");
    return text_fmt("%s (%lld)", domo_value_str(domo_value_get(row, name_key), "?"), (long long)number);
}

/* "net (3)"; "domain 3" if it has no name. */
static char *domain_title(const struct domo_value *row, const char *domid_key, const char *name)
{
    AUTO_FREE char *domid = out_text(domo_value_get(row, domid_key));

    return *name ? text_fmt("%s (%s)", name, domid) : text_fmt("domain %s", domid);
}

static void add_end(struct out_tree *t, int device, const struct domo_value *row, const char *end, const char *noun,
                    const char *domid_key, const char *name, const struct fact *facts)
{
    AUTO_FREE char *domain = domain_title(row, domid_key, name);
    AUTO_FREE char *title = text_fmt("%s, %s", noun, domain), *state = end_state(row, end);
    AUTO_FREE char *detail = describe(facts, row);
    const char *cells[] = {title, state, detail};

    (void)out_tree_add(t, device, cells);
}

static void add_device(struct out_tree *t, int guest, const char *guest_name, const struct domo_value *row)
{
    AUTO_FREE char *title = device_title(row), *detail = describe(device_facts, row);
    const char *cells[] = {title, device_state(row), detail};
    int device = out_tree_add(t, guest, cells);

    add_end(t, device, row, "back", "back end", "back_domid", domo_value_str(domo_value_get(row, "back_domain"), ""),
            back_facts);
    add_end(t, device, row, "front", "front end", "front_domid", guest_name, front_facts);
}

/* The six letters of a domain's state in words; a guest that only waits for its turn has none. */
static char *guest_state(const char *letters)
{
    static const char *const words[] = {"running", "blocked", "paused", "shut down", NULL /* why */, "dying"};
    char *all = text_fmt("%s", "");

    for (size_t i = 0; i < sizeof words / sizeof *words && letters[i]; i++) {
        AUTO_FREE char *before = NULL;

        if (letters[i] == '-' || !words[i])
            continue;
        before = all;
        all = text_fmt("%s%s%s", before, *before ? ", " : "", words[i]);
    }
    if (*all)
        return all;
    free(all);
    return text_fmt("runnable");
}

static char *guest_title(const struct domo_value *guest)
{
    return text_fmt("%s (%lld)", domo_value_str(domo_value_get(guest, "name"), "(null)"),
                    (long long)domo_value_int(domo_value_get(guest, "domid"), -1));
}

static void draw(const struct domo_value *guests)
{
    static const char *const titles[] = {"GUEST", "STATE", "DETAIL"};
    struct out_tree *t = out_tree_new(titles, 3);

    for (size_t i = 0; i < domo_value_len(guests); i++) {
        const struct domo_value *guest = domo_value_at(guests, i, NULL), *devices = domo_value_get(guest, "devices");
        AUTO_FREE char *title = guest_title(guest),
                       *state = guest_state(domo_value_str(domo_value_get(guest, "state"), ""));
        AUTO_FREE char *detail = describe(guest_facts, guest);
        const char *cells[] = {title, state, detail};
        int line = out_tree_add(t, -1, cells);

        for (size_t j = 0; j < domo_value_len(devices); j++)
            add_device(t, line, domo_value_str(domo_value_get(guest, "name"), ""), domo_value_at(devices, j, NULL));
    }
    out_tree_print(t);
}

/* Text inside a quoted string of the dot language. */
static void put_quoted(const char *text)
{
    (void)putchar('"');
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            (void)putchar('\\');
        (void)putchar((unsigned char)*text < 0x20 ? ' ' : *text);
    }
    (void)putchar('"');
}

/* A domain that serves devices of the guests that are shown need not be one of them. */
static void dot_server(const struct domo_value *row)
{
    const char *name = domo_value_str(domo_value_get(row, "back_domain"), "");
    AUTO_FREE char *title = domain_title(row, "back_domid", name);

    if (!*name)
        return;
    (void)printf("    \"domain %lld\" [shape=ellipse, label=",
                 (long long)domo_value_int(domo_value_get(row, "back_domid"), 0));
    put_quoted(title);
    (void)fputs("];\n", stdout);
}

static void dot_device(long long domid, const struct domo_value *row)
{
    AUTO_FREE char *title = device_title(row), *back = end_state(row, "back"), *front = end_state(row, "front");
    AUTO_FREE char *id = text_fmt("%lld/%s", domid, title);

    (void)fputs("    ", stdout);
    put_quoted(id);
    (void)fputs(" [label=", stdout);
    put_quoted(title);
    (void)printf("%s];\n    ", text_starts(device_state(row), "NOT") ? ", color=red" : "");
    put_quoted(id);
    (void)printf(" -> \"domain %lld\" [label=", domid);
    put_quoted(front);
    (void)fputs("];\n    ", stdout);
    put_quoted(id);
    (void)printf(" -> \"domain %lld\" [label=", (long long)domo_value_int(domo_value_get(row, "back_domid"), 0));
    put_quoted(back);
    (void)fputs("];\n", stdout);
    dot_server(row);
}

static void draw_dot(const struct domo_value *guests)
{
    (void)fputs("digraph domo {\n    rankdir=LR;\n    node [shape=box];\n", stdout);
    for (size_t i = 0; i < domo_value_len(guests); i++) {
        const struct domo_value *guest = domo_value_at(guests, i, NULL), *devices = domo_value_get(guest, "devices");
        AUTO_FREE char *title = guest_title(guest);
        long long domid = (long long)domo_value_int(domo_value_get(guest, "domid"), -1);

        (void)printf("    \"domain %lld\" [shape=ellipse, label=", domid);
        put_quoted(title);
        (void)fputs("];\n", stdout);
        for (size_t j = 0; j < domo_value_len(devices); j++)
            dot_device(domid, domo_value_at(devices, j, NULL));
    }
    (void)fputs("}\n", stdout);
}

static int tree(struct cli *cli, struct inv *inv, struct domo_err *err)
{
    const struct tree_opts *o = inv->opts;
    struct domo_ctx *ctx = cli_ctx(cli, err);
    AUTO_VALUE struct domo_value *guests = NULL;

    if (!ctx || domo_tree(ctx, inv->has_domid ? &inv->domid : NULL, &guests, err) < 0)
        return -1;
    if (cli->g.json)
        out_json(guests);
    else if (o->dot)
        draw_dot(guests);
    else
        draw(guests);
    return 0;
}

const struct cmd tree_cmds[] = {
    {
        .name = "tree",
        .args = "[DOMAIN]",
        .summary = "Show guests, their devices and both ends of each",
        .about = "States of both ends, rings, event channels, hotplug and errors.",
        .opts = tree_opts,
        .opts_size = sizeof(struct tree_opts),
        .max = 1,
        .target = TARGET_DOMAIN_MAYBE,
        .flags = CMD_JSON,
        .words = {WORD_DOMAIN, WORD_NONE},
        .run = tree,
    },
    {.name = NULL},
};
