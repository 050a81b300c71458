/* SPDX-License-Identifier: Apache-2.0 */
/*D:620
 * Disks, as they were. The device has a page, on which we write what we want: read or write, from
 * which sector, how many bytes. Then we send a message to the page's address. To write, the data is
 * the message; to read, the data goes into a buffer that we have bound to the same key. Either way
 * the page says at the end how it went, and an interrupt says that it says so.
 */
#include "lib.h"
#include "classic.h"
#include "mm.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"
#include "virtio.h"

#define MAX_DISKS 4
#define TYPE_IN 0
#define TYPE_OUT 1
#define RESULT_DONE 1

struct block_page {
	u32 type, sector, bytes, result, sectors;
};

static struct disk {
	volatile struct block_page *page;
	u32 key;
	bool busy;
	volatile u32 done;
	struct dma message, buffer;
} disks[MAX_DISKS];

static u32 disks_found;

u32 block_count(void) { return disks_found; }
u64 block_capacity(u32 disk) { return disks[disk].page->sectors; }
bool block_has_flush(u32 disk UNUSED) { return false; }
u32 block_segments(u32 disk UNUSED) { return DMA_SECTIONS; }
int block_flush(u32 disk UNUSED) { return 0; }

/* It may come for nothing: the page says whether there is a result. */
static void block_interrupt(void *arg)
{
	struct disk *d = arg;

	if (d->busy && d->page->result) {
		d->done = d->page->result;
		wake_up(d);
	}
}

int block_request(u32 disk, u32 type, u64 sector, u32 count, void *data)
{
	struct disk *d = &disks[disk];
	u32 flags = irq_save();
	int answer;

	while (d->busy)
		wait_for(&d->busy);
	d->busy = true;

	d->page->type = type;
	d->page->sector = sector;
	d->page->bytes = count * SECTOR_SIZE;
	d->page->result = d->done = 0;
	dma_list(&d->message, data, type == TYPE_OUT ? count * SECTOR_SIZE : 0);
	dma_list(&d->buffer, data, type == TYPE_OUT ? 0 : count * SECTOR_SIZE);
	dma_send(d->key, &d->message);
	while (!d->done)
		wait_for(d);
	answer = d->done == RESULT_DONE ? 0 : 1;
	d->buffer.used = 0;

	d->busy = false;
	wake_up(&d->busy);
	irq_restore(flags);
	return answer;
}

int block_read(u32 disk, u64 sector, u32 count, void *data)
{
	return block_request(disk, TYPE_IN, sector, count, data);
}

int block_write(u32 disk, u64 sector, u32 count, const void *data)
{
	return block_request(disk, TYPE_OUT, sector, count, (void *)data);
}

bool block_probe(const struct virtio_device *v)
{
	struct disk *d = &disks[disks_found];

	if (disks_found == MAX_DISKS || !(d->page = device_page(v)))
		return false;
	d->key = device_page_pa(v);
	irq_register(device_irq(v), block_interrupt, d, "block");
	if (!dma_bind(d->key, &d->buffer, 1, device_irq(v)))
		return false;
	disks_found++;
	return true;
}
