/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A boot sector that says how it ends, and does: it switches the PC off
 * through ACPI's registers, or where RESET is 1 resets it through the keyboard
 * controller.
 */
	.code16
	.globl	start
start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movb	$'.', %al
	movw	$0x3f8, %dx
	outb	%al, %dx
	.if RESET
	movb	$0xfe, %al
	outb	%al, $0x64
	.else
	/* SLP_EN of PM1a_CNT, with the type that is soft-off on QEMU's PC. */
	movw	$0x604, %dx
	movw	$0x2000, %ax
	outw	%ax, %dx
	.endif
stop:
	hlt
	jmp	stop
	.org	510
	.word	0xaa55
