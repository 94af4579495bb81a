/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The boot sector of a disk that holds nothing but a Linux kernel and its
 * ramdisk: reads both through the BIOS and starts them by Linux' boot protocol.
 * make-disk beside this file lays the disk out and fills in the table at the end.
 */
	.code16
	.globl	start

	.set	REAL, 0x1000		/* segment of the kernel's real mode part */
	.set	STACK, 0xe000		/* in that segment; the command line is behind it */
	.set	BUFFER, 0x2000		/* segment of what goes above 1 MiB */
	.set	CHUNK, 64		/* sectors at a time */
	.set	KERNEL, 0x100000
	.set	RAMDISK, 0x9000000	/* above what the kernel unpacks itself to */

start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	movw	$0x7c00, %sp
	sti
	cld
	movb	%dl, drive
	movw	$text, %si
	call	say

	/* Sector 1: the command line. */
	movl	$1, lba
	movw	$1, count
	movw	$(REAL + STACK / 16), segment
	call	read
	/* Then the kernel, its real mode part first. */
	movw	setup_sectors, %ax
	movw	%ax, count
	movw	$REAL, segment
	call	read
	movl	kernel_sectors, %ecx
	movl	$KERNEL, %edi
	call	load
	movl	ramdisk_sectors, %ecx
	movl	$RAMDISK, %edi
	call	load

	movw	$REAL, %ax
	movw	%ax, %ds
	movb	$0xff, 0x210		/* a loader without a number */
	orb	$0x80, 0x211		/* the heap may be used */
	movl	$RAMDISK, 0x218
	movl	%cs:ramdisk_bytes, %ebx
	movl	%ebx, 0x21c
	movw	$(STACK - 0x200), 0x224
	movl	$(REAL * 16 + STACK), 0x228
	cli
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movw	$STACK, %sp
	ljmp	$(REAL + 0x20), $0

/* %ecx sectors from where the last reading ended to %edi. */
load:
	movw	$BUFFER, segment
1:	movl	$CHUNK, %eax
	cmpl	%eax, %ecx
	jae	2f
	movl	%ecx, %eax
2:	movw	%ax, count
	pushal
	call	read
	popal
	pushal
	movl	%edi, %eax
	movw	%ax, to + 2
	shrl	$16, %eax
	movb	%al, to + 4
	movb	%ah, to + 7
	movw	count, %cx
	shlw	$8, %cx			/* in words */
	movw	$moves, %si
	movb	$0x87, %ah
	int	$0x15
	jc	fail
	popal
	movzwl	count, %eax
	subl	%eax, %ecx
	shll	$9, %eax
	addl	%eax, %edi
	testl	%ecx, %ecx
	jnz	1b
	ret

/* What the packet says; afterwards it says where to go on. */
read:
	movb	$0x42, %ah
	movb	drive, %dl
	movw	$packet, %si
	int	$0x13
	jc	fail
	movzwl	count, %eax
	addl	%eax, lba
	ret

fail:
	movw	$failure, %si
	call	say
1:	hlt
	jmp	1b

say:
	lodsb
	testb	%al, %al
	jz	1f
	movb	$0x0e, %ah
	movw	$7, %bx
	int	$0x10
	jmp	say
1:	ret

text:
	.asciz	"A disk of its own\r\n"
failure:
	.asciz	"It can't be read\r\n"
drive:
	.byte	0
	.balign	4
packet:
	.byte	16, 0
count:
	.word	0
	.word	0
segment:
	.word	0
lba:
	.quad	0
/* The BIOS's table for a move: it fills in the rest. */
moves:
	.quad	0, 0
	.word	0xffff, 0
	.byte	BUFFER >> 12, 0x93, 0, 0
to:
	.word	0xffff, 0
	.byte	0, 0x93, 0, 0
	.quad	0, 0

	/* Filled in by make-disk: little-endian. */
	.org	488
setup_sectors:
	.long	0
kernel_sectors:
	.long	0
ramdisk_sectors:
	.long	0
ramdisk_bytes:
	.long	0
	.org	510
	.word	0xaa55
