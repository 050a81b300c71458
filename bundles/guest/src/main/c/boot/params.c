/* SPDX-License-Identifier: Apache-2.0 */
/* The boot page: how much memory, which initial ram disk, what the user wants. */
#include "lib.h"
#include "kernel.h"

u8 boot_page[BOOT_PAGE_SIZE];
char command_line[COMMAND_LINE_SIZE];
u32 memory_size;
u32 initrd_start, initrd_size;

static u32 word(u32 offset)
{
	u32 value;

	memcpy(&value, boot_page + offset, sizeof(value));
	return value;
}

/* The memory map of a PC (the "e820" map, after the number of the BIOS function) is a list of
 * ranges. A Guest gets exactly one: from 0, and all of it is RAM. */
void read_boot_params(void)
{
	memory_size = word(BOOT_E820_MAP + 8) & ~0xFFFu;
	initrd_start = word(BOOT_RAMDISK_IMAGE);
	initrd_size = word(BOOT_RAMDISK_SIZE);
	if (initrd_start > memory_size || initrd_size > memory_size - initrd_start)
		initrd_size = 0;
}

/* Is this one of the words? */
bool command_line_has(const char *name)
{
	u32 n = strlen(name);

	for (const char *at = command_line; (at = strstr(at, name)); at += n)
		if ((at == command_line || at[-1] == ' ') && (!at[n] || at[n] == ' '))
			return true;
	return false;
}

/* name=value or name="value with blanks". The Launcher may have lost the quotes on the way, since
 * a shell eats them; then everything up to the end of the line is ours. */
bool command_line_value(const char *name, char *value, u32 size)
{
	u32 n = strlen(name), length = 0;
	const char *at = command_line;
	char end = '\0';

	while ((at = strstr(at, name)) && !((at == command_line || at[-1] == ' ') && at[n] == '='))
		at += n;
	if (!at)
		return false;
	at += n + 1;
	if (*at == '"' || *at == '\'')
		end = *at++;
	while (at[length] && at[length] != end && length + 1 < size)
		length++;
	memcpy(value, at, length);
	value[length] = '\0';
	return true;
}
