/* SPDX-License-Identifier: Apache-2.0 */
/*G:400
 * Memory, and how to find it.
 *
 *   00000000 - BFFFFFFF   the user's: programs at 08048000, stack at the very top
 *   C0000000 - EFFFFFFF   physical memory from 0, as far as 768 MiB reach ("low memory")
 *   F0000000 - F00FFFFF   the device pages above memory, as far as they are in use
 *   F0400000 - FEFFFFFF   windows: an initrd out of low memory's reach
 *   FF000000 - FF3FFFFF   a window for the selftest to play with
 *   FF400000 - FF7FFFFF   another, for which there is no table at all until the selftest makes one
 *   FFC00000 - FFFFFFFF   hands off: this is where the Switcher of a real lguest Host lives
 *
 * The upper quarter is the same in all address spaces. We make all its tables at boot, so that a
 * new address space copies a few top-level entries and never looks at them again.
 */
#ifndef PUPPY_MM_H
#define PUPPY_MM_H

#define PAGE_SIZE 4096
#define PAGE_SHIFT 12
#define STACK_PAGES 2
#define STACK_SIZE (STACK_PAGES * PAGE_SIZE)

/* What the entry code maps before there is C: enough for the kernel and its first tables. */
#define BOOT_MAPPED 0x00800000

#define PTE_PRESENT 0x001
#define PTE_WRITE 0x002
#define PTE_USER 0x004
#define PTE_ACCESSED 0x020
#define PTE_DIRTY 0x040

/* A present, writable kernel page, with the two bits set which the Host would otherwise set on
 * first use; the same for entries which lead to a table. The Host refuses to walk through a
 * table entry with any bit outside 0x67, and a top-level entry of PAE may have only "present". */
#define PTE_KERNEL (PTE_PRESENT | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)
#define TABLE_USER (PTE_KERNEL | PTE_USER)

#ifdef CONFIG_PAE
#define PGD_BYTES 32
#define PGD_SHIFT 30
#define PMD_SHIFT 21
#define PGD_FLAGS PTE_PRESENT
#define TABLE_ENTRIES 512
#else
#define PGD_BYTES 4096
#define PGD_SHIFT 22
#define PMD_SHIFT 22
#define PGD_FLAGS TABLE_USER
#define TABLE_ENTRIES 1024
#endif

#ifndef __ASSEMBLER__

#include "abi.h"

#ifdef CONFIG_PAE
typedef u64 pte_t;
#else
typedef u32 pte_t;
#endif

#define PGD_ENTRIES (PGD_BYTES / sizeof(pte_t))
#define KERNEL_SLOT (PAGE_OFFSET >> PGD_SHIFT)

#define USER_TOP PAGE_OFFSET
#define LOWMEM_MAX 0x30000000u
#define DEVICES_BASE 0xF0000000u
#define DEVICE_PAGES 256
#define WINDOW_BASE 0xF0400000u
#define WINDOW_END 0xFF000000u
#define SCRATCH_BASE 0xFF000000u
#define NOWHERE_BASE 0xFF400000u

static inline u32 pa(const volatile void *p) { return (u32)p - PAGE_OFFSET; }
static inline void *va(u32 address) { return (void *)(address + PAGE_OFFSET); }
static inline u32 page_down(u32 a) { return a & ~(PAGE_SIZE - 1u); }
static inline u32 page_up(u32 a) { return page_down(a + PAGE_SIZE - 1); }
static inline u32 pte_frame(pte_t e) { return (u32)e & ~(PAGE_SIZE - 1u); }

extern pte_t swapper_pg_dir[];

/* mm/pages.c: physical pages, counted. Addresses are physical, 0 is "none left". */
extern u32 lowmem_size, pages_total, pages_free;
void pages_init(void);
u32 early_pages(u32 count);
u32 page_alloc(void);
u32 page_alloc_zeroed(void);
void page_get(u32 page);
void page_put(u32 page);
u32 page_refs(u32 page);

/* mm/tables.c: page tables. "pgd" is the physical address of the top level. */
void tables_init(void);
void protect_text(void);
pte_t *pte_lookup(u32 pgd, u32 address);
pte_t *pte_create(u32 pgd, u32 address);
void write_pte(pte_t *pte, pte_t value);
void set_pte_at(u32 pgd, u32 address, pte_t *pte, pte_t value);
void set_pmd(pte_t *pmd, pte_t value);
void set_pgd(pte_t *pgd, pte_t value);
void *map_device(u32 address, u32 size);
void *map_window(u32 address, u32 size);
u32 pgd_alloc(void);
void pgd_free(u32 pgd);

/* mm/space.c: address spaces of programs. */
#define AREA_WRITE 1
#define AREA_ANY 0xFFFFFFFFu
#define MAX_AREAS 10

struct area {
	u32 start, end, flags;
	/* The first data_size bytes at data_start come from here; everything else is zero. */
	const u8 *data;
	u32 data_start, data_size;
};

struct space {
	u32 pgd;
	u32 brk_start, brk;
	u32 areas_used;
	struct area areas[MAX_AREAS];
};

struct fault_counters {
	u32 zero_maps, zero_fills, data_fills, cow_copies, cow_reuses, spurious, refused;
};

extern struct fault_counters fault_counters;
extern u32 zero_page;
void space_init(void);
bool space_create(struct space *s);
bool space_fork(struct space *to, struct space *from);
void space_destroy(struct space *s);
bool space_fault(struct space *s, u32 address, bool write);
struct area *space_add(struct space *s, u32 start, u32 end, u32 flags);
struct area *space_find(struct space *s, u32 address);
u32 space_gap(struct space *s, u32 size);
bool space_remove(struct space *s, u32 start, u32 end);
u32 space_brk(struct space *s, u32 brk);
u32 space_pages(struct space *s);

/* trap/uaccess.c: how many bytes could not be copied. */
u32 copy_from_user(void *to, u32 from, u32 size);
u32 copy_to_user(u32 to, const void *from, u32 size);
bool string_from_user(char *to, u32 from, u32 size);

#endif
#endif
