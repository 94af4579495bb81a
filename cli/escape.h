/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes of the store as printable text of one line, and back: \t \n \r \\,
 * \NNN (octal) and \xNN, as the xenstore-* tools write them.
 */
#ifndef DOMO_CLI_ESCAPE_H
#define DOMO_CLI_ESCAPE_H

#include <stddef.h>

#include "auto.h"

/* Caller frees. */
char *escape_bytes(const char *bytes, size_t n);
/* The bytes that a text means, with a NUL after them; caller frees. NULL: a backslash begins nothing known. */
char *escape_undo(const char *text, size_t *ret_n);
/* The value of a row of the store ("value" or "value_hex") as text; caller frees. */
char *escape_value(const struct domo_value *row);

#endif
