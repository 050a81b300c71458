/* SPDX-License-Identifier: Apache-2.0 */
/*G:500
 * Tasks.
 *
 * The kernel is a handful of tasks which take turns. Task 0 is what the boot code became: it is
 * idle. Task 1 is the shell, which lives in the kernel; programs come and go. There is no clever
 * policy: the next one that is ready gets the processor, in a circle.
 */
#include "lib.h"
#include "clock.h"
#include "paravirt.h"
#include "task.h"

struct task tasks[MAX_TASKS];
struct task *current = &tasks[0];

/* Set by interrupts: it is somebody else's turn, or somebody has woken up. Looked at on the way
 * back to a program. */
volatile bool need_resched;
u32 context_switches;

static u8 stacks[MAX_TASKS][STACK_SIZE] __attribute__((aligned(STACK_SIZE)));
static int last_pid;

void tasks_init(void)
{
	copy_string(current->name, "idle", NAME_SIZE);
	current->state = TASK_READY;
	/* TS is off when we start; nobody owns the unit, so from the first switch on it is set. */
}

struct task *task_find(int pid)
{
	for (struct task *t = tasks; t < tasks + MAX_TASKS; t++)
		if (t->state != TASK_FREE && t->pid == pid)
			return t;
	return NULL;
}

/* Takes a free slot. The task is not ready to run yet: it is its maker's business to say so. */
struct task *task_new(const char *name)
{
	for (u32 i = 1; i < MAX_TASKS; i++) {
		struct task *t = &tasks[i];

		if (t->state != TASK_FREE)
			continue;
		memset(t, 0, sizeof(*t));
		t->state = TASK_BLOCKED;
		t->pid = ++last_pid;
		t->parent = current->pid;
		t->stack_top = (u32)stacks[i] + STACK_SIZE;
		t->death.vector = DEATH_NONE;
		copy_string(t->name, name, NAME_SIZE);
		return t;
	}
	return NULL;
}

struct task *kernel_task(const char *name, void (*run)(void *), void *arg)
{
	struct task *t = task_new(name);
	u32 *sp;

	if (!t)
		panic("too many tasks");
	/* A stack as switch_to() would have left it: edi, esi, ebx, ebp, return address. */
	sp = (u32 *)t->stack_top - 5;
	sp[1] = (u32)arg;
	sp[2] = (u32)run;
	sp[4] = (u32)new_kernel_task;
	t->esp = (u32)sp;
	t->state = TASK_READY;
	return t;
}

/* Round and round, beginning behind the one which runs now. The idle task is not part of the
 * circle: it runs when nobody else wants to. */
static struct task *next_task(void)
{
	u32 start = current - tasks;

	for (u32 i = 1; i <= MAX_TASKS; i++) {
		struct task *t = &tasks[(start + i) % MAX_TASKS];

		if (t != tasks && t->state == TASK_READY)
			return t;
	}
	return tasks;
}

/*G:510
 * The context switch: the other place for which the ring exists.
 *
 * The Host has to know four things about the task that comes: its page table, the stack for its
 * traps, its thread-local segments, and whether it may use the floating point unit. Between
 * lazy_enter() and lazy_leave() they are only written down; then one trap delivers them all.
 *
 * A kernel task needs less: it has no memory of its own, so it takes the kernel's table, and it
 * never traps from ring 3.
 */
static void switch_context(struct task *old, struct task *new)
{
	u32 pgd = new->space.pgd ? new->space.pgd : pa(swapper_pg_dir);
	u32 cr0 = fpu_cr0_for(new);

	lazy_enter(LAZY_CPU);
	if (pgd != read_cr3())
		write_cr3(pgd);
	if (new->space.pgd) {
		load_sp0(new->stack_top);
		load_tls(new->tls);
	}
	if (cr0 != read_cr0())
		write_cr0(cr0);
	lazy_leave(LAZY_CPU);

	context_switches++;
	new->switches++;
	current = new;
	/* Only a busy processor ticks. */
	if (old == tasks || new == tasks)
		clock_program();
	switch_to(&old->esp, new->esp);
}

/* Gives the processor to the next one; returns when it is our turn again. That may be at once, or
 * after a long time, or (for a task that has ended) never. */
void schedule(void)
{
	u32 flags = irq_save();
	struct task *next = next_task();

	need_resched = false;
	if (next != current)
		switch_context(current, next);
	irq_restore(flags);
}

void yield(void)
{
	schedule();
}

/*G:515
 * Waiting and waking.
 *
 * The caller has turned interrupts off, has looked, and found that it must wait; the interrupt
 * which ends the waiting cannot come before we are asleep. "channel" is any address that both
 * sides agree on. Before there are tasks, and in the idle task, waiting means to halt.
 *
 * A return means only that it is worth another look.
 */
bool wait_until(const void *channel, u64 deadline)
{
	if (current == tasks) {
		safe_halt();
		irq_disable();
		return true;
	}
	current->channel = channel;
	current->wake_at = deadline;
	current->state = TASK_BLOCKED;
	schedule();
	current->wake_at = 0;
	return current->channel == NULL;
}

void wait_for(const void *channel)
{
	wait_until(channel, 0);
}

/* Whoever waits there is ready again. Called by interrupt handlers most of the time. */
void wake_up(const void *channel)
{
	for (struct task *t = tasks; t < tasks + MAX_TASKS; t++)
		if (t->state == TASK_BLOCKED && t->channel == channel) {
			t->channel = NULL;
			t->state = TASK_READY;
			need_resched = true;
		}
}

/* The earliest of all deadlines, or 0. */
u64 next_wake_up(void)
{
	u64 first = 0;

	for (struct task *t = tasks; t < tasks + MAX_TASKS; t++)
		if (t->state == TASK_BLOCKED && t->wake_at && (!first || t->wake_at < first))
			first = t->wake_at;
	return first;
}

/* Called by the timer. */
void wake_sleepers(u64 now)
{
	for (struct task *t = tasks; t < tasks + MAX_TASKS; t++)
		if (t->state == TASK_BLOCKED && t->wake_at && t->wake_at <= now) {
			t->wake_at = 0;
			t->state = TASK_READY;
		}
}

/* The address of a variable on our own stack is a channel which nobody else knows. */
void task_sleep(u64 ns)
{
	u64 until = clock_ns() + ns;
	u32 flags = irq_save();

	while (clock_ns() < until && !current->killed)
		wait_until(&until, until);
	irq_restore(flags);
}

/* One cannot kill a task in the middle of the kernel, where it may have borrowed something. It is
 * marked, woken up, and dies by its own hand on the way back to its program. */
bool task_kill(int pid)
{
	struct task *t = task_find(pid);
	u32 flags;

	if (!t || !t->space.pgd || t->state == TASK_ZOMBIE)
		return false;
	flags = irq_save();
	t->killed = true;
	if (t->state == TASK_BLOCKED) {
		t->channel = NULL;
		t->state = TASK_READY;
	}
	need_resched = true;
	irq_restore(flags);
	return true;
}

/*G:520
 * The end of a task. It cannot give back the stack it stands on; the one who waits for it does
 * that. It can give back its memory, after moving to the kernel's page table: one does not saw
 * off a branch while the Host is sitting on it.
 */
void task_exit(u32 code)
{
	irq_disable();
	fpu_forget(current);
	if (current->space.pgd) {
		write_cr3(pa(swapper_pg_dir));
		space_destroy(&current->space);
	}
	current->exit_code = code;
	current->state = TASK_ZOMBIE;
	/* Children without a parent are nobody's: the idle task buries them. */
	for (struct task *t = tasks; t < tasks + MAX_TASKS; t++)
		if (t->state != TASK_FREE && t->parent == current->pid)
			t->parent = 0;
	wake_up(task_find(current->parent));
	schedule();
	panic("a dead task runs");
}

/* A program did what it may not. It is told so, on the console; the kernel goes on. */
void task_died(struct regs *r, u32 address)
{
	current->death = (struct death) { r->vector, r->error, address, r->eip };
	if (!current->quiet)
		printk("%s (pid %d) killed: %s, error %x, at %08x, address %08x%s\n", current->name,
			current->pid, trap_name(r->vector), r->error, r->eip, address,
			pages_free ? "" : " (out of memory)");
	task_exit(0x100 | r->vector);
}

/* Its frame was so bad that not even the return to it worked; see lguest_iret. */
void task_bad_return(void)
{
	current->death = (struct death) {
		last_fault.vector, last_fault.error, 0, last_fault.eip,
	};
	if (!current->quiet)
		printk("%s (pid %d) killed: its segments are not usable\n", current->name, current->pid);
	task_exit(0x100 | last_fault.vector);
}

/* Waits for a child (-1: any). Returns its pid, or -1 if there is none to wait for. */
int task_wait(int pid, u32 *code, struct death *death)
{
	u32 flags = irq_save();
	int found = -1;

	for (;;) {
		bool any = false;

		for (struct task *t = tasks; t < tasks + MAX_TASKS; t++) {
			if (t->state == TASK_FREE || t == tasks || t->parent != current->pid
			    || (pid != -1 && t->pid != pid))
				continue;
			any = true;
			if (t->state == TASK_ZOMBIE) {
				found = t->pid;
				if (code)
					*code = t->exit_code;
				if (death)
					*death = t->death;
				t->state = TASK_FREE;
				break;
			}
		}
		if (found >= 0 || !any || current->killed)
			break;
		wait_for(current);
	}
	irq_restore(flags);
	return found;
}

/*G:525
 * Task 0. With interrupts off it looks whether anybody is ready; if not, it halts. An interrupt
 * which arrives between the look and the halt is pending by then, and HALT returns at once.
 */
void idle(void)
{
	for (;;) {
		irq_disable();
		for (struct task *t = tasks + 1; t < tasks + MAX_TASKS; t++)
			if (t->state == TASK_ZOMBIE && t->parent == 0)
				t->state = TASK_FREE;
		if (next_task() != tasks)
			schedule();
		else
			safe_halt();
	}
}
