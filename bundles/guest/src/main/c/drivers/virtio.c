/* SPDX-License-Identifier: Apache-2.0 */
/*D:030
 * Finding the devices.
 *
 * There is no bus. There is one page, right above the end of our memory, on which the Launcher has
 * written down what there is, one after the other, until a type of 0:
 *
 *     0      type: 1 network, 2 block, 3 console, 4 random numbers
 *     1      number of queues
 *     2      bytes of feature bits
 *     3      bytes of configuration
 *     4      status: ours to write
 *     5      for each queue: ring size (2 bytes), interrupt (2), page of the ring (4)
 *     then   features the device offers, features we accept, configuration
 *
 * Nothing is aligned, since a descriptor has the length it needs. The rings themselves are in the
 * pages behind. All of this is memory: to read the size of a disk is to read eight bytes.
 */
#include "lib.h"
#include "kernel.h"
#include "mm.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"
#include "virtio.h"

#define MAX_DEVICES 16
#define HEADER 5
#define QUEUE_CONFIG 8
#define STATUS_BYTE 4

static struct virtio_device devices[MAX_DEVICES];
static u32 devices_found;

static const struct driver {
	u8 type;
	const char *name;
	bool (*probe)(const struct virtio_device *d);
} drivers[] = {
	/* The console first, so that the others have something to talk to. */
	{ VIRTIO_CONSOLE, "console", console_probe },
	{ VIRTIO_NET, "net", card_probe },
	{ VIRTIO_BLOCK, "block", block_probe },
	{ VIRTIO_RNG, "rng", rng_probe },
	{ VIRTIO_PANTRY, "pantry", pantry_probe },
};

u32 devices_count(void) { return devices_found; }
const struct virtio_device *device_at(u32 index) { return &devices[index]; }

const char *device_name(u32 type)
{
	for (const struct driver *r = drivers; r < drivers + ARRAY_SIZE(drivers); r++)
		if (r->type == type)
			return r->name;
	return "unknown";
}

static volatile u8 *offered(const struct virtio_device *d)
{
	return d->page + HEADER + QUEUE_CONFIG * d->queues;
}

static volatile u8 *accepted(const struct virtio_device *d)
{
	return offered(d) + d->feature_bytes;
}

bool device_offers(const struct virtio_device *d, u32 feature)
{
	return feature / 8 < d->feature_bytes && offered(d)[feature / 8] >> (feature % 8) & 1;
}

void device_accept(const struct virtio_device *d, u32 feature)
{
	accepted(d)[feature / 8] |= 1 << (feature % 8);
}

u8 config_u8(const struct virtio_device *d, u32 offset)
{
	return offset < d->config_bytes ? (offered(d) + 2 * d->feature_bytes)[offset] : 0;
}

u32 config_u32(const struct virtio_device *d, u32 offset)
{
	u32 value = 0;

	for (int i = 3; i >= 0; i--)
		value = value << 8 | config_u8(d, offset + i);
	return value;
}

u64 config_u64(const struct virtio_device *d, u32 offset)
{
	return (u64)config_u32(d, offset + 4) << 32 | config_u32(d, offset);
}

u8 device_status(const struct virtio_device *d)
{
	return d->page[STATUS_BYTE];
}

/*D:035
 * Making friends.
 *
 * Status is a byte in memory, so the device does not notice when it changes. At three moments it
 * has to, and then we send a NOTIFY with the address of the descriptor: when we reset the device,
 * when we give up on it, and when we have chosen the features. The steps are always the same.
 *
 *     0   forget everything that was (there may have been a kernel before us)
 *     1   ACKNOWLEDGE: we have seen you
 *     3   DRIVER: and we know how to drive you; now the features, and NOTIFY
 *     7   DRIVER_OK: off we go
 */
/* The compiler must not move this behind the NOTIFY which draws attention to it. */
static void set_status(const struct virtio_device *d, u8 status)
{
	d->page[STATUS_BYTE] = status;
	barrier();
}

static void device_notify(const struct virtio_device *d)
{
	hcall(LHCALL_NOTIFY, d->pa, 0, 0, 0);
}

static void device_reset(const struct virtio_device *d)
{
	set_status(d, 0);
	device_notify(d);
}

void device_features_done(const struct virtio_device *d)
{
	device_notify(d);
}

void device_ready(const struct virtio_device *d)
{
	set_status(d, device_status(d) | STATUS_DRIVER_OK);
}

void device_failed(const struct virtio_device *d)
{
	set_status(d, device_status(d) | STATUS_FAILED);
	device_notify(d);
}

/* Reads the page on from where it ended the last time. What does not fit into it is not believed. */
static void find_devices(void)
{
	static volatile u8 *page;
	static u32 at;

	if (!page)
		page = map_device(memory_size, PAGE_SIZE);
	while (page && devices_found < MAX_DEVICES && at + HEADER <= PAGE_SIZE && page[at]) {
		struct virtio_device *d = &devices[devices_found];
		u32 size;

		*d = (struct virtio_device) {
			.page = page + at, .pa = memory_size + at, .type = page[at],
			.queues = page[at + 1], .feature_bytes = page[at + 2],
			.config_bytes = page[at + 3],
		};
		size = HEADER + QUEUE_CONFIG * d->queues + 2 * d->feature_bytes + d->config_bytes;
		if (size > PAGE_SIZE - at)
			break;
		at += size;
		devices_found++;
	}
}

static void meet(const struct virtio_device *d)
{
	device_reset(d);
	set_status(d, STATUS_ACKNOWLEDGE);
}

/*D:040
 * Late arrivals.
 *
 * A type of 0 ends the list, and it stays where it is until somebody plugs in one more device: then
 * the Launcher writes the new description behind the last, and its type, in place of that 0, at the
 * very end. So looking for new devices is to go on reading where we stopped. Nobody calls us for
 * it, since this bus has no interrupt of its own; "rescan" does it when a human being says so.
 *
 * What none of our drivers knows stays acknowledged: we have seen it, and that was all.
 */
u32 devices_scan(void)
{
	u32 first = devices_found;

	find_devices();
	for (u32 i = first; i < devices_found; i++)
		meet(&devices[i]);
	for (const struct driver *r = drivers; r < drivers + ARRAY_SIZE(drivers); r++)
		for (u32 i = first; i < devices_found; i++) {
			const struct virtio_device *d = &devices[i];

			if (d->type != r->type)
				continue;
			set_status(d, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
			if (!r->probe(d))
				device_failed(d);
		}
	return devices_found - first;
}

/* Says what there is, from the device on whose number this is. */
void devices_show(u32 first)
{
	for (u32 i = first; i < devices_found; i++)
		printk("device %u: %s%s\n", i, device_name(devices[i].type),
			device_status(&devices[i]) & STATUS_DRIVER_OK ? "" : " (no driver)");
}

/*D:050
 * The ring.
 *
 *      descriptors            available           used
 *     +---------------+      +-----------+      +-----------+
 *   0 | address       |      | index: 7  |      | index: 5  |
 *     | length        |      | ...       |      | ...       |
 *     | NEXT, to 1    |  .---| head 0    |      | head, len |
 *     +---------------+ <'   | ...       |      | ...       |
 *   1 | address       |      +-----------+      +-----------+
 *     | length        |       ours to write      the device's
 *     | WRITE         |
 *     +---------------+
 *
 * Three tables in shared memory. The descriptors: each a piece of memory, with a note whether the
 * device may write to it, and a link to the next piece of the same request. The available ring:
 * our list of requests, each the number of its first descriptor. The used ring: the device's list
 * of requests which are done. We only write the first two, the device only writes the third, and
 * each side has an index that only grows; so there is nothing to lock.
 *
 * What it takes is order. The descriptors must be complete before their number appears in the
 * available ring, and the number before the index. This processor keeps stores in order by
 * itself, we only have to keep the compiler from improving on it.
 */
bool queue_init(struct virtqueue *q, const struct virtio_device *d, u32 index)
{
	volatile u8 *c = d->page + HEADER + QUEUE_CONFIG * index;
	u32 available, used;
	u8 *ring;

	if (index >= d->queues)
		return false;
	memset(q, 0, sizeof(*q));
	q->size = c[0] | c[1] << 8;
	q->irq = c[2] | c[3] << 8;
	q->pa = (c[4] | c[5] << 8 | c[6] << 16 | (u32)c[7] << 24) * PAGE_SIZE;
	if (!q->size || q->size > MAX_RING || q->size & (q->size - 1) || q->irq >= LGUEST_IRQS)
		return false;

	/* The device's part begins on a page of its own. */
	available = 16 * q->size;
	used = page_up(available + 4 + 2 * q->size);
	ring = map_device(q->pa, used + 4 + 8 * q->size);
	if (!ring)
		return false;
	q->descriptors = (void *)ring;
	q->available = (void *)(ring + available);
	q->used = (void *)(ring + used);
	q->free_count = q->size;
	for (u32 i = 0; i < q->size; i++)
		q->descriptors[i].next = i + 1;
	return true;
}

/* Puts one request into the ring: pieces for the device to read, then pieces for it to write. The
 * token is what queue_get() will return when it is done. False: no room, try again later. */
bool queue_add(struct virtqueue *q, const struct piece *pieces, u32 out, u32 in, void *token)
{
	u32 count = out + in, flags = irq_save();
	u16 head = q->free, at = head;

	if (count > q->free_count) {
		irq_restore(flags);
		return false;
	}
	for (u32 i = 0; i < count; i++) {
		volatile struct ring_descriptor *d = &q->descriptors[at];

		d->address = pa(pieces[i].data);
		d->length = pieces[i].size;
		d->flags = (i + 1 < count ? RING_NEXT : 0) | (i >= out ? RING_WRITE : 0);
		at = d->next;
	}
	q->free = at;
	q->free_count -= count;
	q->tokens[head] = token;
	q->available->ring[q->available->index % q->size] = head;
	barrier();
	q->available->index++;
	irq_restore(flags);
	return true;
}

/*D:055
 * "There is work." The device may have told us that it is looking anyway; otherwise this is a
 * NOTIFY with the address of the ring's first page, by which the Launcher knows which one it is.
 */
void queue_kick(struct virtqueue *q)
{
	/* Our index must be visible before we look at the device's flag: the one case in which
	 * the processor does need to be told. A locked instruction does it. */
	__asm__ volatile("lock addl $0, (%%esp)" ::: "memory", "cc");
	if (q->used->flags & USED_NO_NOTIFY)
		return;
	q->kicks++;
	hcall(LHCALL_NOTIFY, q->pa, 0, 0, 0);
}

bool queue_more(const struct virtqueue *q)
{
	return q->used->index != q->last_used;
}

/* The next request that is done: its token, and how many bytes the device has written. The chain
 * of its descriptors goes back to the unused ones. The device is part of the Host, and the Host we
 * have to trust; but a number that is out of range would be a bug which is better found here. */
void *queue_get(struct virtqueue *q, u32 *length)
{
	u32 flags = irq_save(), id, last, count = 1;
	void *token;

	if (!queue_more(q)) {
		irq_restore(flags);
		return NULL;
	}
	barrier();
	id = q->used->ring[q->last_used % q->size].id;
	if (id >= q->size || !q->tokens[id])
		panic("the device returned request %u, which it never had", id);
	if (length)
		*length = q->used->ring[q->last_used % q->size].length;
	q->last_used++;
	token = q->tokens[id];
	q->tokens[id] = NULL;
	for (last = id; q->descriptors[last].flags & RING_NEXT; last = q->descriptors[last].next)
		count++;
	q->descriptors[last].next = q->free;
	q->free = id;
	q->free_count += count;
	irq_restore(flags);
	return token;
}

/* A hint only: an interrupt may still come, and is harmless. */
void queue_interrupts(struct virtqueue *q, bool on)
{
	q->available->flags = on ? 0 : AVAIL_NO_INTERRUPT;
	barrier();
}

/* Waits until something is done. The device's interrupt handler wakes the channel "q". */
void queue_wait(struct virtqueue *q)
{
	u32 flags = irq_save();

	while (!queue_more(q))
		wait_for(q);
	irq_restore(flags);
}
