/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_TCP_H
#define PUPPY_TCP_H

#include "net.h"

/* net/ring.c: bytes which wait, in pages of their own; "start" is where the oldest is. */
#define RING_PAGES 8
#define RING_BYTES (RING_PAGES * 4096u)
struct ring {
	u8 *pages[RING_PAGES];
	u32 start, count;
};
bool ring_create(struct ring *r);
void ring_destroy(struct ring *r);
u32 ring_put(struct ring *r, const void *data, u32 size);
void ring_look(const struct ring *r, u32 at, void *data, u32 size);
void ring_drop(struct ring *r, u32 size);

/* TCP_OPEN is every state in which bytes may go either way, or one way only, or just the last
 * farewell is missing: the flags tell. TCP_LINGERS: all is said, but our last word may have been lost.
 * TCP_DEAD: "error" says why. */
enum tcp_state {
	TCP_FREE, TCP_LISTENS, TCP_CALLS, TCP_ANSWERS, TCP_OPEN, TCP_LINGERS, TCP_DEAD
};

struct tcp {
	enum tcp_state state;
	const char *error;
	u32 remote;
	u16 port, remote_port;

	/* Ours: the oldest byte that is not acknowledged, the next to send, the highest ever sent;
	 * what the other side has room for; its largest segment. */
	struct ring sending;
	u32 oldest, next, highest, window, segment;
	bool end_wanted, end_acknowledged;

	/* Theirs: the byte that must come next, and up to where we have promised room. */
	struct ring received;
	u32 expected, promised;
	bool end_received;

	/* The clock: when to do something about silence, and how often that has been so. */
	u64 deadline;
	u32 silences, same_answers, repaired;
	bool answer_due, abandoned;
};

#define MAX_TCP 6
extern struct tcp tcps[MAX_TCP];

struct tcp_counters {
	u32 in, out, again, out_of_order, resets;
};
extern struct tcp_counters tcp_counters;

/* net/tcp.c: for those who want to talk. */
struct tcp *tcp_connect(u32 address, u16 port);
struct tcp *tcp_listen(u16 port);
bool tcp_accept(struct tcp *c);
s32 tcp_read(struct tcp *c, void *data, u32 size);
bool tcp_write(struct tcp *c, const void *data, u32 size);
bool tcp_finish(struct tcp *c);
void tcp_close(struct tcp *c);
void tcp_free(struct tcp *c);
void tcp_die(struct tcp *c, const char *why);

/* net/tcp_out.c */
/* How long we stay to answer those who have not heard our last word. */
#define LINGER_NS (1ull * NS_PER_SECOND)
#define TCP_END 1
#define TCP_START 2
#define TCP_RESET 4
#define TCP_PUSH 8
#define TCP_ACK 16
struct tcp_header {
	u16 from, to;
	u32 sequence, acknowledged;
	u8 size, flags;
	u16 window, sum, urgent;
} __attribute__((packed));
void tcp_start(struct tcp *c, enum tcp_state state);
void tcp_send(struct tcp *c);
void tcp_again(struct tcp *c);
void tcp_answer(struct tcp *c);
void tcp_hang_up(struct tcp *c);
void tcp_refuse(u32 to, const struct tcp_header *h, u32 size);
u64 tcp_work(u64 now);

/* net/tcp_in.c */
void tcp_input(const struct packet *p);

/* Numbers of bytes wrap around: "a before b" is a question of the distance. */
static inline bool before(u32 a, u32 b) { return (s32)(a - b) < 0; }

#endif
