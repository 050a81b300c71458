/* SPDX-License-Identifier: Apache-2.0 */
/* The commands of the shell, in the order of the table at the end. */
#include "lib.h"
#include "clock.h"
#include "console.h"
#include "files.h"
#include "kernel.h"
#include "mm.h"
#include "paravirt.h"
#include "shell.h"
#include "task.h"
#include "virtio.h"

#define COMMAND(name) static void name(int argc UNUSED, const char *const *argv UNUSED)

static bool argument(int argc, const char *const *argv, int index, u32 *value)
{
	return index < argc && parse_u32(argv[index], value);
}

/* The words of a command from one on, as the text that they were typed as. */
static const char *text(int argc, const char *const *argv, int first)
{
	static char line[SECTOR_SIZE];
	u32 used = 0;

	for (int i = first; i < argc && used < sizeof(line) - 1; i++) {
		if (i > first)
			line[used++] = ' ';
		copy_string(line + used, argv[i], sizeof(line) - used);
		used += strlen(line + used);
	}
	line[used] = 0;
	return line;
}

void usage(const char *name)
{
	for (const struct command *c = commands; c->name; c++)
		if (!strcmp(c->name, name))
			printk("usage: %s %s\n", c->name, c->arguments);
}

COMMAND(help)
{
	for (const struct command *c = commands; c->name; c++) {
		if (argc > 1 && strcmp(argv[1], c->name))
			continue;
		if (argc > 1) {
			printk("%s %s\n  %s\n", c->name, c->arguments, c->help);
			if (c->more)
				printk("%s\n", c->more);
			return;
		}
		printk("  %-8s %-30s %s\n", c->name, c->arguments, c->help);
	}
	if (argc > 1)
		printk("help: there is no command \"%s\"\n", argv[1]);
}

COMMAND(ps)
{
	static const char *const states[] = { "free", "ready", "waiting", "zombie" };

	printk("  PID  PPID STATE    PAGES SWITCHES   FAULTS SYSCALLS    TICKS NAME\n");
	for (struct task *t = tasks; t < tasks + MAX_TASKS; t++)
		if (t->state != TASK_FREE)
			printk("%5d %5d %-8s %5u %8u %8u %8u %8u %s\n", t->pid, t->parent,
				t == current ? "running" : states[t->state],
				t->space.pgd ? space_pages(&t->space) : 0,
				t->switches, t->faults, t->syscalls, t->ticks, t->name);
}

COMMAND(mem)
{
	struct file f;

	printk("%u KiB of memory, %u KiB free of %u KiB in pages, %s page tables\n",
		memory_size / 1024, pages_free * 4, pages_total * 4,
		sizeof(pte_t) == 8 ? "PAE" : "two-level");
	printk("kernel %p to %p, page directory at %x, reserved at the top: %u KiB\n",
		_text, _end, read_cr3(), lguest_data.reserve_mem / 1024);
	if (file_open("proc/meminfo", &f))
		f.show();
}

COMMAND(date)
{
	static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	u64 now = wall_ns();
	struct date d;

	div64(&now, NS_PER_SECOND);
	date_of(now, &d);
	printk("%s %04u-%02u-%02u %02u:%02u:%02u UTC\n", days[d.weekday],
		d.year, d.month, d.day, d.hour, d.minute, d.second);
}

COMMAND(uptime)
{
	u64 up = clock_ns();
	u32 ns = div64(&up, NS_PER_SECOND), s = up;

	printk("up %u:%02u:%02u.%03u, %u context switches, %u system calls, %u timer interrupts\n",
		s / 3600, s / 60 % 60, s % 60, ns / NS_PER_MS,
		context_switches, system_calls, irq_count(0));
}

COMMAND(cat)
{
	struct file f;

	if (argc < 2)
		usage("cat");
	for (int i = 1; i < argc; i++)
		if (!file_open(argv[i], &f))
			printk("cat: there is no file \"%s\"\n", argv[i]);
		else if (f.show)
			f.show();
		else
			console_write((const char *)f.data, f.size);
}

COMMAND(ls)
{
	u32 cursor = 0;
	struct file f;

	while (file_next(&cursor, &f)) {
		if (f.show)
			printk("%8s %s\n", "-", f.name);
		else
			printk("%8u %s\n", f.size, f.name);
	}
}

COMMAND(echo)
{
	for (int i = 1; i < argc; i++)
		printk("%s%s", i > 1 ? " " : "", argv[i]);
	printk("\n");
}

static void show_leaf(u32 leaf)
{
	struct cpuid_regs raw = { leaf, 0, 0, 0 }, seen = { .eax = leaf };

	__asm__ volatile("cpuid" : "+a"(raw.eax), "=b"(raw.ebx), "+c"(raw.ecx), "=d"(raw.edx));
	cpuid(&seen);
	printk("%08x raw  %08x %08x %08x %08x\n", leaf, raw.eax, raw.ebx, raw.ecx, raw.edx);
	printk("%8s seen %08x %08x %08x %08x\n", "", seen.eax, seen.ebx, seen.ecx, seen.edx);
}

COMMAND(cpu)
{
	struct cpuid_regs r = { .eax = 0x80000000 };
	struct file f;

	if (file_open("proc/cpuinfo", &f))
		f.show();
	printk("cpuid, as the processor answers and as the kernel sees it (eax ebx ecx edx):\n");
	show_leaf(0);
	show_leaf(1);
	cpuid(&r);
	if (r.eax > 0x80000000) {
		show_leaf(0x80000000);
		show_leaf(0x80000001);
	}
}

COMMAND(hyper)
{
	struct file f;

	if (file_open("proc/hypercalls", &f))
		f.show();
	printk("paravirt: %u call sites: %u inlined, %u direct, %u removed, %u left\n",
		patch_report.sites, patch_report.inlined, patch_report.direct,
		patch_report.removed, patch_report.indirect);
	printk("lguest_data: irq_enabled %x, blocked %08x, pending %x, tsc %u kHz, reserve %x\n",
		lguest_data.irq_enabled, lguest_data.blocked_interrupts, IRQ_NOTE,
		lguest_data.tsc_khz, lguest_data.reserve_mem);
}

static void say_how_it_went(const char *name, u32 code)
{
	if (code != 0 && code < 0x100)
		printk("%s: exit code %u\n", name, code);
	else if (console_interrupted())
		printk("%s: interrupted\n", name);
}

COMMAND(run)
{
	bool background = argc > 2 && !strcmp(argv[argc - 1], "&");
	struct task *t;
	u32 code;

	if (argc < 2) {
		usage("run");
		return;
	}
	argc -= background;
	if (argc - 1 > MAX_ARGS) {
		printk("run: more than %u words\n", MAX_ARGS);
		return;
	}
	t = program_start(argc - 1, argv + 1, false);
	if (!t) {
		printk("run: cannot run \"%s\"\n", argv[1]);
		return;
	}
	if (background) {
		printk("[%d]\n", t->pid);
		return;
	}
	console_watch(t->pid);
	if (task_wait(t->pid, &code, NULL) >= 0)
		say_how_it_went(argv[1], code);
	console_watch(0);
}

COMMAND(wait_all)
{
	u32 code;

	for (int pid; (pid = task_wait(-1, &code, NULL)) >= 0; )
		printk("[%d] exit code %u\n", pid, code & 0xFF);
}

COMMAND(kill)
{
	u32 pid;

	if (!argument(argc, argv, 1, &pid))
		usage("kill");
	else if (!task_kill(pid))
		printk("kill: there is no program %u\n", pid);
}

/* Sixteen bytes a line; lines like the one before are left out. */
static void hexdump(const u8 *data, u32 size)
{
	bool same = false, before;

	for (u32 i = 0; i < size; i += 16) {
		before = same;
		same = i && !memcmp(data + i, data + i - 16, 16);
		if (same) {
			if (!before)
				printk("*\n");
			continue;
		}
		printk("%04x ", i);
		for (u32 k = i; k < i + 16; k++)
			printk(" %02x", data[k]);
		printk("  ");
		for (u32 k = i; k < i + 16; k++)
			printk("%c", data[k] >= ' ' && data[k] < 0x7F ? data[k] : '.');
		printk("\n");
	}
}

static void block_info(void)
{
	for (u32 i = 0; i < block_count(); i++)
		printk("disk %u: %llu sectors, %u KiB, flush %s, %u segments\n", i, block_capacity(i),
			(u32)(block_capacity(i) / 2), block_has_flush(i) ? "yes" : "no",
			block_segments(i));
}

COMMAND(blk)
{
	static u8 sector[SECTOR_SIZE];
	u32 n;
	int answer;

	if (block_count() == 0)
		printk("blk: no block device\n");
	else if (argc == 2 && !strcmp(argv[1], "info"))
		block_info();
	else if (argc == 3 && !strcmp(argv[1], "read") && argument(argc, argv, 2, &n)) {
		answer = block_read(0, n, 1, sector);
		if (answer)
			printk("blk: reading sector %u failed: %d\n", n, answer);
		else
			hexdump(sector, SECTOR_SIZE);
	} else if (argc > 3 && !strcmp(argv[1], "write") && argument(argc, argv, 2, &n)) {
		memset(sector, 0, sizeof(sector));
		copy_string((char *)sector, text(argc, argv, 3), sizeof(sector));
		answer = block_write(0, n, 1, sector);
		if (!answer)
			answer = block_flush(0);
		if (answer)
			printk("blk: writing sector %u failed: %d\n", n, answer);
		else
			printk("blk: wrote sector %u\n", n);
	} else if (argc == 3 && !strcmp(argv[1], "stamp") && argument(argc, argv, 2, &n))
		stamp_disk(n);
	else
		usage("blk");
}

COMMAND(tty)
{
	u16 columns, rows;

	if (console_size(&columns, &rows))
		printk("%u columns, %u rows\n", columns, rows);
	else
		printk("tty: the Host does not know\n");
}

COMMAND(rescan)
{
	u32 had = devices_count();

	if (devices_scan())
		devices_show(had);
	else
		printk("rescan: nothing new\n");
}

COMMAND(rng)
{
	u8 dice[32];
	u32 n;

	if (!rng_present()) {
		printk("rng: no such device\n");
		return;
	}
	n = rng_read(dice, sizeof(dice));
	for (u32 i = 0; i < n; i++)
		printk("%02x%s", dice[i], i + 1 < n ? " " : "\n");
}

COMMAND(sleep)
{
	u32 seconds;

	if (argument(argc, argv, 1, &seconds))
		task_sleep((u64)seconds * NS_PER_SECOND);
	else
		usage("sleep");
}

COMMAND(restart)
{
	machine_restart(argc > 1 ? text(argc, argv, 1) : "Restarting system");
}

COMMAND(panic_command)
{
	panic("%s", argc > 1 ? text(argc, argv, 1) : "because you asked for it");
}

COMMAND(power_off)
{
	machine_power_off();
}

const struct command commands[] = {
	{ "help", "[COMMAND]", "this list, or more about a command", help, NULL },
	{ "ps", "", "tasks", ps,
		"  pages are those mapped, not those shared with the page of zeroes" },
	{ "mem", "", "memory and page faults", mem, NULL },
	{ "date", "", "the time of day, UTC", date, NULL },
	{ "uptime", "", "time since boot", uptime, NULL },
	{ "ls", "", "files, of the initrd and built in", ls, NULL },
	{ "cat", "FILE...", "shows files", cat, NULL },
	{ "echo", "WORD...", "says it again", echo, NULL },
	{ "cpu", "", "what cpuid says, raw and filtered", cpu, NULL },
	{ "hyper", "", "hypercalls, counted", hyper,
		"  trapped: made with int 0x1F; queued: left in the ring for the next trap" },
	{ "run", "PROGRAM [ARG...] [&]", "runs a program in ring 3", run,
		"  the programs are in bin/: hello count spin primes echo fpu fork tls crash probe\n"
		"  bench. With & at the end the shell does not wait; ^C kills one that it waits for." },
	{ "wait", "", "waits for programs started with &", wait_all, NULL },
	{ "kill", "PID", "ends a program", kill, NULL },
	{ "blk", "info | read N | write N TEXT | stamp COUNT", "the first disk, by sectors of 512 bytes", blk,
		"  stamp writes COUNT sectors, which show their number in every word, round and round the\n"
		"  disk, and tells how far they are safe: whatever happens now, these must be there" },
	{ "tty", "", "the size of the terminal", tty, NULL },
	{ "rng", "", "some random bytes", rng, NULL },
	{ "rescan", "", "looks for devices that were plugged in since boot", rescan, NULL },
	{ "pantry", "[put NAME TEXT | get NAME]", "what the pantry has room for, and what is in it", pantry_command, NULL },
	{ "ip", "[dhcp | ADDR/BITS [GATEWAY]]", "who we are in the network", ip_command,
		"  dhcp asks the network who we are; without a word shows what is known" },
	{ "ping", "ADDR [COUNT [SIZE]]", "asks for an answer", ping_command, NULL },
	{ "fetch", "http://ADDR[:PORT]/[PATH]", "fetches, by HTTP", fetch_command,
		"  what comes is counted, summed up, and forgotten" },
	{ "serve", "PORT [COUNT]", "answers COUNT requests by HTTP", serve_command,
		"  /NAME is a file (see ls), /bytes/N is N bytes; ^C ends it" },
	{ "send", "ADDR PORT BYTES", "sends by TCP what recv takes", send_command, NULL },
	{ "recv", "PORT", "takes what send sends, by TCP", receive_command,
		"  both sides show a checksum" },
	{ "sleep", "SECONDS", "does nothing for a while", sleep, NULL },
	{ "selftest", "[NAME]", "checks Host and kernel, prints TAP", selftest,
		"  with a NAME only the tests whose names contain it" },
	{ "bench", "[NAME]", "measures", bench, NULL },
	{ "churn", "[ADDR]", "uses everything at once, until ^C", churn,
		"  each user checks what he gets; lines that are typed meanwhile come back. Disk 0 is\n"
		"  written over; ADDR is asked, over the network, to repeat what it hears" },
	{ "restart", "[TEXT]", "boots again", restart, NULL },
	{ "panic", "[TEXT]", "dies", panic_command, NULL },
	{ "poweroff", "", "switches off", power_off, NULL },
	{ "exit", "", "switches off", power_off, NULL },
	{ .name = NULL },
};
