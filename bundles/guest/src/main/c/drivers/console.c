/* SPDX-License-Identifier: Apache-2.0 */
/*D:200
 * The console.
 *
 * The first words of a kernel are the most precious ones, and the device for them is not up yet.
 * So there is a way to speak without a device: NOTIFY with the address of a text. The Host finds
 * no ring and no descriptor there, concludes that it must be a message, and shows it.
 *
 * Later there is the virtio console, with two queues: 0 for what is typed, 1 for what we print.
 */
#include "lib.h"
#include "console.h"
#include "mm.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"
#include "virtio.h"

#define FEATURE_SIZE 0

static struct virtqueue input, output;
static const struct virtio_device *sized;
static bool up;

/* The text must be followed by a zero, and lie in real memory, hence the copy. As on any terminal
 * line a newline is two characters. */
void console_write_early(const char *text)
{
	static char scratch[128];

	while (*text) {
		u32 n = 0;

		for (; *text && n < sizeof(scratch) - 2; text++) {
			if (*text == '\n')
				scratch[n++] = '\r';
			scratch[n++] = *text;
		}
		scratch[n] = '\0';
		hcall(LHCALL_NOTIFY, pa(scratch), 0, 0, 0);
	}
}

/*D:205
 * Printing.
 *
 * Some buffers, and each is in one of two places: with us, or in the queue. We fill one, hand it
 * over, and go on with the next; only when all are on their way do we wait for the oldest. That
 * wait is a plain loop, because the kernel prints from everywhere, with interrupts off too.
 */
#define OUT_BUFFERS 8
#define OUT_SIZE 512

static struct out_buffer {
	bool busy;
	char text[OUT_SIZE];
} out_buffers[OUT_BUFFERS];

static void collect_output(void)
{
	struct out_buffer *b;

	while ((b = queue_get(&output, NULL)))
		b->busy = false;
}

static void send(struct out_buffer *b, u32 size)
{
	struct piece p = { b->text, size };

	b->busy = true;
	queue_add(&output, &p, 1, 0, b);
	queue_kick(&output);
}

static struct out_buffer *out_buffer(void)
{
	static u32 next;
	struct out_buffer *b = &out_buffers[next++ % OUT_BUFFERS];

	for (collect_output(); b->busy; collect_output())
		__asm__ volatile("pause");
	return b;
}

void console_write(const char *text, u32 size)
{
	u32 flags;

	if (!up) {
		char part[65];

		for (u32 n; size; text += n, size -= n) {
			n = MIN(size, sizeof(part) - 1);
			memcpy(part, text, n);
			part[n] = '\0';
			console_write_early(part);
		}
		return;
	}
	flags = irq_save();
	while (size) {
		struct out_buffer *b = out_buffer();
		u32 n = 0;

		for (; size && n < OUT_SIZE - 1; size--, text++) {
			if (*text == '\n')
				b->text[n++] = '\r';
			b->text[n++] = *text;
		}
		send(b, n);
	}
	irq_restore(flags);
}

/* Before the machine goes away: what we have handed over shall be seen. But not at any price, for
 * the device may be the reason why we die. */
void console_flush(void)
{
	if (!up)
		return;
	for (u32 patience = 50000000; patience && output.free_count < output.size; patience--) {
		collect_output();
		__asm__ volatile("pause");
	}
}

/*D:210
 * Typing.
 *
 * We put empty buffers into the input queue, and the device returns them with characters in them.
 * Somebody may type, or pipe a file, faster than we read. Then the full buffers wait here in the
 * order in which they came, and go back into the queue only when they have been read to the end.
 * When all of them are waiting the device has none left, and it is the Host who waits. So nothing
 * is lost and nothing is copied: the buffers are the queue.
 */
#define IN_BUFFERS 16
#define IN_SIZE 256
#define CTRL_C 3

static struct in_buffer {
	u32 size, at;
	struct in_buffer *next;
	char text[IN_SIZE];
} in_buffers[IN_BUFFERS], *first_full, **last_full = &first_full;

/* ^C reaches the program it is meant for even if nobody is reading. */
static volatile int watched_pid;
static volatile bool interrupted;
static u32 full_count, stalls;

static void offer(struct in_buffer *b)
{
	struct piece p = { b->text, IN_SIZE };

	b->size = b->at = 0;
	b->next = NULL;
	queue_add(&input, &p, 0, 1, b);
}

static void input_interrupt(void *arg UNUSED)
{
	struct in_buffer *b;
	u32 size;

	while ((b = queue_get(&input, &size))) {
		b->size = MIN(size, (u32)IN_SIZE);
		if (!b->size) {
			offer(b);
			continue;
		}
		for (u32 i = 0; watched_pid && i < b->size; i++)
			if (b->text[i] == CTRL_C) {
				/* It has been heard; nobody shall read it as well. */
				b->text[i] = 0;
				interrupted = true;
				task_kill(watched_pid);
			}
		*last_full = b;
		last_full = &b->next;
		if (++full_count == IN_BUFFERS)
			stalls++;
	}
	wake_up(&input);
}

/* The next character; waits for it if there is none. */
int console_getc(void)
{
	u32 flags = irq_save();
	struct in_buffer *b;
	int c = -1;

	while (!first_full && up && !current->killed)
		wait_for(&input);
	b = first_full;
	if (b) {
		c = (u8)b->text[b->at++];
		if (b->at == b->size) {
			first_full = b->next;
			if (!first_full)
				last_full = &first_full;
			full_count--;
			offer(b);
			queue_kick(&input);
		}
	}
	irq_restore(flags);
	return c;
}

/* From now on ^C kills this program; 0: nobody. */
void console_watch(int pid)
{
	interrupted = false;
	watched_pid = pid;
}

bool console_interrupted(void)
{
	return interrupted;
}

/* How often the Host had to wait for us. */
u32 console_stalls(void)
{
	return stalls;
}

/* The Host keeps it up to date, in the configuration, and tells nobody: there is no interrupt for
 * such news on this bus. So it is looked up when somebody asks. False: it does not know. */
bool console_size(u16 *columns, u16 *rows)
{
	u32 both = sized ? config_u32(sized, 0) : 0;

	*columns = both & 0xFFFF;
	*rows = both >> 16;
	return *columns && *rows;
}

bool console_probe(const struct virtio_device *d)
{
	if (up)
		return false;
	if (device_offers(d, FEATURE_SIZE)) {
		device_accept(d, FEATURE_SIZE);
		sized = d;
	}
	device_features_done(d);
	if (!queue_init(&input, d, 0) || !queue_init(&output, d, 1))
		return false;
	queue_interrupts(&output, false);
	irq_register(input.irq, input_interrupt, NULL, "console");
	for (u32 i = 0; i < IN_BUFFERS; i++)
		offer(&in_buffers[i]);
	device_ready(d);
	queue_kick(&input);
	up = true;
	return true;
}
