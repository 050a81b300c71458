/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_TASK_H
#define PUPPY_TASK_H

#include "mm.h"
#include "trap.h"

#define MAX_TASKS 24
#define NAME_SIZE 16
#define MAX_ARGS 8

enum task_state { TASK_FREE, TASK_READY, TASK_BLOCKED, TASK_ZOMBIE };

/* How a program came to its end against its will. vector 0xFF: it did not. */
#define DEATH_NONE 0xFF
struct death {
	u32 vector, error, address, eip;
};

struct task {
	/* FXSAVE insists on a multiple of 16. */
	u8 fpu[512] __attribute__((aligned(16)));
	/* The Host reads these when the call comes out of the ring, so they stay here. */
	u64 tls[GDT_TLS_ENTRIES];
	bool fpu_used;

	/* The kernel's esp while the task is not running; see task/switch.S. */
	u32 esp;
	u32 stack_top;

	enum task_state state;
	int pid, parent;
	char name[NAME_SIZE];
	/* What it waits for, and when it stops waiting (0: never). */
	const void *channel;
	u64 wake_at;

	/* Kernel tasks have no space (pgd 0). */
	struct space space;
	bool killed, quiet;
	u32 exit_code;
	struct death death;

	/* For "ps". */
	u32 switches, faults, ticks, syscalls;
};

extern struct task tasks[MAX_TASKS];
extern struct task *current;
extern volatile bool need_resched;
extern u32 context_switches;

/* task/task.c */
void tasks_init(void);
struct task *task_new(const char *name);
struct task *kernel_task(const char *name, void (*run)(void *), void *arg);
struct task *task_find(int pid);
void schedule(void);
void yield(void);
void wait_for(const void *channel);
bool wait_until(const void *channel, u64 deadline);
void wake_up(const void *channel);
void task_sleep(u64 ns);
void task_exit(u32 code) NORETURN;
void task_died(struct regs *r, u32 address);
void task_bad_return(void) NORETURN;
int task_wait(int pid, u32 *code, struct death *death);
bool task_kill(int pid);
void idle(void) NORETURN;
u64 next_wake_up(void);
void wake_sleepers(u64 now);

/* task/exec.c */
struct task *program_start(int argc, const char *const *argv, bool quiet);
int program_fork(struct regs *r);
int program_run(int argc, const char *const *argv, bool quiet, u32 *code, struct death *death);

/* task/syscall.c */
void system_call(struct regs *r);
extern u32 system_calls;

/* task/switch.S */
void switch_to(u32 *old_esp, u32 new_esp);

#endif
