/* SPDX-License-Identifier: Apache-2.0 */
/*D:682
 * TCP, the speaking half: segments, and what to do about silence.
 */
#include "lib.h"
#include "net.h"
#include "task.h"
#include "tcp.h"

#define SEGMENT_MAX (MTU - IP_SIZE - sizeof(struct tcp_header))
#define SEGMENT_DEFAULT 536

/* We never are far from each other: a fifth of a second is a long silence, and doubles each time. */
#define SILENCE_NS (200ull * NS_PER_MS)
#define SILENCE_DOUBLES 4
#define SILENCES_MAX 14
/* How long one that nobody reads any more may take to end. */
#define FAREWELL_NS (10ull * NS_PER_SECOND)

static u64 patience(const struct tcp *c)
{
	return SILENCE_NS << MIN(c->silences, (u32)SILENCE_DOUBLES);
}

/* The network's task may be asleep until a later moment. */
static void set_deadline(struct tcp *c, u64 ns)
{
	c->deadline = clock_ns() + ns;
	net_wake();
}

/* One segment, with "size" bytes of what waits, the first of them number "sequence". False if no
 * frame is left. With START goes the only option that we have: how large a segment may be. */
static bool segment(struct tcp *c, u32 sequence, u32 size, u8 flags)
{
	u32 header = sizeof(struct tcp_header) + (flags & TCP_START ? 4 : 0);
	u32 room = RING_BYTES - c->received.count;
	struct frame *f = frame_new();
	struct tcp_header *h;

	if (!f)
		return false;
	h = (void *)ip_payload(f);
	*h = (struct tcp_header) {
		.from = net16(c->port), .to = net16(c->remote_port), .sequence = net32(sequence),
		.acknowledged = flags & TCP_ACK ? net32(c->expected) : 0, .size = header / 4 << 4,
		.flags = flags, .window = net16(room),
	};
	if (flags & TCP_START)
		*(u32 *)(h + 1) = net32(0x02040000 | SEGMENT_MAX);
	if (size)
		ring_look(&c->sending, sequence - c->oldest, (u8 *)h + header, size);
	if (flags & TCP_ACK) {
		c->promised = c->expected + room;
		c->answer_due = false;
	}
	tcp_counters.out++;
	tcp_counters.again += before(sequence, c->highest);
	ip_send(f, c->remote, IP_TCP, header + size);
	return true;
}

/* The first word of a conversation, theirs or ours. */
void tcp_start(struct tcp *c, enum tcp_state state)
{
	c->oldest = c->highest = c->repaired = (u32)read_tsc();
	c->next = c->oldest + 1;
	if (!c->segment)
		c->segment = SEGMENT_DEFAULT;
	c->state = state;
	tcp_again(c);
	c->highest = c->next;
}

/* Repeats it. */
static void start_again(struct tcp *c)
{
	segment(c, c->oldest, 0, c->state == TCP_CALLS ? TCP_START : TCP_START | TCP_ACK);
	set_deadline(c, patience(c));
}

/* Everything that may be sent. A window which is shut is tried with one byte when the clock says
 * so ("knock"), since the word that it has been opened may have been lost. */
static void send(struct tcp *c, bool knock)
{
	u32 window = MAX(c->window, knock ? 1u : 0u);

	while (c->state == TCP_OPEN && !c->end_acknowledged) {
		u32 away = c->next - c->oldest, size = 0;
		bool last;

		if (away > c->sending.count)
			break;
		if (window > away)
			size = MIN(MIN(c->sending.count - away, window - away), c->segment);
		last = away + size == c->sending.count;
		/* A crumb of a window is not worth a segment while others are on their way. */
		if (!(size && (last || size == c->segment || !away)) && !(last && c->end_wanted))
			break;
		if (!segment(c, c->next, size,
			TCP_ACK | (last ? TCP_PUSH : 0) | (last && c->end_wanted ? TCP_END : 0)))
			break;
		c->next += size + (last && c->end_wanted);
		if (before(c->highest, c->next))
			c->highest = c->next;
	}
	if (!c->deadline && (c->sending.count || (c->end_wanted && !c->end_acknowledged)))
		set_deadline(c, patience(c));
}

void tcp_send(struct tcp *c)
{
	send(c, false);
}

/* From the oldest byte on which we have heard nothing. */
void tcp_again(struct tcp *c)
{
	c->deadline = 0;
	if (c->state == TCP_CALLS || c->state == TCP_ANSWERS)
		start_again(c);
	else if (c->state == TCP_OPEN) {
		c->next = c->oldest;
		c->repaired = c->highest;
		send(c, true);
	}
}

/* Says what we have, whether or not we have anything to say. */
void tcp_answer(struct tcp *c)
{
	segment(c, c->next, 0, TCP_ACK);
}

/* "Forget it." */
void tcp_hang_up(struct tcp *c)
{
	segment(c, c->next, 0, TCP_RESET | TCP_ACK);
}

/* "You must be mistaken": to a segment of a conversation that we do not have. */
void tcp_refuse(u32 to, const struct tcp_header *h, u32 size)
{
	u32 header = sizeof(*h);
	struct frame *f = h->flags & TCP_RESET ? NULL : frame_new();
	struct tcp_header *r;

	if (!f)
		return;
	r = (void *)ip_payload(f);
	*r = (struct tcp_header) { .from = h->to, .to = h->from, .size = header / 4 << 4 };
	size += (h->flags & TCP_START ? 1 : 0) + (h->flags & TCP_END ? 1 : 0);
	if (h->flags & TCP_ACK) {
		r->sequence = h->acknowledged;
		r->flags = TCP_RESET;
	} else {
		r->acknowledged = net32(net32(h->sequence) + size);
		r->flags = TCP_RESET | TCP_ACK;
	}
	tcp_counters.resets++;
	ip_send(f, to, IP_TCP, header);
}

static void silence(struct tcp *c)
{
	if (c->abandoned && c->end_acknowledged)
		tcp_free(c);
	else if (c->state == TCP_LINGERS)
		c->deadline = 0;
	else if (c->state == TCP_OPEN && !c->window) {
		/* A window that is shut is an answer: somebody is there, and busy. */
		c->silences = MIN(c->silences + 1, (u32)SILENCE_DOUBLES);
		tcp_again(c);
	} else if (++c->silences > SILENCES_MAX)
		tcp_die(c, "no answer");
	else
		tcp_again(c);
}

/* Called by the network's task when it has read all that came: answers what is to be answered, and
 * does what is due. Returns when it wants to be called again at the latest (0: whenever). */
u64 tcp_work(u64 now)
{
	u64 first = 0;

	for (struct tcp *c = tcps; c < tcps + MAX_TCP; c++) {
		if (c->state == TCP_FREE)
			continue;
		if (c->answer_due && c->state != TCP_DEAD)
			tcp_answer(c);
		if (c->state == TCP_OPEN && c->end_acknowledged && c->end_received) {
			c->state = TCP_LINGERS;
			c->deadline = now + LINGER_NS;
			wake_up(c);
		} else if (c->abandoned && c->end_acknowledged && !c->deadline)
			c->deadline = now + FAREWELL_NS;
		if (c->deadline && c->deadline <= now)
			silence(c);
		if (c->state != TCP_FREE && c->deadline && (!first || c->deadline < first))
			first = c->deadline;
	}
	return first;
}
