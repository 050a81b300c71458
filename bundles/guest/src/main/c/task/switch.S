/* SPDX-License-Identifier: Apache-2.0 */
/*G:505
 * switch_to(&old->esp, new->esp)
 *
 * The address space has changed already, and nobody noticed, for the kernel is the same in all of
 * them. What makes a task a different one is its kernel stack. We push what the C convention
 * wants preserved, put esp away, take another one, and return: into somebody else's life.
 */
	.text
	.globl switch_to
switch_to:
	pushl %ebp
	pushl %ebx
	pushl %esi
	pushl %edi
	movl %esp, (%eax)
	movl %edx, %esp
	popl %edi
	popl %esi
	popl %ebx
	popl %ebp
	ret

	.section .note.GNU-stack, "", @progbits
