/* SPDX-License-Identifier: Apache-2.0 */
#include "abi.h"
#include "paravirt.h"

/*G:300
 * The way in.
 *
 * When the Host reflects a trap to us it builds the same frame the processor would: the old eip,
 * code segment and flags; before them the old stack if we came from ring 3; after them an error
 * code for the six exceptions which have one. The handler it jumps to knows its own vector, and
 * that is all it knows, so there is one small stub per vector which makes the frames equal (a
 * zero where there is no error code) and notes the number.
 *
 * The stubs are of equal size so that C can find stub n without a table of addresses.
 */
	.text
	.align 16
	.globl trap_stubs, trap_stubs_end
trap_stubs:
	.macro stub number
	.align 16
	.if !(\number == 8 || (\number >= 10 && \number <= 14) || \number == 17)
	pushl $0
	.endif
	pushl $\number
	jmp trap_entry
	.endm

	.set vector, 0
	.rept IRQ_VECTOR + LGUEST_IRQS
	stub vector
	.set vector, vector + 1
	.endr
	stub SYSCALL_VECTOR
trap_stubs_end:

/* Save everything; give C the segments it expects. The registers fs and gs are not used by the
 * kernel at all: they become null, so that a context switch may change the descriptors the user
 * had loaded there. */
trap_entry:
	cld
	pushal
	pushl %ds
	pushl %es
	pushl %fs
	pushl %gs
	movl $KERNEL_DS, %edx
	movl %edx, %ds
	movl %edx, %es
	xorl %edx, %edx
	movl %edx, %fs
	movl %edx, %gs
	movl %esp, %eax
	call handle_trap

/*G:305
 * The way out. handle_trap() has turned interrupts off. The selectors come back from the stack,
 * and any of them may be rotten: the user owns them. If loading one faults, the exception table
 * sends us to a place which puts a null selector onto the stack instead and tries again.
 */
	.globl return_from_trap
return_from_trap:
1:	popl %gs
2:	popl %fs
3:	popl %es
4:	popl %ds
	popal
	addl $8, %esp
	/* The "iret" is the Host's business too, so it is an entry of pv_ops as well. */
771:	jmp *pv_ops+PV_iret
772:
	.pushsection .pv_sites, "a"
	.long 771b
	.byte PV_iret / 4, 772b - 771b, 0, 0
	.popsection

	.macro null_instead label
	.pushsection .text.unlikely, "ax"
9:	movl $0, (%esp)
	jmp \label
	.popsection
	.pushsection __ex_table, "a"
	.long \label, 9b
	.popsection
	.endm
	null_instead 1b
	null_instead 2b
	null_instead 3b
	null_instead 4b

/* The first thing a new kernel task does: ebx is its function, esi the argument. It arrives here
 * from switch_to(), with interrupts off. */
	.globl new_kernel_task
new_kernel_task:
771:	call *pv_ops+PV_irq_enable
772:
	.pushsection .pv_sites, "a"
	.long 771b
	.byte PV_irq_enable / 4, 772b - 771b, 0, 0
	.popsection
	movl %esi, %eax
	call *%ebx
	call task_exit

/* From bad_iret: we were on our way to ring 3, and the frame was no good. The exception frame has
 * been undone, esp points at the frame that failed. */
	.globl bad_iret
bad_iret:
	cld
	movl $KERNEL_DS, %edx
	movl %edx, %ds
	movl %edx, %es
	xorl %edx, %edx
	movl %edx, %fs
	movl %edx, %gs
	call task_bad_return

	.section .note.GNU-stack, "", @progbits
