/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Everything that a command can change on a host, as lines of text to compare:
 * store nodes with values and permissions, domains, loop devices, interfaces of
 * guests, state files.
 */
#ifndef DOMO_TESTS_SIM_WORLD_H
#define DOMO_TESTS_SIM_WORLD_H

#include <stdbool.h>

#include "base/vec.h"
#include "host/host.h"

typedef VEC(char *) lines;

/* Sorted. "host" is asked; what it answers with an error ends the program. */
void world_take(struct host *host, lines *ret);
void world_lines_fini(lines *);
bool world_same(const lines *a, const lines *b);
/* "- LINE" for what is in "a" alone, "+ LINE" for what is in "b" alone, each with "prefix". */
void world_diff(const lines *a, const lines *b, const char *prefix, FILE *to);

#endif
