/* SPDX-License-Identifier: Apache-2.0 */
#include "abi.h"
#include "mm.h"
#include "paravirt.h"

/*G:010
 * Welcome to the Guest!
 *
 * This is puppy, a kernel small enough to read on a rainy afternoon. It does what kernels do: it
 * runs programs, gives them memory, switches between them, talks to devices. But it does not run
 * on a machine. Where another kernel would reach for the hardware this one asks its Host, and the
 * point of the exercise is to show how little it takes to ask.
 *
 * The journey goes through the numbered notes of this folder, in order. They begin here, at the
 * first instruction, and end where the devices begin.
 *
 * What the Host has done for us: put this image to where its header says, 1 MiB. Left a "boot
 * page" at physical address 0 which tells how much memory there is. Made esi point there, all
 * other registers 0. Code and data segments cover all of memory, at ring 1. There are no page
 * tables yet, every address means itself; and there is no stack.
 *
 * We are linked for PAGE_OFFSET + 1 MiB, and run at 1 MiB: until we have page tables, each symbol
 * needs PAGE_OFFSET taken away.
 */
#define PHYSICAL(symbol) ((symbol) - PAGE_OFFSET)

	.section .head.text, "ax"
	.globl startup
startup:
	cld
	/* Are we a Guest of lguest at all? The boot protocol has a field for it. If not, we would
	 * not even know how to complain. */
	cmpl $BOOT_SUBARCH_LGUEST, BOOT_SUBARCH(%esi)
	je 1f
	hlt
	jmp .
1:
	movl %esi, %ebp

	/* Variables which have no initial value are zero: says C, and somebody has to do it. */
	xorl %eax, %eax
	movl $PHYSICAL(__bss_start), %edi
	movl $PHYSICAL(__bss_end), %ecx
	subl %edi, %ecx
	shrl $2, %ecx
	rep stosl

	/* The boot page and the command line lie where we shall want to put other things. */
	movl %ebp, %esi
	movl $PHYSICAL(boot_page), %edi
	movl $BOOT_PAGE_SIZE/4, %ecx
	rep movsl
	movl BOOT_CMD_LINE_PTR(%ebp), %esi
	testl %esi, %esi
	jz 1f
	movl $PHYSICAL(command_line), %edi
	movl $(COMMAND_LINE_SIZE-1), %ecx
	rep movsb
1:

/*G:015
 * Our first page tables.
 *
 * The Host offers to keep "every address means itself" only until we have tables of our own, and
 * wants to see those right after the first hypercall. So here they are: the first 8 MiB, once at
 * address 0 (where we run) and once at PAGE_OFFSET (where we are linked). The tables for both are
 * the same ones, only the top level refers to them twice.
 *
 * The page tables start with "present, writable, accessed, dirty".
 */
	movl $PHYSICAL(boot_tables), %edi
	movl $PTE_KERNEL, %eax
	movl $(BOOT_MAPPED/PAGE_SIZE), %ecx
1:	movl %eax, (%edi)
#ifdef CONFIG_PAE
	movl $0, 4(%edi)
	addl $8, %edi
#else
	addl $4, %edi
#endif
	addl $PAGE_SIZE, %eax
	loop 1b

#ifdef CONFIG_PAE
	/* Four tables of 512 pages in one middle table, which serves slot 0 and slot 3 of the top.
	 * A top-level entry has the "present" bit and no other. */
	movl $(PHYSICAL(boot_tables)+PTE_KERNEL), %eax
	movl $PHYSICAL(kernel_middle), %edi
	movl $(BOOT_MAPPED/0x200000), %ecx
1:	movl %eax, (%edi)
	addl $8, %edi
	addl $PAGE_SIZE, %eax
	loop 1b
	movl $(PHYSICAL(kernel_middle)+PTE_PRESENT), %eax
	movl %eax, PHYSICAL(swapper_pg_dir)
	movl %eax, PHYSICAL(swapper_pg_dir)+24
#else
	/* Two tables of 1024 pages, in slots 0 and 1, and in slots 768 and 769. */
	movl $(PHYSICAL(boot_tables)+PTE_KERNEL), %eax
	movl %eax, PHYSICAL(swapper_pg_dir)
	movl %eax, PHYSICAL(swapper_pg_dir)+(PAGE_OFFSET>>20)
	addl $PAGE_SIZE, %eax
	movl %eax, PHYSICAL(swapper_pg_dir)+4
	movl %eax, PHYSICAL(swapper_pg_dir)+(PAGE_OFFSET>>20)+4
#endif

/*G:030
 * The first two hypercalls.
 *
 * LGUEST_INIT introduces us: here is our lguest_data. The Host reads what we have prepared in it
 * and fills in what it has for us. NEW_PGTABLE follows at once; a Host which knows several kinds
 * of Guests recognises ours by this very sequence of bytes, down to the choice of instructions,
 * and by the first table it gets it learns which of the two formats we use. So do not improve it.
 *
 * When the second call returns nothing seems to have changed: we run in the map at 0. But now
 * PAGE_OFFSET exists, and one jump takes us there for good.
 */
	movl $LHCALL_LGUEST_INIT, %eax
	movl $PHYSICAL(lguest_data), %ebx
	int $LGUEST_TRAP

	movl $LHCALL_NEW_PGTABLE, %eax
	movl $PHYSICAL(swapper_pg_dir), %ebx
	int $LGUEST_TRAP

	movl $boot_stack_top, %esp
	movl $start_puppy, %eax
	jmp *%eax

	.section .bss.pages, "aw", @nobits
	.align PAGE_SIZE
	.globl swapper_pg_dir
swapper_pg_dir:
	.skip PAGE_SIZE
#ifdef CONFIG_PAE
kernel_middle:
	.skip PAGE_SIZE
#endif
boot_tables:
#ifdef CONFIG_PAE
	.skip BOOT_MAPPED/PAGE_SIZE*8
#else
	.skip BOOT_MAPPED/PAGE_SIZE*4
#endif
	.globl boot_stack_top
	.skip STACK_SIZE
boot_stack_top:

	.section .note.GNU-stack, "", @progbits
