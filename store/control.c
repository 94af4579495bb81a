/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * CONTROL: what xenstore-control asks for. One row a sub-command.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "server.h"

enum { ARGS_MAX = 4 };

struct command {
    const char *name, *args;
    int (*run)(struct conn *c, struct req *q, const char *const args[], int n);
};

static int reply_str(struct conn *c, const struct req *q, struct str *text)
{
    int rc = text->failed ? -ENOMEM : conn_reply_text(c, q, str_text(text));

    str_fini(text);
    return rc;
}

static int run_check(struct conn *c, struct req *q, const char *const args[], int n)
{
    char *why = NULL;
    int rc = domostore_check(c->ds, &why);

    (void)args;
    (void)n;
    if (rc == 0)
        rc = conn_reply_ok(c, q);
    else if (why)
        rc = conn_reply_text(c, q, why);
    free(why);
    return rc;
}

static int show_limits(struct conn *c, const struct req *q)
{
    struct str text = STR_INIT;
    int i;

    str_add(&text, "Quota settings:\n");
    for (i = 0; i < QUOTA_COUNT; i++)
        str_addf(&text, "%-17s: %8u %s\n", quota_rows[i].name, (unsigned)server_store(c->ds)->domains.limit[i],
                 quota_rows[i].doc);
    return reply_str(c, q, &text);
}

static int show_use(struct conn *c, const struct req *q, const struct domain *dom)
{
    struct str text = STR_INIT;
    const struct conn *own = dom->conn;

    str_addf(&text, "Domain %u:\n", (unsigned)dom->domid);
    str_addf(&text, "%-16s: %8lld\n", "nodes", (long long)dom->nodes);
    str_addf(&text, "%-16s: %8u\n", "watches", (unsigned)dom->watches);
    str_addf(&text, "%-16s: %8u\n", "transactions", (unsigned)dom->transactions);
    str_addf(&text, "%-16s: %8u\n", "outstanding", own ? (unsigned)own->unsent : 0);
    str_addf(&text, "%-16s: %8lld\n", "memory", (long long)domain_bytes(dom));
    return reply_str(c, q, &text);
}

static int run_quota(struct conn *c, struct req *q, const char *const args[], int n)
{
    const struct domain *dom;
    uint32_t value;
    unsigned domid;

    if (n == 0)
        return show_limits(c, q);
    if (n == 3 && strcmp(args[0], "set") == 0) {
        if (str_to_u32(args[2], &value) < 0 || domostore_set_quota(c->ds, args[1], value) < 0)
            return -EINVAL;
        return conn_reply_ok(c, q);
    }
    if (n != 1 || path_domid(args[0], &domid) < 0)
        return -EINVAL;
    dom = domain_get(&server_store(c->ds)->domains, domid);
    return dom ? show_use(c, q, dom) : -ENOENT;
}

static int run_quota_soft(struct conn *c, struct req *q, const char *const args[], int n)
{
    (void)args;
    return n == 0 ? conn_reply_text(c, q, "Quota settings:\n") : -EINVAL;
}

static int run_memreport(struct conn *c, struct req *q, const char *const args[], int n)
{
    const struct domain *dom;
    struct str text = STR_INIT;
    unsigned i = 0;

    (void)args;
    (void)n;
    while ((dom = domain_next(&server_store(c->ds)->domains, &i)) && text.len < PROTO_PAYLOAD_MAX - 64)
        str_addf(&text, "%u %lld\n", (unsigned)dom->domid, (long long)domain_bytes(dom));
    return reply_str(c, q, &text);
}

static int run_log(struct conn *c, struct req *q, const char *const args[], int n)
{
    (void)args;
    return n == 1 ? conn_reply_ok(c, q) : -EINVAL;
}

static int run_print(struct conn *c, struct req *q, const char *const args[], int n)
{
    if (n != 1)
        return -EINVAL;
    server_log(c->ds, 1, "%s", args[0]);
    return conn_reply_ok(c, q);
}

/* "-s" starts it; a tool asks again until it is done, which it is at once. */
static int run_update(struct conn *c, struct req *q, const char *const args[], int n)
{
    if (!c->ds->update || n < 1)
        return -EINVAL;
    if (strcmp(args[0], "-s") == 0)
        c->ds->update(c->ds->update_arg);
    return conn_reply_ok(c, q);
}

static int run_help(struct conn *c, struct req *q, const char *const args[], int n);

static const struct command commands[] = {
    {"check", "", run_check},           {"log", "on|off", run_log},
    {"live-update", "-s", run_update},  {"memreport", "", run_memreport},
    {"print", "<string>", run_print},   {"quota", "[set <name> <val>|<domid>]", run_quota},
    {"quota-soft", "", run_quota_soft}, {"help", "", run_help},
};

static int run_help(struct conn *c, struct req *q, const char *const args[], int n)
{
    struct str text = STR_INIT;
    size_t i;

    (void)args;
    (void)n;
    for (i = 0; i < ARRAY_LEN(commands); i++)
        str_addf(&text, "%s\t%s\n", commands[i].name, commands[i].args);
    return reply_str(c, q, &text);
}

int control_serve(struct conn *c, struct req *q)
{
    const char *args[1 + ARGS_MAX];
    int n = proto_strings(q->payload, q->head.len, args, ARRAY_LEN(args));
    size_t i;

    if (n < 1 || n > 1 + ARGS_MAX)
        return -EINVAL;
    for (i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, args[0]) == 0)
            return commands[i].run(c, q, args + 1, n - 1);
    return -EINVAL;
}
