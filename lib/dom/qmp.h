/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A client of QMP, the protocol of QEMU's monitor: one JSON object a line, a
 * greeting, commands with their answers, events in between. What the other end
 * says is not trusted: lines are bounded, every wait has a deadline, and
 * whatever is not understood ends the conversation.
 */
#ifndef DOMO_DOM_QMP_H
#define DOMO_DOM_QMP_H

#include "base/json.h"
#include "host/host.h"

enum { QMP_LINE_MAX = 1 << 20 };

struct qmp;

struct qmp_options {
    int64_t timeout_ms; /* for the greeting, and for each command with its answer */
    int end_fd;         /* readable when the device model has ended (os->daemon_watch), -1 = none; taken over */
    /* Each event while a command is waited for; NULL = they are dropped. */
    void (*on_event)(void *arg, const char *name, const struct json *data);
    void *on_event_arg;
    /* At the end, also if there was no conversation; NULL = nothing. */
    void (*on_close)(void *arg);
    void *on_close_arg;
};

/* Connects to the socket at "path" (of any length), takes the greeting and negotiates. DEVICE_MODEL: nobody listens
 * there, or it ended; QMP: it says something else; TIMEOUT; CANCELLED. */
int qmp_open(struct host *, const char *path, const struct qmp_options *, struct qmp **ret,
             struct domo_err *) MUST_CHECK;
struct qmp *qmp_close(struct qmp *);

/* Sends one command ("arguments" may be NULL, stay the caller's) and waits for its answer; *ret (may be NULL) is what
 * it returned, the caller's. QMP with the facts "class" and "desc" if it was refused: the conversation goes on. After
 * any other failure (as for qmp_open) every command fails in the same way. */
int qmp_call(struct qmp *, const char *command, const struct json *arguments, struct json **ret,
             struct domo_err *) MUST_CHECK;
/* The same, and hands a descriptor over with it, for "add-fd" and "getfd"; it stays open here. */
int qmp_call_fd(struct qmp *, const char *command, const struct json *arguments, int fd, struct json **ret,
                struct domo_err *) MUST_CHECK;

#endif
