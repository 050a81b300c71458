/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_TYPES_H
#define PUPPY_TYPES_H

#ifndef __ASSEMBLER__

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed int s32;
typedef signed long long s64;
typedef _Bool bool;

#define true 1
#define false 0
#define NULL ((void *)0)

#define offsetof(type, field) __builtin_offsetof(type, field)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define NORETURN __attribute__((noreturn))
#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define UNUSED __attribute__((unused))

/* The compiler may not carry a memory value across this line. We have one CPU and x86
 * keeps stores in order, so that is all a "barrier" has to do here. */
#define barrier() __asm__ volatile("" ::: "memory")

#endif
#endif
