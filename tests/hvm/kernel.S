/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A multiboot kernel: says its command line on the first serial port.
 */
	.set	MAGIC, 0x1badb002
	.section .multiboot, "a"
	.long	MAGIC, 0, -MAGIC

	.text
	.globl	start
start:
	/* The loader leaves its information in %ebx: the command line's address stands at 16. */
	movl	16(%ebx), %esi
	cld
say:
	lodsb
	testb	%al, %al
	jz	done
	call	put
	jmp	say
done:
	movb	$'\n', %al
	call	put
halt:
	cli
	hlt
	jmp	halt

	.include "put.S"
