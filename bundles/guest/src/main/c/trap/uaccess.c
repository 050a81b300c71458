/* SPDX-License-Identifier: Apache-2.0 */
/*G:350
 * Reading and writing the memory of a program.
 *
 * The program is mapped below us, so this is a plain copy, with two worries. The address may be
 * ours instead of the program's: one comparison. And it may not be mapped: then the copy faults,
 * in the middle of a "rep movsb", with ecx telling how much is left. If the fault handler can
 * provide the page the instruction simply goes on. If not, the exception table makes it end here,
 * and what is left in ecx is the answer.
 */
#include "mm.h"
#include "trap.h"

static u32 copy(void *to, const void *from, u32 size)
{
	__asm__ volatile("1:\trep movsb\n2:\n\t" EX_TABLE("1b", "2b")
		: "+D"(to), "+S"(from), "+c"(size) :: "memory");
	return size;
}

static bool users(u32 address, u32 size)
{
	return address < USER_TOP && size <= USER_TOP - address;
}

u32 copy_from_user(void *to, u32 from, u32 size)
{
	return users(from, size) ? copy(to, (void *)from, size) : size;
}

u32 copy_to_user(u32 to, const void *from, u32 size)
{
	return users(to, size) ? copy((void *)to, from, size) : size;
}

/* Copies up to and including the terminating zero; false if there is none in "size" bytes. */
bool string_from_user(char *to, u32 from, u32 size)
{
	for (u32 i = 0; i < size; i++) {
		if (copy_from_user(to + i, from + i, 1))
			return false;
		if (!to[i])
			return true;
	}
	return false;
}
