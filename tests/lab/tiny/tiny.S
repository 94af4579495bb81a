/*
 * The smallest PV and PVH guest: asks the hypervisor to wait for nothing, for ever.
 * It answers no xenbus handshake and no shutdown request, and lives in a few
 * pages, so that hundreds of them fit in the lab.
 *
 * It polls no ports rather than blocking: SCHEDOP_block unmasks event delivery,
 * and a guest without a callback dies of the first event of its store ring.
 */

#define HYPERCALL_SCHED_OP 29
#define SCHEDOP_POLL 3

#define XEN_NOTE_ENTRY 1
#define XEN_NOTE_HYPERCALL_PAGE 2
#define XEN_NOTE_VIRT_BASE 3
#define XEN_NOTE_XEN_VERSION 5
#define XEN_NOTE_GUEST_OS 6
#define XEN_NOTE_LOADER 8
#define XEN_NOTE_FEATURES 10
#define XEN_NOTE_PHYS32_ENTRY 18

	.text
	.globl start
start:
	cld
	lea	stack_top(%rip), %rsp
1:
	mov	$SCHEDOP_POLL, %edi
	lea	poll(%rip), %rsi
	call	hypercall_page + HYPERCALL_SCHED_OP * 32
	jmp	1b

	/*
	 * As a PVH guest: 32 bits, no paging, no stack, no interrupt that could come. It halts with interrupts on: a
	 * processor halted without them is off for ever, and Xen takes the last one's for a power-off.
	 */
	.code32
	.globl pvh_start
pvh_start:
	sti
2:
	hlt
	jmp	2b
	.code64

	/* Filled in by the domain builder. */
	.balign	4096
	.globl hypercall_page
hypercall_page:
	.skip	4096, 0x90

	.data
	.balign	8
poll:	/* struct sched_poll: ports, number of ports, timeout (0: none) */
	.quad	0
	.long	0
	.long	0
	.quad	0

	.bss
	.balign	16
	.skip	512
stack_top:

	.macro	note_string type, text
	.balign	4
	.long	4, 2f - 1f, \type
	.asciz	"Xen"
1:	.asciz	"\text"
2:	.balign	4
	.endm

	.macro	note_quad type, value
	.balign	4
	.long	4, 8, \type
	.asciz	"Xen"
	.quad	\value
	.endm

	.section .note.Xen, "a", @note
	note_string XEN_NOTE_GUEST_OS, "domo-tiny"
	note_string XEN_NOTE_XEN_VERSION, "xen-3.0"
	note_string XEN_NOTE_LOADER, "generic"
	note_string XEN_NOTE_FEATURES, "!writable_page_tables|pae_pgdir_above_4gb"
	note_quad XEN_NOTE_VIRT_BASE, 0
	note_quad XEN_NOTE_ENTRY, start
	note_quad XEN_NOTE_HYPERCALL_PAGE, hypercall_page
	note_quad XEN_NOTE_PHYS32_ENTRY, pvh_start
