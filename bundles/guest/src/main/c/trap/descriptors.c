/* SPDX-License-Identifier: Apache-2.0 */
/*G:310
 * Segments and gates.
 *
 * Of the 32 descriptors only four matter to us, and all four say "everything": code and data for
 * the kernel, code and data for programs. We write the kernel's with privilege 0, as one would on
 * a real machine. The Host makes it a 1, and the selftest checks that it did.
 *
 * The gates say which vectors may be raised by a program with "int n": breakpoint, overflow and
 * the system call. Everything but the system call is an interrupt gate, so that handlers begin
 * with interrupts off and can read the fault address before somebody else's fault replaces it.
 * The system call is a trap gate: it changes nothing about interrupts.
 */
#include "lib.h"
#include "paravirt.h"
#include "trap.h"

/* A gate, like a segment, is 64 bits which time has been unkind to. The low word has the code
 * segment and the lower half of the handler's address, the high word its upper half and
 *
 *     15        14..13      12   11..8
 *     present   privilege   0    type: E turns interrupts off on the way in, F does not
 */
#define INTERRUPT_GATE 0xE
#define TRAP_GATE 0xF

/* In a segment, base and limit are scattered over the 64 bits. With base 0 and limit FFFFF one can
 * at least see the rest: C means that the limit counts pages and that the code is 32-bit code, the
 * byte before the last 0 has presence, privilege and type: 9A and 92 are code and data for ring 0,
 * FA and F2 for ring 3. */
u64 gdt[GDT_ENTRIES] = {
	[KERNEL_CS / 8] = 0x00CF9A000000FFFFull,
	[KERNEL_DS / 8] = 0x00CF92000000FFFFull,
	[USER_CS / 8] = 0x00CFFA000000FFFFull,
	[USER_DS / 8] = 0x00CFF2000000FFFFull,
};

static u64 idt[256];

static u64 gate(void (*handler)(void), u32 type, u32 privilege)
{
	u32 offset = (u32)handler;
	u32 low = KERNEL_CS << 16 | (offset & 0xFFFF);
	u32 high = (offset & 0xFFFF0000) | 0x8000 | privilege << 13 | type << 8;

	return (u64)high << 32 | low;
}

void set_gate(u32 vector, void (*handler)(void), u32 type, u32 privilege)
{
	idt[vector] = gate(handler, type, privilege);
	write_idt_entry(vector, idt[vector], idt[vector] >> 32);
}

/* Vectors 0 to 63 have a stub each, and then there is the one for system calls. */
static void *stub(u32 vector)
{
	u32 index = vector == SYSCALL_VECTOR ? 64 : vector;

	return trap_stubs + 16 * index;
}

void descriptors_init(void)
{
	/* Our selectors have been valid all along, because the Host has prepared entries 12 and 13
	 * in the way we want them. The others come into being here. */
	load_gdt(gdt, GDT_ENTRIES);
	set_ldt();
	load_tr();

	if (trap_stubs_end - trap_stubs > 65 * 16)
		panic("a trap stub is longer than 16 bytes");
	/* 2, 8, 15 and the hypercall's own vector are among these. The Host keeps those to itself,
	 * and ignores what we say about them. */
	for (u32 v = 0; v < IRQ_VECTOR + LGUEST_IRQS; v++)
		idt[v] = gate(stub(v), INTERRUPT_GATE, v == TRAP_BREAKPOINT || v == TRAP_OVERFLOW ? 3 : 0);
	idt[SYSCALL_VECTOR] = gate(stub(SYSCALL_VECTOR), TRAP_GATE, 3);
	load_idt(idt, ARRAY_SIZE(idt));
}
