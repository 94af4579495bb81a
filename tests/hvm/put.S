/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Included by what the tests boot; the same in 16 and 32 bit code.
 */

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
