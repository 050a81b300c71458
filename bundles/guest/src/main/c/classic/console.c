/* SPDX-License-Identifier: Apache-2.0 */
/*D:610
 * The console, as it was: messages to key 0. It works from the first moment on, since it takes
 * nothing but the hypercall, and so there is no other for the early words.
 *
 * For what is typed we bind one buffer. The Host fills it, writes how much, and interrupts; a zero
 * in its place says that we have read it. While it is full nothing more comes.
 */
#include "lib.h"
#include "classic.h"
#include "console.h"
#include "mm.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"
#include "virtio.h"

#define CONSOLE_KEY 0
#define OUT_SIZE 256
#define IN_SIZE 256
#define CTRL_C 3

static char out[OUT_SIZE], in[IN_SIZE];
static struct dma message, buffer;
static u32 in_at, stalls;
static volatile int watched_pid;
static volatile bool interrupted;
static bool up;

void console_write(const char *text, u32 size)
{
	u32 flags = irq_save();

	while (size) {
		u32 n = 0;

		for (; size && n < OUT_SIZE - 1; size--, text++) {
			if (*text == '\n')
				out[n++] = '\r';
			out[n++] = *text;
		}
		dma_list(&message, out, n);
		dma_send(CONSOLE_KEY, &message);
	}
	irq_restore(flags);
}

void console_write_early(const char *text)
{
	console_write(text, strlen(text));
}

/* What was sent has been seen. */
void console_flush(void)
{
}

static void input_interrupt(void *arg UNUSED)
{
	u32 size = MIN(buffer.used, (u32)IN_SIZE);

	for (u32 i = in_at; watched_pid && i < size; i++)
		if (in[i] == CTRL_C) {
			in[i] = 0;
			interrupted = true;
			task_kill(watched_pid);
		}
	if (size == IN_SIZE)
		stalls++;
	wake_up(&buffer);
}

int console_getc(void)
{
	u32 flags = irq_save();
	int c = -1;

	while (!buffer.used && up && !current->killed)
		wait_for(&buffer);
	if (buffer.used) {
		c = (u8)in[in_at++];
		if (in_at >= MIN(buffer.used, (u32)IN_SIZE)) {
			in_at = 0;
			barrier();
			buffer.used = 0;
		}
	}
	irq_restore(flags);
	return c;
}

void console_watch(int pid)
{
	interrupted = false;
	watched_pid = pid;
}

bool console_interrupted(void) { return interrupted; }

/* How often the buffer came full: then there may have been more. */
u32 console_stalls(void) { return stalls; }

bool console_size(u16 *columns, u16 *rows)
{
	*columns = *rows = 0;
	return false;
}

bool console_probe(const struct virtio_device *d)
{
	if (up)
		return false;
	dma_list(&buffer, in, IN_SIZE);
	irq_register(device_irq(d), input_interrupt, NULL, "console");
	up = dma_bind(CONSOLE_KEY, &buffer, 1, device_irq(d));
	return up;
}
