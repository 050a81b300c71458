/* SPDX-License-Identifier: Apache-2.0 */
/*G:700
 * A line of input.
 *
 * Whoever types wants to see what he types and to correct it: backspace takes back a character,
 * ^U all of them, ^C the whole idea. ^D, at the beginning of a line, means that there is nothing
 * more to come. (A Host whose input has ended sends us one.) Other control characters are ignored,
 * arrow keys included.
 */
#include "lib.h"
#include "console.h"
#include "task.h"

#define CTRL(letter) ((letter) & 0x1F)
#define BACKSPACE 8
#define DELETE 0x7F
#define ESCAPE 0x1B

static void rub_out(u32 n)
{
	while (n--)
		console_write("\b \b", 3);
}

/* An arrow key is ESC [ and a letter; others end with ~. */
static void skip_escape(void)
{
	int c = console_getc();

	if (c != '[' && c != 'O')
		return;
	do
		c = console_getc();
	while ((c >= '0' && c <= '9') || c == ';');
}

/* Returns the length of the line without its end; -1 for ^D, -2 for ^C. */
int edit_line(const char *prompt, char *line, u32 size)
{
	/* Of "\r\n" only the first counts. */
	static bool after_return;
	u32 n = 0;

	console_write(prompt, strlen(prompt));
	for (;;) {
		int c = console_getc();

		if (c < 0)
			return -1;
		if (c == '\n' && after_return) {
			after_return = false;
			continue;
		}
		after_return = c == '\r';
		switch (c) {
		case '\r':
		case '\n':
			console_write("\n", 1);
			line[n] = '\0';
			return n;
		case BACKSPACE:
		case DELETE:
			if (n) {
				rub_out(1);
				n--;
			}
			break;
		case CTRL('U'):
			rub_out(n);
			n = 0;
			break;
		case CTRL('C'):
			console_write("^C\n", 3);
			return -2;
		case CTRL('D'):
			if (n == 0) {
				console_write("\n", 1);
				return -1;
			}
			break;
		case ESCAPE:
			skip_escape();
			break;
		default:
			if (c == '\t')
				c = ' ';
			if (c >= ' ' && n + 1 < size) {
				line[n++] = c;
				console_write(&line[n - 1], 1);
			}
		}
	}
}

/* For programs: a line with its newline; 0 at the end of input. */
int console_read_line(char *line, u32 size)
{
	int n;

	if (size < 2)
		return 0;
	do
		n = edit_line("", line, size - 1);
	while (n == -2 && !current->killed);
	if (n < 0)
		return 0;
	line[n] = '\n';
	return n + 1;
}
