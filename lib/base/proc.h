/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Processes by number and time of start. A number alone may belong to somebody
 * else by the time that one wants to look at, or kill, its process. A pid file
 * has both: "PID START\n". Negative errno on failure.
 */
#ifndef DOMO_BASE_PROC_H
#define DOMO_BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"

struct proc {
    pid_t pid;
    uint64_t start; /* in clock ticks after the machine's boot */
};

/* Whom a pid file names. -ENOENT, -EBADMSG if it holds something else. */
int proc_read(const char *pid_path, struct proc *ret) MUST_CHECK;
/* The process with that number, if "option" and right after it "value" are words of its command line: whoever only
 * knows the number makes sure that way that it is still the one that is meant. -ESRCH if it is not, or there is none.
 */
int proc_named(pid_t pid, const char *option, const char *value, struct proc *ret) MUST_CHECK;
/* Does it run? One that has ended and was not waited for does not. */
bool proc_runs(const struct proc *);
/* A descriptor that is readable once it has ended; -ESRCH if it has. */
int proc_open(const struct proc *) MUST_CHECK;
/* Kills it (SIGKILL) and waits until it is gone. 0 also if it had ended; -ETIMEDOUT after "wait_ms". */
int proc_kill(const struct proc *, int wait_ms) MUST_CHECK;

/* The first of these that is a program, below the folder of the program that runs: "domod", "../sup/domod". Caller
 * frees; NULL: none. */
char *proc_find_beside(const char *const *names, size_t n);

/* For the time between fork and exec: nothing is allocated, nothing locked. Writes the calling process's own pid file
 * under a name of the caller, which it may rename. */
int proc_write_self(const char *pid_path) MUST_CHECK;

#endif
