/* SPDX-License-Identifier: Apache-2.0 */
/*G:800
 * The selftest.
 *
 * A Guest that boots proves little: kernels are good at surviving. So puppy also asks its Host
 * uncomfortable questions, one small one at a time, and prints the answers in a form which
 * programs can read (TAP, "test anything protocol"). Each question comes from the contract between
 * Guest and Host or from the processor's manual; none depends on how a Host goes about it.
 *
 * The folder has one file per subject, and the tests are the best place to learn what a hypercall
 * does exactly.
 */
#include "lib.h"
#include "clock.h"
#include "paravirt.h"
#include "shell.h"
#include "task.h"
#include "test.h"
#include "trap.h"

static const struct test *const suites[] = {
	hypercall_tests, interrupt_tests, trap_tests, memory_tests, cpu_tests, program_tests,
	device_tests, net_tests,
};

static char reason[200];
static u32 cycles_per_ms;
static u32 faults_before;

const char *fail(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(reason, sizeof(reason), format, ap);
	va_end(ap);
	return reason;
}

void expect_fault(void)
{
	faults_before = last_fault.count;
	barrier();
}

bool faulted(void)
{
	return last_fault.count != faults_before;
}

/* Some tests have to wait with interrupts off, when the published time stands still. The counter
 * runs even if the Host does not vouch for its speed; then we look how fast it is today. */
static void calibrate(void)
{
	u64 tsc = read_tsc(), start = clock_ns(), cycles;
	u32 ms;

	if (clock_is_fine()) {
		cycles_per_ms = tsc_khz();
		return;
	}
	task_sleep(50 * NS_PER_MS);
	start = clock_ns() - start;
	cycles = read_tsc() - tsc;
	div64(&start, NS_PER_MS);
	ms = MAX((u32)start, 1u);
	div64(&cycles, ms);
	cycles_per_ms = MAX((u32)cycles, 1u);
}

void busy_ms(u32 ms)
{
	u64 until = read_tsc() + (u64)ms * cycles_per_ms;

	while (read_tsc() < until)
		__asm__ volatile("pause");
}

u32 elapsed_us(u64 since_tsc)
{
	u64 us = (read_tsc() - since_tsc) * 1000;

	div64(&us, cycles_per_ms);
	return us;
}

/* A small data segment for ring 3: the kind that set_thread_area() makes. */
u64 tls_entry(u32 base, u32 limit)
{
	u32 low = base << 16 | (limit & 0xFFFF);
	u32 high = (base & 0xFF000000) | (base >> 16 & 0xFF) | (limit & 0xF0000) | 0x0040F200;

	return (u64)high << 32 | low;
}

/* What the processor itself reads from the descriptor: "lsl" and "lar" need no privilege.
 * 0xFFFFFFFE: it says that we may not know. */
u32 segment_limit(u32 selector)
{
	u32 limit = 0xFFFFFFFE;

	__asm__ volatile("lsl %1, %0" : "+r"(limit) : "r"(selector) : "cc");
	return limit;
}

u32 segment_rights(u32 selector)
{
	u32 rights = 0xFFFFFFFE;

	__asm__ volatile("lar %1, %0" : "+r"(rights) : "r"(selector) : "cc");
	return rights;
}

static bool selected(const struct test *t, const char *only)
{
	return !only || strstr(t->name, only);
}

void selftest(int argc, const char *const *argv)
{
	const char *only = argc > 1 ? argv[1] : NULL;
	u32 total = 0, number = 0, failed = 0, skipped = 0;

	for (u32 s = 0; s < ARRAY_SIZE(suites); s++)
		for (const struct test *t = suites[s]; t->name; t++)
			total += selected(t, only);
	printk("1..%u\n", total);
	calibrate();

	for (u32 s = 0; s < ARRAY_SIZE(suites); s++)
		for (const struct test *t = suites[s]; t->name; t++) {
			const char *answer;

			if (!selected(t, only))
				continue;
			number++;
			answer = t->run(t->arg);
			if (!answer)
				printk("ok %u %s\n", number, t->name);
			else if (answer[0] == '#') {
				printk("ok %u %s %s\n", number, t->name, answer);
				skipped++;
			} else {
				printk("not ok %u %s: %s\n", number, t->name, answer);
				failed++;
			}
		}
	if (skipped)
		printk("# %u of these were skipped\n", skipped);
	printk("selftest: %u passed, %u failed\n", number - failed, failed);
}
