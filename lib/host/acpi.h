/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The ACPI tables of a PVH guest: RSDP, XSDT, FADT, MADT and DSDT. They say
 * how many processors there are and that there is no legacy hardware; nothing
 * that a guest could program. Pure: bytes for a place, no host.
 */
#ifndef DOMO_HOST_ACPI_H
#define DOMO_HOST_ACPI_H

#include <stddef.h>
#include <stdint.h>

enum { ACPI_VCPUS_MAX = 128, ACPI_LEN_MAX = 16384 };

/* Writes the tables as they are to stand at the guest's address "base" (page-aligned, below 4 GiB); the RSDP comes
 * first. The first "vcpus" of "max_vcpus" processors are enabled; both from 1 to ACPI_VCPUS_MAX. Returns how many
 * bytes. */
size_t acpi_tables(uint64_t base, uint32_t vcpus, uint32_t max_vcpus, unsigned char out[ACPI_LEN_MAX]);

#endif
