/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What every unit test includes: cmocka with the headers that it wants first.
 */
#ifndef DOMO_TESTS_UNIT_H
#define DOMO_TESTS_UNIT_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#endif
