/* SPDX-License-Identifier: Apache-2.0 */
#include "lib.h"
#include "kernel.h"
#include "shell.h"

static void help(int argc UNUSED, const char *const *argv UNUSED)
{
	for (const struct command *c = commands; c->name; c++)
		printk("  %s %s - %s\n", c->name, c->arguments, c->help);
}

static void power_off(int argc UNUSED, const char *const *argv UNUSED)
{
	machine_power_off();
}

const struct command commands[] = {
	{ "help", "", "this list", help, NULL },
	{ "poweroff", "", "the end", power_off, NULL },
	{ .name = NULL },
};
