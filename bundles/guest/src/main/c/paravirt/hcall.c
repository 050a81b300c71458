/* SPDX-License-Identifier: Apache-2.0 */
#include "abi.h"
#include "paravirt.h"

/* Statistics for the shell's "hyper": made with a trap, or left in the ring. */
u32 hcalls_made[LHCALL_COUNT], hcalls_queued[LHCALL_COUNT], hcalls_overflowed;

/* LAZY_NONE, or which kind of batch we are in. */
u32 lazy_mode;

/* Fields which nobody set are 0: the ring has to say "all slots free" before we start, and the
 * timer stays blocked until we are ready for it. Mind the section: the rest of our unset
 * variables are cleared by the entry code, and this one must not be. */
volatile struct lguest_data lguest_data __attribute__((section(".data"))) = {
	.blocked_interrupts = 1,
	.hcall_status = { [0 ... LHCALL_RING_SIZE - 1] = 0xFF },
	.noirq_start = (u32)lguest_noirq_start,
	.noirq_end = (u32)lguest_noirq_end,
#ifndef CONFIG_CLASSIC
	.kernel_address = PAGE_OFFSET,
	.syscall_vec = SYSCALL_VECTOR,
#endif
};

/*G:210
 * The hypercall.
 *
 * A software interrupt is the oldest way to change privilege on this processor, and it does all
 * we want: the Host wakes up with our registers saved, looks at eax for the number and at the
 * next four for the arguments, and we continue after the trap. No call returns a value: what the
 * Host has to say, it writes into lguest_data.
 *
 * The gate for 0x1F admits ring 1, not ring 3. A user program that tries this gets a general
 * protection fault, with an error code that names the gate; the selftest looks for exactly that.
 */
#ifdef CONFIG_CLASSIC
/* The first Hosts took three arguments, in other registers; and one call answers in eax. */
u32 hcall_answer(u32 call, u32 arg1, u32 arg2, u32 arg3)
{
	u32 answer = call;

	if (call < LHCALL_COUNT)
		hcalls_made[call]++;
	__asm__ volatile("int %[trap]"
		: "+a"(answer) : [trap] "i"(LGUEST_TRAP), "d"(arg1), "b"(arg2), "c"(arg3) : "memory");
	return answer;
}

void hcall(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4 UNUSED)
{
	hcall_answer(call, arg1, arg2, arg3);
}
#else
void hcall(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	if (call < LHCALL_COUNT)
		hcalls_made[call]++;
	__asm__ volatile("int %[trap]"
		:: [trap] "i"(LGUEST_TRAP), "a"(call), "b"(arg1), "c"(arg2), "d"(arg3), "S"(arg4)
		: "memory");
}
#endif

/*G:215
 * The hypercall that is not made yet.
 *
 * A trap is expensive: to switch from one process to the next takes four of them, to copy an
 * address space takes one per page. But nobody looks at the result before the last one. So we
 * put such calls into a ring of 64 slots which the Host empties, oldest first, the next time we
 * trap for any reason.
 *
 * "0xFF" marks a slot which is free, or which the Host is done with. The order of the stores is
 * the whole protocol: the arguments first, and the 0 which says "ready" last.
 *
 * When the slot at our cursor is not free, the ring is full. Then we simply trap with this call:
 * the Host will empty the ring before it looks at our registers, so even now the calls arrive in
 * the order in which we made them, and the ring is free again. Could there be a nicer way to
 * handle overflow?
 */
void async_hcall(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	static u32 next;
	u32 flags = irq_save();
	volatile struct hcall_args *slot = &lguest_data.hcalls[next];

	if (lguest_data.hcall_status[next] != 0xFF) {
		hcalls_overflowed++;
		hcall(call, arg1, arg2, arg3, arg4);
	} else {
		slot->call = call;
		slot->arg1 = arg1;
		slot->arg2 = arg2;
		slot->arg3 = arg3;
#ifndef CONFIG_CLASSIC
		slot->arg4 = arg4;
#endif
		barrier();
		lguest_data.hcall_status[next] = 0;
		next = (next + 1) % LHCALL_RING_SIZE;
		hcalls_queued[call]++;
	}
	irq_restore(flags);
}

/* For the calls which may wait: they do, if somebody has declared a batch. */
void lazy_hcall(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4)
{
	if (lazy_mode == LAZY_NONE)
		hcall(call, arg1, arg2, arg3, arg4);
	else
		async_hcall(call, arg1, arg2, arg3, arg4);
}

const char *hcall_name(u32 call)
{
	static const char *const names[LHCALL_COUNT] = {
		[LHCALL_FLUSH_ASYNC] = "FLUSH_ASYNC",
		[LHCALL_LGUEST_INIT] = "LGUEST_INIT",
#ifdef CONFIG_CLASSIC
		[LHCALL_SHUTDOWN] = "CRASH",
		[LHCALL_LOAD_GDT] = "LOAD_GDT",
		[LHCALL_BIND_DMA] = "BIND_DMA",
		[LHCALL_SEND_DMA] = "SEND_DMA",
#else
		[LHCALL_SHUTDOWN] = "SHUTDOWN",
		[LHCALL_SET_PMD] = "SET_PMD",
		[LHCALL_NOTIFY] = "NOTIFY",
		[LHCALL_LOAD_GDT_ENTRY] = "LOAD_GDT_ENTRY",
		[LHCALL_SEND_INTERRUPTS] = "SEND_INTERRUPTS",
#endif
		[LHCALL_NEW_PGTABLE] = "NEW_PGTABLE",
		[LHCALL_FLUSH_TLB] = "FLUSH_TLB",
		[LHCALL_LOAD_IDT_ENTRY] = "LOAD_IDT_ENTRY",
		[LHCALL_SET_STACK] = "SET_STACK",
		[LHCALL_TS] = "TS",
		[LHCALL_SET_CLOCKEVENT] = "SET_CLOCKEVENT",
		[LHCALL_HALT] = "HALT",
		[LHCALL_SET_PTE] = "SET_PTE",
		[LHCALL_SET_PGD] = "SET_PGD",
		[LHCALL_LOAD_TLS] = "LOAD_TLS",
	};

	return call < LHCALL_COUNT ? names[call] : NULL;
}
