/* SPDX-License-Identifier: Apache-2.0 */
/*D:400
 * Random numbers: the smallest driver one can write. We offer an empty buffer, it comes back with
 * dice in it. If you want to write a driver of your own, start with a copy of this.
 */
#include "lib.h"
#include "paravirt.h"
#include "task.h"
#include "trap.h"
#include "virtio.h"

static struct virtqueue queue;
static u8 dice[64];
static bool present, busy;

bool rng_present(void) { return present; }

static void rng_interrupt(void *arg UNUSED)
{
	wake_up(&queue);
}

/* Returns how many bytes there were; never 0. */
u32 rng_read(void *data, u32 size)
{
	struct piece p = { dice, MIN(size, sizeof(dice)) };
	u32 length, flags = irq_save();

	while (busy)
		wait_for(&busy);
	busy = true;
	irq_restore(flags);

	queue_add(&queue, &p, 0, 1, dice);
	queue_kick(&queue);
	do
		queue_wait(&queue);
	while (!queue_get(&queue, &length));
	length = MIN(length, p.size);
	memcpy(data, dice, length);
	memset(dice, 0, sizeof(dice));

	busy = false;
	wake_up(&busy);
	return length;
}

bool rng_probe(const struct virtio_device *d)
{
	if (present)
		return false;
	device_features_done(d);
	if (!queue_init(&queue, d, 0))
		return false;
	irq_register(queue.irq, rng_interrupt, NULL, "rng");
	device_ready(d);
	present = true;
	return true;
}
