/* SPDX-License-Identifier: Apache-2.0 */
/* primes [N]: how many primes there are below N, by the sieve of Eratosthenes. */
#include "libpuppy.h"

int main(int argc, char **argv)
{
	u32 n = number(argc > 1 ? argv[1] : NULL, 100000), count = 0;
	u8 *composite = mmap(n + 1);

	if (!composite)
		return 1;
	for (u32 i = 2; i < n; i++) {
		if (composite[i])
			continue;
		count++;
		for (u32 k = i + i; k < n; k += i)
			composite[k] = 1;
	}
	print_number(count);
	print(" primes below ");
	print_number(n);
	print("\n");
	return 0;
}
