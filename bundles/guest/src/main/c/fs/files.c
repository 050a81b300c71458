/* SPDX-License-Identifier: Apache-2.0 */
/* All files: those of the initial ram disk first, then the built-in ones unless hidden by them. */
#include "lib.h"
#include "files.h"
#include "kernel.h"

extern const struct file programs[];
extern const u32 programs_count;

/* Steps through everything. The cursor starts at 0; its top bit says "past the ram disk". */
#define BUILT_IN 0x80000000u

bool file_next(u32 *cursor, struct file *f)
{
	u32 n;

	if (!(*cursor & BUILT_IN)) {
		if (initrd && cpio_next(initrd, initrd_size, cursor, f))
			return true;
		*cursor = BUILT_IN;
	}
	n = (*cursor)++ & ~BUILT_IN;
	if (n < proc_files_count)
		*f = proc_files[n];
	else if (n - proc_files_count < programs_count)
		*f = programs[n - proc_files_count];
	else
		return false;
	return true;
}

bool file_open(const char *name, struct file *f)
{
	u32 cursor = 0;

	while (*name == '/')
		name++;
	while (file_next(&cursor, f))
		if (!strcmp(f->name, name))
			return true;
	return false;
}
