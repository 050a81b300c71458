/* SPDX-License-Identifier: Apache-2.0 */
/* bench KIND: how often per second? Each kind repeats its work until some time has passed, since
 * nobody knows beforehand how fast the Host is. */
#include "libpuppy.h"

#define LONG_ENOUGH 400

static void syscalls(u32 n)
{
	while (n--)
		getppid();
}

static void faults(u32 n)
{
	u8 *p = mmap(n * 4096);

	for (u32 i = 0; i < n; i++)
		p[i * 4096] = 1;
	munmap(p, n * 4096);
}

/* Each round two switches: there and back. */
static void switches(u32 n)
{
	int child = fork();

	for (u32 i = 0; i < n / 2; i++)
		yield();
	if (child == 0)
		exit(0);
	waitpid(child, NULL);
}

static void forks(u32 n)
{
	while (n--) {
		int child = fork();

		if (child == 0)
			exit(0);
		waitpid(child, NULL);
	}
}

static void report(const char *name, u32 n, u32 ms, const char *unit)
{
	print("bench ");
	print(name);
	print(" ");
	print_number(ms ? (u32)(n / ms * 1000 + n % ms * 1000 / ms) : 0);
	print(" ");
	print(unit);
	print("\n");
}

static const struct {
	const char *name, *unit;
	void (*run)(u32 n);
	u32 n;
} kinds[] = {
	{ "syscall", "calls/s", syscalls, 2000 },
	{ "page-fault", "faults/s", faults, 256 },
	{ "context-switch", "switches/s", switches, 1000 },
	{ "fork", "forks/s", forks, 10 },
};

int main(int argc, char **argv)
{
	for (u32 i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		u32 n = 0, start, ms;

		if (argc > 1 && strcmp(argv[1], kinds[i].name))
			continue;
		start = milliseconds();
		do {
			kinds[i].run(kinds[i].n);
			n += kinds[i].n;
			ms = milliseconds() - start;
		} while (ms < LONG_ENOUGH);
		report(kinds[i].name, n, ms, kinds[i].unit);
	}
	return 0;
}
