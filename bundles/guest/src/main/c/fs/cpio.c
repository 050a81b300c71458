/* SPDX-License-Identifier: Apache-2.0 */
/*G:600
 * The initial ram disk.
 *
 * The Launcher puts it at the top of memory and tells us where in the boot page. Its format is
 * that of "cpio -H newc", the simplest archive still in use: a header of 110 characters of which
 * everything but the magic number is hexadecimal text, the name, the contents, padding to 4; and
 * so on until the file named TRAILER!!!.
 *
 * Someone else made it, so nothing in it is believed until it has been compared with the size.
 */
#include "lib.h"
#include "files.h"
#include "kernel.h"
#include "mm.h"

#define HEADER 110
#define FIELD_MODE 14
#define FIELD_FILESIZE 54
#define FIELD_NAMESIZE 94

const u8 *initrd;

static bool hex(const u8 *text, u32 *value)
{
	*value = 0;
	for (int i = 0; i < 8; i++) {
		u8 c = text[i] | 0x20;

		if (c >= '0' && c <= '9')
			*value = *value << 4 | (u32)(c - '0');
		else if (c >= 'a' && c <= 'f')
			*value = *value << 4 | (u32)(c - 'a' + 10);
		else
			return false;
	}
	return true;
}

/* Finds the next regular file at or after *cursor. */
bool cpio_next(const u8 *archive, u32 size, u32 *cursor, struct file *f)
{
	while (*cursor < size && size - *cursor >= HEADER) {
		const u8 *h = archive + *cursor;
		u32 mode, file_size, name_size, start;

		if (memcmp(h, "070701", 6) && memcmp(h, "070702", 6))
			return false;
		if (!hex(h + FIELD_MODE, &mode) || !hex(h + FIELD_FILESIZE, &file_size)
		    || !hex(h + FIELD_NAMESIZE, &name_size))
			return false;
		if (name_size == 0 || name_size > size - *cursor - HEADER || h[HEADER + name_size - 1])
			return false;
		start = (*cursor + HEADER + name_size + 3) & ~3u;
		if (start > size || file_size > size - start)
			return false;
		if (!strcmp((const char *)h + HEADER, "TRAILER!!!"))
			return false;
		*cursor = start + file_size <= 0xFFFFFFFC ? (start + file_size + 3) & ~3u : size;
		if ((mode & 0170000) == 0100000) {
			const char *name = (const char *)h + HEADER;

			while (*name == '/' || (name[0] == '.' && name[1] == '/'))
				name++;
			*f = (struct file) { name, archive + start, file_size, NULL };
			return true;
		}
	}
	return false;
}

void initrd_init(void)
{
	if (!initrd_size)
		return;
	if (initrd_start + initrd_size <= lowmem_size)
		initrd = va(initrd_start);
	else
		initrd = map_window(initrd_start, initrd_size);
	if (!initrd)
		printk("initrd: %u KiB at %x are out of reach\n", initrd_size / 1024, initrd_start);
}
