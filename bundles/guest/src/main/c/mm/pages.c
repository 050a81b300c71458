/* SPDX-License-Identifier: Apache-2.0 */
/*G:410
 * Physical pages.
 *
 * There are two kinds of free page: those nobody has used yet, which begin at "fresh", and those
 * which somebody has given back, which form a list. The list runs through the pages themselves.
 * We do not put all pages into the list at boot: that would touch every page of memory, and our
 * Host gives us a page of its own only when we touch one.
 *
 * After a fork two address spaces share their pages, so a page has a count of its users.
 */
#include "lib.h"
#include "mm.h"
#include "kernel.h"
#include "paravirt.h"

u32 lowmem_size, pages_total, pages_free;

static u32 fresh, fresh_end, returned;
static u16 *users;

/* For tables made at boot: consecutive pages, zeroed, never freed. */
u32 early_pages(u32 count)
{
	u32 first = fresh;

	fresh += count * PAGE_SIZE;
	if (fresh > MIN(fresh_end, (u32)BOOT_MAPPED) && !users)
		panic("%u KiB are not enough memory to start", memory_size / 1024);
	memset(va(first), 0, count * PAGE_SIZE);
	return first;
}

/* The order is a little delicate. Tables come first, since they make the rest of memory
 * reachable; they are taken from right behind the kernel, in the part which the entry code has
 * mapped. An initrd at the end of memory is left where it is, and memory ends before it. */
void pages_init(void)
{
	fresh = page_up(pa(_end));
	fresh_end = lowmem_size;
	if (initrd_size && initrd_start < fresh_end)
		fresh_end = page_down(initrd_start);

	/* The array of counts has to be in memory which is mapped; the tables come next, so it is
	 * allocated with them, and "users" is still zero while they are made. */
	tables_init();
	u32 array = early_pages(page_up(lowmem_size / PAGE_SIZE * sizeof(*users)) / PAGE_SIZE);

	users = va(array);
	pages_total = pages_free = (fresh_end - fresh) / PAGE_SIZE;
}

/* What was given back last goes out first: it is the most likely to be in somebody's cache. */
u32 page_alloc(void)
{
	u32 flags = irq_save(), page = 0;

	if (returned) {
		page = returned;
		returned = *(u32 *)va(page);
	} else if (fresh < fresh_end) {
		page = fresh;
		fresh += PAGE_SIZE;
	}
	if (page) {
		users[page / PAGE_SIZE] = 1;
		pages_free--;
	}
	irq_restore(flags);
	return page;
}

u32 page_alloc_zeroed(void)
{
	u32 page = page_alloc();

	if (page)
		memset(va(page), 0, PAGE_SIZE);
	return page;
}

/* One more user. */
void page_get(u32 page)
{
	users[page / PAGE_SIZE]++;
}

/* One less; the last one switches off the light. */
void page_put(u32 page)
{
	u32 flags = irq_save();

	if (page >= lowmem_size || users[page / PAGE_SIZE] == 0)
		panic("page %x freed once too often", page);
	if (--users[page / PAGE_SIZE] == 0) {
		*(u32 *)va(page) = returned;
		returned = page;
		pages_free++;
	}
	irq_restore(flags);
}

u32 page_refs(u32 page)
{
	return users[page / PAGE_SIZE];
}
