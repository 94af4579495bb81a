/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A domain's grants and event channels on the simulated machine, as the
 * operations that lib/ring works with.
 */
#ifndef DOMO_SIM_LINE_H
#define DOMO_SIM_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/vec.h"
#include "ring/line.h"
#include "sim/machine.h"

/* A page that was offered. */
struct sim_offer {
    uint32_t ref;
    uint64_t gfn;
    bool withdrawn; /* but still mapped at the other end */
};

struct sim_line {
    struct machine *machine;
    uint32_t domid;
    VEC(struct sim_offer) offers;
};

void sim_line_init(struct sim_line *, struct machine *, uint32_t domid);
/* Forgets what was offered: grants and pages go with their domain. */
void sim_line_fini(struct sim_line *);
/* Valid as long as "line" is. */
struct line sim_line(struct sim_line *);

#endif
