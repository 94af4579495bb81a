/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * "xenstore-control live-update": the tool names a program (-f) and perhaps
 * arguments (-c), then starts (-s, again while the answer is BUSY, which ours
 * never is: open transactions live on). Any answer but OK is what the tool
 * shows as the reason of the failure.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "server.h"

static int forget(struct domostore *ds)
{
    free(ds->update_program);
    free(ds->update_args);
    ds->update_program = ds->update_args = NULL;
    return 0;
}

static int replace(char **at, const char *text)
{
    char *copy = strdup(text);

    if (!copy)
        return -ENOMEM;
    free(*at);
    *at = copy;
    return 0;
}

static bool is_usable(const char *program)
{
    return program[0] == '/' && access(program, X_OK) == 0;
}

/* "-s [-t seconds] [-F]": nothing has to be waited for, so that both options change nothing. */
static int check_start(const char *const args[], int n)
{
    uint32_t seconds;
    int i;

    for (i = 1; i < n; i++) {
        if (strcmp(args[i], "-t") == 0) {
            if (i + 1 == n || str_to_u32(args[++i], &seconds) < 0)
                return -EINVAL;
        } else if (strcmp(args[i], "-F") != 0) {
            return -EINVAL;
        }
    }
    return 0;
}

static int start(struct conn *c, const struct req *q, const char *const args[], int n)
{
    int rc = check_start(args, n);

    if (rc < 0)
        return rc;
    if (c->ds->update_program && !is_usable(c->ds->update_program))
        return conn_reply_text(c, q, "File not accessible.");
    rc = conn_reply_ok(c, q);
    if (rc == 0)
        c->ds->update(c->ds->update_arg);
    return rc;
}

int update_serve(struct conn *c, struct req *q, const char *const args[], int n)
{
    struct domostore *ds = c->ds;
    int rc = -EINVAL;

    if (!ds->update)
        return conn_reply_text(c, q, "Live update is not supported here.");
    if (n >= 1 && strcmp(args[0], "-s") == 0)
        return start(c, q, args, n);
    if (n == 1 && strcmp(args[0], "-a") == 0)
        rc = forget(ds);
    else if (n == 2 && strcmp(args[0], "-f") == 0 && !is_usable(args[1]))
        return conn_reply_text(c, q, "File not accessible.");
    else if (n == 2 && strcmp(args[0], "-f") == 0)
        rc = replace(&ds->update_program, args[1]);
    else if (n == 2 && strcmp(args[0], "-c") == 0)
        rc = replace(&ds->update_args, args[1]);
    return rc < 0 ? rc : conn_reply_ok(c, q);
}
