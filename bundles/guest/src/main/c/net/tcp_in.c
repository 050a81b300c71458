/* SPDX-License-Identifier: Apache-2.0 */
/*D:684
 * TCP, the listening half. A segment says three things at once: this is what I have of yours, this
 * is how much more I could take, and here are some bytes of mine. They are looked at in this order.
 */
#include "lib.h"
#include "net.h"
#include "task.h"
#include "tcp.h"

#define OPTION_END 0
#define OPTION_NOTHING 1
#define OPTION_SEGMENT 2

struct segment {
	const struct tcp_header *header;
	u32 sequence, acknowledged, window;
	u8 flags;
	const u8 *data;
	u32 size;
};

/* The connection that it belongs to; one that listens takes what belongs to nobody. */
static struct tcp *find(const struct packet *p, const struct tcp_header *h)
{
	struct tcp *listener = NULL;

	for (struct tcp *c = tcps; c < tcps + MAX_TCP; c++) {
		if (c->port != net16(h->to) || c->state == TCP_FREE || c->state == TCP_DEAD)
			continue;
		if (c->state == TCP_LISTENS)
			listener = c;
		else if (c->remote == p->from && c->remote_port == net16(h->from))
			return c;
	}
	return listener;
}

/* The largest segment that they can take, if they say so. */
static u32 segment_option(const struct tcp_header *h)
{
	const u8 *o = (const u8 *)(h + 1), *end = (const u8 *)h + (h->size >> 4) * 4;

	while (o < end && *o != OPTION_END) {
		if (*o == OPTION_NOTHING) {
			o++;
			continue;
		}
		if (o + 1 >= end || o[1] < 2 || o + o[1] > end)
			break;
		if (*o == OPTION_SEGMENT && o[1] == 4)
			return MAX((u32)o[2] << 8 | o[3], 64u);
		o += o[1];
	}
	return 0;
}

static void first_word(struct tcp *c, const struct segment *s)
{
	u32 size = segment_option(s->header);

	c->expected = s->sequence + 1;
	c->window = s->window;
	if (size)
		c->segment = MIN(size, (u32)(MTU - IP_SIZE - sizeof(struct tcp_header)));
}

static void opened(struct tcp *c)
{
	c->oldest = c->next;
	c->silences = 0;
	c->deadline = 0;
	c->state = TCP_OPEN;
	wake_up(c);
}

static void somebody_calls(struct tcp *c, const struct packet *p, const struct segment *s)
{
	if (s->flags & TCP_RESET)
		return;
	if (!(s->flags & TCP_START) || s->flags & TCP_ACK) {
		tcp_refuse(p->from, s->header, s->size);
		return;
	}
	c->remote = p->from;
	c->remote_port = net16(s->header->from);
	first_word(c, s);
	tcp_start(c, TCP_ANSWERS);
}

static void our_call_is_answered(struct tcp *c, const struct packet *p, const struct segment *s)
{
	if (!(s->flags & TCP_ACK) || s->acknowledged != c->next) {
		if (s->flags & TCP_ACK)
			tcp_refuse(p->from, s->header, s->size);
		return;
	}
	if (s->flags & TCP_RESET) {
		tcp_die(c, "refused");
		return;
	}
	if (!(s->flags & TCP_START))
		return;
	first_word(c, s);
	opened(c);
	tcp_answer(c);
}

/* They have something of ours. Or they say again that they have no more than before: when they have
 * said it three times, a segment was lost and those behind it arrived. */
static void acknowledged(struct tcp *c, const struct segment *s)
{
	u32 news = s->acknowledged - c->oldest, bytes = MIN(news, c->sending.count);
	bool same_window = s->window == c->window;

	if (before(s->acknowledged, c->oldest) || before(c->highest, s->acknowledged))
		return;
	c->window = s->window;
	if (!news) {
		if (!s->size && same_window && c->highest != c->oldest && ++c->same_answers == 3
		    && !before(c->oldest, c->repaired))
			tcp_again(c);
		else
			tcp_send(c);
		return;
	}
	ring_drop(&c->sending, bytes);
	c->end_acknowledged = news > bytes;
	c->oldest = s->acknowledged;
	if (before(c->next, c->oldest))
		c->next = c->oldest;
	c->silences = c->same_answers = 0;
	c->deadline = 0;
	tcp_send(c);
	wake_up(c);
}

/* The bytes that come next, or the part of them that we have not got yet. */
static void take(struct tcp *c, const struct segment *s)
{
	u32 known = c->expected - s->sequence, n;

	if (!s->size && !(s->flags & TCP_END))
		return;
	c->answer_due = true;
	if (before(c->expected, s->sequence)) {
		/* Something is missing before it. Each such segment is answered at once, so that
		 * the sender can count. */
		tcp_counters.out_of_order++;
		tcp_answer(c);
		return;
	}
	if (c->end_received || known > s->size)
		return;
	n = ring_put(&c->received, s->data + known, s->size - known);
	c->expected += n;
	if (s->flags & TCP_END && known + n == s->size) {
		c->expected++;
		c->end_received = true;
	}
	wake_up(c);
}

static void within(struct tcp *c, const struct segment *s)
{
	if (s->flags & TCP_RESET) {
		if (s->sequence == c->expected || (s->sequence - c->expected) < RING_BYTES)
			tcp_die(c, "they hung up");
		return;
	}
	if (s->flags & TCP_START) {
		/* They have not heard our answer to their first word. */
		if (c->state == TCP_ANSWERS)
			tcp_again(c);
		else
			tcp_answer(c);
		return;
	}
	if (!(s->flags & TCP_ACK))
		return;
	if (c->state == TCP_ANSWERS) {
		if (s->acknowledged != c->next)
			return;
		c->window = s->window;
		opened(c);
	}
	if (c->state == TCP_OPEN)
		acknowledged(c, s);
	if (c->state == TCP_OPEN)
		take(c, s);
	else if (c->state == TCP_LINGERS && (s->size || s->flags & TCP_END))
		tcp_answer(c);
}

void tcp_input(const struct packet *p)
{
	const struct tcp_header *h = (const void *)p->data;
	u32 header = p->size >= sizeof(*h) ? (h->size >> 4) * 4 : 0;
	struct segment s;
	struct tcp *c;

	if (header < sizeof(*h) || header > p->size) {
		net_counters.damaged++;
		return;
	}
	if (!sum_is_good(p))
		return;
	s = (struct segment) {
		.header = h, .sequence = net32(h->sequence), .acknowledged = net32(h->acknowledged),
		.window = net16(h->window), .flags = h->flags, .data = p->data + header,
		.size = p->size - header,
	};
	tcp_counters.in++;
	c = find(p, h);
	if (!c)
		tcp_refuse(p->from, h, s.size);
	else if (c->state == TCP_LISTENS)
		somebody_calls(c, p, &s);
	else if (c->state == TCP_CALLS)
		our_call_is_answered(c, p, &s);
	else
		within(c, &s);
}
