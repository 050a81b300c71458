/* SPDX-License-Identifier: Apache-2.0 */
/* Interrupts, the timer, halting. These tests take the timer over for themselves. */
#include "lib.h"
#include "abi.h"
#include "clock.h"
#include "paravirt.h"
#include "task.h"
#include "test.h"
#include "trap.h"

#define MS NS_PER_MS

/* A machine may be busy with other things, and then all is late. What must come is given this long;
 * what must not come, only a moment. */
#define PATIENCE 3000
/* What makes the Host look whether an interrupt waits. */
#ifdef CONFIG_CLASSIC
#define ANY_CALL LHCALL_FLUSH_ASYNC
#else
#define ANY_CALL LHCALL_SEND_INTERRUPTS
#endif

static volatile u32 hits;

static void count_hit(void)
{
	hits++;
}

static bool wait_for_hit(void)
{
	for (u32 i = 0; i < PATIENCE && !hits; i++)
		busy_ms(1);
	return hits;
}

static bool wait_for_note(void)
{
#ifdef CONFIG_CLASSIC
	busy_ms(10);
	return true; /* there are no notes: the time has passed */
#else
	for (u32 i = 0; i < PATIENCE && !lguest_data.irq_pending; i++)
		busy_ms(1);
	return lguest_data.irq_pending;
#endif
}

static void take_timer(void (*hook)(void))
{
	u32 flags = irq_save();

	hits = 0;
	set_next_event(0);
	/* One that is on its way already shall arrive before we count. */
	clock_hook = hook;
	irq_enable();
	hcall(ANY_CALL, 0, 0, 0, 0);
	irq_disable();
	hits = 0;
	irq_restore(flags);
}

static void return_timer(void)
{
	u32 flags = irq_save();

	set_next_event(0);
	clock_hook = NULL;
	clock_program();
	irq_restore(flags);
}

TEST(flag)
{
	u32 was = irq_flags(), off, on, nested, restored;

	irq_disable();
	off = irq_flags();
	irq_enable();
	on = irq_flags();
	irq_disable();
	nested = irq_save();
	irq_restore(nested);
	restored = irq_flags();
	irq_restore(was);
	CHECK(was == EFLAGS_IF, "interrupts were off, or not just that: %x", was);
	CHECK(off == 0 && on == EFLAGS_IF, "off is %x, on is %x", off, on);
	CHECK(nested == 0 && restored == 0, "off does not nest: %x %x", nested, restored);
	return NULL;
}

/* A store is enough: while the flag is clear the interrupt waits, and a note says so. */
TEST(held_while_disabled)
{
	u32 while_off, pending, after, later;

	take_timer(count_hit);
	irq_disable();
	set_next_event(1 * MS);
	pending = wait_for_note();
	while_off = hits;
	irq_enable();
#ifdef CONFIG_CLASSIC
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
#endif
	after = hits;
	busy_ms(10);
	later = hits;
	return_timer();
	CHECK(while_off == 0, "it came although interrupts were off");
	CHECK(pending, "irq_pending was not set");
	CHECK(after == 1, "it did not come with SEND_INTERRUPTS: %u", after);
	CHECK(later == 1, "it came %u times", later);
	CHECK(IRQ_NOTE == 0, "irq_pending stays %x", IRQ_NOTE);
	return NULL;
}

TEST(held_while_saved)
{
	u32 flags, while_off, after;

	take_timer(count_hit);
	flags = irq_save();
	set_next_event(1 * MS);
	wait_for_note();
	while_off = hits;
	irq_restore(flags);
#ifdef CONFIG_CLASSIC
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
#endif
	after = hits;
	return_timer();
	CHECK(while_off == 0, "it came although interrupts were off");
	CHECK(after == 1, "it did not come when they were restored");
	return NULL;
}

/* No hypercall at all between: the Host has to look by itself. */
TEST(arrives_by_itself)
{
	u32 after;

	take_timer(count_hit);
	set_next_event(2 * MS);
	wait_for_hit();
	after = hits;
	return_timer();
	CHECK(after == 1, "it did not interrupt a loop within %u ms", PATIENCE);
	return NULL;
}

/* Neither does the Host need to be called after a plain store of the flag, if one is patient. */
TEST(arrives_after_store)
{
	u32 after;

	take_timer(count_hit);
	irq_disable();
	set_next_event(1 * MS);
	wait_for_note();
	lguest_data.irq_enabled = EFLAGS_IF;
	wait_for_hit();
	after = hits;
	return_timer();
	CHECK(after == 1, "it did not come within %u ms after irq_enabled was set", PATIENCE);
	return NULL;
}

TEST(blocked)
{
	u32 while_blocked, after;

	take_timer(count_hit);
	irq_block(0);
	set_next_event(1 * MS);
	busy_ms(10);
	hcall(ANY_CALL, 0, 0, 0, 0);
	while_blocked = hits;
	irq_unblock(0);
	hcall(ANY_CALL, 0, 0, 0, 0);
	wait_for_hit();
	after = hits;
	return_timer();
	CHECK(while_blocked == 0, "it came although it was blocked");
	CHECK(after == 1, "it did not come after it was unblocked: %u", after);
	return NULL;
}

/* The handler of an interrupt gate begins with interrupts off, and returns with them on. */
static volatile u32 flags_inside;

static void note_flags(void)
{
	hits++;
	flags_inside = irq_flags();
}

TEST(gate_disables)
{
	u32 after;

	flags_inside = 1;
	take_timer(note_flags);
	set_next_event(1 * MS);
	wait_for_hit();
	after = irq_flags();
	return_timer();
	CHECK(hits, "it did not come");
	CHECK(flags_inside == 0, "inside the handler the flag is %x", flags_inside);
	CHECK(after == EFLAGS_IF, "after the handler the flag is %x", after);
	return NULL;
}

TEST(ten_milliseconds)
{
	u32 us, best = 0xFFFFFFFF;

	/* Never early; and not always late. */
	for (u32 i = 0; i < 10 && best > 20000; i++) {
		u64 start;

		take_timer(count_hit);
		irq_disable();
		start = read_tsc();
		set_next_event(10 * MS);
		safe_halt();
		us = elapsed_us(start);
		best = MIN(best, us);
		return_timer();
		CHECK(hits == 1, "%u interrupts", hits);
		CHECK(us >= 9000, "it took only %u us", us);
	}
	CHECK(best < 100000, "it took %u us", best);
	return NULL;
}

TEST(one_shot)
{
	u32 after;

	take_timer(count_hit);
	set_next_event(2 * MS);
	wait_for_hit();
	busy_ms(20);
	after = hits;
	return_timer();
	CHECK(after == 1, "it came %u times", after);
	return NULL;
}

/* Between two calls the Host may keep us waiting until the first event is due; not each time. */
TEST(cancelled)
{
	for (u32 i = 0; i < 10; i++) {
		u32 between, after;
		u64 start;

		take_timer(count_hit);
		start = read_tsc();
		set_next_event(5 * MS);
		set_next_event(0);
		between = elapsed_us(start);
		busy_ms(20);
		after = hits;
		return_timer();
		if (between >= 5000)
			continue;
		CHECK(after == 0, "it came all the same");
		return NULL;
	}
	SKIP("the Host is too busy");
}

TEST(replaced)
{
	for (u32 i = 0; i < 10; i++) {
		u32 between, early, whole, late;
		u64 start;

		take_timer(count_hit);
		start = read_tsc();
		set_next_event(30 * MS);
		set_next_event(600 * MS);
		between = elapsed_us(start);
		busy_ms(60);
		early = hits;
		whole = elapsed_us(start);
		wait_for_hit();
		late = hits;
		return_timer();
		if (between >= 30000 || whole >= 600000)
			continue;
		CHECK(early == 0, "the first one came although it was replaced");
		CHECK(late == 1, "the second one came %u times", late);
		return NULL;
	}
	SKIP("the Host is too busy");
}

/* HALT with interrupts off: the Host turns them on and delivers before we continue. */
TEST(halt_wakes)
{
	u32 flags, after;

	take_timer(count_hit);
	irq_disable();
	set_next_event(5 * MS);
	safe_halt();
	after = hits;
	flags = irq_flags();
	irq_enable();
	return_timer();
	CHECK(after == 1, "HALT returned and the interrupt had not been delivered");
	CHECK(flags == EFLAGS_IF, "after HALT the flag is %x", flags);
	return NULL;
}

/* The race that every wait in this kernel relies on not being one. */
TEST(halt_with_pending)
{
	u64 start;
	u32 us, after;

	take_timer(count_hit);
	irq_disable();
	set_next_event(1 * MS);
	wait_for_note();
	/* Should HALT not return, this wakes us up, late. */
	set_next_event(3000 * MS);
	start = read_tsc();
	safe_halt();
	us = elapsed_us(start);
	after = hits;
	irq_enable();
	return_timer();
	CHECK(after == 1, "%u interrupts", after);
	CHECK(us < 2000000, "HALT took %u us with an interrupt pending", us);
	return NULL;
}

/*G:810
 * A storm of interrupts: each handler orders the next one at once, while the kernel takes one trap
 * after another and returns from each through lguest_iret. If the Host delivered inside of the
 * no-irq window the frames would pile up, and the handler would see its stack sink.
 */
static u32 lowest;

static void storm(void)
{
	u32 here;

	hits++;
	if ((u32)&here < lowest)
		lowest = (u32)&here;
	set_next_event(30000);
}

TEST(no_irq_window)
{
	u32 here, depth, after;
	u64 until;

	lowest = (u32)&here;
	take_timer(storm);
	set_next_event(30000);
	until = read_tsc();
	while (hits < 50 && elapsed_us(until) < 2000000)
		__asm__ volatile("int3; int3; int3; int3");
	after = hits;
	irq_disable();
	return_timer();
	irq_enable();
	depth = (u32)&here - lowest;
	CHECK(after > 5, "only %u interrupts in 2 s", after);
	CHECK(depth < 2000, "the stack sank by %u bytes", depth);
	return NULL;
}

TEST(time_goes_on)
{
	u64 before = (u64)lguest_data.time_sec * NS_PER_SECOND + lguest_data.time_nsec, after;
	u32 ms;

	task_sleep(30 * MS);
	after = (u64)lguest_data.time_sec * NS_PER_SECOND + lguest_data.time_nsec;
	CHECK(after > before, "the published time stands still");
	after -= before;
	div64(&after, MS);
	ms = after;
	CHECK(ms >= 19 && ms < 20000, "the published time moved %u ms in 30 ms", ms);
	return NULL;
}

TEST(time_sources_agree)
{
	s32 difference = 0;

	if (!clock_is_fine())
		SKIP("the Host does not vouch for the tsc");
	/* Between the interrupt which brings the published time and our look at the counter we may
	 * be kept waiting; not each time. */
	for (u32 i = 0; i < 10; i++) {
		u64 published, counted;

		task_sleep(20 * MS);
		published = (u64)lguest_data.time_sec * NS_PER_SECOND + lguest_data.time_nsec;
		counted = wall_ns();
		task_sleep(200 * MS);
		published = (u64)lguest_data.time_sec * NS_PER_SECOND + lguest_data.time_nsec - published;
		counted = wall_ns() - counted;
		difference = (s32)(published - counted) / (s32)MS;
		if (difference > -30 && difference < 30)
			return NULL;
	}
	return fail("they differ by %d ms in 200 ms", difference);
}

TEST(tsc_counts)
{
	u64 last = read_tsc(), now;

	for (u32 i = 0; i < 10000; i++) {
		now = read_tsc();
		CHECK(now >= last, "it went back");
		last = now;
	}
	return NULL;
}

TEST(sleep_is_long_enough)
{
	u64 start = read_tsc();
	u32 us;

	task_sleep(25 * MS);
	us = elapsed_us(start);
	CHECK(us >= 24000 && us < 5000000, "25 ms took %u us", us);
	return NULL;
}

const struct test interrupt_tests[] = {
	{ "interrupt flag: off, on, nested", flag, NULL },
	{ "interrupt held while disabled, SEND_INTERRUPTS delivers it", held_while_disabled, NULL },
	{ "interrupt held between save and restore", held_while_saved, NULL },
	{ "interrupt arrives without a hypercall", arrives_by_itself, NULL },
	{ "interrupt arrives after a store to irq_enabled", arrives_after_store, NULL },
	{ "interrupt held while its line is blocked", blocked, NULL },
	{ "interrupt gate clears the flag, iret restores it", gate_disables, NULL },
	{ "SET_CLOCKEVENT: 10 ms are 10 ms", ten_milliseconds, NULL },
	{ "SET_CLOCKEVENT: once", one_shot, NULL },
	{ "SET_CLOCKEVENT: 0 cancels", cancelled, NULL },
	{ "SET_CLOCKEVENT: a new one replaces the old", replaced, NULL },
	{ "HALT wakes with interrupts on", halt_wakes, NULL },
	{ "HALT does not sleep if one is pending", halt_with_pending, NULL },
	{ "no-irq window: the stack does not sink", no_irq_window, NULL },
	{ "time: the published time goes on", time_goes_on, NULL },
	{ "time: tsc and published time agree", time_sources_agree, NULL },
	{ "time: the tsc never goes back", tsc_counts, NULL },
	{ "time: a sleep is long enough", sleep_is_long_enough, NULL },
	{ .name = NULL },
};
