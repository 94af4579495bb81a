/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The log of requests that "xenstore-control log on" asks for: one line for
 * each request with its result, one for each event. It goes to the log of the
 * embedding program, or to a file of its own. Off it costs one test a request.
 */
#ifndef DOMO_STORE_TRACE_H
#define DOMO_STORE_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/attr.h"

struct conn;
struct domostore;
struct req;

struct trace {
    bool on;
    FILE *file; /* NULL: the program's log */
};

/* On: to the file that is open, or else to the program's log. Off: closes the file. */
void trace_switch(struct domostore *ds, bool on);
/* Appends to this file from now on (made with mode 0600). Negative errno: as before. */
int trace_to_file(struct domostore *ds, const char *path) MUST_CHECK;
/* "name" of the request; "rc" as its handler returned. */
void trace_request(const struct conn *c, const struct req *q, const char *name, int rc);
void trace_event(const struct conn *c, const char *path, size_t len, const char *token);

#endif
