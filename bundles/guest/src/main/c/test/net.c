/* SPDX-License-Identifier: Apache-2.0 */
/* The network, as far as one can test it alone: a machine may always talk to itself, and then we may
 * even lose some of what it says. The card has to show only that it takes frames. */
#include "lib.h"
#include "net.h"
#include "task.h"
#include "tcp.h"
#include "test.h"
#include "transfer.h"

#define PORT 4242

static u8 out[4096], in[4096];

/* The example in the standard's text (RFC 1071), and sizes which are not even; and the one by which
 * everybody recognises the CRC that the commands show. */
TEST(checksum)
{
	static const u8 example[] = { 0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7 };
	u16 sum = sum_end(sum_add(0, example, sizeof(example)));

	CHECK(net16(sum) == 0x220D, "%x instead of 220d", net16(sum));
	sum = sum_end(sum_add(0, example, 7));
	CHECK(net16(sum) == 0x2304, "of an odd number of bytes: %x instead of 2304", net16(sum));
	CHECK(crc32(0, "123456789", 9) == 0xCBF43926, "crc %x", crc32(0, "123456789", 9));
	return NULL;
}

TEST(ping_self)
{
	for (u32 size = 0; size <= PING_MAX; size += 736)
		CHECK(ping(ADDRESS_SELF, size + 1, size) >= 0, "no answer with %u bytes", size);
	return NULL;
}

TEST(refused)
{
	struct tcp *c = tcp_connect(ADDRESS_SELF, PORT);
	bool dead;

	CHECK(c, "no room for a connection");
	dead = c->state == TCP_DEAD && !strcmp(c->error, "refused");
	tcp_close(c);
	CHECK(dead, "somebody listens to a port that is nobody's");
	return NULL;
}

/* Ring after ring through the connection; each time no more than fits into it, since it is one
 * task that does both. */
static const char *exchange(struct tcp *from, struct tcp *to, u32 rounds)
{
	struct bytes sent = { 0 }, received = { 0 };

	while (rounds--) {
		u32 burst = 4 * sizeof(out);

		for (u32 i = 0; i < 4; i++) {
			bytes_make(&sent, out, sizeof(out));
			CHECK(tcp_write(from, out, sizeof(out)), "writing: %s", from->error);
		}
		while (burst) {
			s32 n = tcp_read(to, in, MIN(burst, sizeof(in)));

			CHECK(n > 0, "reading: %s", n ? to->error : "the end came too early");
			bytes_count(&received, in, n);
			burst -= n;
		}
	}
	CHECK(sent.count == received.count && sent.crc == received.crc, "%u bytes, crc %08x became "
		"%u, %08x", sent.count, sent.crc, received.count, received.crc);
	return NULL;
}

static const char *farewell(struct tcp *a, struct tcp *b)
{
	CHECK(tcp_finish(a), "one side does not come to an end: %s", a->error);
	CHECK(tcp_read(b, in, 1) == 0, "the other side does not see the end");
	CHECK(tcp_finish(b), "the other side does not come to an end: %s", b->error);
	return NULL;
}

static const char *converse(u32 rounds)
{
	struct tcp *b = tcp_listen(PORT), *a = b ? tcp_connect(ADDRESS_SELF, PORT) : NULL;
	const char *answer = NULL;

	if (!a || a->state != TCP_OPEN || !tcp_accept(b))
		answer = fail("no connection: %s", a && a->error ? a->error : "no room");
	if (!answer)
		answer = exchange(a, b, rounds);
	if (!answer)
		answer = exchange(b, a, 1);
	if (!answer)
		answer = farewell(a, b);
	if (a)
		tcp_close(a);
	if (b)
		tcp_close(b);
	return answer;
}

TEST(tcp_self)
{
	return converse(8);
}

/* On the average one of thirteen frames is lost, words of start, end and repetition included. */
TEST(tcp_repairs)
{
	u32 before = tcp_counters.again;
	const char *answer;

	loop_loses = 13;
	answer = converse(4);
	loop_loses = 0;
	if (answer)
		return answer;
	CHECK(tcp_counters.again > before, "nothing was lost");
	return NULL;
}

TEST(card_takes_frames)
{
	u32 before = net_counters.out;
	u64 deadline = clock_ns() + 5ull * NS_PER_SECOND;

	if (!card_present())
		SKIP("no network card");
	CHECK(!(card_address()[0] & 1), "the card's address is one of many");
	for (u32 i = 0; i < 10; i++)
		CHECK(udp_send(9, ADDRESS_ALL, 9, out, 100 * i), "no frame left");
	CHECK(net_counters.out - before == 10, "%u frames instead of 10", net_counters.out - before);
	while (card_unsent() && clock_ns() < deadline) {
		struct frame *f;

		task_sleep(NS_PER_MS);
		f = frame_new();
		CHECK(f, "no frame left");
		frame_put(f);
	}
	CHECK(!card_unsent(), "%u frames are still in the ring", card_unsent());
	return NULL;
}

const struct test net_tests[] = {
	{ "net: checksum", checksum, NULL },
	{ "net: ping myself", ping_self, NULL },
	{ "net: tcp: refused where nobody listens", refused, NULL },
	{ "net: tcp: 144 KiB to myself and back", tcp_self, NULL },
	{ "net: tcp: repairs what gets lost", tcp_repairs, NULL },
	{ "net: the card takes frames", card_takes_frames, NULL },
	{ .name = NULL },
};
