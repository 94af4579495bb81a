/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * CONTROL: what xenstore-control asks for. One row a sub-command.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/str.h"
#include "server.h"

enum { ARGS_MAX = 8 };

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

/* Soft limits are the rows whose name begins so; tools leave it out. */
static const char soft[] = "soft-";

static bool is_soft(const struct quota_row *row)
{
    return strncmp(row->name, soft, sizeof soft - 1) == 0;
}

static int show_limits(struct conn *c, const struct req *q, bool want_soft)
{
    struct str text = STR_INIT;
    int i;

    str_add(&text, "Quota settings:\n");
    for (i = 0; i < QUOTA_COUNT; i++)
        if (is_soft(&quota_rows[i]) == want_soft)
            str_addf(&text, "%-17s: %8u %s\n", quota_rows[i].name + (want_soft ? sizeof soft - 1 : 0),
                     (unsigned)server_store(c->ds)->domains.limit[i], quota_rows[i].doc);
    return reply_str(c, q, &text);
}

/* "set name number", with "prefix" before the name. */
static int set_limit(struct conn *c, const struct req *q, const char *prefix, const char *const args[], int n)
{
    char name[64];
    uint32_t value;

    if (n != 3 || strcmp(args[0], "set") != 0 || str_to_u32(args[2], &value) < 0)
        return -EINVAL;
    (void)snprintf(name, sizeof name, "%s%s", prefix, args[1]);
    return domostore_set_quota(c->ds, name, value) < 0 ? -EINVAL : conn_reply_ok(c, q);
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
    unsigned domid;

    if (n == 0)
        return show_limits(c, q, false);
    if (n != 1)
        return set_limit(c, q, "", args, n);
    if (path_domid(args[0], &domid) < 0)
        return -EINVAL;
    dom = domain_get(&server_store(c->ds)->domains, domid);
    return dom ? show_use(c, q, dom) : -ENOENT;
}

static int run_quota_soft(struct conn *c, struct req *q, const char *const args[], int n)
{
    return n == 0 ? show_limits(c, q, true) : set_limit(c, q, soft, args, n);
}

static int write_report(const struct domostore *ds, const char *path)
{
    struct str AUTO_STR text = STR_INIT;

    report_memory(ds, &text, SIZE_MAX);
    return text.failed ? -ENOMEM : fs_write_atomic(path, str_text(&text), text.len, 0600, false);
}

static int run_memreport(struct conn *c, struct req *q, const char *const args[], int n)
{
    struct str text = STR_INIT;
    int rc;

    if (n > 1)
        return -EINVAL;
    if (n == 1) {
        rc = write_report(c->ds, args[0]);
        return rc < 0 ? rc : conn_reply_ok(c, q);
    }
    report_memory(c->ds, &text, PROTO_PAYLOAD_MAX);
    return reply_str(c, q, &text);
}

static int run_log(struct conn *c, struct req *q, const char *const args[], int n)
{
    if (n != 1 || (strcmp(args[0], "on") != 0 && strcmp(args[0], "off") != 0))
        return -EINVAL;
    trace_switch(c->ds, strcmp(args[0], "on") == 0);
    return conn_reply_ok(c, q);
}

static int run_logfile(struct conn *c, struct req *q, const char *const args[], int n)
{
    int rc = n == 1 ? trace_to_file(c->ds, args[0]) : -EINVAL;

    return rc < 0 ? rc : conn_reply_ok(c, q);
}

static int run_print(struct conn *c, struct req *q, const char *const args[], int n)
{
    if (n != 1)
        return -EINVAL;
    server_log(c->ds, 2, "%s", args[0]);
    return conn_reply_ok(c, q);
}

/* "-f" names the program, "-a" takes that back, "-s" starts it: then nothing is left to do that a tool would have to
 * ask for again. How long to wait for transactions, and whether to break them, does not matter: they go on. */
static int run_update(struct conn *c, struct req *q, const char *const args[], int n)
{
    struct domostore *ds = c->ds;
    bool start = n >= 1 && strcmp(args[0], "-s") == 0, file = n == 2 && strcmp(args[0], "-f") == 0;
    char *name = NULL;
    int rc = 0;

    if (!ds->update || (!start && !file && !(n == 1 && strcmp(args[0], "-a") == 0)))
        return -EINVAL;
    if (start)
        rc = ds->update(ds->update_arg, ds->update_file);
    else if (file && !(name = strdup(args[1])))
        return -ENOMEM;
    free(ds->update_file);
    ds->update_file = name;
    return rc < 0 ? conn_reply_text(c, q, strerror(-rc)) : conn_reply_ok(c, q);
}

static int run_help(struct conn *c, struct req *q, const char *const args[], int n);

static const struct command commands[] = {
    {"check", "", run_check},
    {"log", "on|off", run_log},
    {"logfile", "<file>", run_logfile},
    {"live-update", "-f <file>|-a|-s", run_update},
    {"memreport", "[<file>]", run_memreport},
    {"print", "<string>", run_print},
    {"quota", "[set <name> <val>|<domid>]", run_quota},
    {"quota-soft", "[set <name> <val>]", run_quota_soft},
    {"help", "", run_help},
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
