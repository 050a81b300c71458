/* SPDX-License-Identifier: Apache-2.0 */
/*D:680
 * TCP: promises, made of packets which promise nothing.
 *
 * The idea fits into a paragraph. Number the bytes. The receiver says up to which number he has all
 * of them, and how many more he has room for. The sender keeps each byte until that number has
 * passed it; if it does not move for a while, he sends again from where it stands. The start and the
 * end of the conversation have a number too, so they get the same care. That is all; the rest is
 * bookkeeping.
 *
 * What we leave out is politeness towards a crowded Internet: our burst is never more than the
 * 32 KiB of a ring, and our neighbours are few. And what comes out of order is forgotten, since the
 * sender still has it.
 *
 * This file is for those who want to talk. Each call may wait, and returns early when somebody
 * types ^C.
 */
#include "lib.h"
#include "console.h"
#include "net.h"
#include "task.h"
#include "tcp.h"

#define PATIENCE_NS (60ull * NS_PER_SECOND)
#define FIRST_FREE_PORT 49152

struct tcp tcps[MAX_TCP];
struct tcp_counters tcp_counters;

static struct tcp *tcp_new(void)
{
	for (u32 i = 0; i < MAX_TCP; i++) {
		struct tcp *c = &tcps[i];

		/* One that only lingers has nothing to lose. */
		if (c->state == TCP_LINGERS && c->abandoned)
			tcp_free(c);
		if (c->state != TCP_FREE)
			continue;
		memset(c, 0, sizeof(*c));
		if (!ring_create(&c->sending))
			return NULL;
		if (!ring_create(&c->received)) {
			ring_destroy(&c->sending);
			return NULL;
		}
		return c;
	}
	return NULL;
}

void tcp_free(struct tcp *c)
{
	ring_destroy(&c->sending);
	ring_destroy(&c->received);
	c->state = TCP_FREE;
}

/* The end, and not a good one. Who holds the connection reads why. */
void tcp_die(struct tcp *c, const char *why)
{
	c->state = TCP_DEAD;
	c->error = why;
	c->deadline = 0;
	c->answer_due = false;
	if (c->abandoned)
		tcp_free(c);
	wake_up(c);
}

/* Waits until something has happened to the connection. False: there is no use in it any more. */
static bool tcp_wait(struct tcp *c, u64 deadline)
{
	return c->state != TCP_DEAD && net_wait(c, deadline);
}

static void give_up(struct tcp *c, const char *why)
{
	if (c->state == TCP_DEAD)
		return;
	if (c->state == TCP_OPEN)
		tcp_hang_up(c);
	tcp_die(c, console_interrupted() ? "interrupted" : why);
}

/* NULL: out of connections or memory. Otherwise TCP_OPEN, or TCP_DEAD for a reason. */
struct tcp *tcp_connect(u32 address, u16 port)
{
	static u16 ports;
	struct tcp *c = tcp_new();
	u64 deadline = clock_ns() + PATIENCE_NS;

	if (!c)
		return NULL;
	if (!ports)
		ports = (u16)read_tsc() % 8192;
	c->remote = address;
	c->remote_port = port;
	c->port = FIRST_FREE_PORT + ports++ % 16384;
	if (!ip_reach(address)) {
		tcp_die(c, console_interrupted() ? "interrupted" : "nobody there");
		return c;
	}
	tcp_start(c, TCP_CALLS);
	while (c->state == TCP_CALLS && tcp_wait(c, deadline))
		;
	if (c->state == TCP_CALLS)
		give_up(c, "no answer");
	return c;
}

/* NULL: out of connections or memory, or the port is listened to already. */
struct tcp *tcp_listen(u16 port)
{
	struct tcp *c;

	for (u32 i = 0; i < MAX_TCP; i++)
		if (tcps[i].state == TCP_LISTENS && tcps[i].port == port)
			return NULL;
	c = tcp_new();
	if (c) {
		c->port = port;
		c->state = TCP_LISTENS;
	}
	return c;
}

/* Waits, for ever if need be, until somebody calls; false if we are interrupted before. */
bool tcp_accept(struct tcp *c)
{
	while (c->state == TCP_LISTENS || c->state == TCP_ANSWERS)
		if (!net_wait(c, ~0ull) || c->state == TCP_DEAD)
			break;
	return c->state == TCP_OPEN || c->state == TCP_LINGERS;
}

/* How many bytes there were; 0 at the end; -1 when the connection broke, see "error". */
s32 tcp_read(struct tcp *c, void *data, u32 size)
{
	u64 deadline = clock_ns() + PATIENCE_NS;
	u32 n;

	while (!c->received.count && !c->end_received && tcp_wait(c, deadline))
		;
	n = MIN(c->received.count, size);
	if (!n && !c->end_received) {
		give_up(c, "silence");
		return -1;
	}
	ring_look(&c->received, 0, data, n);
	ring_drop(&c->received, n);
	/* Who had to stop since we had no room wants to know that there is some again. */
	if (c->state == TCP_OPEN && !c->end_received
	    && c->expected + RING_BYTES - c->received.count - c->promised >= RING_BYTES / 4)
		tcp_answer(c);
	return n;
}

/* True when all of it is on its way; that it has arrived is known after tcp_finish(). */
bool tcp_write(struct tcp *c, const void *data, u32 size)
{
	u64 deadline = clock_ns() + PATIENCE_NS;

	while (c->state == TCP_OPEN) {
		u32 n = ring_put(&c->sending, data, size);

		data += n;
		size -= n;
		if (n) {
			deadline = clock_ns() + PATIENCE_NS;
			tcp_send(c);
		}
		if (!size)
			return true;
		if (c->state == TCP_OPEN && !tcp_wait(c, deadline))
			give_up(c, "silence");
	}
	return false;
}

/* Says that nothing more will come from us, and waits until the other side has heard it all. */
bool tcp_finish(struct tcp *c)
{
	u64 deadline = clock_ns() + PATIENCE_NS;

	if (c->state == TCP_OPEN && !c->end_wanted) {
		c->end_wanted = true;
		tcp_send(c);
	}
	while (c->state == TCP_OPEN && !c->end_acknowledged && tcp_wait(c, deadline))
		;
	if (!c->end_acknowledged)
		give_up(c, "silence");
	return c->end_acknowledged;
}

/* Not ours any more. What is still to be said between the two sides the network's task says. */
void tcp_close(struct tcp *c)
{
	if (c->state == TCP_OPEN && !c->end_wanted) {
		c->end_wanted = true;
		tcp_send(c);
	}
	c->abandoned = true;
	if (c->state == TCP_LINGERS)
		c->deadline = clock_ns() + LINGER_NS;
	else if (c->state != TCP_OPEN)
		tcp_free(c);
	net_wake();
}
