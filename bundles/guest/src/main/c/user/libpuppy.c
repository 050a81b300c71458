/* SPDX-License-Identifier: Apache-2.0 */
#include "libpuppy.h"

u32 strlen(const char *s)
{
	u32 n = 0;

	while (s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (u8)*a - (u8)*b;
}

/* A decimal argument, or a default if there is none. */
u32 number(const char *s, u32 otherwise)
{
	u32 n = 0;

	if (!s || *s < '0' || *s > '9')
		return otherwise;
	for (; *s >= '0' && *s <= '9'; s++)
		n = n * 10 + *s - '0';
	return n;
}

void print(const char *s)
{
	write(1, s, strlen(s));
}

void print_number(u32 n)
{
	char digits[12];
	int at = sizeof(digits);

	digits[--at] = '\0';
	do
		digits[--at] = '0' + n % 10;
	while (n /= 10);
	print(digits + at);
}

/* Since some moment or other. */
u32 milliseconds(void)
{
	struct time t;

	clock_gettime(1, &t);
	return t.seconds * 1000 + t.ns / 1000000;
}
