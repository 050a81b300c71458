/* SPDX-License-Identifier: Apache-2.0 */
/*G:340
 * The floating point unit, lazily.
 *
 * The unit holds more state than all other registers together, and most programs never touch it.
 * So at a context switch we leave the state where it is and set TS. If the next program keeps its
 * fingers off, nothing ever happens. If it does use the unit, exception 7 brings us here: the
 * state is saved for its owner and the newcomer's is loaded. When the owner itself comes back
 * first, TS is cleared at the switch, and not even a trap is needed.
 */
#include "lib.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"

/* Whose numbers are in the unit; nobody's at first, and again after their owner has died. */
static struct task *owner;

/* Is there the newer way to save them, which includes the vector registers? */
static bool have_fxsr;
u32 fpu_traps;

void fpu_init(void)
{
	struct cpuid_regs r = { .eax = 1 };

	cpuid(&r);
	have_fxsr = r.edx >> 24 & 1;
}

static void save(struct task *t)
{
	if (have_fxsr)
		__asm__ volatile("fxsave %0" : "=m"(t->fpu));
	else
		__asm__ volatile("fnsave %0\n\tfwait" : "=m"(t->fpu));
}

/* Who uses the unit for the first time finds it as after power-on, not as somebody left it. */
static void load(struct task *t)
{
	if (!t->fpu_used)
		__asm__ volatile("fninit");
	else if (have_fxsr)
		__asm__ volatile("fxrstor %0" :: "m"(t->fpu));
	else
		__asm__ volatile("frstor %0" :: "m"(t->fpu));
	t->fpu_used = true;
}

/* Exception 7, from ring 3; interrupts are off. */
void fpu_unavailable(void)
{
	fpu_traps++;
	clts();
	if (owner == current)
		return;
	if (owner)
		save(owner);
	load(current);
	owner = current;
}

/* The child starts with the parent's state. "fnsave" clears the unit, so the parent's has to be
 * put back afterwards; it does no harm after "fxsave". */
void fpu_fork(struct task *child)
{
	if (owner == current) {
		clts();
		save(current);
		load(current);
	}
	memcpy(child->fpu, current->fpu, sizeof(child->fpu));
	child->fpu_used = current->fpu_used;
}

/* Nothing to save for the dead. */
void fpu_forget(struct task *t)
{
	if (owner == t)
		owner = NULL;
}

/* What cr0 should be while this task runs: no trap for the one whose numbers are there anyway. */
u32 fpu_cr0_for(struct task *next)
{
	return next == owner ? 0 : CR0_TS;
}
