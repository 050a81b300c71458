/* SPDX-License-Identifier: Apache-2.0 */
/* Says hello, and with what arguments. */
#include "libpuppy.h"

int main(int argc, char **argv)
{
	print("hello from ring 3, pid ");
	print_number(getpid());
	for (int i = 1; i < argc; i++) {
		print(i == 1 ? ": " : " ");
		print(argv[i]);
	}
	print("\n");
	return 0;
}
