/* SPDX-License-Identifier: Apache-2.0 */
#include "lib.h"
#include "files.h"

static const char motd[] = "We don't have features. We have puppies!\n";
const struct file proc_files[] = {
	{ "etc/motd", (const u8 *)motd, sizeof(motd) - 1, NULL },
};
const u32 proc_files_count = ARRAY_SIZE(proc_files);
