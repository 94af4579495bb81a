/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Strings of the command line. A command line that is out of memory has
 * nothing left to undo in this process, so these functions end it.
 */
#ifndef DOMO_CLI_TEXT_H
#define DOMO_CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "auto.h"

/* "p", or the end of the process when it is NULL. */
void *text_need(void *p);
char *text_fmt(const char *fmt, ...) PRINTF_LIKE(1, 2);
/* "a,b,c"; caller frees. */
char *text_join(char *const *words, size_t n, const char *separator);
bool text_starts(const char *s, const char *prefix);
/* All decimal digits, at least one. */
bool text_is_number(const char *s);
/* How many edits lie between two words. */
size_t text_distance(const char *a, const char *b);
/* Is "candidate" near enough to "word" to be what was meant, and nearer than *best (start with SIZE_MAX)? Then *best is
 * its distance. */
bool text_is_nearer(const char *word, const char *candidate, size_t *best);

#endif
