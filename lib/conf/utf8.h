/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Is text UTF-8? What a config says ends up in JSON files, which must be.
 */
#ifndef DOMO_CONF_UTF8_H
#define DOMO_CONF_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the well-formed character at "s" (1 to 4); 0 if there is none. Reads no further than a NUL. */
size_t utf8_length(const char *s);

bool utf8_is_valid(const char *text);

#endif
