/* SPDX-License-Identifier: Apache-2.0 */
/*D:670
 * The network, from the middle.
 *
 * One task takes in what arrives, looks at the clock for what should have arrived, and sleeps in
 * between. Everybody else (a command that pings, one that fetches) sends from his own task and then
 * waits to be woken by that one. The tasks of the kernel take turns only when one of them waits, so
 * two of them never meet in the middle of a list, and there is not a single lock in this folder.
 *
 * A frame goes up: ether_input() here, ip.c, then icmp.c, udp.c or tcp_in.c. It goes down the same
 * stairs. Nobody keeps a frame: what is needed longer is copied out of it.
 */
#include "lib.h"
#include "console.h"
#include "net.h"
#include "paravirt.h"
#include "task.h"
#include "tcp.h"

#define LOOK_NS (200ull * NS_PER_MS)
/* So many frames are taken in before anything is answered or due. */
#define BATCH 32

struct net_settings settings;
struct net_counters net_counters;

static struct frame *first_looped, **last_looped = &first_looped;
static u8 channel;
u32 loop_loses;

void net_wake(void)
{
	wake_up(&channel);
}

/* Waits for wake_up(channel), and false when there is no point in it any more: the deadline has
 * passed or somebody has typed ^C. What was waited for is to be looked at after either answer. */
bool net_wait(const void *on, u64 deadline)
{
	u64 now = clock_ns();
	u32 flags;

	if (now >= deadline || console_interrupted())
		return false;
	flags = irq_save();
	wait_until(on, MIN(deadline, now + LOOK_NS));
	irq_restore(flags);
	return true;
}

/* Once in so many times on the average, but at no fixed distance: of a burst that is repeated as it
 * was, the same frame would get lost for ever. The generator is that of Numerical Recipes. */
static bool unlucky(u32 times)
{
	static u32 chance, lucky;

	if (lucky--)
		return false;
	chance = chance * 1664525 + 1013904223;
	lucky = (chance >> 16) % (2 * times - 1);
	return true;
}

/* A frame to ourselves needs no card. It still waits its turn: who sends is in the middle of
 * something, and the answer shall not come before he is done with it. */
void loop_send(struct frame *f)
{
	if (loop_loses && unlucky(loop_loses)) {
		frame_put(f);
		return;
	}
	f->next = NULL;
	*last_looped = f;
	last_looped = &f->next;
	net_wake();
}

static struct frame *loop_receive(void)
{
	struct frame *f = first_looped;

	if (f && !(first_looped = f->next))
		last_looped = &first_looped;
	return f;
}

static void ether_input(struct frame *f)
{
	const struct ether *e = (const void *)f->bytes;

	if (f->size < ETHER_SIZE)
		net_counters.damaged++;
	else if (e->type == net16(ETHER_IP))
		ip_input(f);
	else if (e->type == net16(ETHER_ARP))
		arp_input(f);
	else
		net_counters.not_ours++;
}

static void net_task(void *arg UNUSED)
{
	for (;;) {
		struct frame *f;
		u64 deadline;
		u32 flags;

		while ((f = loop_receive())) {
			ether_input(f);
			frame_put(f);
		}
		for (u32 n = 0; n < BATCH && (f = card_receive()); n++) {
			ether_input(f);
			card_recycle(f);
		}
		deadline = tcp_work(clock_ns());
		flags = irq_save();
		if (!first_looped && !card_more())
			wait_until(&channel, deadline);
		irq_restore(flags);
		/* However much there is: it is for others to make use of it. */
		yield();
	}
}

void net_init(void)
{
	kernel_task("net", net_task, NULL);
}
