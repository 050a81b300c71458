/* SPDX-License-Identifier: Apache-2.0 */
#include "lib.h"
#include "console.h"
#include "paravirt.h"
#include "kernel.h"

struct out {
	char *to;
	u32 size, length;
};

static void put(struct out *o, char c)
{
	if (o->length + 1 < o->size)
		o->to[o->length] = c;
	o->length++;
}

static void put_number(struct out *o, u64 n, u32 base, bool negative, int width, char pad, bool left)
{
	char digits[24];
	int count = 0;

	do {
		digits[count++] = "0123456789abcdef"[div64(&n, base)];
	} while (n);
	if (negative && pad == ' ')
		digits[count++] = '-';
	else if (negative)
		put(o, '-'), width--;
	for (int i = count; !left && i < width; i++)
		put(o, pad);
	for (int i = count; i > 0; i--)
		put(o, digits[i - 1]);
	for (int i = count; left && i < width; i++)
		put(o, ' ');
}

/* %d %i %u %x %p %c %s %%, with width, '-', '0', "ll" and a precision for strings. */
int vsnprintf(char *to, u32 size, const char *format, va_list ap)
{
	struct out o = { to, size, 0 };

	for (; *format; format++) {
		bool left = false;
		int width = 0, precision = -1, longs = 0;
		char pad = ' ';

		if (*format != '%') {
			put(&o, *format);
			continue;
		}
		for (format++; *format == '-' || *format == '0'; format++)
			if (*format == '-')
				left = true;
			else
				pad = '0';
		for (; *format >= '0' && *format <= '9'; format++)
			width = width * 10 + *format - '0';
		if (*format == '.') {
			precision = 0;
			if (*++format == '*')
				precision = va_arg(ap, int), format++;
			for (; *format >= '0' && *format <= '9'; format++)
				precision = precision * 10 + *format - '0';
		}
		for (; *format == 'l'; format++)
			longs++;

		switch (*format) {
		case 'd':
		case 'i': {
			s64 n = longs == 2 ? va_arg(ap, s64) : va_arg(ap, s32);

			put_number(&o, n < 0 ? -(u64)n : (u64)n, 10, n < 0, width, pad, left);
			break;
		}
		case 'u':
		case 'x':
			put_number(&o, longs == 2 ? va_arg(ap, u64) : va_arg(ap, u32),
				*format == 'u' ? 10 : 16, false, width, pad, left);
			break;
		case 'p':
			put_number(&o, va_arg(ap, u32), 16, false, 8, '0', false);
			break;
		case 'c':
			put(&o, (char)va_arg(ap, int));
			break;
		case 's': {
			const char *s = va_arg(ap, const char *);
			int n = 0;

			if (!s)
				s = "(null)";
			while (s[n] && (precision < 0 || n < precision))
				n++;
			for (int i = n; !left && i < width; i++)
				put(&o, ' ');
			for (int i = 0; i < n; i++)
				put(&o, s[i]);
			for (int i = n; left && i < width; i++)
				put(&o, ' ');
			break;
		}
		case '\0':
			format--;
			break;
		default:
			put(&o, *format);
		}
	}
	if (size)
		o.to[MIN(o.length, size - 1)] = '\0';
	return o.length;
}

int snprintf(char *to, u32 size, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(to, size, format, ap);
	va_end(ap);
	return n;
}

void printk(const char *format, ...)
{
	char line[256];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(line, sizeof(line), format, ap);
	va_end(ap);
	console_write(line, MIN((u32)n, sizeof(line) - 1));
}

/*G:390
 * Panic.
 *
 * Our last words go to the Host as the reason of our death; the Launcher shows them. The Host
 * reads 128 bytes starting at the address we name, so the text needs a buffer of at least that
 * size in real memory, not on a stack which happens to end with it.
 */
void panic(const char *format, ...)
{
	static char words[128];
	va_list ap;

	irq_disable();
	va_start(ap, format);
	vsnprintf(words, sizeof(words), format, ap);
	va_end(ap);
	console_flush();
	console_write_early("\nKernel panic: ");
	console_write_early(words);
	console_write_early("\n");
	machine_panic(words);
}
