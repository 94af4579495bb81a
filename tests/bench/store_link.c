/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "store_link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "proto.h"

const char *link_socket;

void die(const char *what)
{
    perror(what);
    exit(1);
}

double now_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int connect_raw(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), tries;

    (void)snprintf(a.sun_path, sizeof a.sun_path, "%s", link_socket);
    for (tries = 0; connect(fd, (struct sockaddr *)&a, sizeof a) < 0; tries++) {
        if (tries > 100)
            die("connect");
        (void)usleep(1000);
    }
    return fd;
}

void send_all(int fd, const void *bytes, size_t len)
{
    while (len) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

        if (n <= 0)
            die("send");
        bytes = (const char *)bytes + n;
        len -= (size_t)n;
    }
}

void recv_all(int fd, void *bytes, size_t len)
{
    while (len) {
        ssize_t n = recv(fd, bytes, len, 0);

        if (n <= 0)
            die("recv");
        bytes = (char *)bytes + n;
        len -= (size_t)n;
    }
}

size_t make_req(char *to, uint32_t type, uint32_t tx, const void *payload, size_t len)
{
    struct proto_head h = {.type = type, .tx_id = tx, .len = (uint32_t)len};

    proto_encode(to, &h);
    memcpy(to + PROTO_HEAD_SIZE, payload, len);
    return PROTO_HEAD_SIZE + len;
}

uint32_t ask(int fd, uint32_t type, uint32_t tx, const void *payload, size_t len, char *reply)
{
    char buf[PROTO_MSG_MAX], head[PROTO_HEAD_SIZE];
    struct proto_head h;

    send_all(fd, buf, make_req(buf, type, tx, payload, len));
    do {
        recv_all(fd, head, sizeof head);
        if (proto_decode(head, &h) < 0)
            die("header");
        recv_all(fd, buf, h.len);
    } while (h.type == PROTO_WATCH_EVENT);
    if (reply) {
        memcpy(reply, buf, h.len);
        reply[h.len] = '\0';
    }
    return h.type;
}

uint32_t ask_text(int fd, uint32_t type, uint32_t tx, const char *path, const char *rest, char *reply)
{
    char payload[512];
    size_t n = strlen(path) + 1, m = strlen(rest);

    memcpy(payload, path, n);
    memcpy(payload + n, rest, m);
    return ask(fd, type, tx, payload, n + m, reply);
}

void row(const char *name, double value)
{
    printf("%s %.2f\n", name, value);
    (void)fflush(stdout);
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

void sort(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare);
}
