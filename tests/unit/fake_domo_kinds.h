/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Canned devices by kind.
 */
#ifndef DOMO_TESTS_FAKE_DOMO_KINDS_H
#define DOMO_TESTS_FAKE_DOMO_KINDS_H

#include "domo.h"

/* One row as JSON text; NULL for kinds that are not here. */
const char *fake_kind_row(const char *kind);
struct domo_value *fake_kind_rows(const char *kind);
/* The row after an attach or a detach. */
struct domo_value *fake_kind_changed(const char *kind, const char *which);

#endif
