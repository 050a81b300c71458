/* SPDX-License-Identifier: Apache-2.0 */
/*D:678
 * DHCP: hello, I am new here, what is my name?
 *
 * Four sentences. We shout that we need an address; somebody offers one; we shout that we take it,
 * so that others who offered know; and that one says it is ours. What else he knows of the
 * place comes with it as options: a number, a length, and so many bytes.
 *
 * We keep the address as long as we run. The lease would end after a day or so; a puppy never
 * lives that long.
 */
#include "lib.h"
#include "net.h"
#include "task.h"

#define CLIENT 68
#define SERVER 67
#define COOKIE 0x63825363u
#define TRIES 4

#define DISCOVER 1
#define OFFER 2
#define REQUEST 3
#define ACK 5

#define OPTION_MASK 1
#define OPTION_ROUTER 3
#define OPTION_DNS 6
#define OPTION_REQUESTED 50
#define OPTION_KIND 53
#define OPTION_SERVER 54
#define OPTION_WISHES 55
#define OPTION_END 255

struct dhcp {
	u8 operation, hardware, hardware_size, hops;
	u32 id;
	u16 seconds, flags;
	u32 mine, yours, server, relay;
	u8 address[16], server_name[64], file[128];
	u32 cookie;
	u8 options[60];
} __attribute__((packed));

/* What we have heard, and what we want to hear. */
static struct {
	u32 id, server;
	u8 wanted;
	bool heard;
	struct net_settings settings;
} state;

/* Option "number", if it is there and has at least four bytes, as one number. */
static u32 option(const u8 *o, u32 size, u8 number, u32 least)
{
	for (u32 i = 0; i + 1 < size && o[i] != OPTION_END; i += o[i] ? 2u + o[i + 1] : 1u) {
		u32 value = 0;

		if (o[i] != number || o[i + 1] < least || i + 2 + least > size)
			continue;
		for (u32 k = 0; k < least; k++)
			value = value << 8 | o[i + 2 + k];
		return value;
	}
	return 0;
}

static void heard(u32 from UNUSED, u16 port, const u8 *data, u32 size)
{
	const struct dhcp *m = (const void *)data;
	u32 fixed = offsetof(struct dhcp, options);

	if (port != SERVER || size <= fixed || m->operation != 2 || m->id != state.id
	    || m->cookie != net32(COOKIE))
		return;
	size -= fixed;
	if (state.heard || option(m->options, size, OPTION_KIND, 1) != state.wanted)
		return;
	state.settings = (struct net_settings) {
		.address = net32(m->yours), .mask = option(m->options, size, OPTION_MASK, 4),
		.gateway = option(m->options, size, OPTION_ROUTER, 4),
		.dns = option(m->options, size, OPTION_DNS, 4),
	};
	state.server = option(m->options, size, OPTION_SERVER, 4);
	state.heard = true;
	wake_up(&state);
}

static u8 *put_option(u8 *o, u8 number, u32 value)
{
	value = net32(value);
	*o++ = number;
	*o++ = sizeof(value);
	memcpy(o, &value, sizeof(value));
	return o + sizeof(value);
}

static void say(u8 kind)
{
	static struct dhcp m;
	u8 *o = m.options;

	memset(&m, 0, sizeof(m));
	m.operation = m.hardware = 1;
	m.hardware_size = HARDWARE_SIZE;
	m.id = state.id;
	/* We cannot hear what is said to an address which we do not have: answer to everybody. */
	m.flags = net16(0x8000);
	memcpy(m.address, card_address(), HARDWARE_SIZE);
	m.cookie = net32(COOKIE);
	*o++ = OPTION_KIND, *o++ = 1, *o++ = kind;
	if (kind == REQUEST) {
		o = put_option(o, OPTION_REQUESTED, state.settings.address);
		o = put_option(o, OPTION_SERVER, state.server);
	}
	*o++ = OPTION_WISHES, *o++ = 3, *o++ = OPTION_MASK, *o++ = OPTION_ROUTER, *o++ = OPTION_DNS;
	*o = OPTION_END;
	udp_send(CLIENT, ADDRESS_ALL, SERVER, &m, sizeof(m));
}

/* Says it until there is an answer of the kind that is wanted. */
static bool ask(u8 kind, u8 answer)
{
	state.wanted = answer;
	state.heard = false;
	for (u32 try = 0; try < TRIES && !state.heard; try++) {
		u64 deadline = clock_ns() + ((u64)NS_PER_SECOND / 2 << try);

		say(kind);
		while (!state.heard && net_wait(&state, deadline))
			;
	}
	return state.heard;
}

/* True: "settings" are those of this network. */
bool dhcp(void)
{
	struct net_settings before = settings;
	bool ours;

	if (!udp_bind(CLIENT, heard))
		return false;
	settings = (struct net_settings) { .address = 0 };
	state.id = (u32)read_tsc();
	ours = ask(DISCOVER, OFFER) && ask(REQUEST, ACK) && state.settings.address;
	udp_unbind(CLIENT);
	settings = ours ? state.settings : before;
	return ours;
}
