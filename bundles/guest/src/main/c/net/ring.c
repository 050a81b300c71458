/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of bytes over some pages: what TCP holds back for one side or the other. */
#include "lib.h"
#include "mm.h"
#include "tcp.h"

bool ring_create(struct ring *r)
{
	memset(r, 0, sizeof(*r));
	for (u32 i = 0; i < RING_PAGES; i++) {
		u32 page = page_alloc();

		if (!page) {
			ring_destroy(r);
			return false;
		}
		r->pages[i] = va(page);
	}
	return true;
}

void ring_destroy(struct ring *r)
{
	for (u32 i = 0; i < RING_PAGES; i++)
		if (r->pages[i])
			page_put(pa(r->pages[i]));
	memset(r, 0, sizeof(*r));
}

/* Copies between the ring, from its byte "at" on, and somebody's memory, page by page. */
static void copy(const struct ring *r, u32 at, void *to, const void *from, u32 size)
{
	at = (r->start + at) % RING_BYTES;
	while (size) {
		u8 *here = r->pages[at / PAGE_SIZE] + at % PAGE_SIZE;
		u32 n = MIN(size, PAGE_SIZE - at % PAGE_SIZE);

		if (to)
			memcpy(to, here, n), to += n;
		else
			memcpy(here, from, n), from += n;
		at = (at + n) % RING_BYTES;
		size -= n;
	}
}

/* How many bytes there was room for. */
u32 ring_put(struct ring *r, const void *data, u32 size)
{
	u32 n = MIN(size, RING_BYTES - r->count);

	copy(r, r->count, NULL, data, n);
	r->count += n;
	return n;
}

/* The bytes stay. There must be that many. */
void ring_look(const struct ring *r, u32 at, void *data, u32 size)
{
	copy(r, at, data, NULL, size);
}

void ring_drop(struct ring *r, u32 size)
{
	r->start = (r->start + size) % RING_BYTES;
	r->count -= size;
}
