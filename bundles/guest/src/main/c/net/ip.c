/* SPDX-License-Identifier: Apache-2.0 */
/*D:674
 * IP: an address, and no promises.
 *
 * A packet says where it comes from, where it goes, and what is in it. Nothing says that it arrives,
 * or only once, or before the next; who needs that asks TCP for it. The next hop is one of two: the
 * receiver is a neighbour, or else the gateway will know.
 *
 * Packets in pieces are not for us: we make none, and TCP sees to it that nobody has to.
 */
#include "lib.h"
#include "console.h"
#include "net.h"
#include "tcp.h"

struct ip {
	u8 version, service;
	u16 size, number, fragment;
	u8 lives, protocol;
	u16 sum;
	u32 from, to;
} __attribute__((packed));

#define MORE_FRAGMENTS 0x3FFF
#define DO_NOT_FRAGMENT 0x4000
#define LIVES 64

/* The checksum of the Internet: 16-bit words added up, carries too. The order of the bytes does
 * not matter as long as the result is stored in the same one, and words may be added by twos. */
u32 sum_add(u32 start, const void *data, u32 size)
{
	const u8 *p = data;
	u64 sum = start;

	for (; size >= 4; size -= 4, p += 4)
		sum += *(const u32 *)p;
	if (size >= 2) {
		sum += *(const u16 *)p;
		p += 2;
	}
	if (size & 1)
		sum += *p;
	sum = (sum & 0xFFFFFFFF) + (sum >> 32);
	sum = (sum & 0xFFFFFFFF) + (sum >> 32);
	sum = (sum & 0xFFFF) + (sum >> 16);
	return (sum & 0xFFFF) + ((u32)sum >> 16);
}

u16 sum_end(u32 sum)
{
	sum = (sum & 0xFFFF) + (sum >> 16);
	return ~((sum & 0xFFFF) + (sum >> 16));
}

/* TCP and UDP sum up the addresses as well, so that a packet which strayed is noticed. */
static u32 sum_of_addresses(u32 from, u32 to, u8 protocol, u32 size)
{
	u32 words[3] = { net32(from), net32(to), net32((u32)protocol << 16 | size) };

	return sum_add(0, words, sizeof(words));
}

bool sum_is_good(const struct packet *p)
{
	bool good = p->frame->vouched || !sum_end(sum_add(
		sum_of_addresses(p->from, p->to, p->protocol, p->size), p->data, p->size));

	net_counters.damaged += !good;
	return good;
}

bool ip_is_mine(u32 address)
{
	return address >> 24 == 127 || (settings.address && address == settings.address);
}

static bool is_for_all(u32 address)
{
	return address == ADDRESS_ALL
		|| (settings.address && address == (settings.address | ~settings.mask));
}

void ip_input(struct frame *f)
{
	const struct ip *h = (const void *)(f->bytes + ETHER_SIZE);
	u32 room = f->size - ETHER_SIZE, header = (h->version & 15) * 4;
	struct packet p;

	if (room < IP_SIZE || h->version >> 4 != 4 || header < IP_SIZE || header > room
	    || net16(h->size) < header || net16(h->size) > room || sum_end(sum_add(0, h, header))) {
		net_counters.damaged++;
		return;
	}
	p = (struct packet) {
		.frame = f, .from = net32(h->from), .to = net32(h->to), .protocol = h->protocol,
		.data = f->bytes + ETHER_SIZE + header, .size = net16(h->size) - header,
	};
	/* Before we have an address, the one who gives it to us may use it already. */
	if ((!ip_is_mine(p.to) && !is_for_all(p.to) && settings.address)
	    || net16(h->fragment) & MORE_FRAGMENTS) {
		net_counters.not_ours++;
		return;
	}
	if (p.protocol == IP_UDP)
		udp_input(&p);
	else if (!ip_is_mine(p.to))
		net_counters.not_ours++;
	else if (p.protocol == IP_ICMP)
		icmp_input(&p);
	else if (p.protocol == IP_TCP)
		tcp_input(&p);
}

u8 *ip_payload(struct frame *f)
{
	return f->bytes + ETHER_SIZE + IP_SIZE;
}

/* Finishes the checksum at "field", or leaves that to the card. What the card wants in the field
 * is the sum of the addresses. */
static void finish_sum(struct frame *f, u16 *field, u32 addresses, u32 size, bool mine)
{
	u8 *data = ip_payload(f);

	*field = 0;
	if (mine || !card_sums()) {
		*field = sum_end(sum_add(addresses, data, size));
		/* To UDP a 0 means "there is none"; ones are the other zero. */
		if (!*field)
			*field = 0xFFFF;
		return;
	}
	*field = ~sum_end(addresses);
	f->header.flags = 1;
	f->header.sum_start = ETHER_SIZE + IP_SIZE;
	f->header.sum_offset = (u8 *)field - data;
}

static u32 next_to(u32 to)
{
	return (to ^ settings.address) & settings.mask && settings.gateway ? settings.gateway : to;
}

static bool hardware_for(u32 to, u8 *hardware)
{
	if (is_for_all(to)) {
		memset(hardware, 0xFF, HARDWARE_SIZE);
		return true;
	}
	if (arp_find(next_to(to), hardware))
		return true;
	arp_ask(next_to(to));
	return false;
}

/* Sends what is at ip_payload(), "size" bytes of it. It may get lost; for instance while nobody
 * knows the receiver's card. The frame is no longer the caller's. */
void ip_send(struct frame *f, u32 to, u8 protocol, u32 size)
{
	static u16 number;
	struct ether *e = (void *)f->bytes;
	struct ip *h = (void *)(f->bytes + ETHER_SIZE);
	bool mine = ip_is_mine(to);
	u32 from = mine ? to : settings.address;

	if (!mine && !hardware_for(to, e->to)) {
		frame_put(f);
		return;
	}
	memcpy(e->from, card_address(), HARDWARE_SIZE);
	e->type = net16(ETHER_IP);
	*h = (struct ip) {
		.version = 0x45, .size = net16(IP_SIZE + size), .number = net16(number++),
		.fragment = net16(DO_NOT_FRAGMENT), .lives = LIVES, .protocol = protocol,
		.from = net32(from), .to = net32(to),
	};
	h->sum = sum_end(sum_add(0, h, IP_SIZE));
	if (protocol != IP_ICMP)
		finish_sum(f, (u16 *)(ip_payload(f) + (protocol == IP_TCP ? 16 : 6)),
			sum_of_addresses(from, to, protocol, size), size, mine);
	f->size = ETHER_SIZE + IP_SIZE + size;
	if (mine)
		loop_send(f);
	else
		card_send(f);
}

/* Is somebody there, or at least the gateway to him? Who speaks first asks this first, and so his
 * first packet is not lost to a question. */
bool ip_reach(u32 to)
{
	u8 hardware[HARDWARE_SIZE];
	u64 again = clock_ns(), deadline = again + 3ull * NS_PER_SECOND;

	if (ip_is_mine(to))
		return true;
	if (!settings.address || !card_present())
		return false;
	if (is_for_all(to))
		return true;
	while (!arp_find(next_to(to), hardware)) {
		u64 now = clock_ns();

		if (now >= again) {
			arp_ask(next_to(to));
			again = now + NS_PER_SECOND / 2;
		}
		if (now >= deadline || console_interrupted())
			return false;
		net_wait(&settings, MIN(again, deadline));
	}
	return true;
}
