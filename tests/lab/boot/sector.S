/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The boot sector of an IDE disk that holds nothing but a Linux kernel and its
 * ramdisk: reads both and starts them by Linux' boot protocol. make-disk beside
 * this file lays the disk out and fills in the table at the end.
 *
 * The BIOS would read each sector by programmed input, which takes minutes in a
 * guest whose host is emulated itself: the disk writes to memory instead, by the
 * bus master of QEMU's PIIX.
 */
	.code16
	.globl	start

	.set	REAL, 0x1000		/* segment of the kernel's real mode part */
	.set	STACK, 0xe000		/* in that segment; the command line is behind it */
	.set	CHUNK, 128		/* sectors at a time: what one entry for the bus master can say */
	.set	KERNEL, 0x100000
	.set	RAMDISK, 0x9000000	/* above what the kernel unpacks itself to */
	.set	IDE, 0x80000900		/* function 1 of the PIIX, in PCI's address register */

start:
	cli
	xorw	%ax, %ax
	movw	%ax, %ds
	movw	%ax, %ss
	movw	$0x7c00, %sp
	cld
	movw	$text, %si
	call	say

	/* May it write to memory? Where are its registers? */
	movl	$(IDE + 4), %eax
	call	pci
	orb	$5, %al
	outl	%eax, %dx
	movl	$(IDE + 0x20), %eax
	call	pci
	andb	$0xfc, %al
	movw	%ax, master

	/* Sector 1: the command line. Then the kernel, its real mode part first. */
	movl	$1, %ecx
	movl	$(REAL * 16 + STACK), %edi
	call	read
	movl	setup_sectors, %ecx
	movl	$(REAL * 16), %edi
	call	read
	movl	kernel_sectors, %ecx
	movl	$KERNEL, %edi
	call	read
	movl	ramdisk_sectors, %ecx
	movl	$RAMDISK, %edi
	call	read

	movl	ramdisk_bytes, %ebx
	movw	$REAL, %ax
	movw	%ax, %ds
	movb	$0xff, 0x210		/* a loader without a number */
	orb	$0x80, 0x211		/* the heap may be used */
	movl	$RAMDISK, 0x218
	movl	%ebx, 0x21c
	movw	$(STACK - 0x200), 0x224
	movl	$(REAL * 16 + STACK), 0x228
	movw	%ax, %es
	movw	%ax, %fs
	movw	%ax, %gs
	movw	%ax, %ss
	movw	$STACK, %sp
	ljmp	$(REAL + 0x20), $0

/* The register of PCI's configuration that %eax names, to %eax; its port to %dx. */
pci:
	movw	$0xcf8, %dx
	outl	%eax, %dx
	movw	$0xcfc, %dx
	inl	%dx, %eax
	ret

/* %ecx sectors, not none, from where the last reading ended to %edi, which is a multiple of 64 KiB or few are read. */
read:
	movl	$CHUNK, %ebx
	cmpl	%ebx, %ecx
	jae	1f
	movl	%ecx, %ebx
1:	movl	%edi, entry
	movl	%ebx, %eax
	shlw	$9, %ax
	movw	%ax, entry + 4
	movw	master, %dx
	movb	$8, %al			/* stopped; to memory */
	outb	%al, %dx
	addw	$2, %dx
	movb	$6, %al			/* forget errors and interrupts */
	outb	%al, %dx
	addw	$2, %dx
	movl	$entry, %eax
	outl	%eax, %dx
	movw	$0x1f2, %dx
	movb	%bl, %al
	outb	%al, %dx
	movl	next, %eax
	incw	%dx
	outb	%al, %dx
	shrl	$8, %eax
	incw	%dx
	outb	%al, %dx
	shrl	$8, %eax
	incw	%dx
	outb	%al, %dx
	movb	$0xe0, %al		/* the first disk, by number of sector */
	incw	%dx
	outb	%al, %dx
	movb	$0xc8, %al		/* READ DMA */
	incw	%dx
	outb	%al, %dx
	movw	master, %dx
	movb	$9, %al
	outb	%al, %dx
	addw	$2, %dx
2:	inb	%dx, %al
	testb	$2, %al
	jnz	fail
	testb	$1, %al
	jnz	2b
	movw	$0x1f7, %dx
	inb	%dx, %al
	testb	$0x21, %al
	jnz	fail
	addl	%ebx, next
	subl	%ebx, %ecx
	shll	$9, %ebx
	addl	%ebx, %edi
	testl	%ecx, %ecx
	jnz	read
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
master:
	.word	0
	.balign	4
next:
	.long	1
/* Where to, how many bytes (0: 64 KiB), and that there is no other. */
entry:
	.long	0
	.word	0, 0x8000

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
