/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The entry that libFuzzer and the corpus replayer call.
 */
#ifndef DOMO_TESTS_FUZZ_H
#define DOMO_TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#endif
