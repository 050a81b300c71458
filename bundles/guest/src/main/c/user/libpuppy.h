/* SPDX-License-Identifier: Apache-2.0 */
/* The C library of our programs. One does not have to be ashamed of it: it is short. */
#ifndef LIBPUPPY_H
#define LIBPUPPY_H

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define NULL ((void *)0)

static inline int syscall3(int number, u32 a, u32 b, u32 c)
{
	int result;

	__asm__ volatile("int $0x80"
		: "=a"(result) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return result;
}

static inline void exit(int code) { syscall3(1, code, 0, 0); for (;;); }
static inline int fork(void) { return syscall3(2, 0, 0, 0); }
static inline int read(int fd, void *to, u32 n) { return syscall3(3, fd, (u32)to, n); }
static inline int write(int fd, const void *from, u32 n) { return syscall3(4, fd, (u32)from, n); }
static inline int waitpid(int pid, int *status) { return syscall3(7, pid, (u32)status, 0); }
static inline int getpid(void) { return syscall3(20, 0, 0, 0); }
static inline int getppid(void) { return syscall3(64, 0, 0, 0); }
static inline u32 brk(u32 end) { return syscall3(45, end, 0, 0); }
static inline void yield(void) { syscall3(158, 0, 0, 0); }
static inline int munmap(void *at, u32 n) { return syscall3(91, (u32)at, n, 0); }

struct time {
	u32 seconds, ns;
};

static inline void nanosleep(u32 seconds, u32 ns)
{
	struct time t = { seconds, ns };

	syscall3(162, (u32)&t, 0, 0);
}

static inline void clock_gettime(int clock, struct time *t)
{
	syscall3(265, clock, (u32)t, 0);
}

static inline void *mmap(u32 size)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result)
		: "a"(192), "b"(0), "c"(size), "d"(3), "S"(0x22) : "memory");
	return result < 0 && result > -4096 ? NULL : (void *)result;
}

struct user_desc {
	u32 entry, base, limit, flags;
};

static inline int set_thread_area(struct user_desc *d) { return syscall3(243, (u32)d, 0, 0); }

/* libpuppy.c */
u32 strlen(const char *s);
int strcmp(const char *a, const char *b);
u32 number(const char *s, u32 otherwise);
void print(const char *s);
void print_number(u32 n);
u32 milliseconds(void);

#endif
