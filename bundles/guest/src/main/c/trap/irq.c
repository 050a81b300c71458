/* SPDX-License-Identifier: Apache-2.0 */
/*G:330
 * The interrupt controller, the smallest there is.
 *
 * No chip to program, no acknowledgement, no priorities: one word in lguest_data, a set bit means
 * "leave me alone". A device's interrupt is masked while its handler runs, and the Host keeps a
 * new one pending meanwhile, so that none is lost. The bit operations carry a "lock" prefix since
 * the Host may look at the word from another processor at any time.
 */
#include "lib.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"

/* Who is to be called, and how often that has happened. */
static struct line {
	irq_handler handler;
	void *arg;
	const char *name;
	u32 count;
} lines[LGUEST_IRQS];

void irq_block(u32 irq)
{
	__asm__ volatile("lock btsl %1, %0"
		: "+m"(lguest_data.blocked_interrupts) : "Ir"(irq) : "memory", "cc");
}

void irq_unblock(u32 irq)
{
	__asm__ volatile("lock btrl %1, %0"
		: "+m"(lguest_data.blocked_interrupts) : "Ir"(irq) : "memory", "cc");
}

/* From now on this line is somebody's. Only a line that is somebody's is unblocked. */
void irq_register(u32 irq, irq_handler handler, void *arg, const char *name)
{
	if (irq >= LGUEST_IRQS)
		panic("there is no interrupt %u (%s)", irq, name);
	lines[irq] = (struct line) { handler, arg, name, 0 };
	irq_unblock(irq);
}

/* The timer is a one-shot: it cannot come again before its handler has asked for it, so there is
 * nothing to mask. */
void handle_irq(u32 irq)
{
	struct line *l = &lines[irq];

	l->count++;
	if (!l->handler)
		return;
	if (irq != 0)
		irq_block(irq);
	l->handler(l->arg);
	if (irq != 0)
		irq_unblock(irq);
}

u32 irq_count(u32 irq)
{
	return lines[irq].count;
}

const char *irq_name(u32 irq)
{
	return lines[irq].name;
}
