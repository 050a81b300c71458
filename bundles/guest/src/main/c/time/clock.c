/* SPDX-License-Identifier: Apache-2.0 */
/*G:360
 * Time.
 *
 * Two questions, two devices. "What time is it?" and "wake me up in a while."
 *
 * For the first, the Host writes the time of day into lguest_data. It does so when it delivers an
 * interrupt, since it has to come by for that anyway; in between, the clock stands still. That is
 * fine for "date" and useless for measuring. But if the processor's time stamp counter is
 * dependable on the Host, the Host tells us its speed, and we count from there.
 *
 * For the second there is SET_CLOCKEVENT: one interrupt on line 0, so many nanoseconds from now,
 * four seconds at most. We ask for a tick each 10 ms while a task runs, so that the next may have
 * its turn, and for nothing at all while everybody sleeps, except the moment at which the first
 * of them wants to wake up. An idle puppy sleeps soundly.
 */
#include "lib.h"
#include "clock.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"

#define MIN_DELTA_NS 20000u
#define MAX_DELTA_NS 4000000000u
#define TSC_SHIFT 22

void (*volatile clock_hook)(void);

static u32 tsc_mult;
static u64 tsc_start, wall_start, clock_start;

u64 read_tsc(void)
{
	u64 tsc;

	__asm__ volatile("rdtsc" : "=A"(tsc));
	return tsc;
}

/* The Host may update the two words while we read them. It writes them in no particular order, so
 * the seconds are read on both sides of the nanoseconds: if they are the same, they belong to
 * each other (unless a second has passed exactly in between, and who has time for that). */
static u64 published_ns(void)
{
	u32 seconds, ns;

	do {
		seconds = lguest_data.time_sec;
		barrier();
		ns = lguest_data.time_nsec;
		barrier();
	} while (seconds != lguest_data.time_sec);
	return (u64)seconds * NS_PER_SECOND + ns;
}

/* Is there anything better than the published time? */
bool clock_is_fine(void)
{
	return tsc_mult != 0;
}

u64 wall_ns(void)
{
	if (!tsc_mult)
		return published_ns();
	return wall_start + mul_shift(read_tsc() - tsc_start, tsc_mult, TSC_SHIFT);
}

/* Nanoseconds since boot. */
u64 clock_ns(void)
{
	return wall_ns() - clock_start;
}

/*G:365
 * When to wake us next. This is called whenever the answer may have changed: after each timer
 * interrupt, and when the processor goes from idle to busy or back.
 */
void clock_program(void)
{
	u64 now = clock_ns(), wake = next_wake_up();
	u32 delta = current == &tasks[0] ? 0 : TICK_NS;

	if (clock_hook)
		return;
	if (wake) {
		u64 wait = wake > now ? wake - now : 0;

		if (!delta || wait < delta)
			delta = MAX(MIN(wait, (u64)MAX_DELTA_NS), (u64)MIN_DELTA_NS);
	}
	set_next_event(delta);
}

static void timer_interrupt(void *arg UNUSED)
{
	if (clock_hook) {
		clock_hook();
		return;
	}
	current->ticks++;
	need_resched = true;
	wake_sleepers(clock_ns());
	clock_program();
}

void clock_init(void)
{
	u32 khz = tsc_khz();

	wall_start = clock_start = published_ns();
	if (khz) {
		u64 mult = 1000000ull << TSC_SHIFT;

		/* ns = cycles * 1000000 / khz; below 1 MHz the multiplier would not fit. */
		div64(&mult, khz);
		if (mult >> 32 == 0) {
			tsc_start = read_tsc();
			tsc_mult = mult;
		}
	}
	irq_register(0, timer_interrupt, NULL, "timer");
}

/* The civil calendar, from the number of seconds since 1970. The year is taken to begin in March,
 * so that the leap day is the last of it and the lengths of the months follow one formula. */
void date_of(u64 seconds, struct date *d)
{
	u64 all_days = seconds;
	u32 rest = div64(&all_days, 86400), days = (u32)all_days + 719468;
	u32 era = days / 146097, day_of_era = days % 146097;
	u32 year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	u32 day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	u32 month = (5 * day_of_year + 2) / 153;

	d->day = day_of_year - (153 * month + 2) / 5 + 1;
	d->month = month < 10 ? month + 3 : month - 9;
	d->year = year_of_era + era * 400 + (d->month <= 2);
	d->hour = rest / 3600;
	d->minute = rest / 60 % 60;
	d->second = rest % 60;
	d->weekday = ((u32)all_days + 4) % 7;
}
