/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Which domains the index of names has seen: a file with a place for each
 * domid, which holds the UUID of the domain that was seen there. One read
 * tells of all domains at once, however many there are. A cache: what it does
 * not say, or says wrongly because a process was killed, is looked at again.
 */
#ifndef DOMO_DOM_KNOWN_H
#define DOMO_DOM_KNOWN_H

#include "host/host.h"

struct known {
    char *bytes; /* as they are in the file */
    size_t len;
};

/* What the file says now; nothing if there is none. known_fini(). */
void known_load(const struct host *, struct known *ret);
void known_fini(struct known *);
bool known_has(const struct known *, const struct hyp_info *);

/* 0 or a negative errno. */
int known_add(const struct host *, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN]) MUST_CHECK;
/* Nothing to do unless it is this one that was seen there. */
int known_drop(const struct host *, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN]) MUST_CHECK;
/* Forgets all domains that are not among those n. */
int known_prune(const struct host *, const struct hyp_info *all, size_t n) MUST_CHECK;

#endif
