/* SPDX-License-Identifier: Apache-2.0 */
/*G:560
 * Two processes that use the floating point unit at the same time, and one processor. Each adds
 * up a series which only comes out right if nobody else's numbers get into its registers; both
 * give up the processor in the middle of each step, with values on the unit's stack. Told to be
 * quiet, it lets its exit code speak.
 */
#include "libpuppy.h"

/* "fld1; fadd" and so on, by hand: the value stays in st(0) across the system call. */
static int sum_is_right(u32 step, u32 rounds)
{
	int result = -1;

	__asm__ volatile("fldz");
	for (u32 i = 0; i < rounds; i++) {
		__asm__ volatile("fld1; fimull %0; faddp" :: "m"(step));
		yield();
	}
	__asm__ volatile("fistpl %0" : "=m"(result));
	return result == (int)(step * rounds);
}

/* The same in C: the compiler knows best. */
static int harmonic_is_right(void)
{
	double sum = 0;

	for (int i = 1; i <= 1000; i++)
		sum += 1.0 / i;
	return sum > 7.48547086 && sum < 7.48547087;
}

int main(int argc, char **argv)
{
	int child = fork(), status = -1, ok;

	if (child < 0)
		return 2;
	ok = sum_is_right(child ? 7 : 1000, 500) && harmonic_is_right();
	if (!child)
		return !ok;
	if (waitpid(child, &status) != child || status)
		ok = 0;
	if (argc < 2 || strcmp(argv[1], "quiet"))
		print(ok ? "fpu: right\n" : "fpu: wrong\n");
	return !ok;
}
