/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "host/pvh_map.h"

/* Where the hole begins, 64 MiB below 4 GiB: the tables first. The same place as libxl's, so that a guest that is
 * moved finds its memory alike. */
const uint64_t pvh_hole_start = 0xfc000000;

static const uint64_t four_gib = UINT64_C(1) << 32;

static void add(struct pvh_map *m, uint64_t start, uint64_t size, enum pvh_region_type type)
{
    if (size)
        m->regions[m->n++] = (struct pvh_region){.start = start, .size = size, .type = type};
}

void pvh_map_make(uint64_t mem_kib, uint64_t special_end, uint32_t special_pages, size_t acpi_len, struct pvh_map *ret)
{
    uint64_t bytes = mem_kib << 10, special = (uint64_t)special_pages * PVH_PAGE;
    struct pvh_map m = {.hole_start = pvh_hole_start, .hole_size = four_gib - pvh_hole_start};

    m.low_end = bytes < pvh_hole_start ? bytes : pvh_hole_start;
    m.high_end = bytes > m.low_end ? four_gib + (bytes - m.low_end) : 0;
    add(&m, 0, m.low_end, PVH_RAM);
    add(&m, pvh_hole_start, (acpi_len + PVH_PAGE - 1) / PVH_PAGE * PVH_PAGE, PVH_ACPI);
    add(&m, special_end - special, special, PVH_RESERVED);
    add(&m, four_gib, m.high_end ? m.high_end - four_gib : 0, PVH_RAM);
    *ret = m;
}
