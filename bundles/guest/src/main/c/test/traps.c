/* SPDX-License-Identifier: Apache-2.0 */
/* Exceptions, privileges, and ports, as the kernel itself meets them at ring 1. What programs do at
 * ring 3 is in test/programs.c. */
#include "lib.h"
#include "abi.h"
#include "paravirt.h"
#include "test.h"
#include "trap.h"

#define SPARE_ENTRY 26

/* An instruction on which the trap returns to itself (a fault), or after itself (a trap). */
#define FAULTS(code) "1:\t" code "\n2:\n\t" EX_TABLE("1b", "2b")
#define TRAPS(code) code "\n2:\n\t" EX_TABLE("2b", "2b")

#define INSTRUCTION(name, text, ...) \
	static void name(void) { __asm__ volatile(text __VA_ARGS__); }

INSTRUCTION(do_hlt, FAULTS("hlt"))
INSTRUCTION(do_sti, FAULTS("sti"))
INSTRUCTION(do_read_cr0, FAULTS("movl %%cr0, %%eax"), ::: "eax")
INSTRUCTION(do_read_cr3, FAULTS("movl %%cr3, %%eax"), ::: "eax")
INSTRUCTION(do_write_cr3, FAULTS("movl %0, %%cr3"), :: "r"(0))
INSTRUCTION(do_read_dr7, FAULTS("movl %%dr7, %%eax"), ::: "eax")
INSTRUCTION(do_clts, FAULTS("clts"))
INSTRUCTION(do_lgdt, FAULTS("lgdt %0"), :: "m"(gdt))
INSTRUCTION(do_lidt, FAULTS("lidt %0"), :: "m"(gdt))
INSTRUCTION(do_ltr, FAULTS("ltr %w0"), :: "r"(0x80))
INSTRUCTION(do_lldt, FAULTS("lldt %w0"), :: "r"(0))
INSTRUCTION(do_rdmsr, FAULTS("rdmsr"), :: "c"(0x10) : "eax", "edx")
INSTRUCTION(do_wrmsr, FAULTS("wrmsr"), :: "c"(0x10), "a"(0), "d"(0))
INSTRUCTION(do_invlpg, FAULTS("invlpg (%0)"), :: "r"(PAGE_OFFSET))
INSTRUCTION(do_wbinvd, FAULTS("wbinvd"))
INSTRUCTION(do_insb, FAULTS("insb"), :: "d"(0x80), "D"(gdt) : "memory")
INSTRUCTION(do_outsb, FAULTS("outsb"), :: "d"(0x80), "S"(gdt))
INSTRUCTION(do_int_2, FAULTS("int $2"))
INSTRUCTION(do_int_13, FAULTS("int $13"))
INSTRUCTION(do_int_14, FAULTS("int $14"))
INSTRUCTION(do_int_32, FAULTS("int $0x20"))
INSTRUCTION(do_int_255, FAULTS("int $0xFF"))
INSTRUCTION(do_ud2, FAULTS("ud2"))
INSTRUCTION(do_divide, FAULTS("divl %0"), :: "r"(0), "a"(1), "d"(0))
INSTRUCTION(do_divide_overflow, FAULTS("idivl %0"), :: "r"(-1), "a"(0x80000000), "d"(0xFFFFFFFF))
INSTRUCTION(do_aam_0, FAULTS(".byte 0xD4, 0"), ::: "eax")
INSTRUCTION(do_bound, FAULTS("boundl %0, (%1)"), :: "r"(3), "r"((int[]) { 1, 2 }) : "memory")
INSTRUCTION(do_into, TRAPS("movb $127, %%al; incb %%al; into"), ::: "eax", "cc")
INSTRUCTION(do_beyond_gdt, FAULTS("movw %w0, %%gs"), :: "r"(0x103))
INSTRUCTION(do_ldt, FAULTS("movw %w0, %%gs"), :: "r"(0x0F))
INSTRUCTION(do_null_ss, FAULTS("movw %w0, %%ss"), :: "r"(0))
INSTRUCTION(do_user_ss, FAULTS("movw %w0, %%ss"), :: "r"(USER_DS))
INSTRUCTION(do_user_cs, FAULTS("ljmp $0x73, $0"))
INSTRUCTION(do_null_read, FAULTS("movl %%gs:0, %%eax"), ::: "eax")
INSTRUCTION(do_lock_misuse, FAULTS(".byte 0xF0, 0x90"))

struct expectation {
	void (*run)(void);
	u32 vector, error;
};

static const char *expect(const void *arg)
{
	const struct expectation *e = arg;

	expect_fault();
	e->run();
	CHECK(faulted(), "nothing happened");
	CHECK(last_fault.vector == e->vector && last_fault.error == e->error,
		"trap %u (%x) instead of %u (%x)", last_fault.vector, last_fault.error,
		e->vector, e->error);
	return NULL;
}

#define EXPECT(function, vector, error) expect, &(const struct expectation) { function, vector, error }

TEST(cli_is_skipped)
{
	u32 before, flag, after, real;

	before = irq_flags();
	expect_fault();
	native_irq_disable();
	flag = irq_flags();
	__asm__ volatile("pushfl; popl %0" : "=r"(real));
	after = faulted();
	CHECK(!after, "it faulted: trap %u (%x)", last_fault.vector, last_fault.error);
	CHECK(flag == before, "it changed the virtual flag to %x", flag);
	CHECK(real & EFLAGS_IF, "it changed the real flag");
	return NULL;
}

/* "in" gives ones and "out" does nothing: what an empty slot would answer. */
TEST(ports)
{
	u32 byte = 0x12345600, word = 0x12340000, all = 0, immediate = 0;

	expect_fault();
	__asm__ volatile("inb %%dx, %%al" : "+a"(byte) : "d"(0x64));
	__asm__ volatile("inw %%dx, %%ax" : "+a"(word) : "d"(0x1F0));
	__asm__ volatile("inl %%dx, %%eax" : "+a"(all) : "d"(0xCF8));
	__asm__ volatile("inb $0x71, %%al" : "+a"(immediate));
	__asm__ volatile("outb %%al, $0x80; outb %%al, %%dx; outw %%ax, %%dx; outl %%eax, %%dx"
		:: "a"(0), "d"(0x80));
	CHECK(!faulted(), "one of them faulted: trap %u (%x) at %x", last_fault.vector,
		last_fault.error, last_fault.eip);
	CHECK(byte == 0x123456FF, "inb gave %x", byte);
	CHECK(word == 0x1234FFFF, "inw gave %x", word);
	CHECK(all == 0xFFFFFFFF, "inl gave %x", all);
	CHECK(immediate == 0xFF, "inb from a constant port gave %x", immediate);
	return NULL;
}

/* The flags as they really are. Interrupts on, I/O privilege 0, and no way to change that. */
TEST(flags_register)
{
	u32 real, tried, bits;

	__asm__ volatile("pushfl; popl %0" : "=r"(real));
	__asm__ volatile("pushl %1; popfl; pushfl; popl %0"
		: "=r"(tried) : "r"((real | 0x3000) & ~EFLAGS_IF) : "cc");
	/* ID (21) and AC (18) can be changed: that is how one finds out that there is a cpuid. */
	__asm__ volatile("pushl %1; popfl; pushfl; popl %0; pushl %2; popfl"
		: "=&r"(bits) : "r"(real ^ 0x00240000), "r"(real) : "cc");
	CHECK(real & EFLAGS_IF, "IF is clear");
	CHECK((real & 0x3000) == 0, "IOPL is not 0");
	CHECK((tried & 0x3200) == 0x0200, "popf changed IF or IOPL: %x", tried);
	CHECK(((bits ^ real) & 0x00240000) == 0x00240000, "ID or AC cannot be changed: %x", bits);
	return NULL;
}

TEST(breakpoints)
{
	u32 before = kernel_breakpoints;

	__asm__ volatile("int3");
	__asm__ volatile(".byte 0xCD, 3");
	CHECK(kernel_breakpoints - before == 2, "%u of two arrived", kernel_breakpoints - before);
	return NULL;
}

/* With TF set there is a trap after each instruction, up to and including the one that clears it.
 * The flag must not be set while the handler runs, or there would be no end of it. */
TEST(single_step)
{
	u32 before = kernel_steps, steps;

	__asm__ volatile(
		"pushfl\n\t"
		"orl $0x100, (%%esp)\n\t"
		"popfl\n\t"
		"nop\n\t"
		"nop\n\t"
		"pushfl\n\t"
		"andl $~0x100, (%%esp)\n\t"
		"popfl" ::: "memory", "cc");
	steps = kernel_steps - before;
	CHECK(steps == 5, "%u traps for five instructions", steps);
	return NULL;
}

TEST(segment_not_present)
{
	expect_fault();
	write_gdt_entry(SPARE_ENTRY, 0x0000FFFF, 0x00CF3200);
	__asm__ volatile(FAULTS("movw %w0, %%gs") :: "r"(SPARE_ENTRY * 8 + 1));
	write_gdt_entry(SPARE_ENTRY, 0, 0);
	CHECK(faulted(), "one can load it");
	CHECK(last_fault.vector == TRAP_SEGMENT_NOT_PRESENT && last_fault.error == SPARE_ENTRY * 8,
		"trap %u (%x)", last_fault.vector, last_fault.error);
	return NULL;
}

TEST(read_only_segment)
{
	u32 value = 0;

	write_gdt_entry(SPARE_ENTRY, 0x0000FFFF, 0x00CFB000);
	__asm__ volatile("movw %w0, %%gs" :: "r"(SPARE_ENTRY * 8 + 1));
	expect_fault();
	__asm__ volatile(FAULTS("movl $1, %%gs:(%0)") :: "r"(&value) : "memory");
	__asm__ volatile("movw %w0, %%gs" :: "r"(0));
	write_gdt_entry(SPARE_ENTRY, 0, 0);
	CHECK(faulted() && value == 0, "one can write to it");
	CHECK(last_fault.vector == TRAP_PROTECTION && last_fault.error == 0, "trap %u (%x)",
		last_fault.vector, last_fault.error);
	return NULL;
}

/* The address that an exception reports must be that of the instruction, prefixes and all. */
TEST(fault_address_of_code)
{
	u32 expected;

	expect_fault();
	__asm__ volatile("movl $1f, %0\n" FAULTS(".byte 0xF3, 0x66, 0x26, 0xA5")
		: "=&r"(expected) : "S"(0), "D"(0), "c"(1) : "memory");
	CHECK(faulted(), "nothing happened");
	CHECK(last_fault.eip == expected, "%x instead of %x", last_fault.eip, expected);
	return NULL;
}

const struct test trap_tests[] = {
	{ "ring 1: hlt", EXPECT(do_hlt, 13, 0) },
	{ "ring 1: sti", EXPECT(do_sti, 13, 0) },
	{ "ring 1: cli does nothing", cli_is_skipped, NULL },
	{ "ring 1: read cr0", EXPECT(do_read_cr0, 13, 0) },
	{ "ring 1: read cr3", EXPECT(do_read_cr3, 13, 0) },
	{ "ring 1: write cr3", EXPECT(do_write_cr3, 13, 0) },
	{ "ring 1: read dr7", EXPECT(do_read_dr7, 13, 0) },
	{ "ring 1: clts", EXPECT(do_clts, 13, 0) },
	{ "ring 1: lgdt", EXPECT(do_lgdt, 13, 0) },
	{ "ring 1: lidt", EXPECT(do_lidt, 13, 0) },
	{ "ring 1: ltr", EXPECT(do_ltr, 13, 0) },
	{ "ring 1: lldt", EXPECT(do_lldt, 13, 0) },
	{ "ring 1: rdmsr", EXPECT(do_rdmsr, 13, 0) },
	{ "ring 1: wrmsr", EXPECT(do_wrmsr, 13, 0) },
	{ "ring 1: invlpg", EXPECT(do_invlpg, 13, 0) },
	{ "ring 1: wbinvd", EXPECT(do_wbinvd, 13, 0) },
	{ "ring 1: ins", EXPECT(do_insb, 13, 0) },
	{ "ring 1: outs", EXPECT(do_outsb, 13, 0) },
	{ "ring 1: in gives ones, out nothing", ports, NULL },
	{ "ring 1: int 2", EXPECT(do_int_2, 13, 2 * 8 + 2) },
	{ "ring 1: int 13", EXPECT(do_int_13, 13, 13 * 8 + 2) },
	{ "ring 1: int 14", EXPECT(do_int_14, 13, 14 * 8 + 2) },
	{ "ring 1: int 0x20", EXPECT(do_int_32, 13, 0x20 * 8 + 2) },
	{ "ring 1: int 0xFF", EXPECT(do_int_255, 13, 0xFF * 8 + 2) },
	{ "flags: IF and IOPL cannot be changed, ID and AC can", flags_register, NULL },
	{ "divide error: by zero", EXPECT(do_divide, 0, 0) },
	{ "divide error: quotient too large", EXPECT(do_divide_overflow, 0, 0) },
	{ "divide error: aam 0", EXPECT(do_aam_0, 0, 0) },
	{ "single step", single_step, NULL },
	{ "breakpoint", breakpoints, NULL },
	{ "overflow", EXPECT(do_into, 4, 0) },
	{ "bound range exceeded", EXPECT(do_bound, 5, 0) },
	{ "invalid opcode: ud2", EXPECT(do_ud2, 6, 0) },
	{ "invalid opcode: lock nop", EXPECT(do_lock_misuse, 6, 0) },
	{ "segments: beyond the table", EXPECT(do_beyond_gdt, 13, 0x100) },
	{ "segments: there is no local table", EXPECT(do_ldt, 13, 0x0C) },
	{ "segments: not present", segment_not_present, NULL },
	{ "segments: read-only", read_only_segment, NULL },
	{ "segments: null for the stack", EXPECT(do_null_ss, 13, 0) },
	{ "segments: ring 3 for the stack", EXPECT(do_user_ss, 13, USER_DS & ~3) },
	{ "segments: jump to ring 3", EXPECT(do_user_cs, 13, USER_CS & ~3) },
	{ "segments: null cannot be read through", EXPECT(do_null_read, 13, 0) },
	{ "a fault names the first byte of its instruction", fault_address_of_code, NULL },
	{ .name = NULL },
};
