/* SPDX-License-Identifier: Apache-2.0 */
/* Moving bytes which mean nothing: one side makes them up, the other counts them, and both sum them
 * up. If the sums are equal, everything between the two of them works. */
#include "lib.h"
#include "net.h"
#include "tcp.h"
#include "transfer.h"

static u8 buffer[4096];

void bytes_count(struct bytes *b, const u8 *data, u32 size)
{
	b->crc = crc32(b->crc, data, size);
	b->count += size;
}

/* The next ones of a sequence that repeats itself after 4 GiB only. */
void bytes_make(struct bytes *b, u8 *to, u32 size)
{
	for (u32 i = 0; i < size; i++) {
		b->seed = b->seed * 1103515245 + 12345;
		to[i] = b->seed >> 16;
	}
	bytes_count(b, to, size);
}

static u32 since_ms(u64 start)
{
	u64 ns = clock_ns() - start;

	div64(&ns, NS_PER_MS);
	return ns;
}

void transfer_send(u32 address, u16 port, u32 count)
{
	struct tcp *c = tcp_connect(address, port);
	struct bytes b = { 0 };
	u64 start = clock_ns();

	if (!c) {
		printk("send: no room for a connection\n");
		return;
	}
	while (c->state == TCP_OPEN && b.count < count) {
		u32 n = MIN(count - b.count, sizeof(buffer));

		bytes_make(&b, buffer, n);
		if (!tcp_write(c, buffer, n))
			break;
	}
	if (c->state != TCP_DEAD && tcp_finish(c))
		printk("sent %u bytes, crc %08x, in %u ms\n", b.count, b.crc, since_ms(start));
	else
		printk("send: %s\n", c->error);
	tcp_close(c);
}

void transfer_receive(u16 port)
{
	struct tcp *c = tcp_listen(port);
	struct bytes b = { 0 };
	u64 start;
	s32 n = 0;

	if (!c) {
		printk("recv: no room for a connection\n");
		return;
	}
	printk("recv: port %u\n", port);
	if (!tcp_accept(c))
		n = -1;
	start = clock_ns();
	while (n >= 0 && (n = tcp_read(c, buffer, sizeof(buffer))) > 0)
		bytes_count(&b, buffer, n);
	if (n == 0)
		printk("received %u bytes, crc %08x, in %u ms\n", b.count, b.crc, since_ms(start));
	else
		printk("recv: %s after %u bytes\n", c->error ? c->error : "interrupted", b.count);
	tcp_close(c);
}
