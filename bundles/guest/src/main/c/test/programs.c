/* SPDX-License-Identifier: Apache-2.0 */
/* Programs: their system calls, their memory, their bad ends. The programs are in user/. */
#include "lib.h"
#include "abi.h"
#include "clock.h"
#include "mm.h"
#include "paravirt.h"
#include "task.h"
#include "test.h"
#include "trap.h"

#define ANY 0xFFFFFFFF

/* Runs "name argument" without output. Returns its exit code, or -1 if it could not be started. */
static int run(const char *name, const char *argument, struct death *death)
{
	const char *words[] = { name, argument };
	u32 code = 0;

	if (program_run(argument ? 2 : 1, words, true, &code, death) < 0)
		return -1;
	return code;
}

static const char *succeeds(const void *arg)
{
	const char *const *words = arg;
	struct death d;
	int code = run(words[0], words[1], &d);

	CHECK(code >= 0, "cannot be started");
	CHECK(d.vector == DEATH_NONE, "died: trap %u (%x) at %x, address %x", d.vector, d.error, d.eip,
		d.address);
	CHECK(code == 0, "exit code %d", code);
	return NULL;
}

/* What a program should die of. Error code and address come from the Host, all of them. */
struct crime {
	const char *name;
	u32 vector, error, address;
};

static const char *dies(const void *arg)
{
	const struct crime *c = arg;
	struct death d;
	int code = run("crash", c->name, &d);

	CHECK(code >= 0, "cannot be started");
	CHECK(d.vector != DEATH_NONE, "it lives: exit code %d", code);
	CHECK(d.vector == c->vector && d.error == c->error, "trap %u (%x) instead of %u (%x)",
		d.vector, d.error, c->vector, c->error);
	CHECK(c->address == ANY || d.address == c->address, "address %x instead of %x",
		d.address, c->address);
	return NULL;
}

#define SUCCEEDS(...) succeeds, (const char *const[]) { __VA_ARGS__, NULL }
#define DIES(...) dies, &(const struct crime) { __VA_ARGS__ }

/* Whatever a program did, when it is gone its memory is back. */
TEST(memory_comes_back)
{
	u32 before = pages_free, after;

	CHECK(run("fork", "50", NULL) == 0, "fork failed");
	CHECK(run("crash", "deep", NULL) > 0, "crash did not");
	CHECK(run("primes", "20000", NULL) == 0, "primes failed");
	after = pages_free;
	CHECK(after == before, "%d pages are missing", before - after);
	return NULL;
}

TEST(copy_on_write)
{
	struct fault_counters before = fault_counters;

	CHECK(run("fork", "64", NULL) == 0, "fork failed");
	CHECK(fault_counters.cow_copies - before.cow_copies >= 64, "only %u copies for 64 pages",
		fault_counters.cow_copies - before.cow_copies);
	CHECK(fault_counters.cow_reuses - before.cow_reuses >= 32, "only %u pages were kept",
		fault_counters.cow_reuses - before.cow_reuses);
	return NULL;
}

TEST(big_fork)
{
	u32 full = hcalls_overflowed;

	CHECK(run("fork", "300", NULL) == 0, "fork failed");
	CHECK(hcalls_overflowed > full, "600 queued calls did not fill a ring of 64");
	return NULL;
}

TEST(demand_zero)
{
	struct fault_counters before = fault_counters;

	CHECK(run("probe", "x y", NULL) == 0, "probe failed");
	CHECK(fault_counters.zero_maps > before.zero_maps, "the page of zeroes was never used");
	CHECK(fault_counters.zero_fills > before.zero_fills, "no page was ever made");
	CHECK(fault_counters.data_fills > before.data_fills, "nothing was loaded");
	return NULL;
}

/* Two programs which never stop computing, and a kernel that wants to be heard as well. */
TEST(preemption)
{
	const char *words[] = { "spin", "400" };
	struct task *a = program_start(2, words, true), *b = program_start(2, words, true);
	u64 start = read_tsc();
	u32 us;

	CHECK(a && b, "cannot be started");
	task_sleep(80 * NS_PER_MS);
	us = elapsed_us(start);
	task_wait(a->pid, NULL, NULL);
	task_wait(b->pid, NULL, NULL);
	/* Nobody has taken their places since; what they counted is still there. */
	CHECK(a->ticks && b->ticks, "one of them had no time: %u and %u ticks", a->ticks, b->ticks);
	CHECK(a->switches > 1, "the first was never interrupted");
	CHECK(us < 10000000, "the kernel had to wait %u us for its turn", us);
	return NULL;
}

TEST(killing)
{
	const char *words[] = { "spin", "60000" };
	struct task *t = program_start(2, words, true);
	u64 start = read_tsc();
	u32 us;

	CHECK(t, "cannot be started");
	task_sleep(20 * NS_PER_MS);
	CHECK(task_kill(t->pid), "cannot be killed");
	CHECK(task_wait(t->pid, NULL, NULL) >= 0, "nobody to wait for");
	us = elapsed_us(start);
	CHECK(us < 5000000, "it took %u us to die", us);
	return NULL;
}

/* Using the unit costs one trap when its state is not in the unit, none otherwise. */
TEST(lazy_fpu)
{
	u32 before = fpu_traps, after;

	CHECK(run("hello", NULL, NULL) == 0, "hello failed");
	after = fpu_traps;
	CHECK(after == before, "a program without floating point trapped for it %u times", after - before);
	CHECK(run("fpu", NULL, NULL) == 0, "wrong results");
	CHECK(fpu_traps - after > 100, "only %u traps for a thousand changes of owner", fpu_traps - after);
	return NULL;
}

/* Two programs are given frames which no program could have made for itself, before their first
 * instruction. With a rotten gs the way out of the kernel faults, puts a null in its place, and
 * goes on. With a rotten ss it is the "iret" that faults, and nothing can be done. */
static struct task *start_with(u32 gs, u32 ss)
{
	const char *words[] = { "hello" };
	u32 flags = irq_save();
	struct task *t = program_start(1, words, true);

	if (t) {
		struct regs *r = (struct regs *)t->stack_top - 1;

		r->gs = gs;
		r->ss = ss;
	}
	irq_restore(flags);
	return t;
}

TEST(rotten_frames)
{
	struct task *t = start_with(0x103, USER_DS);
	struct death d;
	u32 code;

	CHECK(t, "cannot be started");
	task_wait(t->pid, &code, &d);
	CHECK(code == 0 && d.vector == DEATH_NONE, "bad gs: exit code %x, trap %u (%x)", code,
		d.vector, d.error);
	t = start_with(0, 0x103);
	CHECK(t, "cannot be started");
	task_wait(t->pid, &code, &d);
	CHECK(d.vector == TRAP_PROTECTION && d.error == 0x100, "bad ss: exit code %x, trap %u (%x)",
		code, d.vector, d.error);
	CHECK(irq_flags() == EFLAGS_IF, "interrupts are %x now", irq_flags());
	return NULL;
}

TEST(not_a_program)
{
	CHECK(run("/etc/motd", NULL, NULL) == -1, "a text was started");
	CHECK(run("nonesuch", NULL, NULL) == -1, "nothing was started");
	return NULL;
}

TEST(many_programs)
{
	static struct task *started[10];
	const char *words[] = { "count", "2", "1" };
	u32 bad = 0;

	for (u32 i = 0; i < ARRAY_SIZE(started); i++)
		started[i] = program_start(3, words, true);
	for (u32 i = 0; i < ARRAY_SIZE(started); i++) {
		u32 code = 1;

		if (!started[i] || task_wait(started[i]->pid, &code, NULL) < 0 || code)
			bad++;
	}
	CHECK(!bad, "%u of 10 failed", bad);
	return NULL;
}

const struct test program_tests[] = {
	{ "program: hello", SUCCEEDS("hello") },
	{ "program: system calls", SUCCEEDS("probe", "x y") },
	{ "program: demand paging", demand_zero, NULL },
	{ "program: primes", SUCCEEDS("primes", "30000") },
	{ "program: fork and copy on write", copy_on_write, NULL },
	{ "program: a fork that overflows the ring", big_fork, NULL },
	{ "program: thread-local storage in two processes", SUCCEEDS("tls") },
	{ "program: floating point in two processes, lazily", lazy_fpu, NULL },
	{ "program: ten at a time", many_programs, NULL },
	{ "program: preemption by the timer", preemption, NULL },
	{ "program: kill", killing, NULL },
	{ "program: not a program", not_a_program, NULL },
	{ "program: frames that cannot be returned to", rotten_frames, NULL },
	{ "ring 3: null-read", DIES("null-read", 14, 4, 0) },
	{ "ring 3: null-write", DIES("null-write", 14, 6, 4) },
	{ "ring 3: null-call", DIES("null-call", 14, 4, 0) },
	{ "ring 3: kernel-read", DIES("kernel-read", 14, 5, 0xC0100000) },
	{ "ring 3: kernel-write", DIES("kernel-write", 14, 7, 0xC0100000) },
	{ "ring 3: text-write", DIES("text-write", 14, 7, ANY) },
	{ "ring 3: stack", DIES("stack", 14, 6, 0xFFC) },
	{ "ring 3: deep recursion", DIES("deep", 14, 6, ANY) },
	{ "ring 3: hypercall", DIES("hcall", 13, 0x1F * 8 + 2, ANY) },
	{ "ring 3: int 0x20", DIES("irq", 13, 0x20 * 8 + 2, ANY) },
	{ "ring 3: int 2", DIES("nmi", 13, 2 * 8 + 2, ANY) },
	{ "ring 3: int 14", DIES("int14", 13, 14 * 8 + 2, ANY) },
	{ "ring 3: cli", DIES("cli", 13, 0, ANY) },
	{ "ring 3: sti", DIES("sti", 13, 0, ANY) },
	{ "ring 3: hlt", DIES("hlt", 13, 0, ANY) },
	{ "ring 3: in", DIES("in", 13, 0, ANY) },
	{ "ring 3: out", DIES("out", 13, 0, ANY) },
	{ "ring 3: read cr3", DIES("cr3", 13, 0, ANY) },
	{ "ring 3: rdmsr", DIES("rdmsr", 13, 0, ANY) },
	{ "ring 3: lgdt", DIES("lgdt", 13, 0, ANY) },
	{ "ring 3: divide error", DIES("divide", 0, 0, ANY) },
	{ "ring 3: single step", DIES("step", 1, 0, ANY) },
	{ "ring 3: breakpoint", DIES("breakpoint", 3, 0, ANY) },
	{ "ring 3: overflow", DIES("overflow", 4, 0, ANY) },
	{ "ring 3: bound", DIES("bound", 5, 0, ANY) },
	{ "ring 3: invalid opcode", DIES("invalid", 6, 0, ANY) },
	{ "ring 3: floating point error", DIES("fpu-error", 16, 0, ANY) },
	{ "ring 3: segment of the kernel", DIES("kernel-segment", 13, 0x68, ANY) },
	{ "ring 3: segment beyond the table", DIES("no-segment", 13, 0x100, ANY) },
	{ "ring 3: null segment", DIES("null-segment", 13, 0, ANY) },
	{ "ring 3: segment limit", DIES("gs-limit", 13, 0, ANY) },
	{ "ring 3: far jump into the kernel", DIES("far-jump", 13, 0x60, ANY) },
	{ "program: memory comes back", memory_comes_back, NULL },
	{ .name = NULL },
};
