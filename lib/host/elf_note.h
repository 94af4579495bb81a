/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Xen's notes in a kernel's ELF file: what kinds of guest it can be. The file
 * may hold anything: nothing in it is trusted. Pure.
 */
#ifndef DOMO_HOST_ELF_NOTE_H
#define DOMO_HOST_ELF_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The 32-bit entry point of a PVH guest. */
enum { ELF_NOTE_PHYS32_ENTRY = 18 };

/* Has the ELF file (of 32 or 64 bits, little-endian) a note of that type by the name "Xen"? False of what is no ELF. */
bool elf_has_xen_note(const void *elf, size_t len, uint32_t type);

#endif
