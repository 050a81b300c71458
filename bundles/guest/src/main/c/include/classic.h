/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_CLASSIC_H
#define PUPPY_CLASSIC_H

#include "types.h"

#define DMA_SECTIONS 16
#define DMA_BINDINGS 32

/* Up to sixteen pieces of memory, to be sent or to be filled; a length of 0 ends the list. "used" is
 * how many bytes the other side has taken or left there. In a buffer to be filled a 0 says "free". */
struct dma {
	volatile u32 used;
	u32 address[DMA_SECTIONS];
	u16 length[DMA_SECTIONS];
};

_Static_assert(sizeof(struct dma) == 100, "what the Host expects");

struct virtio_device;

/* classic/bus.c */
void dma_list(struct dma *d, const void *data, u32 size);
bool dma_bind(u32 key, struct dma *buffers, u32 count, u32 irq);
void dma_unbind(u32 key, struct dma *buffers);
void dma_send(u32 key, struct dma *message);
u32 device_irq(const struct virtio_device *d);
u16 device_features(const struct virtio_device *d);
u32 device_page_pa(const struct virtio_device *d);
void *device_page(const struct virtio_device *d);

#endif
