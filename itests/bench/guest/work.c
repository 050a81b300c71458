/* SPDX-License-Identifier: Apache-2.0 */
/*
 * work [-w SECONDS] SECONDS [NAME...]: how often per second? One line "NAME VALUE UNIT" for each kind of work, in the order of the table
 * below or of the names given. Each kind repeats its work until SECONDS have passed, since nobody knows beforehand how fast
 * the machine is; the clock is read about once in a hundredth of a second. Warm-up is counted, but for the seconds of -w.
 */
#define _GNU_SOURCE
#include <emmintrin.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MIB (1u << 20)
#define PAGE 4096u

static double seconds, warmup;
static unsigned char *from, *to;
static volatile unsigned sink;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static void must(int fine, const char *what)
{
	if (!fine) {
		perror(what);
		exit(1);
	}
}

/* The work: each does n rounds. None may be inlined, or gcc would see through the repetition. */
#define WORK __attribute__((noinline)) static void

WORK integers(unsigned n)
{
	unsigned a = sink, b = 12345;

	for (unsigned i = 0; i < n; i++) {
		a = a * 1664525 + b;
		b ^= a >> 7;
	}
	sink = a + b;
}

WORK branches(unsigned n)
{
	unsigned random = 1, a = 0;

	for (unsigned i = 0; i < n; i++) {
		random = random * 1103515245 + 12345;
		if (random & 0x10000)
			a += random >> 3;
		else
			a ^= i;
		switch (random >> 20 & 3) {
		case 0: a++; break;
		case 1: a -= sink; break;
		case 2: a = a << 1 | a >> 31; break;
		}
	}
	sink = a;
}

__attribute__((noinline)) static unsigned fibonacci(unsigned n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

WORK calls(unsigned n)
{
	while (n--)
		sink = fibonacci(20);
}

WORK x87(unsigned n)
{
	double a = 1.0, b = 1.000001;

	for (unsigned i = 0; i < n; i++) {
		a = a * b + 0.5;
		a = a / 1.5;
	}
	sink = (unsigned)a;
}

static int compare(const void *a, const void *b)
{
	unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;

	return x < y ? -1 : x > y;
}

WORK sorting(unsigned n)
{
	static unsigned numbers[1 << 16];
	unsigned random = 1;

	while (n--) {
		for (unsigned i = 0; i < 1 << 16; i++)
			numbers[i] = random = random * 1664525 + 1013904223;
		qsort(numbers, 1 << 16, sizeof numbers[0], compare);
	}
}

WORK copy(unsigned n)
{
	while (n--) {
		void *d = to, *s = from;
		unsigned words = MIB / 4;

		asm volatile("rep movsl" : "+D"(d), "+S"(s), "+c"(words) : : "memory");
	}
}

__attribute__((target("sse2"))) WORK set(unsigned n)
{
	while (n--) {
		__m128i value = _mm_set1_epi8((char)n);

		for (unsigned i = 0; i < MIB; i += 64)
			for (unsigned j = 0; j < 64; j += 16)
				_mm_store_si128((__m128i *)(to + i + j), value);
		asm volatile("" : : : "memory");
	}
}

WORK byte_sum(unsigned n)
{
	while (n--) {
		unsigned sum = 0;

		for (unsigned i = 0; i < MIB; i++)
			sum += from[i];
		sink = sum;
		asm volatile("" : : : "memory");
	}
}

/* A chain through all cache lines of 1 MiB, in an order that no prefetcher guesses. */
WORK chase(unsigned n)
{
	static unsigned *at;

	if (!at) {
		unsigned lines = MIB / 64, order[MIB / 64], random = 1;

		for (unsigned i = 0; i < lines; i++)
			order[i] = i;
		for (unsigned i = lines - 1; i > 0; i--) {
			random = random * 1664525 + 1013904223;
			unsigned j = random % i, t = order[i];
			order[i] = order[j];
			order[j] = t;
		}
		for (unsigned i = 0; i < lines; i++)
			*(unsigned **)(to + 64 * order[i]) = (unsigned *)(to + 64 * order[(i + 1) % lines]);
		at = (unsigned *)to;
	}
	while (n--)
		at = *(unsigned **)at;
}

#define N 64
__attribute__((target("sse2,fpmath=sse"))) WORK matrices(unsigned n)
{
	static double a[N][N], b[N][N], c[N][N];

	for (int i = 0; i < N; i++)
		for (int j = 0; j < N; j++) {
			a[i][j] = i + j * 0.5;
			b[i][j] = i - j * 0.25;
		}
	while (n--) {
		for (int i = 0; i < N; i++)
			for (int j = 0; j < N; j++) {
				double sum = 0;

				for (int k = 0; k < N; k++)
					sum += a[i][k] * b[k][j];
				c[i][j] = sum;
			}
		sink = (unsigned)c[n % N][3];
	}
}

WORK null_syscall(unsigned n)
{
	while (n--)
		syscall(SYS_getppid);
}

WORK page_faults(unsigned n)
{
	unsigned char *p = mmap(NULL, n * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED, "mmap");
	for (unsigned i = 0; i < n; i++)
		p[i * PAGE] = 1;
	munmap(p, n * PAGE);
}

WORK protections(unsigned n)
{
	static unsigned char *p;

	if (!p) {
		p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		must(p != MAP_FAILED, "mmap");
	}
	while (n--) {
		must(mprotect(p, PAGE, PROT_READ) == 0, "mprotect");
		sink = p[5];
		must(mprotect(p, PAGE, PROT_READ | PROT_WRITE) == 0, "mprotect");
		p[5] = (unsigned char)n;
	}
}

static void caught(int signal)
{
	sink += (unsigned)signal;
}

WORK signals(unsigned n)
{
	signal(SIGUSR1, caught);
	while (n--)
		raise(SIGUSR1);
}

WORK forks(unsigned n)
{
	while (n--) {
		pid_t child = fork();

		must(child >= 0, "fork");
		if (child == 0)
			_exit(0);
		waitpid(child, NULL, 0);
	}
}

WORK execs(unsigned n)
{
	while (n--) {
		pid_t child = fork();

		must(child >= 0, "fork");
		if (child == 0) {
			execl("/bin/true", "true", (char *)NULL);
			_exit(127);
		}
		int status;

		waitpid(child, &status, 0);
		must(status == 0, "exec of /bin/true");
	}
}

WORK round_trips(unsigned n)
{
	static int there[2], back[2];
	char c = 0;

	if (!there[1]) {
		must(pipe(there) == 0 && pipe(back) == 0, "pipe");
		pid_t child = fork();

		must(child >= 0, "fork");
		if (child == 0) {
			close(there[1]);
			while (read(there[0], &c, 1) == 1)
				must(write(back[1], &c, 1) == 1, "write");
			_exit(0);
		}
	}
	while (n--) {
		must(write(there[1], &c, 1) == 1, "write");
		must(read(back[0], &c, 1) == 1, "read");
	}
}

static const struct kind {
	const char *name, *unit;
	void (*run)(unsigned n);
	unsigned at_once;
	double scale; /* of rounds, for the unit */
} kinds[] = {
	{ "iloop", "Miter/s", integers, 100000, 1e-6 },
	{ "branchy", "Miter/s", branches, 100000, 1e-6 },
	{ "fib20", "calls/s", calls, 20, 1 },
	{ "fpu87", "Miter/s", x87, 10000, 1e-6 },
	{ "qsort64k", "sorts/s", sorting, 1, 1 },
	{ "memcpy1M", "MB/s", copy, 20, MIB * 1e-6 },
	{ "memset1M", "MB/s", set, 20, MIB * 1e-6 },
	{ "bytesum1M", "MB/s", byte_sum, 2, MIB * 1e-6 },
	{ "chase1M", "Mload/s", chase, 100000, 1e-6 },
	{ "matmul", "Mflop/s", matrices, 2, 2e-6 * N * N * N },
	{ "getpid", "Kcall/s", null_syscall, 2000, 1e-3 },
	{ "pagefault", "Kfault/s", page_faults, 256, 1e-3 },
	{ "mprotect", "Kcall/s", protections, 200, 2e-3 },
	{ "signal", "Ksignal/s", signals, 200, 1e-3 },
	{ "fork_exit", "fork/s", forks, 5, 1 },
	{ "fork_exec", "exec/s", execs, 2, 1 },
	{ "pipe_pingpong", "roundtrip/s", round_trips, 100, 1 },
};

/* how often it is done in a second, for so many */
static double rate(const struct kind *kind, double limit)
{
	double begin = now(), end;
	unsigned long long rounds = 0;

	do {
		kind->run(kind->at_once);
		rounds += kind->at_once;
		end = now();
	} while (end - begin < limit);
	return rounds / (end - begin);
}

static void measure(const struct kind *kind)
{
	if (warmup > 0)
		rate(kind, warmup);
	printf("%s %.2f %s\n", kind->name, rate(kind, seconds) * kind->scale, kind->unit);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	const unsigned all = sizeof kinds / sizeof kinds[0];

	if (argc > 2 && !strcmp(argv[1], "-w")) {
		warmup = atof(argv[2]);
		argv += 2;
		argc -= 2;
	}
	if (argc < 2 || (seconds = atof(argv[1])) <= 0) {
		fprintf(stderr, "usage: work [-w SECONDS] SECONDS [NAME...]\nnames:");
		for (unsigned k = 0; k < all; k++)
			fprintf(stderr, " %s", kinds[k].name);
		fprintf(stderr, "\n");
		return 2;
	}
	from = aligned_alloc(PAGE, MIB);
	to = aligned_alloc(PAGE, MIB);
	must(from && to, "2 MiB");
	memset(from, 1, MIB);
	memset(to, 2, MIB);
	for (unsigned k = 0; argc == 2 && k < all; k++)
		measure(&kinds[k]);
	for (int i = 2; i < argc; i++) {
		unsigned k = 0;

		while (k < all && strcmp(kinds[k].name, argv[i]))
			k++;
		if (k == all) {
			fprintf(stderr, "no such work as %s\n", argv[i]);
			return 2;
		}
		measure(&kinds[k]);
	}
	return 0;
}
