/* SPDX-License-Identifier: Apache-2.0 */
/*G:440
 * The address space of a program.
 *
 * Loading a program maps nothing. We write down a few areas ("from here to there, writable, the
 * first so many bytes come from the image"), and start the program with empty tables. It faults
 * on its first instruction, we look up the address, provide that one page, and let it try again.
 *
 *   first read of zeroes     map the one page of zeroes that everybody shares, read-only
 *   first write of zeroes    a page of its own
 *   first use of the image   a page of its own, copied from the image
 *   write to a shared page   a copy; or, if all the others have gone, the page itself
 *
 * The last line is what makes fork() cheap. It also means that most of the interesting traffic
 * between Guest and Host, faults and SET_PTE, comes out of this file.
 */
#include "lib.h"
#include "mm.h"
#include "kernel.h"
#include "paravirt.h"

struct fault_counters fault_counters;

/* Read-only in every address space, and empty forever. */
u32 zero_page;

void space_init(void)
{
	zero_page = page_alloc_zeroed();
}

bool space_create(struct space *s)
{
	memset(s, 0, sizeof(*s));
	s->pgd = pgd_alloc();
	return s->pgd != 0;
}

void space_destroy(struct space *s)
{
	if (s->pgd)
		pgd_free(s->pgd);
	s->pgd = 0;
	s->areas_used = 0;
}

struct area *space_find(struct space *s, u32 address)
{
	for (u32 i = 0; i < s->areas_used; i++)
		if (address >= s->areas[i].start && address < s->areas[i].end)
			return &s->areas[i];
	return NULL;
}

static bool range_is_free(struct space *s, u32 start, u32 end)
{
	for (u32 i = 0; i < s->areas_used; i++)
		if (start < s->areas[i].end && end > s->areas[i].start)
			return false;
	return true;
}

/* Promises memory: from here to there, rounded to pages. Nothing is mapped. The first page of all
 * can never be had, so that a null pointer stays one. */
struct area *space_add(struct space *s, u32 start, u32 end, u32 flags)
{
	struct area *a = &s->areas[s->areas_used];

	start = page_down(start);
	end = page_up(end);
	if (s->areas_used == MAX_AREAS || start >= end || end > USER_TOP || start < PAGE_SIZE
	    || !range_is_free(s, start, end))
		return NULL;
	s->areas_used++;
	*a = (struct area) { .start = start, .end = end, .flags = flags };
	return a;
}

/* Somewhere to put an anonymous mapping. */
u32 space_gap(struct space *s, u32 size)
{
	for (u32 a = 0x40000000; size && a + size < 0xB0000000 && a + size > a; a += 0x00400000)
		if (range_is_free(s, a, a + page_up(size)))
			return a;
	return 0;
}

/* Takes the pages of a range away, and tells the Host so, one by one. */
static void unmap(struct space *s, u32 start, u32 end)
{
	lazy_enter(LAZY_MMU);
	for (u32 a = start; a < end; a += PAGE_SIZE) {
		pte_t *pte = pte_lookup(s->pgd, a);
		pte_t old;

		if (!pte || !(*pte & PTE_PRESENT))
			continue;
		old = *pte;
		set_pte_at(s->pgd, a, pte, 0);
		if (pte_frame(old) != zero_page)
			page_put(pte_frame(old));
	}
	lazy_leave(LAZY_MMU);
}

/* Only whole areas can go. */
bool space_remove(struct space *s, u32 start, u32 end)
{
	struct area *a = space_find(s, start);

	if (!a || a->start != start || a->end != page_up(end))
		return false;
	unmap(s, a->start, a->end);
	*a = s->areas[--s->areas_used];
	return true;
}

/* The heap is an area which begins at brk_start. Returns the new end, or the old one. */
u32 space_brk(struct space *s, u32 brk)
{
	struct area *heap = space_find(s, s->brk_start);

	if (brk < s->brk_start || brk > 0x40000000)
		return s->brk;
	if (!heap && page_up(brk) > s->brk_start) {
		if (!space_add(s, s->brk_start, brk, AREA_WRITE))
			return s->brk;
	} else if (heap && page_up(brk) < heap->end) {
		unmap(s, page_up(brk), heap->end);
		heap->end = page_up(brk);
		if (heap->end == heap->start)
			*heap = s->areas[--s->areas_used];
	} else if (heap && page_up(brk) > heap->end) {
		if (!range_is_free(s, heap->end, page_up(brk)))
			return s->brk;
		heap->end = page_up(brk);
	}
	s->brk = brk;
	return brk;
}

/* The part of a program's image that belongs on this page. An image may begin and end anywhere. */
static void copy_data(const struct area *a, u32 address, u8 *page)
{
	u32 end = a->data_start + a->data_size;
	u32 from = MAX(address, a->data_start), to = MIN(address + PAGE_SIZE, end);

	if (a->data && from < to)
		memcpy(page + from - address, a->data + from - a->data_start, to - from);
}

static bool has_data(const struct area *a, u32 address)
{
	return a->data && address + PAGE_SIZE > a->data_start
		&& address < a->data_start + a->data_size;
}

/* First use of a page. The bits for "accessed" and "dirty" are set beforehand: the Host may then
 * install the entry when it hears of it, and the program's next try does not fault again. */
static bool map_new(struct space *s, struct area *a, u32 address, pte_t *pte, bool write)
{
	pte_t flags = PTE_PRESENT | PTE_USER | PTE_ACCESSED;
	bool data = has_data(a, address);
	u32 page;

	if (!write && !data) {
		fault_counters.zero_maps++;
		set_pte_at(s->pgd, address, pte, zero_page | flags);
		return true;
	}
	page = page_alloc_zeroed();
	if (!page)
		return false;
	if (data) {
		copy_data(a, address, va(page));
		fault_counters.data_fills++;
	} else
		fault_counters.zero_fills++;
	if (a->flags & AREA_WRITE)
		flags |= PTE_WRITE;
	if (write)
		flags |= PTE_DIRTY;
	set_pte_at(s->pgd, address, pte, page | flags);
	return true;
}

/* A write to a page which may be written, but not while it is shared. */
static bool unshare(struct space *s, u32 address, pte_t *pte)
{
	pte_t flags = PTE_PRESENT | PTE_USER | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY;
	u32 old = pte_frame(*pte), page;

	if (old != zero_page && page_refs(old) == 1) {
		fault_counters.cow_reuses++;
		set_pte_at(s->pgd, address, pte, old | flags);
		return true;
	}
	page = page_alloc();
	if (!page)
		return false;
	fault_counters.cow_copies++;
	memcpy(va(page), va(old), PAGE_SIZE);
	set_pte_at(s->pgd, address, pte, page | flags);
	if (old != zero_page)
		page_put(old);
	return true;
}

/* Called for a fault below PAGE_OFFSET, by the program itself or by the kernel on its behalf.
 * False: the program had no business there. */
bool space_fault(struct space *s, u32 address, bool write)
{
	struct area *a = space_find(s, address);
	pte_t *pte;

	address = page_down(address);
	if (!a || (write && !(a->flags & AREA_WRITE))) {
		fault_counters.refused++;
		return false;
	}
	pte = pte_create(s->pgd, address);
	if (!pte)
		return false;
	if (!(*pte & PTE_PRESENT))
		return map_new(s, a, address, pte, write);
	if (write && !(*pte & PTE_WRITE))
		return unshare(s, address, pte);

	/* Our tables would allow the access. Somebody remembers an older entry: make the Host
	 * forget it and try again. */
	fault_counters.spurious++;
	flush_tlb_single(address);
	return true;
}

/*G:445
 * fork().
 *
 * The child gets the same areas and the same pages. Those which either could write become
 * read-only for both, and whoever writes first pays for the copy. All these changes to entries,
 * the parent's and the child's, go to the Host in one batch: this is the loop for which the ring
 * was invented. A program of more than 64 pages shows how it overflows and goes on.
 */
bool space_fork(struct space *to, struct space *from)
{
	bool ok = true;

	if (!space_create(to))
		return false;
	to->brk_start = from->brk_start;
	to->brk = from->brk;
	to->areas_used = from->areas_used;
	memcpy(to->areas, from->areas, sizeof(to->areas));

	lazy_enter(LAZY_MMU);
	for (u32 i = 0; ok && i < from->areas_used; i++)
		for (u32 a = from->areas[i].start; ok && a < from->areas[i].end; a += PAGE_SIZE) {
			pte_t *mine = pte_lookup(from->pgd, a), *childs;

			if (!mine) {
				/* Not even a table: on to the next one. */
				a |= (1u << PMD_SHIFT) - 1 - (PAGE_SIZE - 1);
				continue;
			}
			if (!(*mine & PTE_PRESENT))
				continue;
			childs = pte_create(to->pgd, a);
			if (!childs) {
				ok = false;
				break;
			}
			if (*mine & PTE_WRITE)
				set_pte_at(from->pgd, a, mine, *mine & ~(pte_t)PTE_WRITE);
			if (pte_frame(*mine) != zero_page)
				page_get(pte_frame(*mine));
			set_pte_at(to->pgd, a, childs, *mine);
		}
	lazy_leave(LAZY_MMU);
	if (!ok)
		space_destroy(to);
	return ok;
}

/* Pages of its own or shared, not counting the page of zeroes. */
u32 space_pages(struct space *s)
{
	u32 pages = 0;

	for (u32 i = 0; i < s->areas_used; i++)
		for (u32 a = s->areas[i].start; a < s->areas[i].end; a += PAGE_SIZE) {
			pte_t *pte = pte_lookup(s->pgd, a);

			if (!pte)
				a |= (1u << PMD_SHIFT) - 1 - (PAGE_SIZE - 1);
			else if (*pte & PTE_PRESENT && pte_frame(*pte) != zero_page)
				pages++;
		}
	return pages;
}
