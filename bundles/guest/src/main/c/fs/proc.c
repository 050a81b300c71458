/* SPDX-License-Identifier: Apache-2.0 */
/* Files which are part of the kernel: a greeting, and some that are made up on the spot. */
#include "lib.h"
#include "clock.h"
#include "files.h"
#include "kernel.h"
#include "mm.h"
#include "paravirt.h"
#include "task.h"
#include "virtio.h"

static const char motd[] =
	"  / \\__\n"
	" (    @\\___    puppy, a small kernel that runs as a Guest of lguest.\n"
	" /         O   It asks its Host for everything it may not do itself,\n"
	"/   (_____/    and it asks politely.\n"
	"/_____/   U\n";

static void show_version(void)
{
	printk("puppy version " PUPPY_VERSION " (gcc " __VERSION__ ")%s\n",
		sizeof(pte_t) == 8 ? " PAE" : "");
}

static void show_cmdline(void)
{
	printk("%s\n", command_line);
}

static void show_uptime(void)
{
	u64 up = clock_ns();
	u32 ns = div64(&up, NS_PER_SECOND);

	printk("%u.%02u\n", (u32)up, ns / 10000000);
}

static void show_meminfo(void)
{
	printk("MemTotal: %u kB\nLowTotal: %u kB\nPagesTotal: %u\nPagesFree: %u\n",
		memory_size / 1024, lowmem_size / 1024, pages_total, pages_free);
	printk("Faults: %u zero maps, %u zero fills, %u data fills, %u copies, %u reuses, "
		"%u spurious, %u refused\n", fault_counters.zero_maps, fault_counters.zero_fills,
		fault_counters.data_fills, fault_counters.cow_copies, fault_counters.cow_reuses,
		fault_counters.spurious, fault_counters.refused);
}

static void show_interrupts(void)
{
	for (u32 i = 0; i < LGUEST_IRQS; i++)
		if (irq_name(i))
			printk("%2u: %u %s\n", i, irq_count(i), irq_name(i));
}

static void show_cpuinfo(void)
{
	static const struct {
		u8 bit;
		const char *name;
	} flags[] = {
		{ 0, "fpu" }, { 4, "tsc" }, { 6, "pae" }, { 8, "cx8" }, { 13, "pge" },
		{ 15, "cmov" }, { 23, "mmx" }, { 24, "fxsr" }, { 25, "sse" }, { 26, "sse2" },
	};
	struct cpuid_regs vendor = { .eax = 0 }, r = { .eax = 1 };
	char name[13] = "";

	cpuid(&vendor);
	memcpy(name, &vendor.ebx, 4);
	memcpy(name + 4, &vendor.edx, 4);
	memcpy(name + 8, &vendor.ecx, 4);
	cpuid(&r);
	printk("vendor: %s\nfamily: %u, model %u, stepping %u\nflags:",
		name, r.eax >> 8 & 15, r.eax >> 4 & 15, r.eax & 15);
	for (u32 i = 0; i < ARRAY_SIZE(flags); i++)
		if (r.edx >> flags[i].bit & 1)
			printk(" %s", flags[i].name);
	printk("\ntsc: %u kHz\n", tsc_khz());
}

static void show_devices(void)
{
	for (u32 i = 0; i < devices_count(); i++) {
		const struct virtio_device *d = device_at(i);

		printk("%u: %s, %u queues, status %x\n", i, device_name(d->type), d->queues,
			device_status(d));
	}
}

static void show_hypercalls(void)
{
	printk("%-16s %10s %10s\n", "hypercall", "trapped", "queued");
	for (u32 i = 0; i < LHCALL_COUNT; i++)
		if (hcall_name(i))
			printk("%-16s %10u %10u\n", hcall_name(i), hcalls_made[i], hcalls_queued[i]);
	printk("ring full: %u times\n", hcalls_overflowed);
}

const struct file proc_files[] = {
	{ "etc/motd", (const u8 *)motd, sizeof(motd) - 1, NULL },
	{ "proc/cmdline", NULL, 0, show_cmdline },
	{ "proc/cpuinfo", NULL, 0, show_cpuinfo },
	{ "proc/devices", NULL, 0, show_devices },
	{ "proc/hypercalls", NULL, 0, show_hypercalls },
	{ "proc/interrupts", NULL, 0, show_interrupts },
	{ "proc/meminfo", NULL, 0, show_meminfo },
	{ "proc/uptime", NULL, 0, show_uptime },
	{ "proc/version", NULL, 0, show_version },
};

const u32 proc_files_count = ARRAY_SIZE(proc_files);
