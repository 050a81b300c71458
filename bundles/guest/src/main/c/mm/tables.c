/* SPDX-License-Identifier: Apache-2.0 */
/*G:420
 * Page tables.
 *
 * A quick reminder. Memory comes in pages of 4096 bytes, and a table says for each virtual page
 * where it is, if anywhere, and what may be done with it. One flat table of four gigabytes would
 * take four megabytes, so it is cut into pages itself, with a directory on top:
 *
 *     31        22 21        12 11         0
 *    +------------+------------+------------+
 *    | directory  | table      | byte       |      1024 entries of 4 bytes each
 *    +------------+------------+------------+
 *
 * The other format ("PAE") has entries of 8 bytes, so that physical addresses may be longer. Only
 * 512 of them fit into a page, and a third level of just four entries is needed on top:
 *
 *     31 30 29      21 20        12 11         0
 *    +-----+----------+------------+------------+
 *    | top | middle   | table      | byte       |   4, 512 and 512 entries of 8 bytes
 *    +-----+----------+------------+------------+
 *
 * A kernel is built for the one or for the other; puppy comes in both builds. The Host recognises
 * which it has by the first table that the entry code hands over.
 *
 * Rules for every function here: write the entry first, announce it to the Host second, and write
 * entries into a new table before anything points to that table, because then there is nothing to
 * announce.
 */
#include "lib.h"
#include "mm.h"
#include "kernel.h"
#include "paravirt.h"

/* 64-bit entries are two stores for us. While only one of them is done the entry must not look
 * present, so the half with the "present" bit goes last, and is the first to be taken away. */
void write_pte(pte_t *pte, pte_t value)
{
#ifdef CONFIG_PAE
	volatile u32 *half = (u32 *)pte;

	if (half[1] != value >> 32)
		half[0] = 0;
	half[1] = value >> 32;
	half[0] = value;
#else
	*(volatile u32 *)pte = value;
#endif
}

/* The three ways to change an entry that might be in use: write it, and tell. */
void set_pte_at(u32 pgd, u32 address, pte_t *pte, pte_t value)
{
	write_pte(pte, value);
	pte_update(pgd, address, pte);
}

void set_pmd(pte_t *pmd, pte_t value)
{
	write_pte(pmd, value);
	pmd_update(pmd);
}

void set_pgd(pte_t *pgd, pte_t value)
{
	write_pte(pgd, value);
	pgd_update(pgd);
}

/* The entry which points to the lowest table for this address: a directory entry, or with PAE one
 * of the middle level. With "create", a missing middle table is made. */
static pte_t *table_entry(u32 pgd, u32 address, bool create UNUSED)
{
	pte_t *top = (pte_t *)va(pgd) + (address >> PGD_SHIFT);

#ifdef CONFIG_PAE
	if (!(*top & PTE_PRESENT)) {
		u32 page = create ? page_alloc_zeroed() : 0;

		if (!page)
			return NULL;
		set_pgd(top, page | PGD_FLAGS);
	}
	return (pte_t *)va(pte_frame(*top)) + (address >> PMD_SHIFT) % TABLE_ENTRIES;
#else
	return top;
#endif
}

/* The entry that refers to a lowest table is at the top, or in the middle. */
static void set_table_entry(pte_t *entry, pte_t value)
{
#ifdef CONFIG_PAE
	set_pmd(entry, value);
#else
	set_pgd(entry, value);
#endif
}

/* The entry for an address, or NULL if there is not even a table for it. */
pte_t *pte_lookup(u32 pgd, u32 address)
{
	pte_t *entry = table_entry(pgd, address, false);

	if (!entry || !(*entry & PTE_PRESENT))
		return NULL;
	return (pte_t *)va(pte_frame(*entry)) + (address >> PAGE_SHIFT) % TABLE_ENTRIES;
}

/* The same, but makes the table; NULL if memory has run out. */
pte_t *pte_create(u32 pgd, u32 address)
{
	pte_t *entry = table_entry(pgd, address, true);

	if (!entry)
		return NULL;
	if (!(*entry & PTE_PRESENT)) {
		u32 page = page_alloc_zeroed();

		if (!page)
			return NULL;
		set_table_entry(entry, page | (address < PAGE_OFFSET ? TABLE_USER : PTE_KERNEL));
	}
	return (pte_t *)va(pte_frame(*entry)) + (address >> PAGE_SHIFT) % TABLE_ENTRIES;
}

/* Makes the kernel's tables for a range, at boot: each is filled before it is hooked in. */
static void map_early(u32 address, u32 physical, u32 size, pte_t flags)
{
	u32 step = TABLE_ENTRIES * PAGE_SIZE;

	for (u32 done = 0; done < size; done += step) {
		u32 table = early_pages(1);
		pte_t *pte = va(table);

		for (u32 i = 0; flags && i < TABLE_ENTRIES && done + i * PAGE_SIZE < size; i++)
			pte[i] = (physical + done + i * PAGE_SIZE) | flags;
		set_table_entry(table_entry(pa(swapper_pg_dir), address + done, false),
			table | PTE_KERNEL);
	}
}

/*G:425
 * The kernel's own tables.
 *
 * The entry code has mapped the first 8 MiB, at 0 and at PAGE_OFFSET, and switched. We extend that
 * same table: the rest of low memory, an empty table for the selftest's window. Then the map at 0
 * has served its purpose (it was there for the one jump from low to high addresses), and we take
 * it away, so that a null pointer is a null pointer.
 */
void tables_init(void)
{
	if (lowmem_size > BOOT_MAPPED)
		map_early(PAGE_OFFSET + BOOT_MAPPED, BOOT_MAPPED, lowmem_size - BOOT_MAPPED, PTE_KERNEL);
	map_early(SCRATCH_BASE, 0, NOWHERE_BASE - SCRATCH_BASE, 0);

	for (u32 slot = 0; slot < KERNEL_SLOT; slot++)
		if (swapper_pg_dir[slot])
			set_pgd(&swapper_pg_dir[slot], 0);
}

/* Once the call sites are patched nobody has to write into our text and constants any more. Being
 * at ring 1 does not exempt us: the Host runs the processor with write protection for all rings. */
void protect_text(void)
{
	lazy_enter(LAZY_MMU);
	for (u32 a = (u32)_text; a < page_down((u32)_data); a += PAGE_SIZE) {
		pte_t *pte = pte_lookup(pa(swapper_pg_dir), a);

		set_pte_at(pa(swapper_pg_dir), a, pte, *pte & ~(pte_t)(PTE_WRITE | PTE_DIRTY));
	}
	lazy_leave(LAZY_MMU);
	flush_tlb_kernel();
}

static bool map_pages(u32 address, u32 physical, u32 size)
{
	for (u32 done = 0; done < size; done += PAGE_SIZE) {
		pte_t *pte = pte_create(pa(swapper_pg_dir), address + done);

		if (!pte)
			return false;
		write_pte(pte, (physical + done) | PTE_KERNEL);
	}
	pte_changed();
	return true;
}

/* The pages of the devices lie above memory, wherever that ends, and out of the linear map's reach.
 * One table holds them all, and is there from the moment at which the first of them is mapped, at
 * boot; so a device which comes later appears in every address space at once. */
void *map_device(u32 physical, u32 size)
{
	u32 first = page_down(physical), bytes = page_up(physical + size) - first;
	u32 end = first - memory_size + bytes;

	if (first < memory_size || end < bytes || end > DEVICE_PAGES * PAGE_SIZE)
		return NULL;
	if (!map_pages(DEVICES_BASE + first - memory_size, first, bytes))
		return NULL;
	return (void *)(DEVICES_BASE + physical - memory_size);
}

/* Other memory which the linear map does not reach. Windows are handed out once, at boot, and stay. */
void *map_window(u32 physical, u32 size)
{
	static u32 next = WINDOW_BASE;
	u32 address = next, first = page_down(physical), step = TABLE_ENTRIES * PAGE_SIZE;

	size = page_up(physical + size) - first;
	if (size > WINDOW_END - next || !map_pages(address, first, size))
		return NULL;
	next += (size + step - 1) & ~(step - 1);
	return (void *)(address + physical - first);
}

/* A top level for a new address space: nothing of the user's, everything of the kernel's. PAE
 * wants 32 bytes which do not cross a page; a whole page is simpler, and we are not short. */
u32 pgd_alloc(void)
{
	u32 pgd = page_alloc_zeroed();

	if (pgd)
		memcpy((pte_t *)va(pgd) + KERNEL_SLOT, swapper_pg_dir + KERNEL_SLOT,
			(PGD_ENTRIES - KERNEL_SLOT) * sizeof(pte_t));
	return pgd;
}

/* Gives back the pages in a table, and the table. The page of zeroes belongs to everybody, and is
 * not counted. */
static void free_table(u32 table)
{
	pte_t *pte = va(table);

	for (u32 i = 0; i < TABLE_ENTRIES; i++)
		if (pte[i] & PTE_PRESENT && pte_frame(pte[i]) != zero_page)
			page_put(pte_frame(pte[i]));
	page_put(table);
}

/*G:430
 * Taking an address space apart.
 *
 * The Host knows an address space by the physical address of its top level, and remembers it for
 * a while after we have stopped using it. If we now gave the page back and it became the top level
 * of somebody else, the Host would greet an old acquaintance and translate with the shadow of the
 * dead. So each top-level entry that we clear is announced, which makes the Host drop what hung
 * below it. One call for up to 4 MiB (or a gigabyte, with PAE): cheap, for a funeral.
 */
void pgd_free(u32 pgd)
{
	pte_t *top = va(pgd);

	lazy_enter(LAZY_MMU);
	for (u32 slot = 0; slot < KERNEL_SLOT; slot++) {
		pte_t entry = top[slot];

		if (!(entry & PTE_PRESENT))
			continue;
		set_pgd(&top[slot], 0);
#ifdef CONFIG_PAE
		pte_t *middle = va(pte_frame(entry));

		for (u32 i = 0; i < TABLE_ENTRIES; i++)
			if (middle[i] & PTE_PRESENT)
				free_table(pte_frame(middle[i]));
		page_put(pte_frame(entry));
#else
		free_table(pte_frame(entry));
#endif
	}
	lazy_leave(LAZY_MMU);
	page_put(pgd);
}
