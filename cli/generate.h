/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Completions and manual pages are templates with lines such as "@man-options@"
 * (after a shell's "# " if need be). What stands there comes from the tables.
 */
#ifndef DOMO_CLI_GENERATE_H
#define DOMO_CLI_GENERATE_H

#include "auto.h"
#include "cli.h"

/* Names of enum word, in its order, for shells; NULL-terminated. */
extern const char *const word_names[];

/* The life of a guest, for the manual (generate_life.c). */
void man_life_states(const struct cli *);
void man_life_events(const struct cli *);

int generate_file(const struct cli *, const char *path, struct domo_err *);

#endif
