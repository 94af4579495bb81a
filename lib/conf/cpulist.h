/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Lists of processors as text: "0-3,^2", "all,^0". A bitmap of fixed width;
 * "all" sets every bit of it, whatever the host has.
 */
#ifndef DOMO_CONF_CPULIST_H
#define DOMO_CONF_CPULIST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "conf/diag.h"

enum { CPULIST_CPUS = 4096, CPULIST_WORDS = CPULIST_CPUS / 64 };

/* Parses a list; "at" is where "text" begins. *ret_nodes: it names NUMA nodes, which only a host can turn into
 * processors; they are then missing in the bitmap. 0, or -1 with a finding. */
int cpulist_parse(const char *text, struct conf_pos at, struct diags *, uint64_t ret[CPULIST_WORDS],
                  bool *ret_nodes) MUST_CHECK;

/* Adds the shortest text that gives this bitmap again. */
void cpulist_print(const uint64_t bits[CPULIST_WORDS], struct str *out);

#endif
