/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/attr.h"

/* cli/cli.h has it too; but its words for cleaning up are those of lib/base. */
int cli_main(int argc, char **argv);

static void die(const char *what)
{
    perror(what);
    abort();
}

struct diverted {
    int fd, old, to;
};

static struct diverted divert(int fd)
{
    struct diverted d = {.fd = fd, .old = dup(fd), .to = memfd_create("output", MFD_CLOEXEC)};

    if (d.old < 0 || d.to < 0 || dup2(d.to, fd) < 0)
        die("memfd");
    return d;
}

static char *give_back(const struct diverted *d)
{
    off_t len = lseek(d->to, 0, SEEK_END);
    char *text = calloc(1, (size_t)len + 1);

    if (!text || pread(d->to, text, (size_t)len, 0) != len || dup2(d->old, d->fd) < 0)
        die("memfd");
    (void)close(d->old);
    (void)close(d->to);
    return text;
}

void command_run(char *const argv[], struct outcome *ret)
{
    struct diverted out, err;
    char **copy;
    int argc = 0;

    while (argv[argc])
        argc++;
    copy = calloc((size_t)argc + 1, sizeof *copy);
    if (!copy)
        die("memory");
    for (int i = 0; i < argc; i++)
        copy[i] = argv[i];
    /* Guests that end stay as they are: what is looked at is what the command did. */
    (void)setenv("DOMO_SUPERVISOR", "none", 1);
    (void)fflush(stdout);
    out = divert(STDOUT_FILENO);
    err = divert(STDERR_FILENO);
    ret->status = cli_main(argc, copy);
    (void)fflush(stdout);
    ret->err = give_back(&err);
    ret->out = give_back(&out);
    free(copy);
}

void outcome_fini(struct outcome *o)
{
    free(o->out);
    free(o->err);
}
