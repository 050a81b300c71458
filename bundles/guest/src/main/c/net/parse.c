/* SPDX-License-Identifier: Apache-2.0 */
/* Reading what users type for an address. */
#include "lib.h"
#include "net.h"

/* Four numbers with dots between. "end" is where the address ends. */
bool parse_address(const char *s, const char **end, u32 *address)
{
	u32 value = 0;

	for (u32 i = 0; i < 4; i++) {
		u32 part = 0, digits = 0;

		for (; *s >= '0' && *s <= '9' && digits < 4; s++, digits++)
			part = part * 10 + *s - '0';
		if (!digits || part > 255 || (i < 3 && *s++ != '.'))
			return false;
		value = value << 8 | part;
	}
	*end = s;
	*address = value;
	return true;
}
