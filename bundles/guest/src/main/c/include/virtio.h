/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_VIRTIO_H
#define PUPPY_VIRTIO_H

#include "types.h"

#define VIRTIO_NET 1
#define VIRTIO_BLOCK 2
#define VIRTIO_CONSOLE 3
#define VIRTIO_RNG 4
#define VIRTIO_PANTRY 200

#define STATUS_ACKNOWLEDGE 1
#define STATUS_DRIVER 2
#define STATUS_DRIVER_OK 4
#define STATUS_FAILED 0x80

#define RING_NEXT 1
#define RING_WRITE 2
#define AVAIL_NO_INTERRUPT 1
#define USED_NO_NOTIFY 1
#define MAX_RING 256

/* One device on the page above memory. "page" points at its descriptor. */
struct virtio_device {
	volatile u8 *page;
	u32 pa;
	u8 type, queues, feature_bytes, config_bytes;
};

struct ring_descriptor {
	u64 address;
	u32 length;
	u16 flags, next;
};

struct ring_available {
	u16 flags, index, ring[];
};

struct ring_used {
	u16 flags, index;
	struct {
		u32 id, length;
	} ring[];
};

struct virtqueue {
	u32 size, irq, pa;
	volatile struct ring_descriptor *descriptors;
	volatile struct ring_available *available;
	volatile struct ring_used *used;
	/* Our side of it: the chain of unused descriptors, and how far we have read. */
	u16 free, free_count, last_used;
	void *tokens[MAX_RING];
	u32 kicks;
};

/* A piece of a request: kernel memory, written by us or by the device. */
struct piece {
	void *data;
	u32 size;
};

/* drivers/virtio.c */
u32 devices_scan(void);
void devices_show(u32 first);
u32 devices_count(void);
const struct virtio_device *device_at(u32 index);
const char *device_name(u32 type);
bool device_offers(const struct virtio_device *d, u32 feature);
void device_accept(const struct virtio_device *d, u32 feature);
void device_features_done(const struct virtio_device *d);
void device_ready(const struct virtio_device *d);
void device_failed(const struct virtio_device *d);
u8 device_status(const struct virtio_device *d);
u8 config_u8(const struct virtio_device *d, u32 offset);
u32 config_u32(const struct virtio_device *d, u32 offset);
u64 config_u64(const struct virtio_device *d, u32 offset);

bool queue_init(struct virtqueue *q, const struct virtio_device *d, u32 index);
bool queue_add(struct virtqueue *q, const struct piece *pieces, u32 out, u32 in, void *token);
void queue_kick(struct virtqueue *q);
void *queue_get(struct virtqueue *q, u32 *length);
bool queue_more(const struct virtqueue *q);
void queue_interrupts(struct virtqueue *q, bool on);
void queue_wait(struct virtqueue *q);

/* drivers/console.c, block.c, rng.c, net.c, pantry.c: each takes over a device it knows. */
bool console_probe(const struct virtio_device *d);
bool block_probe(const struct virtio_device *d);
bool rng_probe(const struct virtio_device *d);
bool card_probe(const struct virtio_device *d);
bool pantry_probe(const struct virtio_device *d);

/* drivers/block.c */
#define SECTOR_SIZE 512
#define BLOCK_MAX_SECTORS 64
u32 block_count(void);
u64 block_capacity(u32 disk);
bool block_has_flush(u32 disk);
u32 block_segments(u32 disk);
int block_read(u32 disk, u64 sector, u32 count, void *data);
int block_write(u32 disk, u64 sector, u32 count, const void *data);
int block_flush(u32 disk);
int block_request(u32 disk, u32 type, u64 sector, u32 count, void *data);

/* drivers/rng.c */
bool rng_present(void);
u32 rng_read(void *data, u32 size);

#endif
