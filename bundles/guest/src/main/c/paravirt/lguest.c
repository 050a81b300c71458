/* SPDX-License-Identifier: Apache-2.0 */
/*G:220
 * What a Guest does instead.
 *
 * This file is the heart of puppy. For each operation of paravirt/native.c it has the version
 * which works at ring 1 under a Host. Read them side by side: most are one hypercall, some are a
 * variable, a few are nothing at all.
 */
#include "abi.h"
#include "lib.h"
#include "mm.h"
#include "paravirt.h"
#include "kernel.h"

/*G:225
 * Waiting for something to happen.
 *
 * The Host puts us to sleep until there is an interrupt for us, sets "irq_enabled" on our behalf,
 * and delivers it. So we may come here with interrupts off, look once more whether there is work,
 * and halt, and no interrupt is lost between the look and the halt: if one is pending already the
 * Host does not put us to sleep in the first place. Every wait in this kernel relies on that.
 */
static void lguest_safe_halt(void)
{
	hcall(LHCALL_HALT, 0, 0, 0, 0);
}

/*G:230
 * Who am I?
 *
 * "cpuid" is not privileged, so it tells us about the Host's processor, and the Host cannot keep
 * it from doing so. Much of what it offers would end badly: features which are driven by machine
 * registers we may not touch, a hypervisor which is not ours, an interrupt controller.
 *
 * We keep what works at ring 1 and strike out the rest. The family is made a plain 5, because
 * kernels take a 6 as an invitation to read machine registers. And we pretend to have global
 * pages: not that we could use them, but a kernel which believes in them keeps apart "flush the
 * user's half" and "flush everything", and that is precisely the difference between our two
 * forms of FLUSH_TLB.
 */
static void lguest_cpuid(struct cpuid_regs *r)
{
	u32 leaf = r->eax;

	__asm__ volatile("cpuid" : "+a"(r->eax), "=b"(r->ebx), "+c"(r->ecx), "=d"(r->edx));

	switch (leaf) {
	case 0: /* highest leaf, and the vendor: do not ask for leaves we have not heard of */
		r->eax = MIN(r->eax, 5u);
		break;
	case 1:
		r->eax = (r->eax & 0xFFFFF0FF) | 0x00000500;
		r->ecx &= 0x00002201; /* SSE3, SSSE3, CMPXCHG16B */
		r->edx &= 0x07808151; /* FPU TSC PAE CX8 CMOV MMX FXSR SSE SSE2 */
		r->edx |= 0x00002000; /* PGE */
		break;
	case 0x40000000: /* "which hypervisor are you?" None that you would know. */
		r->ebx = r->ecx = r->edx = 0;
		break;
	case 0x80000000:
		r->eax = MIN(r->eax, 0x80000008u);
		break;
	case 0x80000001:
		r->edx &= ~(1u << 20); /* no-execute */
		break;
	}
}

/*G:235
 * Descriptor tables.
 *
 * The processor's own tables belong to the Host; ours is a wish list. When we load one we read
 * it out entry by entry, and a single change is a single call. The Host copies the entries with
 * two corrections: a segment of privilege 0 becomes one of privilege 1, and the "accessed" bit
 * is set so that the processor has no reason to write into the table. For a gate it keeps the
 * offset, the type and the privilege; handlers run in our code segment whatever we say.
 */
#ifdef CONFIG_CLASSIC
/* The first Hosts want to see the whole table, however little of it has changed. */
static u64 whole_gdt[GDT_ENTRIES];

static void lguest_load_gdt(const u64 *table, u32 entries)
{
	memcpy(whole_gdt, table, entries * sizeof(u64));
	hcall(LHCALL_LOAD_GDT, pa(whole_gdt), GDT_ENTRIES, 0, 0);
}

static void lguest_write_gdt_entry(u32 index, u32 low, u32 high)
{
	whole_gdt[index] = (u64)high << 32 | low;
	hcall(LHCALL_LOAD_GDT, pa(whole_gdt), GDT_ENTRIES, 0, 0);
}
#else
static void lguest_write_gdt_entry(u32 index, u32 low, u32 high)
{
	hcall(LHCALL_LOAD_GDT_ENTRY, index, low, high, 0);
}

static void lguest_load_gdt(const u64 *table, u32 entries)
{
	for (u32 i = 0; i < entries; i++)
		lguest_write_gdt_entry(i, table[i], table[i] >> 32);
}
#endif

static void lguest_write_idt_entry(u32 vector, u32 low, u32 high)
{
	hcall(LHCALL_LOAD_IDT_ENTRY, vector, low, high, 0);
}

static void lguest_load_idt(const u64 *table, u32 entries)
{
	for (u32 i = 0; i < entries; i++)
		lguest_write_idt_entry(i, table[i], table[i] >> 32);
}

/*G:240
 * Thread-local storage: three descriptors which change with each context switch, so they have a
 * call of their own, and it may wait in the ring. That has a catch: the Host reads the three
 * entries when it empties the ring, and by then they must still be where we said. Ours live in
 * the task structure, which stays.
 *
 * A real machine keeps a loaded segment until somebody loads it again, even if its descriptor
 * has vanished. The Host cannot promise that, for it reloads our segments whenever it returns to
 * us. So nobody may hold a TLS selector here: the trap entry has zeroed gs and fs long ago.
 */
static void lguest_load_tls(const u64 *entries)
{
	lazy_hcall(LHCALL_LOAD_TLS, pa(entries), 0, 0, 0);
}

/* Where the next trap from ring 3 shall find a stack: segment, top, and number of pages, which
 * the Host takes care to keep mapped. */
static void lguest_load_sp0(u32 stack_top)
{
	lazy_hcall(LHCALL_SET_STACK, KERNEL_DS, stack_top, STACK_PAGES, 0);
}

/* Things which are simply not there. There is no task register to load, since the Host owns the
 * task state segment; local descriptor tables are not supported; and there is no real cache whose
 * contents could matter to a real device. */
static void lguest_nothing(void)
{
	barrier();
}

/*G:245
 * The control registers, which number four and are called 0, 2, 3 and 4.
 *
 * We keep our own copy of what we may write, so that reading is free. Of cr0 the only bit that
 * interests the Host is TS: "trap when somebody uses the floating point unit". With it we can
 * leave the old process's floating point state in the unit until the day it is in the way.
 * cr2 is the address of the last page fault; the Host puts it into lguest_data.
 * cr3 is the page table; changing it is the most important call we have.
 * cr4 we do without.
 */
u32 current_cr0, current_cr3;

static u32 lguest_read_cr0(void)
{
	return current_cr0;
}

static void lguest_write_cr0(u32 value)
{
	lazy_hcall(LHCALL_TS, value & CR0_TS, 0, 0, 0);
	current_cr0 = value;
}

static void lguest_clts(void)
{
	lazy_hcall(LHCALL_TS, 0, 0, 0, 0);
	current_cr0 &= ~CR0_TS;
}

static u32 lguest_read_cr2(void)
{
	return lguest_data.cr2;
}

static u32 lguest_read_cr3(void)
{
	return current_cr3;
}

static void lguest_write_cr3(u32 pa)
{
	current_cr3 = pa;
	lazy_hcall(LHCALL_NEW_PGTABLE, pa, 0, 0, 0);
}

/*G:250
 * Page tables, and who knows about them.
 *
 * We write our page tables as any kernel does, with our own idea of physical addresses. The
 * processor never sees them. The Host walks them when we fault and makes itself a shadow: the
 * same translation, with its addresses. It does not watch our tables for changes (lguest did not,
 * because that is where hypervisors become complicated). It believes its shadow until we tell it
 * otherwise. So each change of an entry which might be in the shadow has to be announced:
 *
 *   SET_PTE   one page of one address space: which, at what address, and the new entry. The Host
 *             may install it at once, which saves the fault.
 *   SET_PGD   an entry of the top level changed
 *   SET_PMD   an entry of the middle level changed (PAE tables have three levels)
 *
 * An entry of a PAE table has 64 bits, hence the second half of it as the fourth argument.
 */
static void lguest_pte_update(u32 pgd_pa, u32 va, const void *pte)
{
	const u32 *words = pte;

	lazy_hcall(LHCALL_SET_PTE, pgd_pa, va, words[0], sizeof(pte_t) == 8 ? words[1] : 0);
}

static void lguest_pgd_update(const void *entry)
{
	u32 mask = PGD_BYTES - 1;

	lazy_hcall(LHCALL_SET_PGD, pa(entry) & ~mask, (pa(entry) & mask) / sizeof(pte_t), 0, 0);
}

#ifdef CONFIG_PAE
static void lguest_pmd_update(const void *entry)
{
	lazy_hcall(LHCALL_SET_PMD, pa(entry) & ~(PAGE_SIZE - 1),
		(pa(entry) & (PAGE_SIZE - 1)) / sizeof(pte_t), 0, 0);
}
#else
static void lguest_pmd_update(const void *entry UNUSED)
{
	panic("there is no middle level in these page tables");
}
#endif

/* Forgetting one page: we say that the entry is nothing. If it is something after all the Host
 * will find that out at the next fault. */
static void lguest_flush_tlb_single(u32 va)
{
	lazy_hcall(LHCALL_SET_PTE, current_cr3, va, 0, 0);
}

static void lguest_flush_tlb_user(void)
{
	lazy_hcall(LHCALL_FLUSH_TLB, 0, 0, 0, 0);
}

static void lguest_flush_tlb_kernel(void)
{
	lazy_hcall(LHCALL_FLUSH_TLB, 1, 0, 0, 0);
}

/*G:255
 * Batches.
 *
 * Between enter and leave, the calls that may be delayed are. Leaving makes a hypercall which
 * does nothing in itself, but it is a hypercall, and so the ring is emptied first.
 *
 * The order in lazy_leave() is not an accident. If we declared the batch over before the flush,
 * and an interrupt came in between, its handler might make an immediate call which then overtakes
 * those in the ring. (It would not: the Host empties the ring first. But that is the sort of
 * thing one would like to think about only once.)
 */
static void lguest_lazy_enter(u32 mode)
{
	lazy_mode = mode;
}

static void lguest_lazy_leave(u32 mode UNUSED)
{
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	lazy_mode = LAZY_NONE;
}

/* The timer: one interrupt 0, so many nanoseconds from now. 0 takes it back. */
static void lguest_set_next_event(u32 ns)
{
	hcall(LHCALL_SET_CLOCKEVENT, ns, 0, 0, 0);
}

/* The Host knows how fast the time stamp counter runs, or says 0 if it is not to be trusted. */
static u32 lguest_tsc_khz(void)
{
	return lguest_data.tsc_khz;
}

/*G:260
 * The end.
 *
 * Power off, panic and restart are the same call: a text for those who watch, and a number for
 * the Launcher. The text is given by its physical address, as all addresses between us and the
 * Host are. For the Host reads 128 bytes there whatever the length of the text, constants at the
 * very end of memory would be a bad idea; ours are in the middle of the kernel.
 */
static void lguest_power_off(const char *why)
{
	hcall(LHCALL_SHUTDOWN, pa(why), LGUEST_SHUTDOWN_POWEROFF, 0, 0);
}

static void lguest_restart(const char *why)
{
	hcall(LHCALL_SHUTDOWN, pa(why), LGUEST_SHUTDOWN_RESTART, 0, 0);
}

/*G:265
 * And this is where the table is filled. From here on we know that we are a Guest, and nothing
 * in the rest of the kernel needs to.
 */
void lguest_init(void)
{
	pv_ops = (struct pv_ops) {
		.save_fl = lguest_save_fl,
		.restore_fl = lguest_restore_fl,
		.irq_disable = lguest_irq_disable,
		.irq_enable = lguest_irq_enable,
		.iret = lguest_iret,
		.safe_halt = lguest_safe_halt,
		.cpuid = lguest_cpuid,
		.load_gdt = lguest_load_gdt,
		.write_gdt_entry = lguest_write_gdt_entry,
		.load_idt = lguest_load_idt,
		.write_idt_entry = lguest_write_idt_entry,
		.load_tls = lguest_load_tls,
		.load_sp0 = lguest_load_sp0,
		.load_tr = lguest_nothing,
		.set_ldt = lguest_nothing,
		.wbinvd = lguest_nothing,
		.read_cr0 = lguest_read_cr0,
		.write_cr0 = lguest_write_cr0,
		.clts = lguest_clts,
		.read_cr2 = lguest_read_cr2,
		.read_cr3 = lguest_read_cr3,
		.write_cr3 = lguest_write_cr3,
		.pte_update = lguest_pte_update,
		.pte_changed = lguest_flush_tlb_kernel,
		.pmd_update = lguest_pmd_update,
		.pgd_update = lguest_pgd_update,
		.flush_tlb_single = lguest_flush_tlb_single,
		.flush_tlb_user = lguest_flush_tlb_user,
		.flush_tlb_kernel = lguest_flush_tlb_kernel,
		.lazy_enter = lguest_lazy_enter,
		.lazy_leave = lguest_lazy_leave,
		.set_next_event = lguest_set_next_event,
		.tsc_khz = lguest_tsc_khz,
		.power_off = lguest_power_off,
		.restart = lguest_restart,
	};
	current_cr3 = pa(swapper_pg_dir);

	/* The entry code has made two calls before there was a counter. */
	hcalls_made[LHCALL_LGUEST_INIT] = 1;
	hcalls_made[LHCALL_NEW_PGTABLE] = 1;
}
