/* SPDX-License-Identifier: Apache-2.0 */
/* The commands which need a network. */
#include "lib.h"
#include "console.h"
#include "net.h"
#include "shell.h"
#include "task.h"
#include "tcp.h"
#include "transfer.h"

#define PAUSE_NS (100u * NS_PER_MS)

static void show(void)
{
	const u8 *a = card_address();
	u32 bits = 0;

	for (u32 m = settings.mask; m; m <<= 1)
		bits++;
	if (card_present())
		printk("card %02x:%02x:%02x:%02x:%02x:%02x, checksums by %s\n", a[0], a[1], a[2], a[3],
			a[4], a[5], card_sums() ? "the card" : "ourselves");
	else
		printk("no card\n");
	if (settings.address)
		printk("address " DOTTED "/%u, gateway " DOTTED ", names at " DOTTED "\n",
			DOTS(settings.address), bits, DOTS(settings.gateway), DOTS(settings.dns));
	printk("frames: %u in, %u out, %u damaged, %u not for us, %u without a buffer\n",
		net_counters.in, net_counters.out, net_counters.damaged, net_counters.not_ours,
		net_counters.no_frame);
	printk("tcp: %u in, %u out, %u of them again, %u out of order, %u refused\n", tcp_counters.in,
		tcp_counters.out, tcp_counters.again, tcp_counters.out_of_order, tcp_counters.resets);
}

static bool address_argument(const char *text, u32 *address)
{
	const char *end;

	return parse_address(text, &end, address) && !*end;
}

/* ADDRESS/BITS. The neighbours of another network are not ours any more, but their cards are. */
static bool by_hand(const char *text, const char *gateway)
{
	struct net_settings new = { 0 };
	const char *end;
	u32 bits;

	if (!parse_address(text, &end, &new.address) || *end != '/' || !parse_u32(end + 1, &bits)
	    || bits < 1 || bits > 30 || (gateway && !address_argument(gateway, &new.gateway)))
		return false;
	new.mask = ~0u << (32 - bits);
	settings = new;
	return true;
}

void ip_command(int argc, const char *const *argv)
{
	if (argc > 1 && !card_present()) {
		printk("ip: no network card\n");
		return;
	}
	console_watch(current->pid);
	if (argc == 2 && !strcmp(argv[1], "dhcp")) {
		if (dhcp())
			show();
		else
			printk("ip: nobody gives us an address\n");
	} else if (argc == 1)
		show();
	else if (argc > 3 || !by_hand(argv[1], argc > 2 ? argv[2] : NULL))
		usage("ip");
	console_watch(0);
}

static void ping_all(u32 address, u32 count, u32 size)
{
	u32 answers = 0, number;

	if (!ip_reach(address)) {
		printk("ping: nobody there\n");
		return;
	}
	for (number = 1; number <= count && !console_interrupted(); number++) {
		s32 us = ping(address, number, size);

		if (us >= 0) {
			answers++;
			printk("answer %u from " DOTTED ": %u bytes, %d us\n", number, DOTS(address),
				size, us);
		} else if (!console_interrupted())
			printk("no answer %u\n", number);
		if (number < count)
			task_sleep(PAUSE_NS);
	}
	printk("ping: %u questions, %u answers\n", number - 1, answers);
}

void ping_command(int argc, const char *const *argv)
{
	u32 address, count = 4, size = 56;

	if (argc < 2 || argc > 4 || !address_argument(argv[1], &address)
	    || (argc > 2 && !parse_u32(argv[2], &count))
	    || (argc > 3 && (!parse_u32(argv[3], &size) || size > PING_MAX))) {
		usage("ping");
		return;
	}
	console_watch(current->pid);
	ping_all(address, count, size);
	console_watch(0);
}

static bool port_argument(const char *text, u32 *port)
{
	return parse_u32(text, port) && *port && *port < 65536;
}

/* http://ADDRESS[:PORT][/PATH] */
static bool parse_url(const char *s, u32 *address, u32 *port, const char **path)
{
	char digits[6];
	u32 n = 0;

	*port = 80;
	if (strncmp(s, "http://", 7) || !parse_address(s + 7, &s, address))
		return false;
	if (*s == ':') {
		for (s++; *s && *s != '/' && n < sizeof(digits) - 1; s++)
			digits[n++] = *s;
		digits[n] = '\0';
		if (!port_argument(digits, port))
			return false;
	}
	*path = *s ? s : "/";
	return **path == '/';
}

void fetch_command(int argc, const char *const *argv)
{
	u32 address, port;
	const char *path;

	if (argc != 2 || !parse_url(argv[1], &address, &port, &path)) {
		usage("fetch");
		return;
	}
	console_watch(current->pid);
	http_fetch(address, port, path);
	console_watch(0);
}

void serve_command(int argc, const char *const *argv)
{
	u32 port, count = ~0u;

	if (argc < 2 || argc > 3 || !port_argument(argv[1], &port)
	    || (argc > 2 && !parse_u32(argv[2], &count))) {
		usage("serve");
		return;
	}
	console_watch(current->pid);
	http_serve(port, count);
	console_watch(0);
}

void send_command(int argc, const char *const *argv)
{
	u32 address, port, count;

	if (argc != 4 || !address_argument(argv[1], &address) || !port_argument(argv[2], &port)
	    || !parse_u32(argv[3], &count)) {
		usage("send");
		return;
	}
	console_watch(current->pid);
	transfer_send(address, port, count);
	console_watch(0);
}

void receive_command(int argc, const char *const *argv)
{
	u32 port;

	if (argc != 2 || !port_argument(argv[1], &port)) {
		usage("recv");
		return;
	}
	console_watch(current->pid);
	transfer_receive(port);
	console_watch(0);
}
