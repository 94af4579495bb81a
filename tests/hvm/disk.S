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

/* %al to COM1, once its transmitter is empty. */
put:
	movb	%al, %ah
	movw	$0x3fd, %dx
wait:
	inb	%dx, %al
	testb	$0x20, %al
	jz	wait
	movw	$0x3f8, %dx
	movb	%ah, %al
	outb	%al, %dx
	ret

text:
	.asciz	"booted from the disk\r\n"
	.org	510
	.word	0xaa55
