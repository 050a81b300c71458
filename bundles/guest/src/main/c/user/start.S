/* SPDX-License-Identifier: Apache-2.0 */
/*G:550
 * The other side of the fence: how a program begins. The kernel has left argc and the pointers to
 * the arguments on the stack; when main() returns, its answer is the exit code.
 */
	.text
	.globl _start
_start:
	popl %eax
	movl %esp, %edx
	pushl %edx
	pushl %eax
	call main
	movl %eax, %ebx
	movl $1, %eax
	int $0x80
	hlt

	.section .note.GNU-stack, "", @progbits
