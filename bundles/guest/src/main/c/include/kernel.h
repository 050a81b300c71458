/* SPDX-License-Identifier: Apache-2.0 */
/* What the boot page told us, and the ways to end. */
#ifndef PUPPY_KERNEL_H
#define PUPPY_KERNEL_H

#include "abi.h"

#define PUPPY_VERSION "1.0"

/* boot/params.c */
extern u8 boot_page[BOOT_PAGE_SIZE];
extern char command_line[COMMAND_LINE_SIZE];
extern u32 memory_size;
extern u32 initrd_start, initrd_size;

void read_boot_params(void);
bool command_line_has(const char *word);
bool command_line_value(const char *name, char *value, u32 size);

/* boot/machine.c */
void machine_power_off(void) NORETURN;
void machine_restart(const char *why) NORETURN;
void machine_panic(const char *why) NORETURN;

/* The linker's view of us: see puppy.lds. */
extern char _text[], _etext[], _data[], _end[];

#endif
