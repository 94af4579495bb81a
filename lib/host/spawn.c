/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/spawn.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

/* posix_spawn functions give back an errno. */
static int set_files(const struct spawn *s, posix_spawn_file_actions_t *files)
{
    int r = 0;

    for (int fd = s->n_fds - 1; !r && fd >= 0; fd--)
        r = s->fds[fd] < 0 ? posix_spawn_file_actions_addopen(files, fd, "/dev/null", O_RDWR, 0)
                           : posix_spawn_file_actions_adddup2(files, s->fds[fd], fd);
    /* Libraries do not mark all their descriptors as close-on-exec. */
    return r ? r : posix_spawn_file_actions_addclosefrom_np(files, s->n_fds);
}

static int set_attrs(const struct spawn *s, posix_spawnattr_t *attrs)
{
    short group = s->own_group ? POSIX_SPAWN_SETPGROUP : 0;
    sigset_t none, all;
    int r;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)sigdelset(&all, SIGKILL);
    (void)sigdelset(&all, SIGSTOP);
    r = posix_spawnattr_setflags(attrs, (short)(group | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF));
    if (!r && s->own_group)
        r = posix_spawnattr_setpgroup(attrs, 0);
    if (!r)
        r = posix_spawnattr_setsigmask(attrs, &none);
    if (!r)
        r = posix_spawnattr_setsigdefault(attrs, &all);
    return r;
}

int host_spawn(const struct spawn *s, pid_t *ret_pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attrs;
    int r = posix_spawn_file_actions_init(&files);

    if (r)
        return r;
    r = posix_spawnattr_init(&attrs);
    if (!r) {
        r = set_files(s, &files);
        if (!r)
            r = set_attrs(s, &attrs);
        if (!r)
            r = posix_spawn(ret_pid, s->program, &files, &attrs, s->argv, s->env);
        (void)posix_spawnattr_destroy(&attrs);
    }
    (void)posix_spawn_file_actions_destroy(&files);
    return r;
}
