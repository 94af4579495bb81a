/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Time as a value that is handed in: nothing above this reads a clock of its own.
 */
#ifndef DOMO_BASE_CLOCK_H
#define DOMO_BASE_CLOCK_H

#include <stdint.h>

/* Monotonic time of this machine in milliseconds / microseconds. */
int64_t clock_now_ms(void);
int64_t clock_now_us(void);

/* Seconds and hundredths since the epoch, for start_time nodes and logs. */
void clock_wall(int64_t *ret_sec, unsigned *ret_centi);

/* What is left until an absolute deadline, as poll(2) wants it: -1 for "no deadline" (deadline_ms < 0), 0 if past. */
int clock_left_ms(int64_t deadline_ms, int64_t now_ms);

#endif
