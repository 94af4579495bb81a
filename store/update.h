/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Live update: the daemon becomes another program, perhaps a newer build of
 * itself, which goes on with everything it has. All guests depend on it, so
 * the other program shows first, in a process of its own, that it is a
 * domo-stored and can read the state.
 */
#ifndef DOMO_STORE_UPDATE_H
#define DOMO_STORE_UPDATE_H

#include <stdbool.h>

#include "base/attr.h"
#include "domostore.h"

struct xenside;

struct update {
    struct domostore *ds;
    struct xenside *xen; /* NULL without a hypervisor */
    char **argv;
    char *self; /* the file we were started from */
    char *next; /* that is to replace us, NULL: none */
};

/* To be called early: a file that is replaced later is still to be found by its name. */
int update_init(struct update *u, char **argv) MUST_CHECK;
void update_fini(struct update *u);

/* Prepares it: "file" (NULL: the one we were started from) is tried. -ENOENT, -EACCES, -ENOEXEC: it is not able to go
 * on with our state. */
int update_ask(struct update *u, const char *file) MUST_CHECK;
/* Carries out what was asked for. Returns only if it did not work; then all goes on as before. */
int update_run(struct update *u) MUST_CHECK;

/* In the new process: the descriptors that --resume has, -1 each for none. */
int update_parse(const char *text, int *ret_state, int *ret_xen) MUST_CHECK;
/* The text in such a descriptor, which is closed; caller frees. */
int update_read(int fd, char **ret, size_t *ret_len) MUST_CHECK;
/* In the process that is tried: reads the state and says so on standard output. */
int update_try(int fd) MUST_CHECK;

#endif
