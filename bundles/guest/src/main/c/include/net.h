/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_NET_H
#define PUPPY_NET_H

#include "clock.h"
#include "types.h"

/* On the wire the most significant byte comes first; we are the other way round. Addresses are
 * kept as numbers of our own kind: 10.0.2.15 is 0x0A00020F. */
static inline u16 net16(u16 n) { return n << 8 | n >> 8; }
static inline u32 net32(u32 n) { return __builtin_bswap32(n); }

#define MTU 1500
#define ETHER_SIZE 14
#define IP_SIZE 20
#define FRAME_MAX (ETHER_SIZE + MTU)
#define HARDWARE_SIZE 6

#define IP_ICMP 1
#define IP_TCP 6
#define IP_UDP 17

#define ADDRESS_ALL 0xFFFFFFFFu
#define ADDRESS_SELF 0x7F000001u
/* For printk: "%u.%u.%u.%u" */
#define DOTTED "%u.%u.%u.%u"
#define DOTS(a) (a) >> 24, (a) >> 16 & 0xFF, (a) >> 8 & 0xFF, (a) & 0xFF

/* What the driver and the device tell each other about a frame; it travels in front of it. Unlike
 * all that is behind it, it is in our own order of bytes. */
struct net_header {
	u8 flags, segmentation;
	u16 header_size, segment_size, sum_start, sum_offset;
};

struct frame {
	struct frame *next;
	u32 size;
	/* Received: somebody vouches for the checksum of what is in it. */
	bool vouched;
	struct net_header header;
	/* The packet behind the Ethernet header is aligned this way. */
	u16 pad;
	u8 bytes[FRAME_MAX];
};

struct ether {
	u8 to[HARDWARE_SIZE], from[HARDWARE_SIZE];
	u16 type;
} __attribute__((packed));

#define ETHER_IP 0x0800
#define ETHER_ARP 0x0806

/* A packet that has come in, without its headers. */
struct packet {
	const struct frame *frame;
	u32 from, to;
	u8 protocol;
	const u8 *data;
	u32 size;
};

/* Who we are. address 0: nobody yet. */
struct net_settings {
	u32 address, mask, gateway, dns;
};
extern struct net_settings settings;

struct net_counters {
	u32 in, out, no_frame, damaged, not_ours;
};
extern struct net_counters net_counters;

/* drivers/net.c */
bool card_present(void);
const u8 *card_address(void);
bool card_sums(void);
struct frame *card_receive(void);
void card_recycle(struct frame *f);
bool card_more(void);
u32 card_unsent(void);
void card_send(struct frame *f);
struct frame *frame_new(void);
void frame_put(struct frame *f);

/* net/net.c */
void net_init(void);
void net_wake(void);
bool net_wait(const void *channel, u64 deadline);
void loop_send(struct frame *f);
/* For the selftest: of the frames to ourselves one of n gets lost on the average; 0: none. */
extern u32 loop_loses;

/* net/arp.c */
void arp_input(struct frame *f);
void arp_learn(u32 address, const u8 *hardware);
bool arp_find(u32 address, u8 *hardware);
void arp_ask(u32 address);

/* net/ip.c */
u32 sum_add(u32 sum, const void *data, u32 size);
u16 sum_end(u32 sum);
bool ip_is_mine(u32 address);
u8 *ip_payload(struct frame *f);
void ip_input(struct frame *f);
void ip_send(struct frame *f, u32 to, u8 protocol, u32 size);
bool ip_reach(u32 address);
bool sum_is_good(const struct packet *p);

/* net/icmp.c */
void icmp_input(const struct packet *p);
/* Microseconds until the answer came, or -1. */
s32 ping(u32 address, u32 number, u32 size);
#define PING_MAX (MTU - IP_SIZE - 8)

/* net/udp.c */
typedef void (*udp_handler)(u32 from, u16 port, const u8 *data, u32 size);
bool udp_bind(u16 port, udp_handler handler);
void udp_unbind(u16 port);
void udp_input(const struct packet *p);
bool udp_send(u16 from_port, u32 to, u16 to_port, const void *data, u32 size);

/* net/dhcp.c */
bool dhcp(void);

/* net/parse.c */
bool parse_address(const char *text, const char **end, u32 *address);

#endif
