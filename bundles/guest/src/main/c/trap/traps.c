/* SPDX-License-Identifier: Apache-2.0 */
/*G:320
 * What happened?
 *
 * One function for every way into the kernel, in four questions. Did a device want something? Did
 * a program make a system call? Did a program do something wrong, or something we merely had not
 * got round to, such as giving it the page it touches? Or was it ourselves, and had we seen it
 * coming?
 */
#include "lib.h"
#include "mm.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"

struct exception_entry {
	u32 from, to;
};
extern struct exception_entry __start_ex_table[], __stop_ex_table[];

volatile struct kernel_fault last_fault;
volatile u32 kernel_breakpoints, kernel_steps;

const char *trap_name(u32 vector)
{
	static const char *const names[] = {
		"divide error", "debug", "non-maskable interrupt", "breakpoint", "overflow",
		"bound range exceeded", "invalid opcode", "no FPU", "double fault",
		"coprocessor overrun", "invalid TSS", "segment not present", "stack fault",
		"general protection", "page fault", "reserved", "floating point error",
		"alignment check", "machine check", "SIMD error",
	};

	return vector < ARRAY_SIZE(names) ? names[vector] : "unexpected trap";
}

static void show(struct regs *r, u32 address)
{
	printk("trap %u (%s) error %x at %02x:%08x, address %08x\n",
		r->vector, trap_name(r->vector), r->error, r->cs, r->eip, address);
	printk("eax %08x ebx %08x ecx %08x edx %08x esi %08x edi %08x ebp %08x\n",
		r->eax, r->ebx, r->ecx, r->edx, r->esi, r->edi, r->ebp);
	printk("eflags %08x ds %02x es %02x fs %02x gs %02x, task %d (%s)\n",
		r->eflags, r->ds, r->es, r->fs, r->gs, current->pid, current->name);
}

/*G:325
 * The exception table.
 *
 * Sometimes the kernel runs an instruction which may fault and cannot know beforehand: it copies
 * from an address which a program handed over. Such an instruction is listed together with the
 * place where to go on if it does fault. No test on the good path, and no cost until the day.
 */
static bool foreseen(struct regs *r, u32 address)
{
	for (struct exception_entry *e = __start_ex_table; e < __stop_ex_table; e++)
		if (e->from == r->eip) {
			last_fault.count++;
			last_fault.vector = r->vector;
			last_fault.error = r->error;
			last_fault.address = address;
			last_fault.eip = r->eip;
			r->eip = e->to;
			return true;
		}
	return false;
}

/* A fault of our own. Either somebody had expected it; or it is one of the two that are harmless
 * and that the selftest likes to provoke; or it is a bug, and then the sooner we stop the better. */
static void trap_in_kernel(struct regs *r, u32 address)
{
	if (foreseen(r, address))
		return;
	if (r->vector == TRAP_BREAKPOINT) {
		kernel_breakpoints++;
		return;
	}
	if (r->vector == TRAP_DEBUG) {
		kernel_steps++;
		return;
	}
	show(r, address);
	panic("%s in the kernel at %x, address %x", trap_name(r->vector), r->eip, address);
}

/*G:322
 * The page fault, the trap of traps.
 *
 * The error code has three bits that matter: was a page there at all, was it a write, was it ring
 * 3? The address comes from lguest_data, where another processor would have cr2. Most faults on
 * addresses of the program are not errors but requests, whoever made them: the program, by using
 * memory which it has been promised, or the kernel, while copying on its behalf.
 *
 * It takes time to answer a request. Once the address is safe, interrupts may come in again, if
 * they were on before.
 */
static void page_fault(struct regs *r)
{
	/* First of all, and with interrupts still off: the next fault overwrites it. */
	u32 address = read_cr2();

	if (r->eflags & EFLAGS_IF)
		irq_enable();
	current->faults++;
	if (address < USER_TOP && current->space.pgd
	    && space_fault(&current->space, address, r->error & FAULT_WRITE))
		return;
	if (from_user(r))
		task_died(r, address);
	else
		trap_in_kernel(r, address);
}

/* All the others. A program which commits one of these is finished, with a single exception: it
 * may not know that its floating point registers are on loan. */
static void exception(struct regs *r)
{
	if (r->vector == TRAP_PAGE_FAULT)
		page_fault(r);
	else if (r->vector == TRAP_NO_FPU && from_user(r))
		fpu_unavailable();
	else if (from_user(r)) {
		irq_enable();
		task_died(r, 0);
	} else
		trap_in_kernel(r, 0);
}

/* Called by trap/entry.S for every trap; returns with interrupts off. */
void handle_trap(struct regs *r)
{
	if (r->vector == SYSCALL_VECTOR)
		system_call(r);
	else if (r->vector >= IRQ_VECTOR)
		handle_irq(r->vector - IRQ_VECTOR);
	else
		exception(r);

	/* Before a program continues it may lose the processor, or its life. The kernel itself is
	 * never preempted: what it does in one stretch, it does alone. */
	if (from_user(r)) {
		if (current->killed)
			task_exit(0x100);
		if (need_resched)
			schedule();
		irq_disable();
		/* The "iret" below cannot ask whether something is pending; so we do. */
		if (IRQ_NOTE)
			irq_enable();
	}
	irq_disable();
}
