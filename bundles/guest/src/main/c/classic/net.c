/* SPDX-License-Identifier: Apache-2.0 */
/*D:630
 * The network, as it was: a page on which everybody writes his address.
 *
 * Each who is on the network has a place there, six bytes for his hardware address and, as a key, the
 * page's own address plus four times the number of his place. Ours is in the features of the device.
 * We write our address into it, and bind eight buffers to its key.
 *
 * To send a frame is to look through the page for whom it is meant, and send it to the key of each. Nobody
 * in between learns of it if the page is shared with other Guests: the Host copies from our memory to
 * theirs, right away. An address whose first bit is set wants everything, as does the Host's at the
 * other end of a real network.
 */
#include "lib.h"
#include "classic.h"
#include "kernel.h"
#include "mm.h"
#include "net.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"
#include "virtio.h"

#define FEATURE_NO_SUMS 0x4000
#define PLACE_MASK 0xFFF
#define PLACES (PAGE_SIZE / HARDWARE_SIZE)
#define KEY_SIZE 4
#define WANTS_ALL 1
#define BUFFERS 8
#define FRAME_ROOM (PAGE_SIZE / 2)
#define FRAME_PAGES 16

_Static_assert(sizeof(struct frame) <= FRAME_ROOM, "two frames a page");

static volatile u8 (*table)[HARDWARE_SIZE];
static u32 table_pa, place;
static u8 address[HARDWARE_SIZE];
static bool present, no_sums;
static struct frame *free_frames;
/* A buffer of the Host's, and the frame it is made of. */
static struct dma buffers[BUFFERS];
static struct frame *filling[BUFFERS];
static u32 next_buffer;

bool card_present(void) { return present; }
const u8 *card_address(void) { return address; }
bool card_sums(void) { return no_sums; }
u32 card_unsent(void) { return 0; }

/* The next full buffer, or BUFFERS. Another Guest fills them in turn, the Launcher always takes the
 * first that is free; so we look at all of them, from behind the last. */
static u32 full_buffer(void)
{
	for (u32 i = 0; present && i < BUFFERS; i++)
		if (buffers[(next_buffer + i) % BUFFERS].used)
			return (next_buffer + i) % BUFFERS;
	return BUFFERS;
}

bool card_more(void) { return full_buffer() < BUFFERS; }

static void net_interrupt(void *arg UNUSED)
{
	net_wake();
}

void frame_put(struct frame *f)
{
	f->next = free_frames;
	free_frames = f;
}

/* Two frames a page. */
static void make_frames(void)
{
	for (u32 i = 0, page; i < FRAME_PAGES && (page = page_alloc_zeroed()); i++) {
		frame_put(va(page));
		frame_put(va(page + FRAME_ROOM));
	}
}

/* Who has no card may still talk to himself. */
struct frame *frame_new(void)
{
	static bool made;
	struct frame *f;

	if (!made) {
		made = true;
		make_frames();
	}
	f = free_frames;
	if (!f) {
		net_counters.no_frame++;
		return NULL;
	}
	free_frames = f->next;
	memset(&f->header, 0, sizeof(f->header));
	f->vouched = false;
	f->next = NULL;
	return f;
}

static void refill(u32 i, struct frame *f)
{
	filling[i] = f;
	dma_list(&buffers[i], f->bytes, FRAME_MAX);
}

/* A frame that has come in; another takes its place in the buffer at once. Without another it waits. */
struct frame *card_receive(void)
{
	u32 i = full_buffer();
	struct frame *f, *fresh;

	if (i == BUFFERS)
		return NULL;
	fresh = frame_new();
	if (!fresh)
		return NULL;
	f = filling[i];
	f->size = MIN(buffers[i].used, (u32)FRAME_MAX);
	f->vouched = no_sums;
	next_buffer = (i + 1) % BUFFERS;
	refill(i, fresh);
	net_counters.in++;
	return f;
}

void card_recycle(struct frame *f)
{
	frame_put(f);
}

static bool concerns(u32 other, const u8 *to)
{
	u8 first = table[other][0];

	if (!first || other == place)
		return false;
	if (first & WANTS_ALL || to[0] & 1)
		return true;
	for (u32 i = 0; i < HARDWARE_SIZE; i++)
		if (table[other][i] != to[i])
			return false;
	return true;
}

void card_send(struct frame *f)
{
	static struct dma message;
	u32 flags = irq_save();

	for (u32 i = 0; present && i < PLACES; i++) {
		if (!concerns(i, f->bytes))
			continue;
		dma_list(&message, f->bytes, f->size);
		dma_send(table_pa + KEY_SIZE * i, &message);
		if (message.used != f->size)
			net_counters.no_frame++;
	}
	net_counters.out++;
	irq_restore(flags);
	frame_put(f);
}

bool card_probe(const struct virtio_device *d)
{
	u16 id = lguest_data.guest_id;

	if (present || !(table = device_page(d)))
		return false;
	table_pa = device_page_pa(d);
	place = device_features(d) & PLACE_MASK;
	no_sums = device_features(d) & FEATURE_NO_SUMS && !command_line_has("nosums");
	/* "Made up here", and unlike that of any other Guest. */
	address[0] = 2;
	memcpy(address + 2, &id, sizeof(id));
	for (u32 i = 0; i < HARDWARE_SIZE; i++)
		table[place][HARDWARE_SIZE - 1 - i] = address[HARDWARE_SIZE - 1 - i];
	for (u32 i = 0; i < BUFFERS; i++)
		refill(i, frame_new());
	irq_register(device_irq(d), net_interrupt, NULL, "net");
	present = dma_bind(table_pa + KEY_SIZE * place, buffers, BUFFERS, device_irq(d));
	return present;
}
