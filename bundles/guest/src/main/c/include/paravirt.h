/* SPDX-License-Identifier: Apache-2.0 */
/*G:200
 * Another layer of indirection.
 *
 * Some operations of a kernel cannot be done at ring 1: loading a page table, halting, changing
 * the descriptor tables. Others would be possible and wrong: "pushf" shows an interrupt flag
 * which is always set, and "popf" drops the one we wish to have without a word.
 *
 * So wherever puppy needs such an operation it calls through "pv_ops", a table of function
 * pointers. The table starts with the plain instructions (paravirt/native.c; a good page to read
 * if you know x86 from the outside only), and lguest_init() replaces every one of them with its
 * Guest version (paravirt/lguest.c). Nothing else in the kernel knows that there is a Host.
 *
 * An indirect call for the sake of one "cli" is a bad bargain. Hence each call is written by the
 * macro below, which leaves a note in a section of its own: where the call is, which operation,
 * how many bytes it occupies. Once the table is final, paravirt/patch.c walks through the notes
 * and writes something better over each call.
 */
#ifndef PUPPY_PARAVIRT_H
#define PUPPY_PARAVIRT_H

/* The operations which assembly needs: offsets into struct pv_ops. */
#define PV_save_fl 0
#define PV_restore_fl 4
#define PV_irq_disable 8
#define PV_irq_enable 12
#define PV_iret 16

#define LAZY_NONE 0
#define LAZY_MMU 1
#define LAZY_CPU 2

#ifndef __ASSEMBLER__

#include "types.h"

struct cpuid_regs {
	u32 eax, ebx, ecx, edx;
};

struct pv_ops {
	/* These four keep all registers but their result, so that a call to them costs the
	 * compiler nothing; they are written in assembly. The fifth is jumped to. */
	void *save_fl, *restore_fl, *irq_disable, *irq_enable, *iret;

	/* Waiting. Interrupts are on when it returns. */
	void (*safe_halt)(void);

	/* The processor. Tables are given as a whole or by the entry; an entry has two words. */
	void (*cpuid)(struct cpuid_regs *regs);
	void (*load_gdt)(const u64 *table, u32 entries);
	void (*write_gdt_entry)(u32 index, u32 low, u32 high);
	void (*load_idt)(const u64 *table, u32 entries);
	void (*write_idt_entry)(u32 vector, u32 low, u32 high);
	void (*load_tls)(const u64 *entries);
	void (*load_sp0)(u32 stack_top);
	void (*load_tr)(void);
	void (*set_ldt)(void);
	void (*wbinvd)(void);
	u32 (*read_cr0)(void);
	void (*write_cr0)(u32 value);
	void (*clts)(void);
	u32 (*read_cr2)(void);
	u32 (*read_cr3)(void);
	void (*write_cr3)(u32 pa);

	/* Page tables. The "update" calls come after the entry has been written, and say which.
	 * "pte_changed" is for those who no longer know what address their entry was for. */
	void (*pte_update)(u32 pgd_pa, u32 va, const void *pte);
	void (*pte_changed)(void);
	void (*pmd_update)(const void *pmd);
	void (*pgd_update)(const void *pgd);
	void (*flush_tlb_single)(u32 va);
	void (*flush_tlb_user)(void);
	void (*flush_tlb_kernel)(void);

	/* "From here on I do many of these; tell the Host when I am done." */
	void (*lazy_enter)(u32 mode);
	void (*lazy_leave)(u32 mode);

	/* Time. */
	void (*set_next_event)(u32 ns);
	u32 (*tsc_khz)(void);

	/* The end. */
	void (*power_off)(const char *why);
	void (*restart)(const char *why);
};

/* paravirt/native.c: the one and only. */
extern struct pv_ops pv_ops;

_Static_assert(offsetof(struct pv_ops, save_fl) == PV_save_fl, "PV_save_fl");
_Static_assert(offsetof(struct pv_ops, restore_fl) == PV_restore_fl, "PV_restore_fl");
_Static_assert(offsetof(struct pv_ops, irq_disable) == PV_irq_disable, "PV_irq_disable");
_Static_assert(offsetof(struct pv_ops, irq_enable) == PV_irq_enable, "PV_irq_enable");
_Static_assert(offsetof(struct pv_ops, iret) == PV_iret, "PV_iret");

/* One note for the patcher. */
struct pv_site {
	u32 address;
	u8 op; /* index into struct pv_ops */
	u8 length;
	u16 unused;
};

/* A call site: "call *mem" takes 6 bytes. The note about it goes into its own section. */
#define PV_SITE(room)                                            \
	"771:\tcall *pv_ops+%c[op]\n\t" room                     \
	"\n772:\n\t"                                             \
	".pushsection .pv_sites, \"a\"\n\t"                      \
	".long 771b\n\t"                                         \
	".byte %c[op] / 4, 772b - 771b, 0, 0\n\t"                \
	".popsection"

/* Four more for an operation which is worth it: its replacement takes 10. */
#define PV_ROOM "nop; nop; nop; nop"

/* An operation that is an ordinary C function of up to three arguments. We compile everything
 * with -mregparm=3, so they travel in eax, edx and ecx. */
#define PV_CALL(operation, a, b, c) ({                                               \
	u32 _eax = (u32)(a), _edx = (u32)(b), _ecx = (u32)(c);                       \
	__asm__ volatile(PV_SITE("") : "+a"(_eax), "+d"(_edx), "+c"(_ecx)           \
		: [op] "i"(offsetof(struct pv_ops, operation)) : "memory", "cc");    \
	_eax;                                                                        \
})

static inline u32 irq_flags(void)
{
	u32 flags;

	__asm__ volatile(PV_SITE("") : "=a"(flags) : [op] "i"(PV_save_fl) : "memory", "cc");
	return flags;
}

static inline void irq_disable(void)
{
	__asm__ volatile(PV_SITE(PV_ROOM) :: [op] "i"(PV_irq_disable) : "memory", "cc");
}

static inline void irq_enable(void)
{
	__asm__ volatile(PV_SITE("") :: [op] "i"(PV_irq_enable) : "memory", "cc");
}

static inline void irq_restore(u32 flags)
{
	__asm__ volatile(PV_SITE("") :: "a"(flags), [op] "i"(PV_restore_fl) : "memory", "cc");
}

static inline u32 irq_save(void)
{
	u32 flags = irq_flags();

	irq_disable();
	return flags;
}

static inline void safe_halt(void) { PV_CALL(safe_halt, 0, 0, 0); }
static inline void cpuid(struct cpuid_regs *r) { PV_CALL(cpuid, r, 0, 0); }
static inline void load_gdt(const u64 *t, u32 n) { PV_CALL(load_gdt, t, n, 0); }
static inline void write_gdt_entry(u32 i, u32 lo, u32 hi) { PV_CALL(write_gdt_entry, i, lo, hi); }
static inline void load_idt(const u64 *t, u32 n) { PV_CALL(load_idt, t, n, 0); }
static inline void write_idt_entry(u32 v, u32 lo, u32 hi) { PV_CALL(write_idt_entry, v, lo, hi); }
static inline void load_tls(const u64 *e) { PV_CALL(load_tls, e, 0, 0); }
static inline void load_sp0(u32 top) { PV_CALL(load_sp0, top, 0, 0); }
static inline void load_tr(void) { PV_CALL(load_tr, 0, 0, 0); }
static inline void set_ldt(void) { PV_CALL(set_ldt, 0, 0, 0); }
static inline void wbinvd(void) { PV_CALL(wbinvd, 0, 0, 0); }
static inline u32 read_cr0(void) { return PV_CALL(read_cr0, 0, 0, 0); }
static inline void write_cr0(u32 v) { PV_CALL(write_cr0, v, 0, 0); }
static inline void clts(void) { PV_CALL(clts, 0, 0, 0); }
static inline u32 read_cr2(void) { return PV_CALL(read_cr2, 0, 0, 0); }
static inline u32 read_cr3(void) { return PV_CALL(read_cr3, 0, 0, 0); }
static inline void write_cr3(u32 pa) { PV_CALL(write_cr3, pa, 0, 0); }
static inline void pte_update(u32 pgd, u32 va, const void *pte) { PV_CALL(pte_update, pgd, va, pte); }
static inline void pte_changed(void) { PV_CALL(pte_changed, 0, 0, 0); }
static inline void pmd_update(const void *pmd) { PV_CALL(pmd_update, pmd, 0, 0); }
static inline void pgd_update(const void *pgd) { PV_CALL(pgd_update, pgd, 0, 0); }
static inline void flush_tlb_single(u32 va) { PV_CALL(flush_tlb_single, va, 0, 0); }
static inline void flush_tlb_user(void) { PV_CALL(flush_tlb_user, 0, 0, 0); }
static inline void flush_tlb_kernel(void) { PV_CALL(flush_tlb_kernel, 0, 0, 0); }
static inline void lazy_enter(u32 mode) { PV_CALL(lazy_enter, mode, 0, 0); }
static inline void lazy_leave(u32 mode) { PV_CALL(lazy_leave, mode, 0, 0); }
static inline void set_next_event(u32 ns) { PV_CALL(set_next_event, ns, 0, 0); }
static inline u32 tsc_khz(void) { return PV_CALL(tsc_khz, 0, 0, 0); }

/* paravirt/lguest.c */
void lguest_init(void);
extern u32 current_cr0, current_cr3;

/* paravirt/hcall.c */
void hcall(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4);
#ifdef CONFIG_CLASSIC
u32 hcall_answer(u32 call, u32 arg1, u32 arg2, u32 arg3);
#endif
void async_hcall(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4);
void lazy_hcall(u32 call, u32 arg1, u32 arg2, u32 arg3, u32 arg4);
const char *hcall_name(u32 call);
extern u32 lazy_mode;
extern u32 hcalls_made[], hcalls_queued[], hcalls_overflowed;

/* paravirt/patch.c */
void patch_call_sites(void);
const u8 *patched_site(u32 op, u32 *length);
struct patch_report {
	u32 sites, inlined, direct, removed, indirect;
};
extern struct patch_report patch_report;

/* paravirt/entry.S */
extern void native_save_fl(void), native_restore_fl(void), native_irq_disable(void),
	native_irq_enable(void), native_iret(void);
extern void lguest_save_fl(void), lguest_restore_fl(void), lguest_irq_disable(void),
	lguest_irq_enable(void), lguest_iret(void);
extern char lguest_noirq_start[], lguest_noirq_end[];

#endif
#endif
