/* SPDX-License-Identifier: Apache-2.0 */
/* Strings, memory, and the arithmetic for which gcc would otherwise call its own library. */
#include "lib.h"

/* "rep movs" and "rep stos" are the shortest way to say it, and a software CPU turns them into
 * one block copy. The direction flag is clear throughout the kernel (and each trap clears it). */
void *memcpy(void *to, const void *from, u32 n)
{
	u32 words = n / 4, rest = n % 4;
	void *d = to;

	__asm__ volatile("rep movsl" : "+D"(d), "+S"(from), "+c"(words) :: "memory");
	__asm__ volatile("rep movsb" : "+D"(d), "+S"(from), "+c"(rest) :: "memory");
	return to;
}

void *memmove(void *to, const void *from, u32 n)
{
	void *d = (char *)to + n - 1;
	const void *s = (const char *)from + n - 1;

	if (n == 0 || (u32)to - (u32)from >= n)
		return memcpy(to, from, n);
	__asm__ volatile("std\n\trep movsb\n\tcld" : "+D"(d), "+S"(s), "+c"(n) :: "memory");
	return to;
}

void *memset(void *to, int byte, u32 n)
{
	u32 words = n / 4, rest = n % 4, pattern = (byte & 0xFF) * 0x01010101u;
	void *d = to;

	__asm__ volatile("rep stosl" : "+D"(d), "+c"(words) : "a"(pattern) : "memory");
	__asm__ volatile("rep stosb" : "+D"(d), "+c"(rest) : "a"(pattern) : "memory");
	return to;
}

int memcmp(const void *a, const void *b, u32 n)
{
	const u8 *p = a, *q = b;

	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

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

int strncmp(const char *a, const char *b, u32 n)
{
	for (; n; n--, a++, b++)
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	return 0;
}

char *strchr(const char *s, int c)
{
	for (; *s; s++)
		if (*s == (char)c)
			return (char *)s;
	return NULL;
}

char *strstr(const char *s, const char *word)
{
	u32 n = strlen(word);

	for (; *s; s++)
		if (strncmp(s, word, n) == 0)
			return (char *)s;
	return NULL;
}

/* Copies as much as fits and always terminates. */
void copy_string(char *to, const char *from, u32 size)
{
	u32 n = MIN(strlen(from), size - 1);

	memcpy(to, from, n);
	to[n] = '\0';
}

/* Decimal, or hexadecimal after 0x; refuses everything that is not wholly a number. */
bool parse_u32(const char *s, u32 *value)
{
	u32 base = 10, v = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		base = 16, s += 2;
	if (!*s)
		return false;
	for (; *s; s++) {
		u32 digit;

		if (*s >= '0' && *s <= '9')
			digit = *s - '0';
		else if (base == 16 && *s >= 'a' && *s <= 'f')
			digit = *s - 'a' + 10;
		else if (base == 16 && *s >= 'A' && *s <= 'F')
			digit = *s - 'A' + 10;
		else
			return false;
		if (v > (0xFFFFFFFFu - digit) / base)
			return false;
		v = v * base + digit;
	}
	*value = v;
	return true;
}

/* 64 by 32 bit division the way it is done on paper: high digit first, and its remainder goes in
 * front of the low digit. "n" becomes the quotient, the remainder is returned. gcc would call a
 * function of libgcc for "n / divisor", and we do not link with libgcc. */
u32 div64(u64 *n, u32 divisor)
{
	u32 high = *n >> 32, low = *n, quotient_high = 0, rest = high;

	if (high >= divisor) {
		quotient_high = high / divisor;
		rest = high % divisor;
	}
	__asm__("divl %[divisor]" : "+a"(low), "+d"(rest) : [divisor] "r"(divisor));
	*n = (u64)quotient_high << 32 | low;
	return rest;
}

/* (a * mult) >> shift without losing the bits in the middle; shift is at most 32. */
u64 mul_shift(u64 a, u32 mult, u32 shift)
{
	u64 low = (u64)(u32)a * mult, high = (u64)(u32)(a >> 32) * mult;

	return (low >> shift) + (high << (32 - shift));
}

/* The CRC of zip and Ethernet, four bits at a time: the checksum of our tests. The table is what the
 * division leaves of each four bits. */
u32 crc32(u32 crc, const void *data, u32 n)
{
	static const u32 rest[16] = {
		0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
		0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
	};
	const u8 *p = data;

	for (crc = ~crc; n; n--, p++) {
		crc = crc >> 4 ^ rest[(crc ^ *p) & 15];
		crc = crc >> 4 ^ rest[(crc ^ *p >> 4) & 15];
	}
	return ~crc;
}
