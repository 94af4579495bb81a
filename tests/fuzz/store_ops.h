/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The operation interpreter: turns a byte string into operations of several
 * connections, does them on a server and on the model, and compares answers
 * and events. Used by the property test and by the fuzz target.
 */
#ifndef DOMO_TESTS_STORE_OPS_H
#define DOMO_TESTS_STORE_OPS_H

#include <stddef.h>
#include <stdint.h>

/* NULL, or what differed (static text). "checks": how often the invariant checker runs, every n-th operation. */
const char *store_ops_run(const uint8_t *bytes, size_t len, unsigned checks);

#endif
