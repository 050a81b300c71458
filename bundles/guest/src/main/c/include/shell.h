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
void usage(const char *name);

/* shell/stamp.c */
void stamp_disk(u32 count);

/* shell/churn.c */
void churn(int argc, const char *const *argv);

/* drivers/pantry.c */
void pantry_command(int argc, const char *const *argv);

/* shell/network.c */
void ip_command(int argc, const char *const *argv);
void ping_command(int argc, const char *const *argv);
void fetch_command(int argc, const char *const *argv);
void serve_command(int argc, const char *const *argv);
void send_command(int argc, const char *const *argv);
void receive_command(int argc, const char *const *argv);

/* shell/selftest.c, shell/bench.c */
void selftest(int argc, const char *const *argv);
void bench(int argc, const char *const *argv);

#endif
