/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What an errno of the host means, by the part of the seam that gave it: one
 * table for the real host, the simulated one and faults on request.
 */
#ifndef DOMO_HOST_CODES_H
#define DOMO_HOST_CODES_H

#include "base/err.h"

/* "sys" is a positive errno. Fallback: the code where the errno says nothing special. */
enum domo_code host_hyp_code(int sys, enum domo_code fallback);
enum domo_code host_store_code(int sys);
enum domo_code host_os_code(int sys);

#endif
