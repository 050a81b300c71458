/* SPDX-License-Identifier: Apache-2.0 */
/*D:330
 * What a disk owes.
 *
 * A disk may keep what it is given for itself, in memory, until it is told to flush; whoever has
 * something to lose flushes, waits for the answer, and only then says that it is done. So whatever
 * happens to the disk, every sector that was announced as safe must be there, whole. This command
 * writes sectors that show their number in every word, round and round the disk, flushes after
 * every few, and says how far it is. Pull the plug at any moment, and look what is on the disk.
 *
 * The steps are of three sectors, so that they fit into no block that a Host may think in.
 */
#include "lib.h"
#include "console.h"
#include "shell.h"
#include "virtio.h"

#define STEP 3
#define STEPS_A_FLUSH 8
#define WORDS (SECTOR_SIZE / 4)

static u32 steps[STEP][WORDS];

static void stamp(u32 *sector, u32 number)
{
	sector[0] = number;
	for (u32 i = 1; i < WORDS; i++)
		sector[i] = number * 0x9E3779B1 + i;
}

/* Stamps "count" sectors, numbered from one on. Number n is on sector (n - 1) % size, where size
 * is that of the disk in whole steps. */
void stamp_disk(u32 count)
{
	u32 size = (u32)block_capacity(0) / STEP * STEP;

	for (u32 n = 0, step = 1; size && n < count && !console_interrupted(); n += STEP, step++) {
		int answer;

		for (u32 i = 0; i < STEP; i++)
			stamp(steps[i], n + i + 1);
		answer = block_write(0, n % size, STEP, steps);
		if (answer) {
			printk("blk: writing sector %u failed: %d\n", n % size, answer);
			return;
		}
		if (step % STEPS_A_FLUSH && n + STEP < count)
			continue;
		answer = block_flush(0);
		if (answer) {
			printk("blk: the flush failed: %d\n", answer);
			return;
		}
		printk("safe up to %u\n", n + STEP);
	}
}
