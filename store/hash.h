/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * uthash, told to survive running out of memory: HASH_ADD then leaves the
 * element out, and HASH_ADDED() says so.
 */
#ifndef DOMO_STORE_HASH_H
#define DOMO_STORE_HASH_H

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#define HASH_ADDED(elem) ((elem)->hh.tbl != NULL)

#endif
