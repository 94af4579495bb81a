/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Starting domo-simd: where it is, and what it reports.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/proc.h"
#include "host/sim.h"
#include "host/spawn.h"

#ifndef DOMO_LIBEXECDIR
#define DOMO_LIBEXECDIR "/usr/libexec/domo"
#endif

enum { REPORT_FD = 3, START_MS = 20000 };

/* ---- the program ---- */

/* $DOMO_SIMD, beside this program (also in the tree that it was built in), or installed. Caller frees. */
static char *find_program(void)
{
    static const char *const near[] = {"domo-simd", "lib/sim/domo-simd", "../lib/sim/domo-simd"};
    const char *told = getenv("DOMO_SIMD");
    char *path = told && told[0] ? strdup(told) : proc_find_beside(near, ARRAY_LEN(near));

    return path ? path : strdup(DOMO_LIBEXECDIR "/domo-simd");
}

/* ---- starting ---- */

/* Gives back an errno, as posix_spawn does. */
static int spawn(const char *program, const char *dir, int report_fd, pid_t *ret_pid)
{
    char number[] = {'0' + REPORT_FD, '\0'};
    char *argv[] = {(char *)"domo-simd", (char *)"--report", number, (char *)dir, NULL};
    const struct spawn s = {
        .program = program, .argv = argv, .env = environ, .fds = {-1, -1, -1, report_fd}, .n_fds = REPORT_FD + 1};

    return host_spawn(&s, ret_pid);
}

/* ---- the report ---- */

static int read_report(int fd, struct str *to)
{
    int64_t deadline = clock_now_ms() + START_MS;
    char bytes[1024];

    for (;;) {
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = poll(&p, 1, clock_left_ms(deadline, clock_now_ms()));
        ssize_t n;

        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return -ETIMEDOUT;
        n = read(fd, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : 0;
        str_addn(to, bytes, (size_t)n);
    }
}

static enum domo_code code_named(const char *id)
{
    for (int c = 1; c < DOMO_E_COUNT; c++)
        if (str_eq(err_id((enum domo_code)c), id))
            return (enum domo_code)c;
    return DOMO_E_SIM;
}

static int take_report(const struct str *text, bool *ret_was_killed, struct domo_err *err)
{
    struct json *report AUTO_JSON = NULL;

    if (!text->len || json_parse(text->s, text->len, &report, NULL) < 0)
        return err_set(err, DOMO_E_SIM, "domo-simd ended without a word");
    if (!json_get(report, "code")) {
        *ret_was_killed = json_get_bool(report, "was_killed", false);
        return 0;
    }
    (void)err_set(err, code_named(json_get_str(report, "code", "")), "%s", json_get_str(report, "message", ""));
    if (json_get_str(report, "hint", "")[0])
        (void)err_hint(err, "%s", json_get_str(report, "hint", ""));
    return -1;
}

int sim_spawn(const char *dir, bool *ret_was_killed, struct domo_err *err)
{
    char *AUTO_FREE program = find_program();
    struct str text AUTO_STR = STR_INIT;
    int AUTO_CLOSE in = -1;
    int ends[2], r;
    pid_t pid = -1;

    if (!program)
        return err_set(err, DOMO_E_NO_MEMORY, "out of memory");
    if (pipe2(ends, O_CLOEXEC) < 0)
        return err_sys(err, DOMO_E_SIM, errno, "can't make a pipe");
    in = ends[0];
    r = spawn(program, dir, ends[1], &pid);
    (void)close(ends[1]);
    if (r) {
        (void)err_sys(err, DOMO_E_SIM, r, "can't run '%s'", program);
        return err_hint(err, "name the program in DOMO_SIMD");
    }
    /* It goes to the background at once. */
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    r = read_report(in, &text);
    if (r < 0)
        return err_sys(err, DOMO_E_SIM, -r, "domo-simd does not start");
    return take_report(&text, ret_was_killed, err);
}
