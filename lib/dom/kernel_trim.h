/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * An unpacked kernel made smaller without changing what it loads to.
 *
 * Linux's image carries its zeroed memory (.bss and more, a third of the
 * file) as bytes. A segment's zeros at its end need not be in the file: the
 * loader clears what memory is larger than file. That is less to keep, and less
 * to map and to copy for each guest.
 */
#ifndef DOMO_DOM_KERNEL_TRIM_H
#define DOMO_DOM_KERNEL_TRIM_H

#include <stddef.h>

/* Trims the ELF in place and gives its new length. What it does not understand, and kernels whose symbols the guest
 * wants to be loaded, it leaves alone: then the result is "len". */
size_t kernel_trim(void *elf, size_t len);

#endif
