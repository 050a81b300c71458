/* SPDX-License-Identifier: Apache-2.0 */
/*D:300
 * Disks.
 *
 * A request is a chain of three pieces: a header which says what to do and where, the data, and
 * one byte for the answer, which the device writes last. Whether the data is to be read or written
 * shows in the header as well as in the descriptor, and woe to the driver in which the two differ.
 */
#include "lib.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"
#include "virtio.h"

#define MAX_DISKS 4

#define FEATURE_SEG_MAX 2
#define FEATURE_FLUSH 9

#define TYPE_IN 0
#define TYPE_OUT 1
#define TYPE_FLUSH 4

struct request {
	struct {
		u32 type, priority;
		u64 sector;
	} header;
	u8 status;
};

/* Header and answer must stay where they are while the device works, so they live here and not on
 * the stack of whoever asks. */
static struct disk {
	struct virtqueue queue;
	u64 capacity;
	u32 segments;
	bool flush, busy;
	struct request request;
} disks[MAX_DISKS];

static u32 disks_found;

u32 block_count(void) { return disks_found; }
u64 block_capacity(u32 disk) { return disks[disk].capacity; }
bool block_has_flush(u32 disk) { return disks[disk].flush; }
u32 block_segments(u32 disk) { return disks[disk].segments; }

/* The interrupt says only that something has happened. The one who waits looks what it was. */
static void block_interrupt(void *arg)
{
	struct disk *d = arg;

	wake_up(&d->queue);
}

/* One request at a time, start to end. Returns the device's answer: 0 fine, 1 error, 2 what? */
int block_request(u32 disk, u32 type, u64 sector, u32 count, void *data)
{
	struct disk *d = &disks[disk];
	struct request *r = &d->request;
	struct piece pieces[3];
	u32 n = 0, flags = irq_save();

	while (d->busy)
		wait_for(d);
	d->busy = true;
	irq_restore(flags);

	r->header.type = type;
	r->header.priority = 0;
	r->header.sector = sector;
	r->status = 0xFF;
	pieces[n++] = (struct piece) { &r->header, sizeof(r->header) };
	if (count)
		pieces[n++] = (struct piece) { data, count * SECTOR_SIZE };
	pieces[n++] = (struct piece) { &r->status, 1 };

	if (type == TYPE_IN)
		queue_add(&d->queue, pieces, 1, n - 1, r);
	else
		queue_add(&d->queue, pieces, n - 1, 1, r);
	queue_kick(&d->queue);
	do
		queue_wait(&d->queue);
	while (queue_get(&d->queue, NULL) != r);

	d->busy = false;
	wake_up(d);
	return *(volatile u8 *)&r->status;
}

int block_read(u32 disk, u64 sector, u32 count, void *data)
{
	return block_request(disk, TYPE_IN, sector, count, data);
}

int block_write(u32 disk, u64 sector, u32 count, const void *data)
{
	return block_request(disk, TYPE_OUT, sector, count, (void *)data);
}

/* Until the device promises otherwise, what was written may be lost with the power. */
int block_flush(u32 disk)
{
	return disks[disk].flush ? block_request(disk, TYPE_FLUSH, 0, 0, NULL) : 0;
}

/* What the disk is like, and what of its features we understand. Only what we accept here may be
 * used later. */
bool block_probe(const struct virtio_device *v)
{
	struct disk *d = &disks[disks_found];

	if (disks_found == MAX_DISKS)
		return false;
	d->segments = 1;
	if (device_offers(v, FEATURE_SEG_MAX)) {
		device_accept(v, FEATURE_SEG_MAX);
		d->segments = config_u32(v, 12);
	}
	if (device_offers(v, FEATURE_FLUSH)) {
		device_accept(v, FEATURE_FLUSH);
		d->flush = true;
	}
	device_features_done(v);
	if (!queue_init(&d->queue, v, 0))
		return false;
	d->capacity = config_u64(v, 0);
	irq_register(d->queue.irq, block_interrupt, d, "block");
	device_ready(v);
	disks_found++;
	return true;
}
