/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A guest's console on this terminal: raw bytes both ways until Ctrl-], until
 * the guest's end closes, or until a signal. On every way out the terminal is
 * as it was.
 */
#ifndef DOMO_CLI_TTY_H
#define DOMO_CLI_TTY_H

#include <stdbool.h>
#include <sys/types.h>
#include <termios.h>

#include "auto.h"

enum tty_end {
    TTY_LEFT,   /* the user left with Ctrl-] */
    TTY_GONE,   /* the guest's end closed */
    TTY_SIGNAL, /* this process was asked to end */
    TTY_FAILED, /* this side can't be read or written any more; errno */
};

/* The guest's tty, raw and not blocking; -1 with errno. */
int tty_open(const char *path) MUST_CHECK;
/* Connects stdin and stdout with it. */
enum tty_end tty_proxy(int guest);

/* A child process that shows a console while this one works. */
struct tty_child {
    pid_t pid; /* 0: none */
    bool has_saved;
    struct termios saved;
};
int tty_child_start(struct tty_child *, const char *path) MUST_CHECK;
/* Waits until the user has left it, or, with "stop", ends it. Fine if none was started. */
void tty_child_wait(struct tty_child *, bool stop);

#endif
