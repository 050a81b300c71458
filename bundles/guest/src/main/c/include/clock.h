/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_CLOCK_H
#define PUPPY_CLOCK_H

#include "types.h"

#define NS_PER_SECOND 1000000000u
#define NS_PER_MS 1000000u
#define TICK_NS (10 * NS_PER_MS)

struct date {
	u32 year, month, day, hour, minute, second, weekday;
};

void clock_init(void);
u64 clock_ns(void);
u64 wall_ns(void);
void clock_program(void);
void date_of(u64 seconds, struct date *d);
u64 read_tsc(void);
bool clock_is_fine(void);

/* While set, timer interrupts go here and nowhere else: for the selftest. */
extern void (*volatile clock_hook)(void);

#endif
