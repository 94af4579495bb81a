/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * UUIDs as Xen's tools write them: lower case, with dashes.
 */
#ifndef DOMO_DEV_UUID_TEXT_H
#define DOMO_DEV_UUID_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "host/host.h"

enum { UUID_TEXT_MAX = 37 };

void uuid_to_text(const uint8_t uuid[HOST_UUID_LEN], char out[UUID_TEXT_MAX]);
/* Takes the 36 character form only. False if "text" is none. */
bool uuid_from_text(const char *text, uint8_t ret[HOST_UUID_LEN]);
/* Version 4, from the host's random bytes. */
int uuid_random(struct host *, uint8_t ret[HOST_UUID_LEN], struct domo_err *) MUST_CHECK;
bool uuid_equal(const uint8_t a[HOST_UUID_LEN], const uint8_t b[HOST_UUID_LEN]);

#endif
