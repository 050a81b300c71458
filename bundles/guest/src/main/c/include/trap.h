/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_TRAP_H
#define PUPPY_TRAP_H

#include "abi.h"

#define TRAP_DIVIDE 0
#define TRAP_DEBUG 1
#define TRAP_BREAKPOINT 3
#define TRAP_OVERFLOW 4
#define TRAP_BOUND 5
#define TRAP_INVALID_OPCODE 6
#define TRAP_NO_FPU 7
#define TRAP_SEGMENT_NOT_PRESENT 11
#define TRAP_STACK 12
#define TRAP_PROTECTION 13
#define TRAP_PAGE_FAULT 14
#define TRAP_FPU_ERROR 16

#define FAULT_PRESENT 1
#define FAULT_WRITE 2
#define FAULT_USER 4

#ifndef __ASSEMBLER__

/* What trap/entry.S leaves on the stack, lowest address first. */
struct regs {
	u32 gs, fs, es, ds;
	u32 edi, esi, ebp, unused, ebx, edx, ecx, eax;
	u32 vector, error;
	/* From here on it is the Host's (or the processor's) frame; the last two only if the
	 * trap came from ring 3. */
	u32 eip, cs, eflags;
	u32 esp, ss;
};

static inline bool from_user(const struct regs *r) { return (r->cs & 3) == 3; }

/* The last exception in the kernel itself which somebody had foreseen. */
struct kernel_fault {
	u32 count, vector, error, address, eip;
};
extern volatile struct kernel_fault last_fault;
extern volatile u32 kernel_breakpoints, kernel_steps;

/* "If this instruction faults, go there." */
#define EX_TABLE(from, to)                                   \
	".pushsection __ex_table, \"a\"\n\t"                 \
	".long " from ", " to "\n\t"                         \
	".popsection"

/* trap/descriptors.c */
extern u64 gdt[GDT_ENTRIES];
void descriptors_init(void);
void set_gate(u32 vector, void (*handler)(void), u32 type, u32 privilege);

/* trap/traps.c */
void handle_trap(struct regs *r);
const char *trap_name(u32 vector);

/* trap/irq.c */
typedef void (*irq_handler)(void *arg);
void irq_register(u32 irq, irq_handler handler, void *arg, const char *name);
void irq_block(u32 irq);
void irq_unblock(u32 irq);
void handle_irq(u32 irq);
u32 irq_count(u32 irq);
const char *irq_name(u32 irq);

/* trap/fpu.c */
struct task;
void fpu_init(void);
void fpu_unavailable(void);
void fpu_fork(struct task *child);
void fpu_forget(struct task *t);
u32 fpu_cr0_for(struct task *next);
extern u32 fpu_traps;

/* trap/entry.S */
extern void return_from_trap(void), new_kernel_task(void);
extern char trap_stubs[], trap_stubs_end[];

#endif
#endif
