/* SPDX-License-Identifier: Apache-2.0 */
/*D:500
 * The network card.
 *
 * Two queues again, and by now they are old acquaintances: 0 is for what comes, so we keep it full
 * of empty buffers; 1 is for what goes. Each frame has a short header in front of it in which
 * the driver and the device tell each other things that nobody on the wire needs to know.
 *
 * The one such thing we use is the checksum. TCP and UDP carry one, and to make it one has to
 * touch every byte. If we say so in the header the device finishes it, or leaves it unfinished when
 * the frame goes to another Guest on the same machine: no wire is there which could damage anything,
 * and that Guest finds a note in its own header not to worry. "nosums" on the command line refuses
 * the offer.
 */
#include "lib.h"
#include "kernel.h"
#include "mm.h"
#include "net.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"
#include "virtio.h"

#define FEATURE_SUMS 0
#define FEATURE_GUEST_SUMS 1
#define FEATURE_ADDRESS 5

#define FLAG_NEEDS_SUM 1
#define FLAG_SUM_IS_GOOD 2

/* Frames a page, and pages for either direction. */
#define FRAME_ROOM (PAGE_SIZE / 2)
#define FRAME_PAGES 32

_Static_assert(sizeof(struct net_header) == 10, "what the device expects");
_Static_assert(sizeof(struct frame) <= FRAME_ROOM, "two frames a page");
_Static_assert((offsetof(struct frame, bytes) + ETHER_SIZE) % 4 == 0, "aligned packets");

static struct virtqueue receive, transmit;
static u8 address[HARDWARE_SIZE];
static bool present, sums, guest_sums, made;
static struct frame *free_frames;

bool card_present(void) { return present; }
const u8 *card_address(void) { return address; }
bool card_sums(void) { return sums; }
bool card_more(void) { return present && queue_more(&receive); }

static void net_interrupt(void *arg UNUSED)
{
	net_wake();
}

/* Called for each half of so many new pages. Less memory means fewer frames. */
static void make_frames(void (*use)(struct frame *))
{
	for (u32 i = 0, page; i < FRAME_PAGES && (page = page_alloc_zeroed()); i++) {
		use(va(page));
		use(va(page + FRAME_ROOM));
	}
}

static void offer(struct frame *f)
{
	struct piece p[2] = {
		{ &f->header, sizeof(f->header) },
		{ f->bytes, FRAME_MAX },
	};

	queue_add(&receive, p, 0, 2, f);
}

/* A frame that has come in, or NULL. It is the caller's until he recycles it. */
struct frame *card_receive(void)
{
	u32 size;
	struct frame *f = present ? queue_get(&receive, &size) : NULL;

	if (!f)
		return NULL;
	f->size = size < sizeof(f->header) ? 0 : MIN(size - sizeof(f->header), (u32)FRAME_MAX);
	f->vouched = guest_sums && f->header.flags & (FLAG_NEEDS_SUM | FLAG_SUM_IS_GOOD);
	net_counters.in++;
	return f;
}

void card_recycle(struct frame *f)
{
	offer(f);
	queue_kick(&receive);
}

/* A frame to fill; NULL when all are on their way. Those which are sent come back here, without
 * interrupt: it is early enough to look when one is needed. */
struct frame *frame_new(void)
{
	struct frame *f;

	while (present && (f = queue_get(&transmit, NULL)))
		frame_put(f);
	if (!made)
		make_frames(frame_put);
	made = true;
	f = free_frames;
	if (f) {
		free_frames = f->next;
		memset(&f->header, 0, sizeof(f->header));
		f->vouched = false;
		f->next = NULL;
	} else
		net_counters.no_frame++;
	return f;
}

void frame_put(struct frame *f)
{
	f->next = free_frames;
	free_frames = f;
}

/* How many frames the device has not yet fetched. */
u32 card_unsent(void)
{
	return present ? (transmit.size - transmit.free_count) / 2 : 0;
}

void card_send(struct frame *f)
{
	struct piece p[2] = {
		{ &f->header, sizeof(f->header) },
		{ f->bytes, f->size },
	};

	if (!present || !queue_add(&transmit, p, 2, 0, f)) {
		frame_put(f);
		return;
	}
	net_counters.out++;
	queue_kick(&transmit);
}

static bool accept_if_offered(const struct virtio_device *d, u32 feature)
{
	if (!device_offers(d, feature))
		return false;
	device_accept(d, feature);
	return true;
}

/* An address that is nobody's: the second bit of the first byte says "made up here". */
static void make_address(void)
{
	u32 dice = (u32)read_tsc();

	address[0] = 2;
	memcpy(address + 2, &dice, sizeof(dice));
}

bool card_probe(const struct virtio_device *d)
{
	if (present)
		return false;
	if (accept_if_offered(d, FEATURE_ADDRESS))
		for (u32 i = 0; i < HARDWARE_SIZE; i++)
			address[i] = config_u8(d, i);
	else
		make_address();
	if (!command_line_has("nosums")) {
		sums = accept_if_offered(d, FEATURE_SUMS);
		guest_sums = accept_if_offered(d, FEATURE_GUEST_SUMS);
	}
	device_features_done(d);
	if (!queue_init(&receive, d, 0) || !queue_init(&transmit, d, 1))
		return false;
	queue_interrupts(&transmit, false);
	irq_register(receive.irq, net_interrupt, NULL, "net");
	make_frames(frame_put);
	made = true;
	make_frames(offer);
	device_ready(d);
	present = true;
	queue_kick(&receive);
	return true;
}
