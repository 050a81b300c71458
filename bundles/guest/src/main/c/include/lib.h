/* SPDX-License-Identifier: Apache-2.0 */
/* What a C program expects to find under its feet, as far as puppy needs it. */
#ifndef PUPPY_LIB_H
#define PUPPY_LIB_H

#include "types.h"

typedef __builtin_va_list va_list;
#define va_start(ap, last) __builtin_va_start(ap, last)
#define va_arg(ap, type) __builtin_va_arg(ap, type)
#define va_end(ap) __builtin_va_end(ap)

/* lib/string.c */
void *memcpy(void *to, const void *from, u32 n);
void *memmove(void *to, const void *from, u32 n);
void *memset(void *to, int byte, u32 n);
int memcmp(const void *a, const void *b, u32 n);
u32 strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, u32 n);
char *strchr(const char *s, int c);
char *strstr(const char *s, const char *word);
void copy_string(char *to, const char *from, u32 size);
bool parse_u32(const char *s, u32 *value);
u32 div64(u64 *n, u32 divisor);
u64 mul_shift(u64 a, u32 mult, u32 shift);
u32 crc32(u32 crc, const void *data, u32 n);

/* lib/print.c */
int vsnprintf(char *to, u32 size, const char *format, va_list ap);
int snprintf(char *to, u32 size, const char *format, ...) PRINTF(3, 4);
void printk(const char *format, ...) PRINTF(1, 2);
void panic(const char *format, ...) PRINTF(1, 2) NORETURN;

#endif
