/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * How long one client waits for the answer to a read while another does its
 * worst: "name value" lines with the 99th percentile in milliseconds.
 *
 *   store_flood SOCKET [quiet|pipeline|bytes|mute|ring]...
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proto.h"
#include "store_link.h"

enum { SAMPLES = 3000, GUEST = 7, FILL = 60000 };

/* Requests to fill a buffer with; returns their length. */
static size_t fill(char *to)
{
    size_t len = 0;

    while (len < FILL)
        len += make_req(to + len, PROTO_WRITE, 0, "/flood/x\0value", 14);
    return len;
}

static char requests[FILL + 4096], replies[1 << 18];

static void flood_quiet(void)
{
    for (;;)
        (void)pause();
}

/* As many requests as the socket takes, and their replies read. */
static void flood_pipeline(void)
{
    int fd = connect_raw();
    size_t len = fill(requests), at = 0;

    for (;;) {
        ssize_t n = send(fd, requests + at, len - at, MSG_DONTWAIT | MSG_NOSIGNAL);

        at = n > 0 ? (at + (size_t)n) % len : at;
        if (recv(fd, replies, sizeof replies, n > 0 ? MSG_DONTWAIT : 0) == 0)
            die("closed");
    }
}

/* Bytes that mean nothing, on one connection after the other. */
static void flood_bytes(void)
{
    size_t i;

    for (i = 0; i < sizeof requests; i++)
        requests[i] = (char)(i * 2654435761u >> 11);
    for (;;) {
        int fd = connect_raw();

        while (send(fd, requests, sizeof requests, MSG_NOSIGNAL) > 0)
            ;
        (void)close(fd);
    }
}

/* Requests without end, and no reply is ever read. */
static void flood_mute(void)
{
    int fd = connect_raw();
    size_t len = fill(requests);

    for (;;)
        send_all(fd, requests, len);
}

/* A guest that keeps its ring full and takes its replies, kicking all the time. */
static void flood_ring(void)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    uint32_t *index, kick = 1000 + GUEST;
    size_t len = fill(requests) / 30 * 30, at = 0, dir = (size_t)(strrchr(link_socket, '/') - link_socket);
    char path[108], *page;
    int s = socket(AF_UNIX, SOCK_DGRAM, 0), fd;

    (void)snprintf(path, sizeof path, "%.*s/ring.%d", (int)dir, link_socket, GUEST);
    fd = open(path, O_RDWR);
    page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    (void)snprintf(a.sun_path, sizeof a.sun_path, "%.*s/evtchn", (int)dir, link_socket);
    if (page == MAP_FAILED)
        die(path);
    index = (uint32_t *)(void *)(page + 2048); /* req_cons, req_prod, rsp_cons, rsp_prod */
    for (;;) {
        uint32_t prod = __atomic_load_n(&index[1], __ATOMIC_ACQUIRE);

        for (; prod - __atomic_load_n(&index[0], __ATOMIC_ACQUIRE) < 1024; at = (at + 1) % len)
            page[prod++ & 1023] = requests[at];
        __atomic_store_n(&index[1], prod, __ATOMIC_RELEASE);
        __atomic_store_n(&index[2], __atomic_load_n(&index[3], __ATOMIC_ACQUIRE), __ATOMIC_RELEASE);
        (void)sendto(s, &kick, sizeof kick, MSG_DONTWAIT, (struct sockaddr *)&a, sizeof a);
    }
}

static void make_guest(int fd)
{
    char path[128], text[64];
    int dir = (int)(strrchr(link_socket, '/') - link_socket), page;

    (void)snprintf(path, sizeof path, "%.*s/ring.%d", dir, link_socket, GUEST);
    page = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (page < 0 || ftruncate(page, 4096) < 0)
        die(path);
    (void)close(page);
    (void)ask(fd, PROTO_INTRODUCE, 0, text, (size_t)snprintf(text, sizeof text, "%d%c1%c2", GUEST, 0, 0) + 1, NULL);
    (void)ask_text(fd, PROTO_MKDIR, 0, "/flood", "", NULL);
    (void)ask(fd, PROTO_SET_PERMS, 0, "/flood\0b0", sizeof "/flood\0b0", NULL);
}

static void measure(int fd, const char *name)
{
    static double took[SAMPLES];
    char label[64];
    int i;

    for (i = 0; i < SAMPLES; i++) {
        double t = now_us();

        if (ask_text(fd, PROTO_READ, 0, "/flood/quiet", "", NULL) != PROTO_READ)
            die("read");
        took[i] = now_us() - t;
        if (i % 100 == 0)
            (void)usleep(1000); /* the others have the processor for themselves at times */
    }
    sort(took, SAMPLES);
    (void)snprintf(label, sizeof label, "flood-%s-p99-ms", name);
    row(label, took[SAMPLES * 99 / 100] / 1e3);
    (void)snprintf(label, sizeof label, "flood-%s-max-ms", name);
    row(label, took[SAMPLES - 1] / 1e3);
}

static const struct {
    const char *name;
    void (*run)(void);
} floods[] = {
    {"quiet", flood_quiet}, {"pipeline", flood_pipeline}, {"bytes", flood_bytes},
    {"mute", flood_mute},   {"ring", flood_ring},
};

static void flood_with(int fd, size_t i)
{
    pid_t child = fork();

    if (child == 0) {
        (void)alarm(60);
        floods[i].run();
        _exit(0);
    }
    (void)usleep(100000);
    measure(fd, floods[i].name);
    (void)kill(child, SIGKILL);
    (void)waitpid(child, NULL, 0);
}

int main(int argc, char **argv)
{
    size_t i;
    int fd, k;

    if (argc < 3)
        return 2;
    link_socket = argv[1];
    fd = connect_raw();
    make_guest(fd);
    (void)ask_text(fd, PROTO_WRITE, 0, "/flood/quiet", "value", NULL);
    for (k = 2; k < argc; k++)
        for (i = 0; i < sizeof floods / sizeof *floods; i++)
            if (strcmp(argv[k], floods[i].name) == 0)
                flood_with(fd, i);
    (void)close(fd);
    return 0;
}
