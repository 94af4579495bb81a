/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "update.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/str.h"
#include "xenside.h"

enum { TRY_MS = 30000 };

/* What the tried program says; any other would not. */
static const char able[] = "domo-stored: able to resume\n";

int update_init(struct update *u, char **argv)
{
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);

    if (n < 0)
        return -errno;
    path[n] = '\0';
    u->argv = argv;
    u->self = strdup(path);
    return u->self ? 0 : -ENOMEM;
}

void update_fini(struct update *u)
{
    free(u->self);
    free(u->next);
    u->self = u->next = NULL;
}

/* --- the state as text in memory --- */

static int to_memory(const char *text, size_t len)
{
    int fd, rc;

    if (!text)
        return -ENOMEM;
    fd = memfd_create("domo-stored", 0);
    if (fd < 0)
        return -errno;
    rc = fs_write_all(fd, text, len);
    if (rc < 0)
        (void)close(fd);
    return rc < 0 ? rc : fd;
}

static int save_store(const struct update *u)
{
    size_t len = 0;
    char *AUTO_FREE text = domostore_dump(u->ds, false, &len);

    return to_memory(text, len);
}

static int save_xen(const struct update *u)
{
    size_t len = 0;
    char *AUTO_FREE text = xenside_save(u->xen, &len);

    return to_memory(text, len);
}

int update_read(int fd, char **ret, size_t *ret_len)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *text = size < 0 ? NULL : malloc((size_t)size + 1);
    int rc = 0;

    if (!text)
        rc = -ENOMEM;
    else if (pread(fd, text, (size_t)size, 0) != size)
        rc = -EIO;
    (void)close(fd);
    if (rc < 0) {
        free(text);
        return rc;
    }
    *ret = text;
    *ret_len = (size_t)size;
    return 0;
}

/* --- the trial --- */

int update_try(int fd)
{
    struct domostore *ds = domostore_new(NULL, NULL);
    char *AUTO_FREE text = NULL;
    size_t len = 0;
    int rc = ds ? update_read(fd, &text, &len) : -ENOMEM;

    if (rc == 0)
        rc = domostore_load(ds, text, len, false);
    if (rc == 0)
        rc = fs_write_all(STDOUT_FILENO, able, sizeof able - 1);
    (void)domostore_free(ds);
    return rc;
}

static int start_trial(const char *file, int state_fd, int out_fd, pid_t *ret)
{
    char number[16];
    char *args[] = {(char *)file, (char *)"--try", number, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    sigset_t none;
    int rc;

    (void)snprintf(number, sizeof number, "%d", state_fd);
    (void)sigemptyset(&none);
    rc = posix_spawn_file_actions_init(&actions);
    if (rc)
        return -rc;
    rc = posix_spawnattr_init(&attr);
    if (rc) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return -rc;
    }
    rc = posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    if (rc == 0)
        rc = posix_spawnattr_setsigmask(&attr, &none);
    if (rc == 0)
        rc = posix_spawn(ret, file, &actions, &attr, args, environ);
    (void)posix_spawnattr_destroy(&attr);
    (void)posix_spawn_file_actions_destroy(&actions);
    return -rc;
}

static bool says_able(int fd)
{
    int64_t deadline = clock_now_ms() + TRY_MS;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    char text[sizeof able];
    size_t have = 0;

    while (have < sizeof able - 1) {
        int left = clock_left_ms(deadline, clock_now_ms());
        ssize_t n;

        if (left == 0 || (poll(&p, 1, left) < 0 && errno != EINTR))
            return false;
        if (!p.revents)
            continue;
        n = read(fd, text + have, sizeof able - 1 - have);
        if (n <= 0)
            return false;
        have += (size_t)n;
    }
    return memcmp(text, able, sizeof able - 1) == 0;
}

static int trial(const char *file, int state_fd)
{
    int fds[2], status = 0, rc;
    bool fine;
    pid_t pid = -1;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return -errno;
    rc = start_trial(file, state_fd, fds[1], &pid);
    (void)close(fds[1]);
    if (rc < 0) {
        (void)close(fds[0]);
        return rc;
    }
    fine = says_able(fds[0]);
    (void)close(fds[0]);
    if (!fine && pid > 0)
        (void)kill(pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return fine ? 0 : -ENOEXEC;
}

int update_ask(struct update *u, const char *file)
{
    char *name = strdup(file ? file : u->self);
    int fd, rc;

    if (!name)
        return -ENOMEM;
    fd = save_store(u);
    rc = fd < 0 ? fd : trial(name, fd);
    if (fd >= 0)
        (void)close(fd);
    if (rc < 0) {
        free(name);
        return rc;
    }
    free(u->next);
    u->next = name;
    return 0;
}

/* --- the change --- */

int update_parse(const char *text, int *ret_state, int *ret_xen)
{
    char *AUTO_FREE first = strdup(text), *comma = first ? strchr(first, ',') : NULL;
    uint32_t state, xen = 0;

    if (!first)
        return -ENOMEM;
    if (comma)
        *comma = '\0';
    if (str_to_u32(first, &state) < 0 || state > INT32_MAX ||
        (comma && (str_to_u32(comma + 1, &xen) < 0 || xen > INT32_MAX)))
        return -EINVAL;
    *ret_state = (int)state;
    *ret_xen = comma ? (int)xen : -1;
    return 0;
}

/* Our arguments with a new --resume. */
static int become(const struct update *u, int state_fd, int xen_fd)
{
    char text[40], **args;
    size_t count = 0, n = 0, i;

    while (u->argv[count])
        count++;
    args = calloc(count + 2, sizeof(char *));
    if (!args)
        return -ENOMEM;
    for (i = 0; i < count; i++)
        if (!str_starts(u->argv[i], "--resume="))
            args[n++] = u->argv[i];
    (void)snprintf(text, sizeof text, xen_fd >= 0 ? "--resume=%d,%d" : "--resume=%d", state_fd, xen_fd);
    args[n] = text;
    (void)execv(u->next, args);
    i = (size_t)errno;
    free(args);
    return -(int)i;
}

static int inherit(const struct update *u, bool on)
{
    int rc = domostore_inherit(u->ds, on);

    return rc == 0 && u->xen ? xenside_inherit(u->xen, on) : rc;
}

int update_run(struct update *u)
{
    int state_fd = save_store(u), xen_fd = -1, rc = state_fd < 0 ? state_fd : 0;

    if (rc == 0 && u->xen) {
        xen_fd = save_xen(u);
        rc = xen_fd < 0 ? xen_fd : 0;
    }
    if (rc == 0)
        rc = inherit(u, true);
    if (rc == 0)
        rc = become(u, state_fd, xen_fd);
    IGNORE(inherit(u, false));
    if (state_fd >= 0)
        (void)close(state_fd);
    if (xen_fd >= 0)
        (void)close(xen_fd);
    free(u->next);
    u->next = NULL;
    return rc;
}
