/* SPDX-License-Identifier: Apache-2.0 */
#include "abi.h"
#include "mm.h"
#include "paravirt.h"

/*G:012
 * The other beginning.
 *
 * The first lguest had no boot protocol which could say "I am a Guest". Its Launcher looks through
 * the kernel for a magic string instead, and what is behind the string is the first instruction.
 *
 * There is more that the Host has done for us, since a kernel of those days expected it: paging is on.
 * A table that the Launcher has built shows all of memory at PAGE_OFFSET, where we are linked, and
 * nothing at all at 0. The boot page is at physical 0, and esi is 0, so the boot page is at esi, plus
 * PAGE_OFFSET. Otherwise all is as in boot/head.S: flat segments at ring 1, no stack, and the order
 * of things, for which see there. Only the register for the argument of a hypercall is another, edx.
 */
#define PHYSICAL(symbol) ((symbol) - PAGE_OFFSET)

	.section .head.text, "ax"
	.ascii "GenuineLguest"
	.globl startup
startup:
	cld
	leal PAGE_OFFSET(%esi), %ebp

	xorl %eax, %eax
	movl $__bss_start, %edi
	movl $__bss_end, %ecx
	subl %edi, %ecx
	shrl $2, %ecx
	rep stosl

	movl %ebp, %esi
	movl $boot_page, %edi
	movl $BOOT_PAGE_SIZE/4, %ecx
	rep movsl
	movl BOOT_CMD_LINE_PTR(%ebp), %esi
	testl %esi, %esi
	jz 1f
	addl $PAGE_OFFSET, %esi
	movl $command_line, %edi
	movl $(COMMAND_LINE_SIZE-1), %ecx
	rep movsb
1:

	/* Tables of our own, which show as much as we need at first, at PAGE_OFFSET only. */
	movl $boot_tables, %edi
	movl $PTE_KERNEL, %eax
	movl $(BOOT_MAPPED/PAGE_SIZE), %ecx
1:	movl %eax, (%edi)
	addl $4, %edi
	addl $PAGE_SIZE, %eax
	loop 1b
	movl $(PHYSICAL(boot_tables)+PTE_KERNEL), %eax
	movl %eax, swapper_pg_dir+(PAGE_OFFSET>>20)
	addl $PAGE_SIZE, %eax
	movl %eax, swapper_pg_dir+(PAGE_OFFSET>>20)+4

	movl $LHCALL_LGUEST_INIT, %eax
	movl $PHYSICAL(lguest_data), %edx
	int $LGUEST_TRAP

	movl $LHCALL_NEW_PGTABLE, %eax
	movl $PHYSICAL(swapper_pg_dir), %edx
	int $LGUEST_TRAP

	movl $boot_stack_top, %esp
	jmp start_puppy

	.section .bss.pages, "aw", @nobits
	.align PAGE_SIZE
	.globl swapper_pg_dir
swapper_pg_dir:
	.skip PAGE_SIZE
boot_tables:
	.skip BOOT_MAPPED/PAGE_SIZE*4
	.globl boot_stack_top
	.skip STACK_SIZE
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
