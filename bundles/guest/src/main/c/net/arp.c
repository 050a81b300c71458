/* SPDX-License-Identifier: Apache-2.0 */
/*D:672
 * ARP: who has this address?
 *
 * Cards know each other by numbers of six bytes, programs know machines by numbers of four. Who
 * needs the one for the other shouts the question to everybody, and the owner answers. Whoever hears
 * a question for himself remembers who asked, since that one is about to talk to him.
 *
 * We keep eight answers. If one is pushed out it is asked for again.
 */
#include "lib.h"
#include "net.h"
#include "task.h"

struct arp {
	u16 hardware, protocol;
	u8 hardware_size, protocol_size;
	u16 operation;
	u8 from_hardware[HARDWARE_SIZE];
	u32 from;
	u8 to_hardware[HARDWARE_SIZE];
	u32 to;
} __attribute__((packed));

#define ASKS 1
#define ANSWERS 2

static struct neighbour {
	u32 address;
	u8 hardware[HARDWARE_SIZE];
} neighbours[8];

static struct neighbour *find(u32 address)
{
	for (u32 i = 0; i < ARRAY_SIZE(neighbours); i++)
		if (neighbours[i].address == address)
			return &neighbours[i];
	return NULL;
}

bool arp_find(u32 address, u8 *hardware)
{
	const struct neighbour *n = find(address);

	if (n)
		memcpy(hardware, n->hardware, HARDWARE_SIZE);
	return n != NULL;
}

void arp_learn(u32 address, const u8 *hardware)
{
	static u32 oldest;
	struct neighbour *n = find(address);

	if (!n)
		n = &neighbours[oldest++ % ARRAY_SIZE(neighbours)];
	n->address = address;
	memcpy(n->hardware, hardware, HARDWARE_SIZE);
}

static void send(u16 operation, u32 to, const u8 *hardware)
{
	struct frame *f = frame_new();
	struct ether *e;
	struct arp *a;

	if (!f)
		return;
	e = (void *)f->bytes;
	a = (void *)(f->bytes + ETHER_SIZE);
	memset(e->to, 0xFF, HARDWARE_SIZE);
	memset(a->to_hardware, 0, HARDWARE_SIZE);
	if (hardware) {
		memcpy(e->to, hardware, HARDWARE_SIZE);
		memcpy(a->to_hardware, hardware, HARDWARE_SIZE);
	}
	memcpy(e->from, card_address(), HARDWARE_SIZE);
	memcpy(a->from_hardware, card_address(), HARDWARE_SIZE);
	e->type = net16(ETHER_ARP);
	a->hardware = net16(1);
	a->protocol = net16(ETHER_IP);
	a->hardware_size = HARDWARE_SIZE;
	a->protocol_size = 4;
	a->operation = net16(operation);
	a->from = net32(settings.address);
	a->to = net32(to);
	f->size = ETHER_SIZE + sizeof(*a);
	card_send(f);
}

void arp_ask(u32 address)
{
	send(ASKS, address, NULL);
}

void arp_input(struct frame *f)
{
	const struct arp *a = (const void *)(f->bytes + ETHER_SIZE);

	if (f->size < ETHER_SIZE + sizeof(*a) || a->hardware != net16(1)
	    || a->protocol != net16(ETHER_IP) || a->hardware_size != HARDWARE_SIZE
	    || a->protocol_size != 4) {
		net_counters.damaged++;
		return;
	}
	if (!settings.address || net32(a->to) != settings.address)
		return;
	arp_learn(net32(a->from), a->from_hardware);
	if (a->operation == net16(ASKS))
		send(ANSWERS, net32(a->from), a->from_hardware);
	/* For ip_reach(). */
	wake_up(&settings);
}
