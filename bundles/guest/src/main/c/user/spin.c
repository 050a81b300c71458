/* SPDX-License-Identifier: Apache-2.0 */
/* spin [MS]: never gives up the processor by itself. The timer has to take it away. */
#include "libpuppy.h"

int main(int argc, char **argv)
{
	u32 ms = number(argc > 1 ? argv[1] : NULL, 1000), start = milliseconds();

	while (milliseconds() - start < ms)
		for (volatile int i = 0; i < 10000; i++)
			;
	return 0;
}
