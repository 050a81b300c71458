/* SPDX-License-Identifier: Apache-2.0 */
/*D:420
 * The pantry: jars of bytes with names, kept by the Host. Its device is no part of this platform; it
 * is what the reader of docs/write-a-virtio-device.md writes, and this is the other end of its ring.
 *
 * A request has a piece to read and a piece to fill:
 *
 *     to read    'p' or 'g', length of the name, the name, and behind 'p' what goes into the jar
 *     to fill    0 done, 1 no such jar, 2 no room, 3 what?; and behind 'g' what was in the jar
 *
 * The configuration is one number, how many jars there can be.
 */
#include "lib.h"
#include "shell.h"
#include "task.h"
#include "trap.h"
#include "virtio.h"

#define HEAD 2
#define ANSWERS 4

static const struct virtio_device *device;
static struct virtqueue queue;
static u8 request[512], answer[512];

static void pantry_interrupt(void *arg UNUSED)
{
	wake_up(&queue);
}

/* Asks, and waits for the answer; returns how long it is. Only the shell does, so one at a time. */
static u32 ask(char verb, const char *name, const char *text)
{
	u32 name_size = strlen(name), size = HEAD + name_size + strlen(text), length = 0;
	struct piece pieces[] = { { request, size }, { answer, sizeof(answer) } };

	request[0] = verb;
	request[1] = name_size;
	memcpy(request + HEAD, name, name_size);
	memcpy(request + HEAD + name_size, text, strlen(text));
	queue_add(&queue, pieces, 1, 1, request);
	queue_kick(&queue);
	do
		queue_wait(&queue);
	while (!queue_get(&queue, &length));
	return length;
}

void pantry_command(int argc, const char *const *argv)
{
	static const char *const words[ANSWERS] = { "done", "there is no such jar", "there is no room", "it does not understand" };
	bool put = argc == 4 && !strcmp(argv[1], "put"), get = argc == 3 && !strcmp(argv[1], "get");
	u32 length;

	if (!device) {
		printk("pantry: no such device\n");
	} else if (argc == 1) {
		printk("pantry: room for %u jars\n", config_u32(device, 0));
	} else if (!put && !get) {
		usage("pantry");
	} else {
		length = ask(*argv[1], argv[2], put ? argv[3] : "");
		if (put || length == 0 || answer[0] != 0)
			printk("pantry: %s\n", length && answer[0] < ANSWERS ? words[answer[0]] : "no answer");
		else
			printk("%.*s\n", length - 1, (char *)answer + 1);
	}
}

bool pantry_probe(const struct virtio_device *d)
{
	if (device)
		return false;
	device_features_done(d);
	if (!queue_init(&queue, d, 0))
		return false;
	irq_register(queue.irq, pantry_interrupt, NULL, "pantry");
	device_ready(d);
	device = d;
	return true;
}
