/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_CONSOLE_H
#define PUPPY_CONSOLE_H

#include "types.h"

/* drivers/console.c */
void console_write(const char *text, u32 size);
void console_write_early(const char *text);
void console_flush(void);
int console_getc(void);
void console_ungetc(char c);
bool console_interrupted(void);
void console_watch(int pid);
u32 console_stalls(void);
bool console_size(u16 *columns, u16 *rows);

/* shell/line.c */
int console_read_line(char *line, u32 size);
int edit_line(const char *prompt, char *line, u32 size);

#endif
