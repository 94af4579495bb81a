/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Names of domains, found without reading the name of each.
 *
 * XenStore has no index from a name to a domain; libxl reads all names for
 * each look-up. Here small files under the host's own_run directory remember
 * "name -> domid, UUID" (names/), and one remembers which domains are in that
 * index (known.h). The files are a cache, never the truth: a hit counts only when the store's
 * name node says the same, a domain that the hypervisor lists and the index
 * does not know (made by another tool) is read once and remembered.
 *
 * Limit: when another tool renames a domain that is in the index, a look-up of
 * the new name finds it by a full scan (an error path), but the check for
 * uniqueness at creation does not see the new name until then.
 */
#ifndef DOMO_DOM_NAMES_H
#define DOMO_DOM_NAMES_H

#include <stdint.h>

#include "base/attr.h"
#include "host/host.h"

enum { DOMAIN_NAME_MAX = 200 };

/* A name as a file name: what is not plain becomes %XX. Caller frees; NULL when out of memory. */
char *names_file(const char *name);

/* Domid, UUID or name to a domain that exists. DOMAIN_NOT_FOUND, with the nearest name as hint where the scan found
 * one. */
int names_resolve(struct host *, const char *what, struct hyp_info *ret, struct domo_err *) MUST_CHECK;

/* The name node of a domain; *ret NULL if it has none. Caller frees. */
int names_of(struct host *, uint32_t domid, char **ret, struct domo_err *) MUST_CHECK;

/* Inside the transaction that makes domain "self": fails with DOMAIN_EXISTS if another domain has the name. Number of
 * requests: independent of how many guests run, as long as other tools make none. Call it with the name's lock taken
 * (name_lock.h), and after the transaction has touched /local/domain: servers that do not merge transactions then let
 * the commit fail when another tool's domain appears meanwhile. */
int names_check_free(struct host *, store_txn, const char *name, uint32_t self, struct domo_err *) MUST_CHECK;

/* The hypervisor has no domain with this UUID but such as are dying, else DOMAIN_EXISTS. */
int names_check_uuid(struct host *, const uint8_t uuid[HOST_UUID_LEN], struct domo_err *) MUST_CHECK;

/* Keeps the index: best effort, a failure only makes later look-ups slower. */
void names_remember(struct host *, const char *name, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN]);
void names_forget(struct host *, const char *name, uint32_t domid, const uint8_t uuid[HOST_UUID_LEN]);

/* Drops what the index says of domains that the hypervisor does not have any more. */
int names_prune(struct host *, struct domo_err *) MUST_CHECK;

/* All domains of the hypervisor, ascending; free(*ret). */
int names_list_domains(struct host *, struct hyp_info **ret, size_t *ret_n, struct domo_err *) MUST_CHECK;

#endif
