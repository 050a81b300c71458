/* SPDX-License-Identifier: Apache-2.0 */
#include "lib.h"
#include "console.h"
#include "kernel.h"
#include "paravirt.h"

/* None of these calls returns; if one does, there is nothing left but to wait. */
static void NORETURN stop(void)
{
	for (;;) {
		irq_disable();
		safe_halt();
	}
}

void machine_power_off(void)
{
	console_flush();
	/* The Host takes these very words for an orderly end. */
	PV_CALL(power_off, "Power down", 0, 0);
	stop();
}

void machine_restart(const char *why)
{
	console_flush();
	PV_CALL(restart, why, 0, 0);
	stop();
}

void machine_panic(const char *why)
{
	PV_CALL(power_off, why, 0, 0);
	stop();
}
