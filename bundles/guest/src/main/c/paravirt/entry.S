/* SPDX-License-Identifier: Apache-2.0 */
#include "abi.h"
#include "paravirt.h"

	.text

/*G:270
 * The virtual interrupt flag.
 *
 * These four are called more often than everything else together, so they are in assembly, keep
 * all registers, and consist of as little as possible. "Are interrupts on?" is a load. "Off" is a
 * store. Nothing traps.
 */
	.globl lguest_save_fl
lguest_save_fl:
	movl lguest_data+LGUEST_DATA_irq_enabled, %eax
	ret

	.globl lguest_irq_disable
lguest_irq_disable:
	movl $0, lguest_data+LGUEST_DATA_irq_enabled
	ret

/*G:275
 * "On" is a store and a question. An interrupt may have come while we did not want one; the Host
 * could not deliver it, and it left a note in "irq_pending". It would look again sooner or later,
 * but it has no reason to hurry, since it does not see our store. So we look for the note, and
 * make a hypercall which asks for our interrupts now.
 *
 * Why not clear the note first? Because it is the Host's: it knows whether this was the last one.
 *
 * (The Linux of those years asked this question with an instruction whose answer was always "no".
 * Nobody noticed, for the interrupts came anyway, a little later.)
 */
	.globl lguest_irq_enable
#ifdef CONFIG_CLASSIC
/* The first Hosts left no note. "On" was a store, and an interrupt that waited came with whatever
 * made the Host look next. */
lguest_irq_enable:
	movl $EFLAGS_IF, lguest_data+LGUEST_DATA_irq_enabled
	ret

	.globl lguest_restore_fl
lguest_restore_fl:
	movl %eax, lguest_data+LGUEST_DATA_irq_enabled
	ret
#else
lguest_irq_enable:
	movl $EFLAGS_IF, lguest_data+LGUEST_DATA_irq_enabled
	cmpl $0, lguest_data+LGUEST_DATA_irq_pending
	jne send_interrupts
	ret

send_interrupts:
	pushl %eax
	movl $LHCALL_SEND_INTERRUPTS, %eax
	incl hcalls_made+4*LHCALL_SEND_INTERRUPTS
	int $LGUEST_TRAP
	popl %eax
	ret

/* Restore what save_fl gave us: off stays off, and on is as above. The flags arrive in eax. */
	.globl lguest_restore_fl
lguest_restore_fl:
	movl %eax, lguest_data+LGUEST_DATA_irq_enabled
	testl $EFLAGS_IF, %eax
	jz 1f
	cmpl $0, lguest_data+LGUEST_DATA_irq_pending
	jne send_interrupts
1:	ret
#endif

/*G:280
 * The way back from a trap, and the one place where the trick with the variable is not enough.
 *
 * A real "iret" restores the interrupt flag and returns in one step. Ours takes two: store the
 * flag into lguest_data, then "iret". If an interrupt arrived between the two, its frame would be
 * pushed on top of the frame we are about to use, its handler would return to the middle of this,
 * and if they come fast enough we would sink deeper with each one until the stack is gone.
 *
 * The remedy is a promise by the Host: while our instruction pointer is between noirq_start and
 * noirq_end it delivers nothing. Both addresses are in lguest_data.
 *
 * The saved flags are three words up: above our eax are eip, cs, eflags. And the stores go through
 * ss: by now ds is the user's, who may have loaded it with anything.
 */
	.globl lguest_iret, lguest_noirq_start, lguest_noirq_end
lguest_iret:
	pushl %eax
	movl 12(%esp), %eax
	andl $EFLAGS_IF, %eax
lguest_noirq_start:
	movl %eax, %ss:lguest_data+LGUEST_DATA_irq_enabled
	popl %eax
return_to_user:
	iret
lguest_noirq_end:
	/* If the user's selectors are bad it is the "iret" that faults, with our registers gone
	 * already. There is nothing to return to: the task dies. */
	.pushsection __ex_table, "a"
	.long return_to_user, bad_iret
	.popsection

/* The same five as the processor has them: see paravirt/native.c. */
	.globl native_save_fl, native_restore_fl, native_irq_disable, native_irq_enable, native_iret
native_save_fl:
	pushfl
	popl %eax
	ret
native_restore_fl:
	pushl %eax
	popfl
	ret
native_irq_disable:
	cli
	ret
native_irq_enable:
	sti
	ret
native_iret:
	iret

/*G:285
 * Templates for the patcher. Each is the body of one of the operations above (or of one from
 * paravirt/lguest.c which only reads a variable), without a "ret", ready to be copied over a call.
 * The one for "on" is longer than any call site, and is here to show that the patcher notices.
 */
	.section .rodata
	.macro template name
	.globl template_\name, template_\name\()_end
	template_\name:
	.endm
	.macro end_template name
	template_\name\()_end:
	.endm

	template save_fl
	movl lguest_data+LGUEST_DATA_irq_enabled, %eax
	end_template save_fl

	template irq_disable
	movl $0, lguest_data+LGUEST_DATA_irq_enabled
	end_template irq_disable

	template irq_enable
	movl $EFLAGS_IF, lguest_data+LGUEST_DATA_irq_enabled
#ifndef CONFIG_CLASSIC
	testl $EFLAGS_IF, lguest_data+LGUEST_DATA_irq_pending
	jz 1f
	int $LGUEST_TRAP
1:
#endif
	end_template irq_enable

	template read_cr0
	movl current_cr0, %eax
	end_template read_cr0

	template read_cr2
	movl lguest_data+LGUEST_DATA_cr2, %eax
	end_template read_cr2

	template read_cr3
	movl current_cr3, %eax
	end_template read_cr3

	template nothing
	end_template nothing

	.section .note.GNU-stack, "", @progbits
