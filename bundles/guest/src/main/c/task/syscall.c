/* SPDX-License-Identifier: Apache-2.0 */
/*G:540
 * System calls.
 *
 * "int $0x80", the number in eax, arguments in ebx, ecx, edx, the answer in eax, a negative number
 * if it is an error. Numbers and meaning are those of Linux for as much as we have, so a small
 * static program made for Linux runs here too, if it asks for nothing fancy.
 *
 * Compare the numbers with those of the hypercalls: the same idea one floor below.
 */
#include "lib.h"
#include "clock.h"
#include "console.h"
#include "paravirt.h"
#include "task.h"

#define EBADF 9
#define ECHILD 10
#define ENOMEM 12
#define EFAULT 14
#define EINVAL 22
#define ENOTTY 25
#define ENOSYS 38
#define ESRCH 3

u32 system_calls;

static int sys_exit(struct regs *r)
{
	task_exit(r->ebx & 0xFF);
}

static int sys_fork(struct regs *r)
{
	return program_fork(r);
}

/* There are no files, only the console: 0 reads from it, by the line. */
static int sys_read(struct regs *r)
{
	char line[256];
	int n;

	if (r->ebx != 0)
		return -EBADF;
	n = console_read_line(line, MIN(r->edx, sizeof(line)));
	if (n > 0 && copy_to_user(r->ecx, line, n))
		return -EFAULT;
	return MAX(n, 0);
}

static int write_to_console(u32 from, u32 size)
{
	char part[256];
	u32 done = 0;

	while (done < size) {
		u32 n = MIN(size - done, sizeof(part));

		if (copy_from_user(part, from + done, n))
			return done ? (int)done : -EFAULT;
		if (!current->quiet)
			console_write(part, n);
		done += n;
	}
	return done;
}

static int sys_write(struct regs *r)
{
	if (r->ebx != 1 && r->ebx != 2)
		return -EBADF;
	return write_to_console(r->ecx, r->edx);
}

static int sys_writev(struct regs *r)
{
	int done = 0;

	if (r->ebx != 1 && r->ebx != 2)
		return -EBADF;
	for (u32 i = 0; i < r->edx && i < 64; i++) {
		u32 part[2];
		int n;

		if (copy_from_user(part, r->ecx + 8 * i, sizeof(part)))
			return -EFAULT;
		n = write_to_console(part[0], part[1]);
		if (n < 0)
			return n;
		done += n;
	}
	return done;
}

static int sys_waitpid(struct regs *r)
{
	u32 code;
	int pid = task_wait((int)r->ebx, &code, NULL);

	if (pid < 0)
		return -ECHILD;
	/* Linux: an exit code in the second byte, or the signal that killed it in the first. */
	code = code & 0x100 ? 11 : code << 8;
	if (r->ecx && copy_to_user(r->ecx, &code, sizeof(code)))
		return -EFAULT;
	return pid;
}

static int sys_time(struct regs *r)
{
	u64 now = wall_ns();
	u32 seconds;

	div64(&now, NS_PER_SECOND);
	seconds = now;
	if (r->ebx && copy_to_user(r->ebx, &seconds, sizeof(seconds)))
		return -EFAULT;
	return seconds;
}

static int sys_getpid(struct regs *r UNUSED)
{
	return current->pid;
}

static int sys_getppid(struct regs *r UNUSED)
{
	return current->parent;
}

static int sys_kill(struct regs *r)
{
	return task_kill(r->ebx) ? 0 : -ESRCH;
}

/* Answers with the end of the heap, changed or not; that is how a program asks where it is. */
static int sys_brk(struct regs *r)
{
	return space_brk(&current->space, r->ebx);
}

/* C libraries want to know whether they write to a terminal. Let them believe it is a file. */
static int sys_ioctl(struct regs *r UNUSED)
{
	return -ENOTTY;
}

#define MAP_ANONYMOUS 0x20

/* mmap2, for anonymous memory at an address of our choice. */
static int sys_mmap2(struct regs *r)
{
	u32 start = space_gap(&current->space, r->ecx);

	if (!(r->esi & MAP_ANONYMOUS))
		return -EINVAL;
	if (!start || !space_add(&current->space, start, start + r->ecx, AREA_WRITE))
		return -ENOMEM;
	return start;
}

/* Only a mapping as a whole. */
static int sys_munmap(struct regs *r)
{
	return space_remove(&current->space, r->ebx, r->ebx + r->ecx) ? 0 : -EINVAL;
}

static int sys_yield(struct regs *r UNUSED)
{
	yield();
	return 0;
}

static int sys_nanosleep(struct regs *r)
{
	u32 time[2];

	if (copy_from_user(time, r->ebx, sizeof(time)))
		return -EFAULT;
	task_sleep((u64)time[0] * NS_PER_SECOND + time[1]);
	return 0;
}

/* clock 0 is the time of day, anything else counts from boot. */
static int sys_clock_gettime(struct regs *r)
{
	u64 now = r->ebx == 0 ? wall_ns() : clock_ns();
	u32 time[2];

	time[1] = div64(&now, NS_PER_SECOND);
	time[0] = now;
	return copy_to_user(r->ecx, time, sizeof(time)) ? -EFAULT : 0;
}

/* set_tid_address, which C libraries call first of all and whose answer is the thread's number. */
static int sys_ok(struct regs *r UNUSED)
{
	return current->pid;
}

/*G:545
 * set_thread_area: a segment of the program's own, by which it finds the data of its thread. The
 * program names a base and a size, we make a descriptor of it, and the Host gets all three.
 *
 * Entry -1 means "any free one", and the number goes back to the program, which then loads
 * gs with (entry * 8 + 3).
 */
struct user_desc {
	u32 entry, base, limit, flags;
};

static int sys_set_thread_area(struct regs *r)
{
	struct user_desc d;
	u32 slot;
	u64 low, high;

	if (copy_from_user(&d, r->ebx, sizeof(d)))
		return -EFAULT;
	if (d.entry == 0xFFFFFFFF) {
		for (slot = 0; slot < GDT_TLS_ENTRIES && current->tls[slot]; slot++)
			;
		d.entry = GDT_TLS + slot;
	}
	slot = d.entry - GDT_TLS;
	if (slot >= GDT_TLS_ENTRIES)
		return -EINVAL;
	/* flags: 1 is 32-bit, 0x10 counts the limit in pages. Always writable data, ring 3. */
	low = (d.base & 0xFFFF) << 16 | (d.limit & 0xFFFF);
	high = (d.base & 0xFF000000) | (d.base >> 16 & 0xFF) | (d.limit & 0xF0000) | 0x0000F200
		| (d.flags & 1 ? 0x00400000 : 0) | (d.flags & 0x10 ? 0x00800000 : 0);
	current->tls[slot] = high << 32 | low;
	load_tls(current->tls);
	return copy_to_user(r->ebx, &d, sizeof(d)) ? -EFAULT : 0;
}

static int (*const table[])(struct regs *r) = {
	[1] = sys_exit,
	[2] = sys_fork,
	[3] = sys_read,
	[4] = sys_write,
	[7] = sys_waitpid,
	[13] = sys_time,
	[20] = sys_getpid,
	[37] = sys_kill,
	[45] = sys_brk,
	[54] = sys_ioctl,
	[64] = sys_getppid,
	[91] = sys_munmap,
	[146] = sys_writev,
	[158] = sys_yield,
	[162] = sys_nanosleep,
	[192] = sys_mmap2,
	[243] = sys_set_thread_area,
	[252] = sys_exit,
	[258] = sys_ok,
	[265] = sys_clock_gettime,
};

void system_call(struct regs *r)
{
	/* An interrupt gate may have brought us here on some Host; a call may sleep. */
	irq_enable();
	system_calls++;
	current->syscalls++;
	if (r->eax < ARRAY_SIZE(table) && table[r->eax])
		r->eax = table[r->eax](r);
	else
		r->eax = -ENOSYS;
}
