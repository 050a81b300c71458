/* SPDX-License-Identifier: Apache-2.0 */
/* The hypercalls themselves, the ring, and the patched call sites. */
#include "lib.h"
#include "abi.h"
#include "clock.h"
#include "mm.h"
#include "paravirt.h"
#include "test.h"
#include "trap.h"
#ifdef CONFIG_CLASSIC
#include "classic.h"
#endif

#define TLS_SELECTOR (GDT_TLS * 8 + 3)
#define SPARE_ENTRY 26

extern char _text[], _etext[];

TEST(init)
{
	CHECK(lguest_data.time_sec > 1000000000, "time_sec is %u", lguest_data.time_sec);
	CHECK(lguest_data.time_nsec < NS_PER_SECOND, "time_nsec is %u", lguest_data.time_nsec);
	CHECK(lguest_data.reserve_mem % PAGE_SIZE == 0 && lguest_data.reserve_mem < 0x10000000,
		"reserve_mem is %x", lguest_data.reserve_mem);
	CHECK(lguest_data.noirq_start >= (u32)_text && lguest_data.noirq_end <= (u32)_etext
		&& lguest_data.noirq_start < lguest_data.noirq_end, "the no-irq window has moved");
#ifndef CONFIG_CLASSIC
	CHECK(lguest_data.kernel_address == PAGE_OFFSET && lguest_data.syscall_vec == SYSCALL_VECTOR,
		"our constants have changed");
#endif
	return NULL;
}

/* The address an instruction with a 32-bit displacement refers to. */
static u32 operand(const u8 *code)
{
	u32 value;

	memcpy(&value, code, 4);
	return value;
}

TEST(patching)
{
	const struct patch_report *r = &patch_report;
	u32 length;
	const u8 *code = patched_site(PV_irq_disable, &length);

	CHECK(r->sites == r->inlined + r->direct + r->removed + r->indirect, "numbers do not add up");
	CHECK(r->inlined > 10 && r->direct > 10 && r->removed > 0, "%u inlined, %u direct, %u removed",
		r->inlined, r->direct, r->removed);
	CHECK(code && length == 10 && code[0] == 0xC7 && code[1] == 0x05
		&& operand(code + 2) == (u32)&lguest_data.irq_enabled && operand(code + 6) == 0,
		"\"off\" is %02x %02x", code[0], code[1]);
	code = patched_site(PV_save_fl, &length);
	CHECK(code && code[0] == 0xA1 && operand(code + 1) == (u32)&lguest_data.irq_enabled,
		"\"save\" is %02x", code[0]);
	code = patched_site(PV_irq_enable, &length);
	CHECK(code && code[0] == 0xE8, "\"on\" is %02x", code[0]);
	code = patched_site(offsetof(struct pv_ops, wbinvd), &length);
	CHECK(!code || code[0] == 0x90, "\"wbinvd\" is %02x", code[0]);
	wbinvd();
	return NULL;
}

static bool ring_is_empty(void)
{
	for (u32 i = 0; i < LHCALL_RING_SIZE; i++)
		if (lguest_data.hcall_status[i] != 0xFF)
			return false;
	return true;
}

static u64 tls[80][GDT_TLS_ENTRIES];

static void queue_tls(u32 i, u32 limit)
{
	tls[i][0] = tls_entry(0, limit);
	async_hcall(LHCALL_LOAD_TLS, pa(tls[i]), 0, 0, 0);
}

#ifdef CONFIG_CLASSIC
/* The first Hosts empty the ring whenever they come by, and they come by without being asked. */
TEST(async_waits)
{
	u32 flags = irq_save(), before, after, patience = 500000000;

	tls[0][0] = tls_entry(0, 100);
	hcall(LHCALL_LOAD_TLS, pa(tls[0]), 0, 0, 0);
	before = segment_limit(TLS_SELECTOR);
	queue_tls(1, 200);
	while (patience-- && !ring_is_empty())
		barrier();
	after = segment_limit(TLS_SELECTOR);
	irq_restore(flags);
	CHECK(before == 100, "LOAD_TLS: limit is %u, not 100", before);
	CHECK(after == 200, "nobody has looked into the ring: limit is %u, not 200", after);
	return NULL;
}
#else
/* With interrupts off nothing but ourselves can trap and thereby empty the ring. */
TEST(async_waits)
{
	u32 flags = irq_save(), before, between, after;
	bool was_empty, is_empty, empty_again;

	tls[0][0] = tls_entry(0, 100);
	hcall(LHCALL_LOAD_TLS, pa(tls[0]), 0, 0, 0);
	before = segment_limit(TLS_SELECTOR);
	was_empty = ring_is_empty();
	queue_tls(1, 200);
	between = segment_limit(TLS_SELECTOR);
	is_empty = ring_is_empty();
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	after = segment_limit(TLS_SELECTOR);
	empty_again = ring_is_empty();
	irq_restore(flags);

	CHECK(was_empty, "the ring was not empty to begin with");
	CHECK(before == 100, "LOAD_TLS: limit is %u, not 100", before);
	CHECK(between == 100, "a queued call was executed at once");
	CHECK(!is_empty, "a queued call is not in the ring");
	CHECK(after == 200, "FLUSH_ASYNC: limit is %u, not 200", after);
	CHECK(empty_again, "FLUSH_ASYNC left something in the ring");
	return NULL;
}
#endif

/* Any call empties the ring, and before it does its own work. */
TEST(async_first)
{
	u32 flags = irq_save(), after;

	queue_tls(0, 300);
	tls[1][0] = tls_entry(0, 400);
	hcall(LHCALL_LOAD_TLS, pa(tls[1]), 0, 0, 0);
	after = segment_limit(TLS_SELECTOR);
	irq_restore(flags);
	CHECK(after != 300, "the queued call came after the immediate one");
	CHECK(after == 400, "limit is %u, not 400", after);
	return NULL;
}

TEST(async_order)
{
	u32 flags = irq_save(), after;

	for (u32 i = 0; i < 40; i++)
		queue_tls(i, 1000 + i);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	after = segment_limit(TLS_SELECTOR);
	irq_restore(flags);
	CHECK(after == 1039, "the last to be executed was number %u of 0 to 39", after - 1000);
	return NULL;
}

TEST(async_overflow)
{
	u32 flags = irq_save(), full = hcalls_overflowed, at_64, at_65, after;

#ifdef CONFIG_CLASSIC
	u32 again = 20; /* somebody may empty the ring while we fill it */
#else
	u32 again = 1;
#endif

	do {
		irq_restore(flags); /* the Host is at our heels as long as an interrupt waits */
		hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
		flags = irq_save();
		for (u32 i = 0; i < LHCALL_RING_SIZE; i++)
			queue_tls(i, 2000 + i);
		at_64 = hcalls_overflowed - full;
		queue_tls(64, 2064);
		at_65 = hcalls_overflowed - full;
	} while (!at_65 && --again);
	after = segment_limit(TLS_SELECTOR);
	for (u32 i = 65; i < 75; i++)
		queue_tls(i, 2000 + i);
	hcall(LHCALL_FLUSH_ASYNC, 0, 0, 0, 0);
	full = segment_limit(TLS_SELECTOR);
	irq_restore(flags);
	CHECK(at_64 == 0, "the ring was full before there were 64 calls in it");
	CHECK(at_65 == 1, "the ring was not full with 64 calls in it");
	CHECK(after == 2064, "the call that found it full was not the last: %u", after);
	CHECK(full == 2074, "after the overflow: %u, not 2074", full);
	return NULL;
}

TEST(lazy_mode_test)
{
	u32 made = hcalls_made[LHCALL_SET_PTE], queued = hcalls_queued[LHCALL_SET_PTE];
	u32 flushes = hcalls_made[LHCALL_FLUSH_ASYNC];

	lazy_enter(LAZY_MMU);
	flush_tlb_single(SCRATCH_BASE);
	flush_tlb_single(SCRATCH_BASE);
	lazy_leave(LAZY_MMU);
	CHECK(hcalls_made[LHCALL_SET_PTE] == made, "a lazy call trapped");
	CHECK(hcalls_queued[LHCALL_SET_PTE] == queued + 2, "a lazy call was not queued");
	CHECK(hcalls_made[LHCALL_FLUSH_ASYNC] == flushes + 1, "leaving did not flush");
	flush_tlb_single(SCRATCH_BASE);
	CHECK(hcalls_made[LHCALL_SET_PTE] == made + 1, "outside of lazy mode a call did not trap");
	return NULL;
}

/* All registers survive, the one with the number included. */
TEST(registers)
{
	u32 a = LHCALL_FLUSH_ASYNC, b = 0x11111111, c = 0x22222222, d = 0x33333333, s = 0x44444444,
		di = 0x55555555;

	__asm__ volatile("int %[trap]"
		: "+a"(a), "+b"(b), "+c"(c), "+d"(d), "+S"(s), "+D"(di)
		: [trap] "i"(LGUEST_TRAP) : "memory");
	CHECK(a == LHCALL_FLUSH_ASYNC, "eax became %x", a);
	CHECK(b == 0x11111111 && c == 0x22222222 && d == 0x33333333 && s == 0x44444444
		&& di == 0x55555555, "%x %x %x %x %x", b, c, d, s, di);
	return NULL;
}

/* The Host does not let us have a segment of privilege 0, and marks it accessed. */
TEST(gdt_fix_up)
{
	u32 code = segment_rights(KERNEL_CS), data = segment_rights(KERNEL_DS), entry, cleared;

	CHECK((code & 0x6000) == 0x2000, "rights of the code segment are %x", code);
	CHECK((data & 0x6000) == 0x2000, "rights of the data segment are %x", data);
	CHECK(code & data & 0x100, "not accessed: %x %x", code, data);

	write_gdt_entry(SPARE_ENTRY, 0x1234FFFF, 0x00409200);
	entry = segment_rights(SPARE_ENTRY * 8 + 1);
	write_gdt_entry(SPARE_ENTRY, 0, 0);
	cleared = segment_rights(SPARE_ENTRY * 8 + 1);
	CHECK((entry & 0x00F0FF00) == 0x0040B300, "a new entry has rights %x", entry);
	CHECK(cleared == 0xFFFFFFFE || !(cleared & 0x8000), "a cleared entry has rights %x", cleared);
	return NULL;
}

/* Base and limit of a segment are taken seriously. */
TEST(tls_segments)
{
	static u32 words[4];
	u32 first, last, flags = irq_save();
	bool beyond;

	for (u32 i = 0; i < 4; i++)
		words[i] = 0xAAAA0000 + i;
	tls[0][0] = tls_entry((u32)words, 15);
	tls[0][1] = tls_entry((u32)&words[2], 7);
	load_tls(tls[0]);
	__asm__ volatile("movw %w2, %%gs; movl %%gs:4, %0; movw %w3, %%fs; movl %%fs:4, %1"
		: "=&r"(first), "=&r"(last) : "r"(TLS_SELECTOR), "r"(TLS_SELECTOR + 8) : "memory");
	words[1] = 0xBBBB0001;
	expect_fault();
	__asm__ volatile("1:\tmovl %%gs:13, %0\n2:\n\t" EX_TABLE("1b", "2b") : "=r"(words[0]));
	beyond = faulted();
	__asm__ volatile("movl %%gs:4, %0" : "=r"(words[3]) :: "memory");
	__asm__ volatile("movw %w0, %%gs; movw %w0, %%fs" :: "r"(0));
	tls[0][0] = tls[0][1] = 0;
	load_tls(tls[0]);
	irq_restore(flags);

	CHECK(first == 0xAAAA0001, "gs:4 is %x", first);
	CHECK(last == 0xAAAA0003, "fs:4 is %x", last);
	CHECK(words[3] == 0xBBBB0001, "gs:4 is now %x", words[3]);
	CHECK(beyond, "one may read beyond the limit");
	CHECK(last_fault.vector == TRAP_PROTECTION && last_fault.error == 0, "beyond the limit: trap %u (%x)",
		last_fault.vector, last_fault.error);
	return NULL;
}

/* TS makes floating point trap, and clearing it stops that. */
TEST(task_switched)
{
	u32 flags = irq_save(), old = read_cr0(), control = 0;
	bool with_ts, without_ts;

	write_cr0(old | CR0_TS);
	expect_fault();
	__asm__ volatile("1:\tfnstcw %0\n2:\n\t" EX_TABLE("1b", "2b") : "+m"(control));
	with_ts = faulted();
	clts();
	expect_fault();
	__asm__ volatile("1:\tfnstcw %0\n2:\n\t" EX_TABLE("1b", "2b") : "+m"(control));
	without_ts = faulted();
	write_cr0(old);
	irq_restore(flags);
	CHECK(with_ts, "no trap with TS set");
	CHECK(last_fault.vector == TRAP_NO_FPU, "trap %u instead of 7", last_fault.vector);
	CHECK(!without_ts, "a trap with TS clear");
	return NULL;
}

#ifdef CONFIG_CLASSIC
/* Buffers are bound and unbound, and there is an end to it. Console and disks have some already. */
TEST(binding)
{
	static struct dma buffers[2];
	u32 bound = 0, fails;

	while (bound <= DMA_BINDINGS && hcall_answer(LHCALL_BIND_DMA, pa(buffers), pa(buffers), 2 << 8 | 31))
		bound++;
	fails = hcall_answer(LHCALL_BIND_DMA, pa(buffers), pa(buffers), 2 << 8 | 31);
	CHECK(bound && bound < DMA_BINDINGS, "%u could be bound", bound);
	CHECK(!fails, "there was room after all");
	CHECK(!hcall_answer(LHCALL_BIND_DMA, pa(buffers), pa(buffers + 1), 2 << 8),
		"other buffers than were bound could be unbound");
	for (u32 i = 0; i < bound; i++)
		CHECK(hcall_answer(LHCALL_BIND_DMA, pa(buffers), pa(buffers), 2 << 8), "%u of %u cannot be unbound", i, bound);
	CHECK(!hcall_answer(LHCALL_BIND_DMA, pa(buffers), pa(buffers), 2 << 8), "one more than was bound");
	CHECK(!hcall_answer(LHCALL_BIND_DMA, pa(buffers), pa(buffers), 2 << 8 | 32), "there is no line 32");
	return NULL;
}

/* A message to a key that is nobody's: the Host says so in its log, and we go on. */
TEST(astray)
{
	static struct dma message;

	hcall(LHCALL_SEND_DMA, pa(&message) & ~3, pa(&message), 0, 0);
	CHECK(message.used == 0, "somebody has taken %u bytes", message.used);
	return NULL;
}
#else
/* A text given to NOTIFY is printed if it is neither a ring nor a descriptor; an empty one is
 * the only kind that does not spoil our output. */
TEST(notify_text)
{
	static char empty[4];

	hcall(LHCALL_NOTIFY, pa(empty), 0, 0, 0);
	return NULL;
}
#endif

const struct test hypercall_tests[] = {
	{ "LGUEST_INIT fills in lguest_data", init, NULL },
	{ "call sites are patched", patching, NULL },
	{ "hypercalls preserve all registers", registers, NULL },
	{ "async: a queued call waits for the Host", async_waits, NULL },
	{ "async: the ring is emptied before an immediate call", async_first, NULL },
	{ "async: calls are executed in order", async_order, NULL },
	{ "async: a full ring falls back to a trap, in order", async_overflow, NULL },
	{ "lazy mode queues, and flushes at the end", lazy_mode_test, NULL },
	{ "LOAD_GDT_ENTRY: privilege 0 becomes 1, accessed is set", gdt_fix_up, NULL },
	{ "LOAD_TLS: gs and fs have base and limit", tls_segments, NULL },
	{ "TS: floating point traps while it is set", task_switched, NULL },
#ifdef CONFIG_CLASSIC
	{ "BIND_DMA: up to 32, and back", binding, NULL },
	{ "SEND_DMA: to nobody", astray, NULL },
#else
	{ "NOTIFY with an empty text", notify_text, NULL },
#endif
	{ .name = NULL },
};
