/* SPDX-License-Identifier: Apache-2.0 */
/* count [N [MS]]: counts to N with pauses of MS milliseconds. Start two of them with "&" and watch
 * them take turns. */
#include "libpuppy.h"

int main(int argc, char **argv)
{
	u32 to = number(argc > 1 ? argv[1] : NULL, 5), ms = number(argc > 2 ? argv[2] : NULL, 100);

	for (u32 i = 1; i <= to; i++) {
		print_number(getpid());
		print(": ");
		print_number(i);
		print("\n");
		nanosleep(ms / 1000, ms % 1000 * 1000000);
	}
	return 0;
}
