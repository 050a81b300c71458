/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_FILES_H
#define PUPPY_FILES_H

#include "types.h"

/* A file either lies in memory, or is made up by a function when somebody looks at it. */
struct file {
	const char *name;
	const u8 *data;
	u32 size;
	void (*show)(void);
};

/* fs/files.c */
bool file_open(const char *name, struct file *f);
bool file_next(u32 *cursor, struct file *f);

/* fs/cpio.c */
void initrd_init(void);
bool cpio_next(const u8 *archive, u32 size, u32 *cursor, struct file *f);
extern const u8 *initrd;

/* fs/proc.c */
extern const struct file proc_files[];
extern const u32 proc_files_count;

#endif
