/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_TEST_H
#define PUPPY_TEST_H

#include "types.h"

/* A test returns NULL if all is well, a text from SKIP() if there is nothing to test here, or a
 * sentence about what is wrong. */
struct test {
	const char *name;
	const char *(*run)(const void *arg);
	const void *arg;
};

const char *fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define TEST(name) static const char *name(const void *arg __attribute__((unused)))
#define CHECK(condition, ...) do { if (!(condition)) return fail(__VA_ARGS__); } while (0)
#define SKIP(reason) return "# SKIP " reason

/* test/selftest.c */
void busy_ms(u32 ms);
u32 elapsed_us(u64 since_tsc);
u64 tls_entry(u32 base, u32 limit);
u32 segment_limit(u32 selector);
u32 segment_rights(u32 selector);

/* Did the instruction with this exception table entry fault, and how? Used as
 *   faults(); ...the instruction...; if (faulted()) last_fault tells */
void expect_fault(void);
bool faulted(void);

/* The suites, each ended by a test without a name. */
extern const struct test hypercall_tests[], interrupt_tests[], trap_tests[], memory_tests[],
	cpu_tests[], program_tests[], device_tests[], net_tests[];

#endif
