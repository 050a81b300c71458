/* SPDX-License-Identifier: Apache-2.0 */
/* UDP: IP with port numbers, so that a machine can have more than one conversation. Somebody binds
 * a port; what comes for a port that is nobody's is forgotten. */
#include "lib.h"
#include "net.h"

struct udp {
	u16 from, to, size, sum;
} __attribute__((packed));

static struct bound {
	u16 port;
	udp_handler handler;
} bounds[4];

static struct bound *find(u16 port)
{
	for (u32 i = 0; i < ARRAY_SIZE(bounds); i++)
		if (bounds[i].port == port)
			return &bounds[i];
	return NULL;
}

/* The handler runs in the network's task. False: no room. */
bool udp_bind(u16 port, udp_handler handler)
{
	struct bound *b = find(0);

	if (find(port) || !b)
		return false;
	*b = (struct bound) { port, handler };
	return true;
}

void udp_unbind(u16 port)
{
	struct bound *b = find(port);

	if (b)
		b->port = 0;
}

void udp_input(const struct packet *p)
{
	const struct udp *h = (const void *)p->data;
	const struct bound *b;

	if (p->size < sizeof(*h) || net16(h->size) < sizeof(*h) || net16(h->size) > p->size)
		net_counters.damaged++;
	else if ((!h->sum || sum_is_good(p)) && h->to && (b = find(net16(h->to))))
		b->handler(p->from, net16(h->from), (const u8 *)(h + 1), net16(h->size) - sizeof(*h));
}

/* False: no frame for it. */
bool udp_send(u16 from, u32 to, u16 to_port, const void *data, u32 size)
{
	struct frame *f = size <= MTU - IP_SIZE - sizeof(struct udp) ? frame_new() : NULL;
	struct udp *h;

	if (!f)
		return false;
	h = (void *)ip_payload(f);
	*h = (struct udp) { net16(from), net16(to_port), net16(sizeof(*h) + size), 0 };
	memcpy(h + 1, data, size);
	ip_send(f, to, IP_UDP, sizeof(*h) + size);
	return true;
}
