/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Where a PVH guest's memory is: RAM from 0, a hole below 4 GiB with the ACPI
 * tables, the local APIC and the pages shared with the toolstack, and the rest
 * of the RAM above. Pure.
 */
#ifndef DOMO_HOST_PVH_MAP_H
#define DOMO_HOST_PVH_MAP_H

#include <stddef.h>
#include <stdint.h>

enum { PVH_REGIONS_MAX = 4, PVH_PAGE = 4096 };

/* The numbers of the memory map's types are those of BIOS's E820 and of Xen's hvm_memmap_table_entry. */
enum pvh_region_type { PVH_RAM = 1, PVH_RESERVED = 2, PVH_ACPI = 3 };

struct pvh_region {
    uint64_t start, size;
    enum pvh_region_type type;
};

struct pvh_map {
    uint64_t hole_start, hole_size;             /* up to 4 GiB */
    uint64_t low_end, high_end;                 /* ends of the RAM below and above; high_end 0 = none above */
    struct pvh_region regions[PVH_REGIONS_MAX]; /* ascending */
    size_t n;
};

/* Where the hole begins, and in it the tables. */
extern const uint64_t pvh_hole_start;

/* Lays out "mem_kib" of RAM. The special pages end at "special_end" and are "special_pages" many; "acpi_len" bytes of
 * tables, 0 = none. */
void pvh_map_make(uint64_t mem_kib, uint64_t special_end, uint32_t special_pages, size_t acpi_len, struct pvh_map *ret);

#endif
