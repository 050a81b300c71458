/* SPDX-License-Identifier: Apache-2.0 */
/* System calls with good and bad arguments, for the selftest: the exit code is the number of the
 * first check that failed, or 0. */
#include "libpuppy.h"

#define EFAULT 14
#define EBADF 9
#define ENOSYS 38
#define CHECK(condition) do { at++; if (!(condition)) return at; } while (0)

static char bss[3 * 4096];

int main(int argc, char **argv)
{
	int at = 0;
	u32 start, before, flags;
	u8 *p;

	CHECK(argc == 2 && !strcmp(argv[0], "probe") && !strcmp(argv[1], "x y") && !argv[2]);
	CHECK(getpid() > 0 && getppid() > 0);
	CHECK(syscall3(999, 0, 0, 0) == -ENOSYS);
	CHECK(write(7, "x", 1) == -EBADF);

	/* Memory that is not ours, or not there, or ends too early. */
	CHECK(write(1, (void *)0, 4) == -EFAULT);
	CHECK(write(1, (void *)0xC0100000, 4) == -EFAULT);
	CHECK(write(1, (void *)0xBFFFFFFC, 64) == -EFAULT);
	CHECK(syscall3(265, 0, 0x08048000, 0) == -EFAULT);

	/* Zeroes until written, and then each page on its own. */
	for (u32 i = 0; i < sizeof(bss); i++)
		if (bss[i])
			return 100;
	bss[4096] = 1;
	CHECK(bss[0] == 0 && bss[4096] == 1 && bss[8192] == 0);

	/* The heap grows, shrinks, and comes back empty. */
	start = brk(0);
	CHECK(brk(start + 10000) == start + 10000);
	p = (u8 *)start;
	CHECK(p[0] == 0 && p[9999] == 0);
	p[0] = p[9999] = 42;
	CHECK(brk(start + 4096) == start + 4096 && p[0] == 42);
	CHECK(brk(start + 12288) == start + 12288 && p[9999] == 0 && p[0] == 42);
	CHECK(brk(start) == start);

	p = mmap(1 << 20);
	CHECK(p && p[0] == 0 && p[(1 << 20) - 1] == 0);
	for (u32 i = 0; i < 1 << 20; i += 4096)
		p[i] = i >> 12;
	for (u32 i = 0; i < 1 << 20; i += 4096)
		if (p[i] != (u8)(i >> 12))
			return 101;
	CHECK(munmap(p, 1 << 20) == 0);
	CHECK(write(1, p, 1) == -EFAULT);

	/* The kernel writes where a program may, even if nobody has been there yet. */
	p = mmap(8192);
	clock_gettime(1, (struct time *)(p + 4092));
	CHECK(*(u32 *)(p + 4096) < 1000000000);

	/* Sleeping takes time, but not forever. */
	before = milliseconds();
	nanosleep(0, 30000000);
	CHECK(milliseconds() - before >= 29);

	/* A program sees interrupts enabled, and cannot change that, nor its privilege. */
	__asm__ volatile("pushfl; popl %0" : "=r"(flags));
	CHECK((flags & 0x3200) == 0x0200);
	__asm__ volatile("pushl %1; popfl; pushfl; popl %0" : "=r"(flags) : "r"((flags | 0x3000) & ~0x200));
	CHECK((flags & 0x3200) == 0x0200);
	return 0;
}
