/* SPDX-License-Identifier: Apache-2.0 */
/* Devices: those that are there. A disk gets back what was on it. */
#include "lib.h"
#include "console.h"
#include "kernel.h"
#include "mm.h"
#include "test.h"
#include "trap.h"
#include "virtio.h"

#define LAST_SECTORS 8

static u8 was[BLOCK_MAX_SECTORS * SECTOR_SIZE], is[BLOCK_MAX_SECTORS * SECTOR_SIZE],
	mine[BLOCK_MAX_SECTORS * SECTOR_SIZE];

TEST(descriptors)
{
	u32 consoles = 0, cards = 0;

	for (u32 i = 0; i < devices_count(); i++) {
		const struct virtio_device *d = device_at(i);

		if (d->type == VIRTIO_CONSOLE)
			consoles++;
#ifndef CONFIG_CLASSIC
		CHECK(d->queues >= 1, "device %u (%s) has no queue", i, device_name(d->type));
#endif
		/* We drive one card only. */
		if (d->type == VIRTIO_NET && cards++)
			continue;
		if (d->type <= VIRTIO_RNG)
			CHECK((device_status(d) & 0x87) == 7, "device %u (%s) has status %x", i,
				device_name(d->type), device_status(d));
	}
	CHECK(devices_count() && consoles, "no console among %u devices", devices_count());
	return NULL;
}

/* More lines at once than there are buffers, so the device has to give some of them back. In TAP a
 * line that begins with # is a comment. */
TEST(console_output)
{
	char line[64];

	for (u32 n = 10; n < 60; n += 4) {
		memset(line, '.', n);
		line[0] = '#';
		line[n] = '\n';
		console_write(line, n + 1);
	}
	return NULL;
}

#define NEED_DISK() do { if (!block_count()) SKIP("no block device"); \
	if (block_capacity(0) < BLOCK_MAX_SECTORS) SKIP("the block device is too small"); } while (0)

static u32 last_sector(u32 count)
{
	return (u32)block_capacity(0) - count;
}

static void pattern(u8 *to, u32 size, u32 seed)
{
	for (u32 i = 0; i < size; i++)
		to[i] = seed + i + (i >> 8) * 3;
}

/* Writes, reads back, and restores "count" sectors at "sector". */
static const char *there_and_back(u32 sector, u32 count)
{
	u32 size = count * SECTOR_SIZE;
	int answer = block_read(0, sector, count, was);

	CHECK(answer == 0, "reading %u sectors at %u: %d", count, sector, answer);
	pattern(mine, size, sector + count);
	answer = block_write(0, sector, count, mine);
	CHECK(answer == 0, "writing %u sectors at %u: %d", count, sector, answer);
	memset(is, 0xEE, size);
	answer = block_read(0, sector, count, is);
	block_write(0, sector, count, was);
	CHECK(answer == 0, "reading back: %d", answer);
	CHECK(!memcmp(is, mine, size), "what was read is not what was written");
	answer = block_read(0, sector, count, is);
	CHECK(answer == 0 && !memcmp(is, was, size), "it could not be restored");
	return NULL;
}

TEST(one_sector)
{
	NEED_DISK();
	return there_and_back(last_sector(1), 1);
}

TEST(many_sectors)
{
	NEED_DISK();
	return there_and_back(last_sector(BLOCK_MAX_SECTORS), BLOCK_MAX_SECTORS);
}

TEST(neighbours)
{
	u32 sector;

	NEED_DISK();
	sector = last_sector(3);
	CHECK(!block_read(0, sector, 3, was), "cannot read");
	pattern(mine, SECTOR_SIZE, 99);
	CHECK(!block_write(0, sector + 1, 1, mine), "cannot write");
	CHECK(!block_read(0, sector, 3, is), "cannot read back");
	block_write(0, sector, 3, was);
	CHECK(!memcmp(is, was, SECTOR_SIZE), "the sector before has changed");
	CHECK(!memcmp(is + SECTOR_SIZE, mine, SECTOR_SIZE), "the sector has not");
	CHECK(!memcmp(is + 2 * SECTOR_SIZE, was + 2 * SECTOR_SIZE, SECTOR_SIZE),
		"the sector behind has changed");
	return NULL;
}

TEST(out_of_range)
{
	int answer;

	NEED_DISK();
#ifdef CONFIG_CLASSIC
	/* Whoever goes further is killed: the first Launcher gave up on such a Guest. */
	answer = block_read(0, last_sector(1), 2, is);
	CHECK(answer == 1, "reading across the end: %d instead of 1", answer);
	return NULL;
#endif
	answer = block_read(0, block_capacity(0), 1, is);
	CHECK(answer == 1, "reading the sector after the last: %d instead of 1", answer);
	answer = block_read(0, last_sector(1), 2, is);
	CHECK(answer == 1, "reading across the end: %d instead of 1", answer);
	answer = block_write(0, block_capacity(0) + 1000, 1, is);
	CHECK(answer == 1, "writing far behind the end: %d instead of 1", answer);
	answer = block_read(0, 0x0080000000000000ull, 1, is);
	CHECK(answer == 1, "reading where bytes do not count: %d instead of 1", answer);
	answer = block_read(0, last_sector(1), 1, is);
	CHECK(answer == 0, "and afterwards reading does not work: %d", answer);
	return NULL;
}

TEST(unsupported)
{
	int answer;

	NEED_DISK();
#ifdef CONFIG_CLASSIC
	SKIP("reading and writing is all there is");
#endif
	answer = block_request(0, 2, 0, 1, is);
	CHECK(answer == 2, "a SCSI command: %d instead of 2", answer);
	return NULL;
}

TEST(flush)
{
	int answer;

	NEED_DISK();
	if (!block_has_flush(0))
		SKIP("the device does not offer to flush");
	answer = block_flush(0);
	CHECK(answer == 0, "%d", answer);
	return NULL;
}

TEST(random)
{
	u8 a[32], b[32];
	u32 na, nb, ones = 0;

	if (!rng_present())
		SKIP("no rng device");
	memset(a, 0, sizeof(a));
	memset(b, 0, sizeof(b));
	na = rng_read(a, sizeof(a));
	nb = rng_read(b, sizeof(b));
	CHECK(na && nb && na <= sizeof(a) && nb <= sizeof(b), "%u and %u bytes", na, nb);
	CHECK(memcmp(a, b, MIN(na, nb)), "twice the same");
	for (u32 i = 0; i < na * 8; i++)
		ones += a[i / 8] >> i % 8 & 1;
	CHECK(na < 16 || (ones > na && ones < na * 7), "%u ones in %u bits", ones, na * 8);
	return NULL;
}

TEST(interrupt_lines)
{
	u32 before, sector;

	NEED_DISK();
	before = sector = 0;
	for (u32 i = 1; i < LGUEST_IRQS; i++)
		if (irq_name(i) && !strcmp(irq_name(i), "block"))
			before += irq_count(i);
	for (u32 i = 0; i < 10; i++)
		block_read(0, i, 1, is);
	for (u32 i = 1; i < LGUEST_IRQS; i++)
		if (irq_name(i) && !strcmp(irq_name(i), "block"))
			sector += irq_count(i);
	CHECK(sector > before, "ten requests and no interrupt");
	return NULL;
}

const struct test device_tests[] = {
	{ "devices: descriptors and status", descriptors, NULL },
	{ "console: output", console_output, NULL },
	{ "block: write and read back one sector", one_sector, NULL },
	{ "block: write and read back 32 KiB", many_sectors, NULL },
	{ "block: neighbours are left alone", neighbours, NULL },
	{ "block: out of range is an error", out_of_range, NULL },
	{ "block: unsupported request", unsupported, NULL },
	{ "block: flush", flush, NULL },
	{ "block: interrupts", interrupt_lines, NULL },
	{ "rng: different every time", random, NULL },
	{ .name = NULL },
};
