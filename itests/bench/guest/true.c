/* SPDX-License-Identifier: Apache-2.0 */
/* What fork_exec of work.c executes: a program of the C library that does nothing. */
int main(void)
{
	return 0;
}
