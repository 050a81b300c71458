/* SPDX-License-Identifier: Apache-2.0 */
/*G:720
 * How fast is it?
 *
 * Each line measures one thing a Host has to be good at: plain instructions, moving memory, the
 * way into the kernel and back, the way to the Host and back, page faults, context switches, the
 * disk. The work is repeated until enough time has passed that the clock's own steps (10 ms, if
 * there is no counter) do not matter.
 */
#include "lib.h"
#include "clock.h"
#include "mm.h"
#include "paravirt.h"
#include "shell.h"
#include "task.h"
#include "virtio.h"

#define LONG_ENOUGH (400 * NS_PER_MS)
#define BUFFER_SIZE (1 << 20)

/* Two of these, in the window at SCRATCH_BASE: memory that is taken while we measure, and not longer. */
static u8 *const buffer = (u8 *)SCRATCH_BASE;
static u8 sectors_read[BLOCK_MAX_SECTORS * SECTOR_SIZE];
static bool disk_failed;

static void give_memory_back(void)
{
	lazy_enter(LAZY_MMU);
	for (u32 a = SCRATCH_BASE; a < SCRATCH_BASE + 2 * BUFFER_SIZE; a += PAGE_SIZE) {
		pte_t *pte = pte_lookup(pa(swapper_pg_dir), a), old = *pte;

		if (!(old & PTE_PRESENT))
			continue;
		set_pte_at(pa(swapper_pg_dir), a, pte, 0);
		page_put(pte_frame(old));
	}
	lazy_leave(LAZY_MMU);
}

static bool take_memory(void)
{
	for (u32 a = SCRATCH_BASE; a < SCRATCH_BASE + 2 * BUFFER_SIZE; a += PAGE_SIZE) {
		u32 page = page_alloc_zeroed();

		if (!page) {
			give_memory_back();
			return false;
		}
		set_pte_at(pa(swapper_pg_dir), a, pte_lookup(pa(swapper_pg_dir), a), page | PTE_KERNEL);
	}
	return true;
}

/* Two million instructions: 250000 rounds of eight, some of them dependent on each other. */
static void integer_loop(void)
{
	u32 a = 1, b = 2, n = 250000;

	__asm__ volatile(
		"1:\taddl %1, %0\n\t"
		"xorl %2, %1\n\t"
		"leal 3(%0,%1), %0\n\t"
		"rorl $5, %1\n\t"
		"subl $7, %0\n\t"
		"andl $0x7FFFFFFF, %0\n\t"
		"decl %2\n\t"
		"jnz 1b"
		: "+r"(a), "+r"(b), "+r"(n) :: "cc");
}

static void copy_memory(void) { memcpy(buffer, buffer + BUFFER_SIZE, BUFFER_SIZE); }
static void set_memory(void) { memset(buffer, 0x55, BUFFER_SIZE); }

/* Word by word, the way a compiler writes it: loads and stores through the software TLB. */
static void walk_memory(void)
{
	volatile u32 *p = (volatile u32 *)buffer;

	for (u32 i = 0; i < BUFFER_SIZE / 4; i++)
		p[i] += i;
}

static void hypercalls(void)
{
	for (u32 i = 0; i < 1000; i++)
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
}

static void async_hypercalls(void)
{
	for (u32 i = 0; i < 1000; i++)
		async_hcall(LHCALL_TS, current_cr0, 0, 0, 0);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
}

static void traps(void)
{
	for (u32 i = 0; i < 1000; i++)
		__asm__ volatile("int3");
}

static void read_disk(void)
{
	u32 sectors = MIN(block_capacity(0), (u64)(BUFFER_SIZE / SECTOR_SIZE));

	for (u32 s = 0; s + BLOCK_MAX_SECTORS <= sectors; s += BLOCK_MAX_SECTORS)
		if (block_read(0, s, BLOCK_MAX_SECTORS, sectors_read))
			disk_failed = true;
}

/* "work" does "amount" units of it; "scale" turns units per second into what is printed. */
static void measure(const char *name, const char *unit, void (*work)(void), u32 amount, u32 scale)
{
	u64 start, elapsed, rate;
	u32 rounds = 0, ms;

	work();
	start = clock_ns();
	do {
		work();
		rounds++;
		elapsed = clock_ns() - start;
	} while (elapsed < LONG_ENOUGH);
	div64(&elapsed, 1000);
	ms = elapsed;
	rate = (u64)rounds * amount * 1000;
	div64(&rate, ms);
	rate *= 1000;
	div64(&rate, scale);
	printk("bench %s %llu %s\n", name, rate, unit);
}

void bench(int argc, const char *const *argv)
{
	static const struct {
		const char *name, *unit;
		void (*work)(void);
		u32 amount, scale;
	} kinds[] = {
		{ "integer", "MIPS", integer_loop, 2000000, 1000000 },
		{ "memcpy", "MB/s", copy_memory, BUFFER_SIZE, 1000000 },
		{ "memset", "MB/s", set_memory, BUFFER_SIZE, 1000000 },
		{ "load-store", "MB/s", walk_memory, BUFFER_SIZE, 1000000 },
		{ "hypercall", "calls/s", hypercalls, 1000, 1 },
		{ "async-hypercall", "calls/s", async_hypercalls, 1000, 1 },
		{ "trap", "traps/s", traps, 1000, 1 },
		{ "block-read", "MB/s", read_disk, 0, 1000000 },
	};
	static const char *const programs[] = { "syscall", "page-fault", "context-switch", "fork" };
	const char *only = argc > 1 ? argv[1] : NULL;

	if (!take_memory()) {
		printk("bench: not enough memory\n");
		return;
	}
	for (u32 i = 0; i < ARRAY_SIZE(kinds); i++) {
		u32 amount = kinds[i].amount;

		if (only && strcmp(only, kinds[i].name))
			continue;
		if (kinds[i].work == read_disk) {
			if (!block_count() || block_capacity(0) < BLOCK_MAX_SECTORS)
				continue;
			amount = MIN(block_capacity(0), (u64)(BUFFER_SIZE / SECTOR_SIZE))
				/ BLOCK_MAX_SECTORS * BLOCK_MAX_SECTORS * SECTOR_SIZE;
		}
		measure(kinds[i].name, kinds[i].unit, kinds[i].work, amount, kinds[i].scale);
	}
	give_memory_back();
	for (u32 i = 0; i < ARRAY_SIZE(programs); i++) {
		const char *words[] = { "bench", programs[i] };

		if (!only || !strcmp(only, programs[i]))
			program_run(2, words, false, NULL, NULL);
	}
	if (disk_failed)
		printk("bench: the disk reported errors\n");
}
