/* SPDX-License-Identifier: Apache-2.0 */
/*G:575
 * crash KIND: all the things a program must not do. The kernel should survive every one of them,
 * and should be told by the Host precisely what it was.
 */
#include "libpuppy.h"

static volatile int zero;
static volatile u32 sink;

static void kernel_read(void) { sink = *(volatile u32 *)0xC0100000; }
static void kernel_write(void) { *(volatile u32 *)0xC0100000 = 1; }
static void null_read(void) { sink = *(volatile u32 *)zero; }
static void null_write(void) { *(volatile u32 *)(zero + 4) = 1; }
static void null_call(void) { ((void (*)(void))zero)(); }
static void text_write(void) { *(volatile u8 *)&text_write = 0x90; }
static void cli(void) { __asm__ volatile("cli"); }
static void sti(void) { __asm__ volatile("sti"); }
static void hlt(void) { __asm__ volatile("hlt"); }
static void in(void) { __asm__ volatile("inb $0x60, %%al" ::: "eax"); }
static void out(void) { __asm__ volatile("outb %%al, $0x80" :: "a"(0)); }
static void cr3(void) { __asm__ volatile("movl %%cr3, %%eax" ::: "eax"); }
static void rdmsr(void) { __asm__ volatile("rdmsr" :: "c"(0x10) : "eax", "edx"); }
static void lgdt(void) { u32 table[2] = { 0, 0 }; __asm__ volatile("lgdt %0" :: "m"(table)); }
static void hcall(void) { __asm__ volatile("int $0x1F" :: "a"(0)); }
static void irq(void) { __asm__ volatile("int $0x20"); }
static void nmi(void) { __asm__ volatile("int $2"); }
static void pf(void) { __asm__ volatile("int $14"); }
static void divide(void) { __asm__ volatile("divl %0" :: "m"(zero), "a"(1), "d"(0)); }
static void invalid(void) { __asm__ volatile("ud2"); }
static void breakpoint(void) { __asm__ volatile("int3"); }
static void overflow(void) { __asm__ volatile("movb $127, %%al; incb %%al; into" ::: "eax"); }
static void bound(void) { int b[2] = { 1, 2 }; __asm__ volatile("boundl %0, %1" :: "r"(3), "m"(b)); }
static void step(void) { __asm__ volatile("pushfl; orl $0x100, (%%esp); popfl; nop; nop" ::: "memory"); }
static void kernel_segment(void) { __asm__ volatile("movw %w0, %%gs" :: "r"(0x69)); }
static void no_segment(void) { __asm__ volatile("movw %w0, %%ds" :: "r"(0x103)); }
static void null_segment(void) { __asm__ volatile("movw %w0, %%es; movl %%es:0, %0" :: "r"(0)); }
static void far_jump(void) { __asm__ volatile("ljmp $0x61, $0xC0100000"); }
static void stack(void) { __asm__ volatile("movl $0x1000, %esp; pushl $0"); }

static void fpu_error(void)
{
	u32 control = 0x0370;

	/* All exceptions unmasked; 1/0; the next one reports it. */
	__asm__ volatile("fninit; fldcw %0; fld1; fldz; fdivrp; fwait" :: "m"(control));
}

static void gs_limit(void)
{
	static u32 block[4];
	struct user_desc d = { 0xFFFFFFFF, (u32)block, 15, 1 };

	set_thread_area(&d);
	__asm__ volatile("movw %w0, %%gs; movl %%gs:13, %0" :: "r"(d.entry * 8 + 3));
}

static void deeper(int level)
{
	volatile char room[4096];

	room[0] = 1;
	if (level)
		deeper(level - 1);
	sink = room[1];
}

static void deep(void) { deeper(1000); }

static const struct {
	const char *name;
	void (*run)(void);
} kinds[] = {
	{ "kernel-read", kernel_read }, { "kernel-write", kernel_write },
	{ "null-read", null_read }, { "null-write", null_write }, { "null-call", null_call },
	{ "text-write", text_write }, { "cli", cli }, { "sti", sti }, { "hlt", hlt },
	{ "in", in }, { "out", out }, { "cr3", cr3 }, { "rdmsr", rdmsr }, { "lgdt", lgdt },
	{ "hcall", hcall }, { "irq", irq }, { "nmi", nmi }, { "int14", pf },
	{ "divide", divide }, { "invalid", invalid }, { "breakpoint", breakpoint },
	{ "overflow", overflow }, { "bound", bound }, { "step", step },
	{ "kernel-segment", kernel_segment }, { "no-segment", no_segment },
	{ "null-segment", null_segment }, { "far-jump", far_jump }, { "stack", stack },
	{ "fpu-error", fpu_error }, { "gs-limit", gs_limit }, { "deep", deep },
};

int main(int argc, char **argv)
{
	for (u32 i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (argc > 1 && !strcmp(argv[1], kinds[i].name)) {
			kinds[i].run();
			print("crash: it went well?\n");
			return 1;
		}
	print("crash KIND, where KIND is one of");
	for (u32 i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		print(" ");
		print(kinds[i].name);
	}
	print("\n");
	return 2;
}
