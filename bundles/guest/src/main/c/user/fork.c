/* SPDX-License-Identifier: Apache-2.0 */
/*G:565
 * fork [PAGES]: after a fork the two have the same memory, and not the same memory. The child
 * changes every page and must see its changes; the parent must not.
 */
#include "libpuppy.h"

static volatile int data = 1;
static volatile int bss;

static int is_filled(const u32 *p, u32 pages, u32 with)
{
	for (u32 i = 0; i < pages; i++)
		if (p[i * 1024] != with + i || p[i * 1024 + 1023] != with)
			return 0;
	return 1;
}

static void fill(u32 *p, u32 pages, u32 with)
{
	for (u32 i = 0; i < pages; i++) {
		p[i * 1024] = with + i;
		p[i * 1024 + 1023] = with;
	}
}

int main(int argc, char **argv)
{
	u32 pages = number(argc > 1 ? argv[1] : NULL, 100);
	u32 *memory = mmap(pages * 4096);
	volatile int local = 1;
	int child, status = -1;

	if (!memory)
		return 2;
	fill(memory, pages, 1000);
	child = fork();
	if (child < 0)
		return 3;
	if (child == 0) {
		if (!is_filled(memory, pages, 1000) || data != 1 || bss != 0 || local != 1)
			return 4;
		fill(memory, pages, 5000);
		data = bss = local = 2;
		yield();
		return is_filled(memory, pages, 5000) && data + bss + local == 6 ? 0 : 5;
	}
	yield();
	if (waitpid(child, &status) != child || status)
		return 6;
	if (!is_filled(memory, pages, 1000) || data != 1 || bss != 0 || local != 1)
		return 7;
	/* Now it is ours alone, and writing must still work. */
	fill(memory, pages, 9000);
	if (!is_filled(memory, pages, 9000))
		return 8;
	print("fork: right\n");
	return 0;
}
