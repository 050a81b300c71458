/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_SHELL_H
#define PUPPY_SHELL_H

#include "types.h"

#define MAX_WORDS 16

struct command {
	const char *name, *arguments, *help;
	void (*run)(int argc, const char *const *argv);
	const char *more;
};

/* shell/shell.c */
void shell(void *arg);
void run_line(char *line);

/* shell/commands.c */
extern const struct command commands[];

/* shell/stamp.c */
void stamp_disk(u32 count);

/* shell/selftest.c, shell/bench.c */
void selftest(int argc, const char *const *argv);
void bench(int argc, const char *const *argv);

#endif
