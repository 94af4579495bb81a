/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A multiboot kernel that watches the CD drive hdc: whenever what lies in it
 * changes, it says the medium's first four letters on the first serial port,
 * or "none". Once it has seen "LOCK" it locks the drive's door.
 */
	.set	MAGIC, 0x1badb002
	.set	STACK, 0x90000
	.set	BUFFER, 0x200000
	.set	PORT, 0x170
	.set	CONTROL, 0x376
	.section .multiboot, "a"
	.long	MAGIC, 0, -MAGIC

	.text
	.globl	start
start:
	cli
	cld
	movl	$STACK, %esp
look:
	movl	$read_first, %esi
	call	packet
	movl	BUFFER, %eax
	jnc	compare
	/* What was wrong has to be asked for, else every command fails. */
	movl	$request_sense, %esi
	call	packet
	movl	$0x656e6f6e, %eax	/* "none" */
compare:
	cmpl	last, %eax
	je	rest
	movl	%eax, last
	movl	$last, %esi
	movl	$5, %ecx
say:
	lodsb
	call	put
	loop	say
	cmpl	$0x4b434f4c, last	/* "LOCK" */
	jne	rest
	movl	$prevent_removal, %esi
	call	packet
rest:
	movl	$100000, %ecx
pause:
	outb	%al, $0x80
	loop	pause
	jmp	look

/* Gives the drive the command at %esi; what it answers goes to BUFFER. Carry: refused. */
packet:
	movl	$BUFFER, %edi
	movw	$PORT + 6, %dx
	movb	$0xa0, %al
	outb	%al, %dx
	call	idle
	movw	$PORT + 1, %dx
	xorb	%al, %al
	outb	%al, %dx
	movw	$PORT + 4, %dx		/* at most 2048 bytes at once */
	outb	%al, %dx
	incw	%dx
	movb	$8, %al
	outb	%al, %dx
	movw	$PORT + 7, %dx
	movb	$0xa0, %al
	outb	%al, %dx
	call	idle
	testb	$8, %al
	jz	refused
	movw	$PORT, %dx
	movl	$6, %ecx
	rep outsw
answer:
	call	idle
	testb	$1, %al
	jnz	refused
	testb	$8, %al
	jz	done
	xorl	%ecx, %ecx
	movw	$PORT + 4, %dx
	inb	%dx, %al
	movb	%al, %cl
	incw	%dx
	inb	%dx, %al
	movb	%al, %ch
	shrl	$1, %ecx
	movw	$PORT, %dx
	rep insw
	jmp	answer
done:
	clc
	ret
refused:
	stc
	ret

/* Until the drive is not busy; its status in %al. */
idle:
	movw	$CONTROL, %dx
	inb	%dx, %al
	inb	%dx, %al
	inb	%dx, %al
	inb	%dx, %al
	movw	$PORT + 7, %dx
busy:
	inb	%dx, %al
	testb	$0x80, %al
	jnz	busy
	ret

	.include "put.S"

read_first:
	.byte	0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0
request_sense:
	.byte	0x03, 0, 0, 0, 18, 0, 0, 0, 0, 0, 0, 0
prevent_removal:
	.byte	0x1e, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0
last:
	.ascii	"    \n"
