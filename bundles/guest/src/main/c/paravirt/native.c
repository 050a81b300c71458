/* SPDX-License-Identifier: Apache-2.0 */
/*G:205
 * How it is done on a real machine.
 *
 * This is the table before lguest_init() has been there: each operation as the instruction which
 * the processor offers for it. None of these functions runs in a working Guest. They are here so
 * that you can compare, left page and right page, with paravirt/lguest.c; and because the
 * selftest takes some of these instructions and checks what becomes of them at ring 1.
 */
#include "abi.h"
#include "paravirt.h"

struct table_register {
	u16 limit;
	u32 base;
} __attribute__((packed));

static void native_safe_halt(void)
{
	/* "sti" takes effect after the next instruction: no interrupt can slip in between. */
	__asm__ volatile("sti\n\thlt" ::: "memory");
}

static void native_cpuid(struct cpuid_regs *r)
{
	__asm__ volatile("cpuid" : "+a"(r->eax), "=b"(r->ebx), "+c"(r->ecx), "=d"(r->edx));
}

static void native_load_gdt(const u64 *table, u32 entries)
{
	struct table_register gdtr = { entries * 8 - 1, (u32)table };

	__asm__ volatile("lgdt %0" :: "m"(gdtr) : "memory");
}

static void native_load_idt(const u64 *table, u32 entries)
{
	struct table_register idtr = { entries * 8 - 1, (u32)table };

	__asm__ volatile("lidt %0" :: "m"(idtr) : "memory");
}

/* On a real machine the tables are memory: whoever writes the entry is done. Our callers have
 * written it into their own copy already. */
static void native_write_entry(u32 index UNUSED, u32 low UNUSED, u32 high UNUSED)
{
	barrier();
}

static void native_load_tls(const u64 *entries UNUSED)
{
	barrier();
}

/* The stack for traps from ring 3 is a field of the task state segment; no such segment here. */
static void native_load_sp0(u32 stack_top UNUSED)
{
	barrier();
}

static void native_load_tr(void)
{
	__asm__ volatile("ltr %w0" :: "r"(0x80));
}

static void native_set_ldt(void)
{
	__asm__ volatile("lldt %w0" :: "r"(0));
}

static void native_wbinvd(void)
{
	__asm__ volatile("wbinvd" ::: "memory");
}

static u32 native_read_cr0(void)
{
	u32 value;

	__asm__ volatile("movl %%cr0, %0" : "=r"(value));
	return value;
}

static void native_write_cr0(u32 value)
{
	__asm__ volatile("movl %0, %%cr0" :: "r"(value) : "memory");
}

static void native_clts(void)
{
	__asm__ volatile("clts");
}

static u32 native_read_cr2(void)
{
	u32 value;

	__asm__ volatile("movl %%cr2, %0" : "=r"(value));
	return value;
}

static u32 native_read_cr3(void)
{
	u32 value;

	__asm__ volatile("movl %%cr3, %0" : "=r"(value));
	return value;
}

static void native_write_cr3(u32 pa)
{
	__asm__ volatile("movl %0, %%cr3" :: "r"(pa) : "memory");
}

/* The processor reads page tables by itself; only what it has cached must be dropped. */
static void native_pte_update(u32 pgd_pa UNUSED, u32 va UNUSED, const void *pte UNUSED)
{
	barrier();
}

static void native_table_update(const void *entry UNUSED)
{
	barrier();
}

static void native_flush_tlb_single(u32 va)
{
	__asm__ volatile("invlpg (%0)" :: "r"(va) : "memory");
}

static void native_flush_tlb(void)
{
	native_write_cr3(native_read_cr3());
}

static void native_lazy(u32 mode UNUSED)
{
	barrier();
}

/* A programmable interval timer would be here, and calibrating the TSC against it. */
static void native_set_next_event(u32 ns UNUSED)
{
	barrier();
}

static u32 native_tsc_khz(void)
{
	return 0;
}

/* The keyboard controller can pull the reset line. Yes, really. */
static void native_reset(const char *why UNUSED)
{
	__asm__ volatile("outb %b0, $0x64" :: "a"(0xFE));
}

struct pv_ops pv_ops = {
	.safe_halt = native_safe_halt,
	.cpuid = native_cpuid,
	.load_gdt = native_load_gdt,
	.write_gdt_entry = native_write_entry,
	.load_idt = native_load_idt,
	.write_idt_entry = native_write_entry,
	.load_tls = native_load_tls,
	.load_sp0 = native_load_sp0,
	.load_tr = native_load_tr,
	.set_ldt = native_set_ldt,
	.wbinvd = native_wbinvd,
	.read_cr0 = native_read_cr0,
	.write_cr0 = native_write_cr0,
	.clts = native_clts,
	.read_cr2 = native_read_cr2,
	.read_cr3 = native_read_cr3,
	.write_cr3 = native_write_cr3,
	.pte_update = native_pte_update,
	.pte_changed = native_flush_tlb,
	.pmd_update = native_table_update,
	.pgd_update = native_table_update,
	.flush_tlb_single = native_flush_tlb_single,
	.flush_tlb_user = native_flush_tlb,
	.flush_tlb_kernel = native_flush_tlb,
	.lazy_enter = native_lazy,
	.lazy_leave = native_lazy,
	.set_next_event = native_set_next_event,
	.tsc_khz = native_tsc_khz,
	.power_off = native_reset,
	.restart = native_reset,

	/* "pushf; pop", "push; popf", "cli", "sti", "iret": in paravirt/entry.S. */
	.save_fl = native_save_fl,
	.restore_fl = native_restore_fl,
	.irq_disable = native_irq_disable,
	.irq_enable = native_irq_enable,
	.iret = native_iret,
};
