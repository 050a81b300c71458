/* SPDX-License-Identifier: Apache-2.0 */
#ifndef PUPPY_TRANSFER_H
#define PUPPY_TRANSFER_H

#include "types.h"

/* net/transfer.c: bytes made up or counted. */
struct bytes {
	u32 count, crc, seed;
};
void bytes_make(struct bytes *b, u8 *to, u32 size);
void bytes_count(struct bytes *b, const u8 *data, u32 size);
void transfer_send(u32 address, u16 port, u32 count);
void transfer_receive(u16 port);

/* net/http.c */
void http_fetch(u32 address, u16 port, const char *path);
void http_serve(u16 port, u32 count);

#endif
