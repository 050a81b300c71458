/* SPDX-License-Identifier: Apache-2.0 */
/*G:570
 * Thread-local storage: two processes have the same number in gs, and mean different memory.
 */
#include "libpuppy.h"

static u32 block[4];

static u32 read_gs(u32 offset)
{
	u32 value;

	__asm__ volatile("movl %%gs:(%1), %0" : "=r"(value) : "r"(offset));
	return value;
}

static void write_gs(u32 offset, u32 value)
{
	__asm__ volatile("movl %0, %%gs:(%1)" :: "r"(value), "r"(offset) : "memory");
}

static int use(u32 base, u32 seed)
{
	struct user_desc d = { 0xFFFFFFFF, base, 15, 1 };

	if (set_thread_area(&d) || d.entry < 6 || d.entry > 8)
		return 0;
	__asm__ volatile("movw %w0, %%gs" :: "r"(d.entry * 8 + 3));
	for (u32 i = 0; i < 200; i++) {
		write_gs(0, seed + i);
		write_gs(12, seed - i);
		yield();
		if (read_gs(0) != seed + i || read_gs(12) != seed - i)
			return 0;
	}
	return 1;
}

int main(void)
{
	u32 other[4];
	int child = fork(), status = -1, ok;

	if (child < 0)
		return 2;
	ok = child ? use((u32)block, 1000) && block[0] == 1199
		: use((u32)other, 777000) && other[0] == 777199 && block[0] == 0;
	if (!child)
		return !ok;
	if (waitpid(child, &status) != child || status)
		ok = 0;
	/* One byte past the limit is somebody else's: 13 (general protection) for us. */
	print(ok ? "tls: right\n" : "tls: wrong\n");
	return !ok;
}
