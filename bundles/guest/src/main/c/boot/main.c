/* SPDX-License-Identifier: Apache-2.0 */
/*G:040
 * From here on it is C.
 *
 * The order of what follows is not arbitrary, each step leans on the ones before. First the table
 * of operations, since everything else calls through it. Then the tables for traps, because the
 * next mistake will be a trap, and a Guest whose Host finds no handler dies without a word. Then
 * memory. Once nothing will change the operations any more, the calls to them are patched. Then
 * time, devices, and tasks; and the boot code ends its career as the idle task.
 */
#include "lib.h"
#include "clock.h"
#include "console.h"
#include "files.h"
#include "kernel.h"
#include "mm.h"
#include "net.h"
#include "paravirt.h"
#include "shell.h"
#include "task.h"
#include "trap.h"
#include "virtio.h"

void start_puppy(void);

static void greet(void)
{
	printk("puppy " PUPPY_VERSION "%s, a Guest of lguest: %u KiB of memory, %u free\n",
		sizeof(pte_t) == 8 ? " (PAE)" : "", memory_size / 1024, pages_free * 4);
	printk("paravirt: %u call sites: %u inlined, %u direct, %u removed, %u left\n",
		patch_report.sites, patch_report.inlined, patch_report.direct,
		patch_report.removed, patch_report.indirect);
	if (clock_is_fine())
		printk("clock: tsc at %u kHz\n", tsc_khz());
	else
		printk("clock: the Host's, at each interrupt\n");
	devices_show(0);
	if (initrd)
		printk("initrd: %u KiB\n", initrd_size / 1024);
}

void start_puppy(void)
{
	/* What we are told, and what we are. */
	lguest_init();
	read_boot_params();
	if (!command_line_has("quiet"))
		console_write_early("puppy: hello, Host\n");
	tasks_init();

	/* From here on a mistake is reported, instead of being the end of us without a word. */
	descriptors_init();

	/* From here on there is memory to give away, and nobody can write over our text. */
	lowmem_size = MIN(memory_size, LOWMEM_MAX);
	pages_init();
	patch_call_sites();
	protect_text();
	space_init();
	fpu_init();

	/* From here on there are interrupts: the timer is the first to be unblocked. We have not
	 * enabled them so far, nobody has; the first task does when it starts. */
	clock_init();
	devices_scan();
	initrd_init();
	if (!command_line_has("quiet"))
		greet();

	/* And from here on we are but one task of three. */
	kernel_task("shell", shell, NULL);
	net_init();
	idle();
}
