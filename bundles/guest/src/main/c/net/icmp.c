/* SPDX-License-Identifier: Apache-2.0 */
/*D:676
 * Ping: say this again, please. The question has room for anything, and the answer must bring it
 * back unchanged; so we put a pattern into it and look.
 */
#include "lib.h"
#include "net.h"
#include "task.h"

#define PATIENCE_NS (4ull * NS_PER_SECOND)

#define ECHO_ANSWER 0
#define ECHO 8

struct echo {
	u8 type, code;
	u16 sum, id, number;
	u8 data[];
} __attribute__((packed));

/* The one question that is on its way. */
static struct {
	u32 address, size;
	u16 id, number;
	bool waiting, good;
} question;

static u8 pattern(u32 number, u32 i)
{
	return number * 7 + i + (i >> 8);
}

static void answer(const struct packet *p)
{
	struct frame *f = frame_new();
	struct echo *e;

	if (!f)
		return;
	e = (void *)ip_payload(f);
	memcpy(e, p->data, p->size);
	e->type = ECHO_ANSWER;
	e->sum = 0;
	e->sum = sum_end(sum_add(0, e, p->size));
	ip_send(f, p->from, IP_ICMP, p->size);
}

static void answered(const struct packet *p, const struct echo *e)
{
	if (!question.waiting || e->id != question.id || net16(e->number) != question.number
	    || p->from != question.address)
		return;
	question.good = p->size == sizeof(*e) + question.size;
	for (u32 i = 0; question.good && i < question.size; i++)
		question.good = e->data[i] == pattern(question.number, i);
	question.waiting = false;
	wake_up(&question);
}

void icmp_input(const struct packet *p)
{
	const struct echo *e = (const void *)p->data;

	if (p->size < sizeof(*e) || sum_end(sum_add(0, p->data, p->size)))
		net_counters.damaged++;
	else if (e->type == ECHO && p->size <= MTU - IP_SIZE)
		answer(p);
	else if (e->type == ECHO_ANSWER)
		answered(p, e);
}

s32 ping(u32 address, u32 number, u32 size)
{
	struct frame *f = frame_new();
	u64 start = clock_ns(), took;
	struct echo *e;

	if (!f)
		return -1;
	e = (void *)ip_payload(f);
	question.address = address;
	question.size = size;
	question.number = number;
	question.id = net16(current->pid);
	question.waiting = true;
	question.good = false;
	*e = (struct echo) { .type = ECHO, .id = question.id, .number = net16(number) };
	for (u32 i = 0; i < size; i++)
		e->data[i] = pattern(question.number, i);
	e->sum = sum_end(sum_add(0, e, sizeof(*e) + size));
	ip_send(f, address, IP_ICMP, sizeof(*e) + size);
	while (question.waiting && net_wait(&question, start + PATIENCE_NS))
		;
	question.waiting = false;
	took = clock_ns() - start;
	div64(&took, 1000);
	return question.good ? (s32)took : -1;
}
