/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The simulated host inside the process that asks it. Whoever links these files
 * has the library as it is, above and below the seam, with three parts
 * exchanged: the socket to domo-simd is a call (inproc_conn.c), libxenstore's
 * functions talk to the store in memory (inproc_xs.c), and time is virtual: it
 * moves only while somebody waits (inproc_env.c). So nothing depends on the
 * machine's speed, and a thousand seconds cost nothing.
 */
#ifndef DOMO_TESTS_SIM_INPROC_H
#define DOMO_TESTS_SIM_INPROC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sim/sim.h"

/* The host that runs, or NULL: it begins when a "sim:DIR" is opened, and ends with inproc_stop() or "domo host stop".
 */
struct sim *inproc_sim(void);
/* Starts the host of a directory, which is emptied as domo-simd does it. */
int inproc_start(const char *dir, struct domo_err *) MUST_CHECK;
void inproc_stop(void);

/* Lets the host do what is due now; what is due next, -1 = nothing. */
int64_t inproc_step(void);
/* Lets so much time pass. */
void inproc_run(int64_t ms);
/* Since the machine was switched on. */
int64_t inproc_now_ms(void);

/* The bytes that env.random gives begin anew: what is made of them is the same in each run. */
void inproc_seed(uint64_t seed);

/* -- between the parts -- */

/* Connections to the store that are open, by the descriptors that the wait looks at. */
void inproc_xs_signal(void);
/* Closes what is open: the store goes. */
void inproc_xs_drop(void);

#endif
