/* SPDX-License-Identifier: Apache-2.0 */
/*G:710
 * The shell.
 *
 * It is a task of the kernel, not a program: it wants to look at things which no program may see.
 */
#include "lib.h"
#include "console.h"
#include "kernel.h"
#include "shell.h"

#define LINE_SIZE 256

/* Splits at blanks; double quotes keep blanks together. Returns the number of words, -1 if there
 * are too many. */
static int split(char *line, const char **words)
{
	int n = 0;

	for (;;) {
		char end = ' ';

		while (*line == ' ')
			line++;
		if (!*line)
			return n;
		if (n == MAX_WORDS)
			return -1;
		if (*line == '"')
			end = *line++;
		words[n++] = line;
		while (*line && *line != end)
			line++;
		if (*line)
			*line++ = '\0';
	}
}

static void run_command(char *text)
{
	const char *words[MAX_WORDS];
	int n = split(text, words);

	if (n == 0)
		return;
	if (n < 0) {
		printk("too many words\n");
		return;
	}
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, words[0])) {
			c->run(n, words);
			return;
		}
	printk("%s: no such command, try \"help\"\n", words[0]);
}

/* Several commands in one line, with semicolons between; not inside of quotes. */
void run_line(char *line)
{
	bool quoted = false;
	char *start = line;

	for (;; line++) {
		char c = *line;

		if (c == '"')
			quoted = !quoted;
		if (c && (c != ';' || quoted))
			continue;
		*line = '\0';
		run_command(start);
		if (!c)
			return;
		start = line + 1;
	}
}

void shell(void *arg UNUSED)
{
	char line[LINE_SIZE];

	if (command_line_value("run", line, sizeof(line))) {
		run_line(line);
		machine_power_off();
	}
	if (!command_line_has("quiet"))
		printk("Type \"help\" for what there is.\n");
	for (;;) {
		int n = edit_line("puppy> ", line, sizeof(line));

		if (n == -1)
			machine_power_off();
		if (n > 0)
			run_line(line);
	}
}
