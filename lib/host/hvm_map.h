/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Where an HVM guest's memory is: RAM from 0 to a hole below 4 GiB, which is for
 * the devices' memory and the pages shared with the toolstack, and the rest of
 * the RAM above. Pure.
 */
#ifndef DOMO_HOST_HVM_MAP_H
#define DOMO_HOST_HVM_MAP_H

#include <stddef.h>
#include <stdint.h>

enum { HVM_REGIONS_MAX = 2, HVM_HOLE_MIN_MIB = 256 };

struct hvm_region {
    uint64_t start, size; /* all of them RAM */
};

struct hvm_map {
    uint64_t hole_start, hole_size;             /* up to 4 GiB */
    uint64_t low_end, high_end;                 /* ends of the RAM below and above; high_end 0 = none above */
    struct hvm_region regions[HVM_REGIONS_MAX]; /* what hvmloader is told; ascending */
    size_t n;
};

/* Lays out "mem_kib" of RAM around a hole of "hole_mib"; less than HVM_HOLE_MIN_MIB counts as that. */
void hvm_map_make(uint64_t mem_kib, uint32_t hole_mib, struct hvm_map *ret);

#endif
