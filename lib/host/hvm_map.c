/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/hvm_map.h"

static const uint64_t four_gib = UINT64_C(1) << 32;

/* What lies below is the PC's: hvmloader knows what is where. */
static const uint64_t first_mib = 1 << 20;

static void add(struct hvm_map *m, uint64_t start, uint64_t end)
{
    if (end > start)
        m->regions[m->n++] = (struct hvm_region){.start = start, .size = end - start};
}

void hvm_map_make(uint64_t mem_kib, uint32_t hole_mib, struct hvm_map *ret)
{
    uint64_t bytes = mem_kib << 10;
    struct hvm_map m = {.hole_size = (uint64_t)(hole_mib > HVM_HOLE_MIN_MIB ? hole_mib : HVM_HOLE_MIN_MIB) << 20};

    m.hole_start = four_gib - m.hole_size;
    m.low_end = bytes < m.hole_start ? bytes : m.hole_start;
    m.high_end = bytes > m.low_end ? four_gib + (bytes - m.low_end) : 0;
    add(&m, first_mib, m.low_end);
    add(&m, four_gib, m.high_end);
    *ret = m;
}
