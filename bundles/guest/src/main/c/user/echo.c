/* SPDX-License-Identifier: Apache-2.0 */
/* Reads lines and says them back, until there are no more. */
#include "libpuppy.h"

int main(void)
{
	char line[200];
	int n;

	while ((n = read(0, line, sizeof(line))) > 0)
		write(1, line, n);
	return 0;
}
