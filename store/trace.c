/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "server.h"

enum { SHOWN_MAX = 192 /* characters of a payload that are logged */ };

void trace_switch(struct domostore *ds, bool on)
{
    ds->trace.on = on;
    if (on || !ds->trace.file)
        return;
    (void)fclose(ds->trace.file);
    ds->trace.file = NULL;
}

int trace_to_file(struct domostore *ds, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "a");

    if (!f) {
        int rc = -errno;

        if (fd >= 0)
            (void)close(fd);
        return rc;
    }
    trace_switch(ds, false);
    ds->trace.file = f;
    ds->trace.on = true;
    return 0;
}

/* What a guest sent must not be able to forge lines or to drive a terminal. */
static void quote(const char *bytes, size_t len, char to[SHOWN_MAX + 8])
{
    size_t i, at = 0;

    if (len && bytes[len - 1] == '\0')
        len--;
    for (i = 0; i < len && at < SHOWN_MAX; i++) {
        unsigned char b = (unsigned char)bytes[i];

        if (b > ' ' && b < 0x7f && b != '\\')
            to[at++] = (char)b;
        else if (b == '\0')
            to[at++] = ' '; /* between the strings of a request; a blank is \x20 */
        else
            at += (size_t)snprintf(to + at, 5, "\\x%02x", b);
    }
    (void)snprintf(to + at, 8, "%s", i < len ? " ..." : "");
}

static void put(const struct conn *c, const char *line)
{
    const struct trace *t = &c->ds->trace;
    struct timespec now;
    struct tm tm;

    if (!t->file) {
        server_log(c->ds, 2, "%llu (domain %u) %s", (unsigned long long)c->id, (unsigned)c->who.domid, line);
        return;
    }
    (void)clock_gettime(CLOCK_REALTIME, &now);
    if (!gmtime_r(&now.tv_sec, &tm))
        return;
    (void)fprintf(t->file, "%04d-%02d-%02dT%02d:%02d:%02d.%03ldZ %llu (domain %u) %s\n", tm.tm_year + 1900,
                  tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, now.tv_nsec / 1000000,
                  (unsigned long long)c->id, (unsigned)c->who.domid, line);
    (void)fflush(t->file);
}

void trace_request(const struct conn *c, const struct req *q, const char *name, int rc)
{
    char shown[SHOWN_MAX + 8], line[SHOWN_MAX + 64];

    quote(q->payload, q->head.len, shown);
    (void)snprintf(line, sizeof line, "%s tx %u: %s -> %s", name, (unsigned)q->head.tx_id, shown,
                   rc < 0 ? proto_error(rc) : "OK");
    put(c, line);
}

void trace_event(const struct conn *c, const char *path, size_t len, const char *token)
{
    char shown[2][SHOWN_MAX + 8], line[2 * SHOWN_MAX + 32];

    quote(path, len, shown[0]);
    quote(token, strlen(token), shown[1]);
    (void)snprintf(line, sizeof line, "event: %s %s", shown[0], shown[1]);
    put(c, line);
}
