/* SPDX-License-Identifier: Apache-2.0 */
/*D:600
 * Devices before virtio.
 *
 * The page above memory exists already, but what is written there is shorter: sixteen slots of
 * twelve bytes.
 *
 *     0      type: 1 console, 2 network, 3 block
 *     2      features
 *     4      status: ours to write
 *     6      how many pages of memory the device has for itself
 *     8      the number of the first of them
 *
 * There are no rings. A device is talked to by messages: a list of pieces of memory, sent to a "key".
 * A key is an address, of which only that both sides know it matters; a device that has a page uses
 * the page's. And who wants to hear binds buffers to a key, and names an interrupt.
 *
 * What the rest of puppy calls a device is a virtio device, and so we give it one, by the numbers
 * that virtio has for what ours do.
 */
#include "lib.h"
#include "classic.h"
#include "kernel.h"
#include "mm.h"
#include "paravirt.h"
#include "task.h"
#include "virtio.h"

#define SLOTS 16
#define SLOT_SIZE 12
#define CLASSIC_CONSOLE 1
#define CLASSIC_NET 2
#define CLASSIC_BLOCK 3

struct slot {
	u16 type, features, status, pages;
	u32 frame;
};

static struct virtio_device devices[SLOTS];
static u32 devices_found;

static const struct driver {
	u8 type;
	bool (*probe)(const struct virtio_device *d);
} drivers[] = {
	{ VIRTIO_CONSOLE, console_probe },
	{ VIRTIO_BLOCK, block_probe },
	{ VIRTIO_NET, card_probe },
};

u32 devices_count(void) { return devices_found; }
const struct virtio_device *device_at(u32 index) { return &devices[index]; }

const char *device_name(u32 type)
{
	static const char *const names[] = { "none", "net", "block", "console" };

	return type < ARRAY_SIZE(names) ? names[type] : "unknown";
}

static volatile struct slot *slot(const struct virtio_device *d)
{
	return (volatile struct slot *)d->page;
}

u8 device_status(const struct virtio_device *d) { return slot(d)->status; }
u16 device_features(const struct virtio_device *d) { return slot(d)->features; }
u32 device_page_pa(const struct virtio_device *d) { return slot(d)->frame * PAGE_SIZE; }

void *device_page(const struct virtio_device *d)
{
	return slot(d)->pages ? map_device(device_page_pa(d), slot(d)->pages * PAGE_SIZE) : NULL;
}

/* The interrupt of a device is the number of its slot, and one: 0 is the timer. */
u32 device_irq(const struct virtio_device *d)
{
	return (d->pa - memory_size) / SLOT_SIZE + 1;
}

static void set_status(const struct virtio_device *d, u8 status)
{
	slot(d)->status = status;
}

static void find_devices(void)
{
	static const u8 known_as[] = { 0, VIRTIO_CONSOLE, VIRTIO_NET, VIRTIO_BLOCK };
	static volatile u8 *page;
	static u32 next;

	if (!page)
		page = map_device(memory_size, PAGE_SIZE);
	for (; page && next < SLOTS && page[next * SLOT_SIZE]; next++) {
		u32 at = next * SLOT_SIZE;

		devices[devices_found++] = (struct virtio_device) {
			.page = page + at, .pa = memory_size + at,
			.type = page[at] < ARRAY_SIZE(known_as) ? known_as[page[at]] : 0,
		};
	}
}

u32 devices_scan(void)
{
	u32 first = devices_found;

	find_devices();
	for (u32 i = first; i < devices_found; i++) {
		const struct virtio_device *d = &devices[i];

		set_status(d, STATUS_ACKNOWLEDGE);
		for (const struct driver *r = drivers; r < drivers + ARRAY_SIZE(drivers); r++) {
			if (d->type != r->type)
				continue;
			set_status(d, STATUS_ACKNOWLEDGE | STATUS_DRIVER);
			set_status(d, device_status(d) | (r->probe(d) ? STATUS_DRIVER_OK : STATUS_FAILED));
		}
	}
	return devices_found - first;
}

void devices_show(u32 first)
{
	for (u32 i = first; i < devices_found; i++)
		printk("device %u: %s%s\n", i, device_name(devices[i].type),
			device_status(&devices[i]) & STATUS_DRIVER_OK ? "" : " (no driver)");
}

/*D:605
 * A message. Its pieces are named by physical addresses, and no piece may cross the end of a page,
 * since between two Guests each page is found on its own.
 */
void dma_list(struct dma *d, const void *data, u32 size)
{
	const u8 *at = data;
	u32 n = 0;

	memset(d, 0, sizeof(*d));
	while (size && n < DMA_SECTIONS) {
		u32 part = MIN(size, PAGE_SIZE - (u32)at % PAGE_SIZE);

		d->address[n] = pa(at);
		d->length[n++] = part;
		at += part;
		size -= part;
	}
}

bool dma_bind(u32 key, struct dma *buffers, u32 count, u32 irq)
{
	return hcall_answer(LHCALL_BIND_DMA, key, pa(buffers), count << 8 | irq);
}

void dma_unbind(u32 key, struct dma *buffers)
{
	hcall_answer(LHCALL_BIND_DMA, key, pa(buffers), 0);
}

/* When this returns the message has been taken, and "used" says how much of it. Nothing is left to
 * wait for: while the Launcher was at it, we were not. */
void dma_send(u32 key, struct dma *message)
{
	message->used = 0;
	hcall(LHCALL_SEND_DMA, key, pa(message), 0, 0);
}

/* What needed a ring is not there. */
bool rng_present(void) { return false; }
u32 rng_read(void *data UNUSED, u32 size UNUSED) { return 0; }

void pantry_command(int argc UNUSED, const char *const *argv UNUSED)
{
	printk("no pantry\n");
}
