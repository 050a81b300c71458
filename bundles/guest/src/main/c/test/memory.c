/* SPDX-License-Identifier: Apache-2.0 */
/* Page faults, and what the Host remembers of our page tables. Most of it happens in a window of
 * kernel addresses which nobody else uses; where ring 3 addresses are needed the test borrows an
 * address space. */
#include "lib.h"
#include "kernel.h"
#include "mm.h"
#include "paravirt.h"
#include "task.h"
#include "test.h"
#include "trap.h"

#define W SCRATCH_BASE
#define FAULTS(code) "1:\t" code "\n2:\n\t" EX_TABLE("1b", "2b")

static u32 frames[4];

static u32 kernel_pgd(void)
{
	return pa(swapper_pg_dir);
}

static pte_t *entry(u32 index)
{
	return pte_lookup(kernel_pgd(), W + index * PAGE_SIZE);
}

static void map(u32 index, u32 frame, pte_t flags)
{
	set_pte_at(kernel_pgd(), W + index * PAGE_SIZE, entry(index), frame | flags);
}

static void unmap(u32 index)
{
	set_pte_at(kernel_pgd(), W + index * PAGE_SIZE, entry(index), 0);
}

/* Frame i is filled with i + 1. */
static bool take_frames(void)
{
	for (u32 i = 0; i < ARRAY_SIZE(frames); i++) {
		frames[i] = page_alloc();
		if (!frames[i])
			return false;
		memset(va(frames[i]), i + 1, PAGE_SIZE);
	}
	return true;
}

static void return_frames(void)
{
	for (u32 i = 0; i < 8; i++)
		unmap(i);
	for (u32 i = 0; i < ARRAY_SIZE(frames); i++)
		page_put(frames[i]);
}

/* A test between borrowing frames and giving them back. */
static const char *with_frames(const void *arg)
{
	const char *(*run)(void) = arg;
	const char *answer;

	if (!take_frames())
		return "out of memory";
	answer = run();
	return_frames();
	return answer;
}

static u32 read_word(u32 address)
{
	u32 value = 0xDEAD;

	expect_fault();
	__asm__ volatile(FAULTS("movl (%1), %0") : "+r"(value) : "r"(address) : "memory");
	return value;
}

static void write_word(u32 address, u32 value)
{
	expect_fault();
	__asm__ volatile(FAULTS("movl %0, (%1)") :: "r"(value), "r"(address) : "memory");
}

static bool fault_was(u32 error, u32 address)
{
	return faulted() && last_fault.vector == TRAP_PAGE_FAULT && last_fault.error == error
		&& last_fault.address == address;
}

#define CHECK_FAULT(expected, at) \
	CHECK(fault_was(expected, at), faulted() ? "trap %u (%x) at %x" : "no fault", \
		last_fault.vector, last_fault.error, last_fault.address)

TEST(null_pointer)
{
	read_word(0);
	CHECK_FAULT(0, 0);
	write_word(4, 1);
	CHECK_FAULT(FAULT_WRITE, 4);
	return NULL;
}

TEST(not_present)
{
	read_word(W + 16);
	CHECK_FAULT(0, W + 16);
	write_word(W + PAGE_SIZE + 4, 1);
	CHECK_FAULT(FAULT_WRITE, W + PAGE_SIZE + 4);
	read_word(NOWHERE_BASE + 8);
	CHECK_FAULT(0, NOWHERE_BASE + 8);
	return NULL;
}

/* Ring 1 is a supervisor and may read what is read-only, not write it. */
TEST(text_is_read_only)
{
	u32 *text = (u32 *)_text, before = *text;

	write_word((u32)text, 0);
	CHECK_FAULT(FAULT_PRESENT | FAULT_WRITE, (u32)text);
	CHECK(*text == before, "and yet it was written");
	return NULL;
}

static const char *read_only_page(void)
{
	map(0, frames[0], PTE_PRESENT | PTE_ACCESSED);
	CHECK(read_word(W) == 0x01010101, "cannot read it");
	write_word(W + 8, 1);
	CHECK_FAULT(FAULT_PRESENT | FAULT_WRITE, W + 8);
	map(0, frames[0], PTE_KERNEL);
	write_word(W + 8, 7);
	CHECK(!faulted() && ((u32 *)va(frames[0]))[2] == 7, "SET_PTE did not make it writable");
	map(0, frames[0], PTE_PRESENT | PTE_ACCESSED | PTE_DIRTY);
	write_word(W + 8, 9);
	CHECK(faulted(), "SET_PTE did not make it read-only again");
	return NULL;
}

static const char *set_pte_changes_frame(void)
{
	map(0, frames[0], PTE_KERNEL);
	CHECK(read_word(W) == 0x01010101, "first page: %x", read_word(W));
	map(0, frames[1], PTE_KERNEL);
	CHECK(read_word(W) == 0x02020202, "second page: %x", read_word(W));
	write_word(W, 5);
	map(0, frames[0], PTE_PRESENT | PTE_WRITE);
	CHECK(read_word(W) == 0x01010101, "first page again: %x", read_word(W));
	CHECK(*(u32 *)va(frames[1]) == 5, "the write went elsewhere");
	return NULL;
}

static const char *set_pte_removes(void)
{
	map(0, frames[0], PTE_KERNEL);
	read_word(W);
	CHECK(!faulted(), "not mapped");
	unmap(0);
	read_word(W);
	CHECK_FAULT(0, W);
	return NULL;
}

/* What is not present is not remembered: a new entry needs no announcement. */
static const char *new_entry_needs_no_call(void)
{
	read_word(W);
	CHECK(faulted(), "mapped already");
	write_pte(entry(0), frames[2] | PTE_KERNEL);
	CHECK(read_word(W) == 0x03030303, "still a fault, or the wrong page");
	return NULL;
}

static const char *flush_single(void)
{
	map(0, frames[0], PTE_KERNEL);
	map(1, frames[1], PTE_KERNEL);
	read_word(W);
	read_word(W + PAGE_SIZE);
	write_pte(entry(0), frames[2] | PTE_KERNEL);
	flush_tlb_single(W);
	CHECK(read_word(W) == 0x03030303, "the old page is still there");
	CHECK(read_word(W + PAGE_SIZE) == 0x02020202, "the neighbour has gone");
	return NULL;
}

static const char *flush_kernel(void)
{
	for (u32 i = 0; i < 4; i++) {
		map(i, frames[i], PTE_KERNEL);
		read_word(W + i * PAGE_SIZE);
	}
	for (u32 i = 0; i < 4; i++)
		write_pte(entry(i), frames[3 - i] | PTE_KERNEL);
	flush_tlb_kernel();
	for (u32 i = 0; i < 4; i++)
		CHECK(read_word(W + i * PAGE_SIZE) == 0x01010101 * (4 - i), "page %u is the old one", i);
	return NULL;
}

/* Used, and written to: the Host keeps these two bits as a processor would. */
static const char *accessed_and_dirty(void)
{
	pte_t after_nothing, after_read, after_write;

	map(0, frames[0], PTE_PRESENT | PTE_WRITE);
	after_nothing = *entry(0);
	read_word(W);
	after_read = *(volatile pte_t *)entry(0);
	write_word(W, 1);
	after_write = *(volatile pte_t *)entry(0);
	CHECK(!(after_nothing & (PTE_ACCESSED | PTE_DIRTY)), "set before any access");
	CHECK(after_read & PTE_ACCESSED, "reading does not set A");
	CHECK(!(after_read & PTE_DIRTY), "reading sets D");
	CHECK(after_write & PTE_DIRTY, "writing does not set D");
	CHECK(pte_frame(after_write) == frames[0] && after_write & PTE_WRITE, "entry is %x now",
		(u32)after_write);

	/* And again, after we have cleared them and said so. */
	map(0, frames[0], PTE_PRESENT | PTE_WRITE);
	write_word(W, 2);
	after_write = *(volatile pte_t *)entry(0);
	CHECK((after_write & (PTE_ACCESSED | PTE_DIRTY)) == (PTE_ACCESSED | PTE_DIRTY),
		"not set again: %x", (u32)after_write);
	return NULL;
}

/* A word that lies on two pages: nothing is written if the second is missing. */
static const char *crossing(void)
{
	u32 at = W + PAGE_SIZE - 2;

	map(0, frames[0], PTE_KERNEL);
	read_word(at);
	CHECK_FAULT(0, W + PAGE_SIZE);
	write_word(at, 0xFFFFFFFF);
	CHECK_FAULT(FAULT_WRITE, W + PAGE_SIZE);
	CHECK(*(u16 *)(va(frames[0]) + PAGE_SIZE - 2) == 0x0101, "the first half was written");
	map(1, frames[2], PTE_PRESENT | PTE_ACCESSED);
	CHECK(read_word(at) == 0x03030101, "read %x", read_word(at));
	write_word(at, 0xFFFFFFFF);
	CHECK_FAULT(FAULT_PRESENT | FAULT_WRITE, W + PAGE_SIZE);
	CHECK(*(u16 *)(va(frames[0]) + PAGE_SIZE - 2) == 0x0101, "the first half was written");
	map(1, frames[1], PTE_KERNEL);
	write_word(at, 0xAABBCCDD);
	CHECK(*(u16 *)(va(frames[0]) + PAGE_SIZE - 2) == 0xCCDD && *(u16 *)va(frames[1]) == 0xAABB,
		"wrote something else");
	return NULL;
}

/* "rep movs" is one instruction and may fault in the middle: then what is done is done, and the
 * registers say how much is left. */
static const char *string_bytes(void)
{
	u32 left = 200, from, to;

	map(0, frames[0], PTE_KERNEL);
	map(2, frames[2], PTE_KERNEL);
	from = W + 2 * PAGE_SIZE;
	to = W + PAGE_SIZE - 77;
	expect_fault();
	__asm__ volatile(FAULTS("rep movsb") : "+c"(left), "+S"(from), "+D"(to) :: "memory");
	CHECK_FAULT(FAULT_WRITE, W + PAGE_SIZE);
	CHECK(left == 200 - 77, "%u bytes left", left);
	CHECK(from == W + 2 * PAGE_SIZE + 77 && to == W + PAGE_SIZE, "esi %x edi %x", from, to);
	CHECK(((u8 *)va(frames[0]))[PAGE_SIZE - 1] == 3 && ((u8 *)va(frames[0]))[PAGE_SIZE - 78] == 1,
		"what was to be copied is not there");
	return NULL;
}

static const char *string_words(void)
{
	u32 left = 300, from, to, start;

	/* Source ends first, and not at a multiple of four. */
	map(0, frames[0], PTE_KERNEL);
	map(4, frames[1], PTE_KERNEL);
	start = W + PAGE_SIZE - 402;
	from = start;
	to = W + 4 * PAGE_SIZE;
	expect_fault();
	__asm__ volatile(FAULTS("rep movsl") : "+c"(left), "+S"(from), "+D"(to) :: "memory");
	CHECK_FAULT(0, W + PAGE_SIZE);
	CHECK(left == 200 && from == start + 400 && to == W + 4 * PAGE_SIZE + 400,
		"ecx %u esi %x edi %x", left, from, to);

	/* Backwards. */
	left = 100;
	from = W + 50 * 4;
	to = W + 4 * PAGE_SIZE + 2000;
	expect_fault();
	__asm__ volatile("std\n" FAULTS("rep movsl") "\n\tcld" : "+c"(left), "+S"(from), "+D"(to) :: "memory");
	CHECK_FAULT(0, W - 4);
	CHECK(left == 49 && from == W - 4, "ecx %u esi %x", left, from);

	left = 2000;
	to = W + 4 * PAGE_SIZE + 96;
	expect_fault();
	__asm__ volatile(FAULTS("rep stosl") : "+c"(left), "+D"(to) : "a"(0x12345678) : "memory");
	CHECK_FAULT(FAULT_WRITE, W + 5 * PAGE_SIZE);
	CHECK(left == 1000 && to == W + 5 * PAGE_SIZE, "ecx %u edi %x", left, to);
	return NULL;
}

/*G:820
 * Code that changes.
 *
 * Each of these calls a tiny function "return n" after n has changed: by a store, by a store
 * through another address of the same page, by another page in its place, and by an instruction
 * which changes the one right behind it. A Host which translates code has to notice all of that.
 */
static u32 call(u32 address)
{
	return ((u32 (*)(void))address)();
}

/* movl $value, %eax; ret */
static void put_function(u32 address, u32 value)
{
	volatile u8 *code = (volatile u8 *)address;

	code[0] = 0xB8;
	for (u32 i = 0; i < 4; i++)
		code[1 + i] = value >> 8 * i;
	code[5] = 0xC3;
}

static const char *code_changes(void)
{
	map(0, frames[0], PTE_KERNEL);
	for (u32 i = 0; i < 300; i++) {
		put_function(W + 64, i * 3);
		CHECK(call(W + 64) == i * 3, "round %u", i);
	}
	return NULL;
}

static const char *code_changes_elsewhere(void)
{
	map(0, frames[0], PTE_KERNEL);
	for (u32 i = 0; i < 300; i++) {
		put_function((u32)va(frames[0]) + 128, i * 5);
		CHECK(call(W + 128) == i * 5, "round %u", i);
	}
	return NULL;
}

static const char *code_is_replaced(void)
{
	put_function((u32)va(frames[0]), 10);
	put_function((u32)va(frames[1]), 11);
	for (u32 i = 0; i < 100; i++) {
		map(0, frames[i % 2], PTE_KERNEL);
		CHECK(call(W) == 10 + i % 2, "round %u", i);
	}
	return NULL;
}

static const char *code_crosses_pages(void)
{
	map(0, frames[0], PTE_KERNEL);
	map(1, frames[1], PTE_KERNEL);
	for (u32 i = 0; i < 100; i++) {
		put_function(W + PAGE_SIZE - 3, i * 0x01010101);
		CHECK(call(W + PAGE_SIZE - 3) == i * 0x01010101, "round %u", i);
		/* Only the second page changes. */
		*(volatile u8 *)(W + PAGE_SIZE + 1) = 0x77;
		CHECK(call(W + PAGE_SIZE - 3) >> 24 == 0x77, "round %u, second page", i);
	}
	return NULL;
}

static const char *code_changes_itself(void)
{
	/* movb $n, 1(next); next: movl $0, %eax; ret -- the store changes what is fetched next. */
	u8 *code = va(frames[0]);
	static const u8 body[] = { 0xC6, 0x05, 0, 0, 0, 0, 42, 0xB8, 0, 0, 0, 0, 0xC3 };
	u32 target = W + 8, result;

	memcpy(code, body, sizeof(body));
	memcpy(code + 2, &target, 4);
	map(0, frames[0], PTE_KERNEL);
	for (u32 n = 1; n < 100; n++) {
		code[6] = n;
		result = call(W);
		CHECK(result == n, "round %u gave %u", n, result);
	}
	return NULL;
}

/* The code runs from one instruction to the next across a page that appears only now. */
static const char *code_faults(void)
{
	u32 result = 0;

	/* movl $..., %eax with two of its five bytes on the page that is missing. */
	*((u8 *)va(frames[0]) + PAGE_SIZE - 3) = 0xB8;
	map(0, frames[0], PTE_KERNEL);
	expect_fault();
	__asm__ volatile("jmp *%1\n1:\n\t" EX_TABLE("0xFF000FFD", "1b")
		: "+a"(result) : "r"(W + PAGE_SIZE - 3) : "memory");
	CHECK_FAULT(0, W + PAGE_SIZE);
	CHECK(last_fault.eip == W + PAGE_SIZE - 3, "eip is %x", last_fault.eip);
	return NULL;
}

/* --- whole tables, and address spaces of our own */

static const char *table_comes_and_goes(void)
{
	u32 table = frames[3];
	pte_t *pte = va(table);
#ifdef CONFIG_PAE
	pte_t *hook = (pte_t *)va(pte_frame(swapper_pg_dir[NOWHERE_BASE >> PGD_SHIFT]))
		+ (NOWHERE_BASE >> PMD_SHIFT) % TABLE_ENTRIES;
#else
	pte_t *hook = &swapper_pg_dir[NOWHERE_BASE >> PGD_SHIFT];
#endif
	memset(pte, 0, PAGE_SIZE);
	pte[5] = frames[0] | PTE_KERNEL;
#ifdef CONFIG_PAE
	set_pmd(hook, table | PTE_KERNEL);
#else
	set_pgd(hook, table | PTE_KERNEL);
#endif
	CHECK(read_word(NOWHERE_BASE + 5 * PAGE_SIZE) == 0x01010101, "the new table is not used");
	read_word(NOWHERE_BASE + 6 * PAGE_SIZE);
	CHECK_FAULT(0, NOWHERE_BASE + 6 * PAGE_SIZE);
#ifdef CONFIG_PAE
	set_pmd(hook, 0);
#else
	set_pgd(hook, 0);
#endif
	read_word(NOWHERE_BASE + 5 * PAGE_SIZE);
	CHECK_FAULT(0, NOWHERE_BASE + 5 * PAGE_SIZE);
	return NULL;
}

#define U 0x10000000u
#define USER_PAGE (PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED | PTE_DIRTY)

/* Runs in address space number one of two; leaves by way of the kernel's. */
static const char *with_spaces(const void *arg)
{
	const char *(*run)(u32 one, u32 two) = arg;
	const char *answer = "out of memory";
	u32 one = pgd_alloc(), two = pgd_alloc(), flags;

	if (one && two && take_frames()) {
		/* Without a task to go with it nobody would restore this table after a switch. */
		flags = irq_save();
		write_cr3(one);
		answer = run(one, two);
		write_cr3(kernel_pgd());
		irq_restore(flags);
		return_frames();
	}
	/* The frames are not the tables' to free. */
	for (u32 i = 0; i < 2; i++) {
		u32 pgd = i ? two : one;
		pte_t *pte;

		if (!pgd)
			continue;
		pte = pte_lookup(pgd, U);
		if (pte)
			memset((void *)page_down((u32)pte), 0, PAGE_SIZE);
		pgd_free(pgd);
	}
	return answer;
}

static void map_user(u32 pgd, u32 frame)
{
	set_pte_at(pgd, U, pte_create(pgd, U), frame | USER_PAGE);
}

static const char *spaces_differ(u32 one, u32 two)
{
	map_user(one, frames[0]);
	map_user(two, frames[1]);
	CHECK(read_word(U) == 0x01010101, "one: %x", read_word(U));
	write_cr3(two);
	CHECK(read_word(U) == 0x02020202, "two: %x", read_word(U));
	write_word(U, 22);
	write_cr3(one);
	CHECK(read_word(U) == 0x01010101, "one again: %x", read_word(U));
	write_word(U, 11);
	CHECK(*(u32 *)va(frames[0]) == 11 && *(u32 *)va(frames[1]) == 22, "writes went astray");
	write_cr3(kernel_pgd());
	read_word(U);
	CHECK_FAULT(0, U);
	return NULL;
}

/* SET_PTE names the address space; it need not be the one we are in. */
static const char *set_pte_elsewhere(u32 one, u32 two)
{
	map_user(one, frames[0]);
	map_user(two, frames[1]);
	write_cr3(two);
	read_word(U);
	write_cr3(one);
	read_word(U);
	map_user(two, frames[2]);
	CHECK(read_word(U) == 0x01010101, "it changed ours: %x", read_word(U));
	write_cr3(two);
	CHECK(read_word(U) == 0x03030303, "the other still has the old page: %x", read_word(U));
	return NULL;
}

static const char *flush_user(u32 one, u32 two)
{
	(void)two;
	map_user(one, frames[0]);
	read_word(U);
	write_pte(pte_lookup(one, U), frames[1] | USER_PAGE);
	flush_tlb_user();
	CHECK(read_word(U) == 0x02020202, "the old page is still there: %x", read_word(U));
	return NULL;
}

static const char *top_entry_goes(u32 one, u32 two)
{
	pte_t *top = (pte_t *)va(one) + (U >> PGD_SHIFT), old;

	(void)two;
	map_user(one, frames[0]);
	CHECK(read_word(U) == 0x01010101, "not mapped");
	old = *top;
	set_pgd(top, 0);
	read_word(U);
	CHECK_FAULT(0, U);
	set_pgd(top, old);
	CHECK(read_word(U) == 0x01010101, "it does not come back");
	return NULL;
}

/* A kernel page is the same in all spaces, and so is its change. */
static const char *kernel_half_is_shared(u32 one, u32 two)
{
	(void)one;
	map(0, frames[0], PTE_KERNEL);
	read_word(W);
	write_cr3(two);
	read_word(W);
	map(0, frames[1], PTE_KERNEL);
	CHECK(read_word(W) == 0x02020202, "old page here: %x", read_word(W));
	write_cr3(one);
	CHECK(read_word(W) == 0x02020202, "old page in the other space: %x", read_word(W));
	return NULL;
}

/* Ring 1 may use the user's pages; that is how system calls copy. */
static const char *user_pages_from_ring_1(u32 one, u32 two)
{
	(void)two;
	map_user(one, frames[0]);
	write_word(U + 4, 77);
	CHECK(!faulted() && read_word(U + 4) == 77, "it faults");
	/* Write protection holds for us as well. */
	set_pte_at(one, U, pte_lookup(one, U), frames[0] | PTE_PRESENT | PTE_USER | PTE_ACCESSED);
	write_word(U + 4, 78);
	CHECK_FAULT(FAULT_PRESENT | FAULT_WRITE, U + 4);
	return NULL;
}

static const char *copying_bad_pointers(void)
{
	char buffer[16];

	CHECK(copy_from_user(buffer, PAGE_OFFSET, 4) == 4, "it reads the kernel for a program");
	CHECK(copy_from_user(buffer, 0xFFFFFFF0, 0x20) == 0x20, "it wraps around");
	CHECK(copy_from_user(buffer, 0x1000, 16) == 16, "it reads what is not there");
	CHECK(copy_to_user(0x1000, buffer, 16) == 16, "it writes what is not there");
	return NULL;
}

const struct test memory_tests[] = {
	{ "page fault: null pointers", null_pointer, NULL },
	{ "page fault: not present, error code and cr2", not_present, NULL },
	{ "page fault: kernel text is read-only at ring 1", text_is_read_only, NULL },
	{ "page fault: read-only page, and back", with_frames, read_only_page },
	{ "page fault: an access across two pages is all or nothing", with_frames, crossing },
	{ "page fault: rep movsb stops in the middle", with_frames, string_bytes },
	{ "page fault: rep movsl and stosl, forwards and backwards", with_frames, string_words },
	{ "page fault: in the middle of an instruction's code", with_frames, code_faults },
	{ "page fault: copying for programs", with_frames, copying_bad_pointers },
	{ "page tables: A and D are kept", with_frames, accessed_and_dirty },
	{ "page tables: a new entry needs no call", with_frames, new_entry_needs_no_call },
	{ "SET_PTE: another page", with_frames, set_pte_changes_frame },
	{ "SET_PTE: no page", with_frames, set_pte_removes },
	{ "SET_PTE: 0 forgets one page", with_frames, flush_single },
	{ "SET_PTE: another address space", with_spaces, set_pte_elsewhere },
	{ "SET_PTE: the kernel's half is everybody's", with_spaces, kernel_half_is_shared },
	{ "FLUSH_TLB 1 forgets everything", with_frames, flush_kernel },
	{ "FLUSH_TLB 0 forgets the user's half", with_spaces, flush_user },
#ifdef CONFIG_PAE
	{ "SET_PMD: a table comes and goes", with_frames, table_comes_and_goes },
#else
	{ "SET_PGD: a table comes and goes", with_frames, table_comes_and_goes },
#endif
	{ "SET_PGD: a top-level entry comes and goes", with_spaces, top_entry_goes },
	{ "NEW_PGTABLE: address spaces are separate", with_spaces, spaces_differ },
	{ "NEW_PGTABLE: the user's pages from ring 1", with_spaces, user_pages_from_ring_1 },
	{ "changing code: by a store", with_frames, code_changes },
	{ "changing code: through another address", with_frames, code_changes_elsewhere },
	{ "changing code: another page in its place", with_frames, code_is_replaced },
	{ "changing code: across a page boundary", with_frames, code_crosses_pages },
	{ "changing code: the very next instruction", with_frames, code_changes_itself },
	{ .name = NULL },
};
