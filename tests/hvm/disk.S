/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A boot sector: says on the first serial port that it runs, then a dot at
 * each tick of the PC's clock (18 a second), so that it can be seen to run on.
 */
	.code16
	.globl	start
start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0x7c00, %sp
	cld
	movw	$text, %si
say:
	lodsb
	testb	%al, %al
	jz	ticks
	call	put
	jmp	say
ticks:
	sti
	hlt
	movb	$'.', %al
	call	put
	jmp	ticks

	.include "put.S"

text:
	.asciz	"booted from the disk\r\n"
	.org	510
	.word	0xaa55
