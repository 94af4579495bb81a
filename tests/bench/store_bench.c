/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Measures one XenStore server: prints "name value" lines. The server's own
 * time is what counts (schedstat of all its threads), because wall time is
 * mostly wake-ups.
 *
 *   store_bench SOCKET PID [row...]    client of a running server
 *   store_bench stub SOCKET            a server that answers fixed bytes: the floor
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <xenstore.h>

#include "proto.h"
#include "store_link.h"

enum { STUB_AWAY_US = 5000 };
#define STUB_AHEAD "/ahead" /* a path whose listing the stub sends at once */

static int server_pid;
static bool is_stub;

/* The server's processor time in microseconds. */
static double cpu_us(void)
{
    char path[64];
    struct dirent *e;
    double sum = 0;
    DIR *d;

    (void)snprintf(path, sizeof path, "/proc/%d/task", server_pid);
    d = opendir(path);
    while (d && (e = readdir(d))) {
        unsigned long long run = 0;
        char file[400];
        FILE *f;

        if (e->d_name[0] == '.')
            continue;
        (void)snprintf(file, sizeof file, "%s/%s/schedstat", path, e->d_name);
        f = fopen(file, "r");
        if (f && fscanf(f, "%llu", &run) == 1)
            sum += (double)run / 1e3;
        if (f)
            (void)fclose(f);
    }
    if (d)
        (void)closedir(d);
    return sum;
}

static double own_cpu_us(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double rss_bytes(void)
{
    char path[64];
    unsigned long size, pages = 0;
    FILE *f;

    (void)snprintf(path, sizeof path, "/proc/%d/statm", server_pid);
    f = fopen(path, "r");
    if (!f || fscanf(f, "%lu %lu", &size, &pages) != 2)
        die("statm");
    (void)fclose(f);
    return (double)pages * 4096;
}

static double started;

static void begin(void)
{
    started = cpu_us();
}

static void end(const char *name, double per)
{
    row(name, (cpu_us() - started) / per);
}

/* --- rows --- */

static void bench_sync(void)
{
    struct xs_handle *xs = xs_open(0);
    unsigned len;
    int i, n = 20000;

    if (!xs)
        die("xs_open");
    (void)xs_write(xs, XBT_NULL, "/b/value", "12345678", 8);
    for (i = 0; i < 1000; i++)
        free(xs_read(xs, XBT_NULL, "/b/value", &len));
    begin();
    for (i = 0; i < n; i++)
        free(xs_read(xs, XBT_NULL, "/b/value", &len));
    end("read", n);
    begin();
    for (i = 0; i < n; i++)
        (void)xs_write(xs, XBT_NULL, "/b/value", "12345678", 8);
    end("write", n);
    xs_close(xs);
}

static void bench_pipeline(void)
{
    enum { DEPTH = 64, ROUNDS = 3000 };
    static char reqs[DEPTH * 64], replies[DEPTH * 64];
    int fd = connect_raw(), i;
    size_t len = 0;
    double t;

    (void)ask_text(fd, PROTO_WRITE, 0, "/b/value", "12345678", NULL);
    for (i = 0; i < DEPTH; i++)
        len += make_req(reqs + len, PROTO_READ, 0, "/b/value", 9);
    begin();
    t = now_us();
    for (i = 0; i < ROUNDS; i++) {
        send_all(fd, reqs, len);
        recv_all(fd, replies, DEPTH * (PROTO_HEAD_SIZE + 8));
    }
    row("pipelined-rate", ROUNDS * DEPTH / (now_us() - t) * 1e6);
    end("pipelined-read", ROUNDS * DEPTH);
    (void)close(fd);
}

static void bench_watches(void)
{
    int fd = connect_raw(), other[10], i, n = 5000;
    char path[64], payload[80];

    (void)ask_text(fd, PROTO_WRITE, 0, "/b/value", "v", NULL);
    begin();
    for (i = 0; i < n; i++)
        (void)ask_text(fd, PROTO_WRITE, 0, "/b/value", "12345678", NULL);
    end("write-no-watches", n);
    for (i = 0; i < 10; i++)
        other[i] = connect_raw();
    for (i = 0; i < 10000; i++) {
        size_t len = (size_t)snprintf(path, sizeof path, "/elsewhere/%d/x", i) + 1;

        memcpy(payload, path, len);
        memcpy(payload + len, "token", 6);
        (void)ask(other[i % 10], PROTO_WATCH, 0, payload, len + 6, NULL);
    }
    begin();
    for (i = 0; i < n; i++)
        (void)ask_text(fd, PROTO_WRITE, 0, "/b/value", "12345678", NULL);
    end("write-10k-watches", n);
    begin();
    for (i = 0; i < 10; i++)
        (void)close(other[i]);
    for (i = 0; i < 20; i++)
        (void)ask_text(fd, PROTO_READ, 0, "/b/value", "", NULL);
    end("drop-10-connections", 1);
    (void)close(fd);
}

/* Eight clients make three nodes each in a new directory of their own below one parent, all at the same time. */
static void bench_disjoint(void)
{
    int fd[8], k, i, round, commits = 0, again = 0;
    char path[64], reply[PROTO_MSG_MAX + 1];
    uint32_t tx[8];

    for (k = 0; k < 8; k++)
        fd[k] = connect_raw();
    (void)ask_text(fd[0], PROTO_MKDIR, 0, "/disjoint", "", NULL);
    begin();
    for (round = 0; round < 200; round++) {
        for (k = 0; k < 8; k++) {
            (void)ask(fd[k], PROTO_TRANSACTION_START, 0, "", 1, reply);
            tx[k] = (uint32_t)strtoul(reply, NULL, 10);
        }
        for (i = 0; i < 3; i++) {
            for (k = 0; k < 8; k++) {
                (void)snprintf(path, sizeof path, "/disjoint/%d/%d", k, i);
                (void)ask_text(fd[k], PROTO_WRITE, tx[k], path, "v", NULL);
            }
        }
        for (k = 0; k < 8; k++) {
            commits++;
            again += ask(fd[k], PROTO_TRANSACTION_END, tx[k], "T", 2, NULL) == PROTO_ERROR;
        }
        for (k = 0; k < 8; k++) {
            (void)snprintf(path, sizeof path, "/disjoint/%d", k);
            (void)ask_text(fd[k], PROTO_RM, 0, path, "", NULL);
        }
    }
    end("disjoint-create", commits);
    row("disjoint-retries", 100.0 * again / commits);
    for (k = 0; k < 8; k++)
        (void)close(fd[k]);
}

static void make_many(int fd, const char *dir, int count)
{
    char path[64];
    int i;

    for (i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/%05d", dir, i);
        (void)ask_text(fd, PROTO_WRITE, 0, path, "v", NULL);
    }
}

static void create_and_remove(int fd, const char *name, const char *path)
{
    int i, n = 3000;

    begin();
    for (i = 0; i < n; i++) {
        (void)ask_text(fd, PROTO_MKDIR, 0, path, "", NULL);
        (void)ask_text(fd, PROTO_RM, 0, path, "", NULL);
    }
    end(name, n);
}

static void bench_directory(void)
{
    int fd = connect_raw();

    make_many(fd, "/small", 10);
    create_and_remove(fd, "create-rm-small", "/small/extra");
    make_many(fd, "/large", 10000);
    create_and_remove(fd, "create-rm-10k", "/large/extra");
    (void)close(fd);
}

/* A client that writes a request at once and does not keep the names: the least that a listing can cost it. */
static unsigned list_raw(int fd, const char *path)
{
    char offset[16], reply[PROTO_MSG_MAX + 1];
    struct proto_head h;
    size_t at = 0, len, gen_len;
    unsigned count = 0, i;

    for (;;) {
        char msg[64], body[64];

        (void)snprintf(offset, sizeof offset, "%zu", at);
        len = (size_t)snprintf(body, sizeof body, "%s", path) + 1;
        memcpy(body + len, offset, strlen(offset) + 1);
        send_all(fd, msg, make_req(msg, PROTO_DIRECTORY_PART, 0, body, len + strlen(offset) + 1));
        recv_all(fd, reply, PROTO_HEAD_SIZE);
        if (proto_decode(reply, &h) < 0 || h.type != PROTO_DIRECTORY_PART)
            return 0;
        recv_all(fd, reply, h.len);
        gen_len = strlen(reply) + 1;
        for (i = (unsigned)gen_len; i < h.len; i++)
            count += reply[i] == '\0';
        at += h.len - gen_len;
        if (h.len < 2 || reply[h.len - 2] == '\0')
            return count - 1;
    }
}

enum { LISTINGS = 50 };

/* The processor time that libxenstore itself needs, all answers being in its socket before it asks: nothing that a
 * server does can make a listing shorter than this. Only the stub can do it. */
static void list_ahead(struct xs_handle *xs)
{
    unsigned count = 0;
    double sum = 0, t;
    char **names;
    int i;

    for (i = 0; i < LISTINGS; i++) {
        (void)usleep(2 * STUB_AWAY_US); /* the stub comes back, and takes what we wrote */
        for (t = now_us(); now_us() - t < 1000;)
            ; /* the caches as warm as they are for a client that lists without pause */
        t = own_cpu_us();
        names = xs_directory(xs, XBT_NULL, STUB_AHEAD, &count);
        sum += own_cpu_us() - t;
        if (!names || count != 10000)
            die("listing ahead");
        free(names);
    }
    row("list-10k-client-ms", sum / 1e3 / LISTINGS);
}

/* The median of single listings: one that another program interrupted does not count. */
static void list_row(const char *name, double took[LISTINGS])
{
    sort(took, LISTINGS);
    row(name, took[LISTINGS / 2] / 1e3);
}

static void bench_list(void)
{
    struct xs_handle *xs = xs_open(0);
    int fd = connect_raw(), i;
    double took[LISTINGS];
    unsigned count = 0;

    if (!xs)
        die("xs_open");
    make_many(fd, "/large", 10000);
    begin();
    for (i = 0; i < LISTINGS; i++) {
        took[i] = now_us();
        free(xs_directory(xs, XBT_NULL, "/large", &count));
        took[i] = now_us() - took[i];
    }
    if (count >= 10000) {
        end("list-10k-cpu-ms", LISTINGS * 1000);
        list_row("list-10k-ms", took);
        for (i = 0; i < LISTINGS; i++) {
            took[i] = now_us();
            count = list_raw(fd, "/large");
            took[i] = now_us() - took[i];
        }
        if (count >= 10000)
            list_row("list-10k-raw-ms", took);
    }
    if (is_stub)
        list_ahead(xs);
    xs_close(xs);
    (void)close(fd);
}

/* A second client that reads without pause and notes its longest wait, until told to stop. */
static double *start_reader(pid_t *ret_pid)
{
    double *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    *ret_pid = fork();
    if (*ret_pid == 0) {
        int fd = connect_raw();

        for (;;) {
            double t = now_us();

            (void)ask_text(fd, PROTO_READ, 0, "/b/value", "", NULL);
            t = now_us() - t;
            if (t > shared[0])
                shared[0] = t;
        }
    }
    return shared;
}

static void bench_big(void)
{
    int fd = connect_raw(), i;
    char path[64];
    double before, t, *longest;
    pid_t reader;

    (void)ask_text(fd, PROTO_WRITE, 0, "/b/value", "v", NULL);
    (void)ask_text(fd, PROTO_MKDIR, 0, "/big", "", NULL);
    before = rss_bytes();
    begin();
    for (i = 0; i < 100000; i++) {
        (void)snprintf(path, sizeof path, "/big/%03d/%02d", i / 100, i % 100);
        (void)ask_text(fd, PROTO_WRITE, 0, path, "12345678", NULL);
    }
    end("create-100k", 100000);
    row("bytes-per-node", (rss_bytes() - before) / 101000 - 8);
    longest = start_reader(&reader);
    (void)usleep(200000);
    longest[0] = 0;
    begin();
    t = now_us();
    (void)ask_text(fd, PROTO_RM, 0, "/big", "", NULL);
    row("rm-100k-reply-ms", (now_us() - t) / 1e3);
    (void)usleep(100000);
    row("rm-100k-stall-ms", longest[0] / 1e3);
    (void)kill(reader, SIGKILL);
    (void)waitpid(reader, NULL, 0);
    (void)close(fd);
}

/* The server's own time for a removal, without a second client. */
static void bench_rm(void)
{
    int fd = connect_raw(), i;
    char path[64];

    for (i = 0; i < 100000; i++) {
        (void)snprintf(path, sizeof path, "/big/%03d/%02d", i / 100, i % 100);
        (void)ask_text(fd, PROTO_WRITE, 0, path, "12345678", NULL);
    }
    begin();
    (void)ask_text(fd, PROTO_RM, 0, "/big", "", NULL);
    (void)usleep(700000);
    end("rm-100k-cpu-ms", 1000);
    (void)close(fd);
}

static void bench_idle(void)
{
    int fd = connect_raw(), idle[500], i, n = 5000;

    for (i = 0; i < 500; i++)
        idle[i] = connect_raw();
    (void)ask_text(fd, PROTO_WRITE, 0, "/b/value", "v", NULL);
    begin();
    for (i = 0; i < n; i++)
        (void)ask_text(fd, PROTO_WRITE, 0, "/b/value", "12345678", NULL);
    end("write-500-idle", n);
    begin();
    (void)sleep(1);
    end("idle-us-per-s", 1);
    for (i = 0; i < 500; i++)
        (void)close(idle[i]);
    (void)close(fd);
}

/* --- the floor --- */

static bool stub_away; /* everything was answered ahead: what is asked now is thrown away */

/* A directory of 10,000 children in parts. */
static char stub_names[10000 * 6 + 1]; /* the last NUL ends the list */

static size_t stub_part(char *to, size_t at, size_t *ret_next)
{
    char part[PROTO_PAYLOAD_MAX];
    size_t gen = (size_t)snprintf(part, sizeof part, "10003") + 1, n = sizeof stub_names - at;

    if (n > sizeof part - gen)
        n = (sizeof part - gen) / 6 * 6;
    memcpy(part + gen, stub_names + at, n);
    *ret_next = at + n;
    return make_req(to, PROTO_DIRECTORY_PART, 0, part, gen + n);
}

static size_t stub_directory(char *to, const char *path)
{
    size_t put = make_req(to, PROTO_ERROR, 0, "E2BIG", 6), at = 0;

    if (strcmp(path, STUB_AHEAD) != 0)
        return put;
    stub_away = true;
    while (at < sizeof stub_names)
        put += stub_part(to + put, at, &at);
    return put;
}

static size_t stub_answers(const char *in, size_t len, char *out, size_t *ret_used)
{
    struct proto_head h;
    size_t at = 0, put = 0, next;

    while (len - at >= PROTO_HEAD_SIZE && proto_decode(in + at, &h) == 0 && len - at >= PROTO_HEAD_SIZE + h.len) {
        const char *text = in + at + PROTO_HEAD_SIZE;

        at += PROTO_HEAD_SIZE + h.len;
        if (h.type == PROTO_DIRECTORY)
            put += stub_directory(out + put, text);
        else if (h.type == PROTO_DIRECTORY_PART)
            put += stub_part(out + put, strtoul(text + strlen(text) + 1, NULL, 10), &next);
        else if (h.type == PROTO_READ)
            put += make_req(out + put, h.type, 0, "12345678", 8);
        else
            put += make_req(out + put, h.type, 0, "OK", 3);
    }
    *ret_used = at;
    return put;
}

static int stub(const char *path)
{
    static char in[1 << 16], out[1 << 18];
    static struct {
        char part[PROTO_MSG_MAX];
        size_t len;
    } conns[64];
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    struct epoll_event ev = {.events = EPOLLIN};
    int l = socket(AF_UNIX, SOCK_STREAM, 0), ep = epoll_create1(0), i;

    for (i = 0; i < 10000; i++)
        (void)snprintf(stub_names + (size_t)i * 6, 6, "%05d", i);
    (void)snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    if (bind(l, (struct sockaddr *)&a, sizeof a) < 0 || listen(l, 64) < 0)
        die("stub");
    ev.data.fd = l;
    (void)epoll_ctl(ep, EPOLL_CTL_ADD, l, &ev);
    while (epoll_wait(ep, &ev, 1, -1) == 1) {
        int fd = ev.data.fd;
        size_t used, put;
        ssize_t n;

        if (fd == l) {
            ev.data.fd = accept(l, NULL, NULL);
            ev.events = EPOLLIN;
            (void)epoll_ctl(ep, EPOLL_CTL_ADD, ev.data.fd, &ev);
            continue;
        }
        memcpy(in, conns[fd].part, conns[fd].len);
        n = recv(fd, in + conns[fd].len, sizeof in - conns[fd].len, 0);
        if (n <= 0) {
            conns[fd].len = 0;
            (void)close(fd);
            continue;
        }
        n += (ssize_t)conns[fd].len;
        put = stub_answers(in, (size_t)n, out, &used);
        conns[fd].len = (size_t)n - used;
        memcpy(conns[fd].part, in + used, conns[fd].len);
        if (put)
            send_all(fd, out, put);
        if (stub_away) {
            (void)usleep(STUB_AWAY_US);
            (void)recv(fd, in, sizeof in, MSG_DONTWAIT);
            stub_away = false;
        }
    }
    return 0;
}

static const struct {
    const char *name;
    void (*run)(void);
} benches[] = {
    {"sync", bench_sync},
    {"pipeline", bench_pipeline},
    {"watches", bench_watches},
    {"disjoint", bench_disjoint},
    {"directory", bench_directory},
    {"list", bench_list},
    {"big", bench_big},
    {"rm", bench_rm},
    {"idle", bench_idle},
};

int main(int argc, char **argv)
{
    size_t i;
    int k;

    if (argc == 3 && strcmp(argv[1], "stub") == 0)
        return stub(argv[2]);
    if (argc < 4)
        return 2;
    link_socket = argv[1];
    server_pid = atoi(argv[2]);
    is_stub = getenv("STUB") && *getenv("STUB");
    (void)setenv("XENSTORED_PATH", link_socket, 1);
    for (k = 3; k < argc; k++)
        for (i = 0; i < sizeof benches / sizeof *benches; i++)
            if (strcmp(argv[k], benches[i].name) == 0)
                benches[i].run();
    return 0;
}
