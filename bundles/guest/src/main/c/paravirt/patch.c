/* SPDX-License-Identifier: Apache-2.0 */
/*G:290
 * Patching, or: the layer of indirection taken back.
 *
 * We have promised ourselves that every sensitive operation goes through a table, and we pay for
 * it with an indirect call where the processor has one byte. Now the table is final. So we walk
 * along the notes which the call sites have left, and for each choose the best that fits:
 *
 *   inline     the operation is a load or a store: write that over the call itself
 *   removed    the operation is nothing: write nothing, neatly
 *   direct     otherwise "call *pointer" becomes "call function", which is a byte shorter and
 *              leaves the processor nothing to guess
 *   indirect   if not even that fits, the site stays as it is
 *
 * Any bytes left over are filled with "nop". All this happens with interrupts off and long before
 * the kernel's text is made read-only. It is self-modifying code in the literal sense, and a
 * software CPU that has already translated these pages had better notice.
 */
#include "lib.h"
#include "abi.h"
#include "paravirt.h"

extern struct pv_site __start_pv_sites[], __stop_pv_sites[];

struct patch_report patch_report;

#define TEMPLATE(name) extern const u8 template_##name[], template_##name##_end[]
TEMPLATE(save_fl);
TEMPLATE(irq_disable);
TEMPLATE(irq_enable);
TEMPLATE(read_cr0);
TEMPLATE(read_cr2);
TEMPLATE(read_cr3);
TEMPLATE(nothing);

#define OP(name) (offsetof(struct pv_ops, name) / 4)
#define BODY(name, template) [OP(name)] = { template_##template, template_##template##_end }

static const struct body {
	const u8 *start, *end;
} bodies[sizeof(struct pv_ops) / 4] = {
	BODY(save_fl, save_fl),
	BODY(irq_disable, irq_disable),
	BODY(irq_enable, irq_enable),
	BODY(read_cr0, read_cr0),
	BODY(read_cr2, read_cr2),
	BODY(read_cr3, read_cr3),
	BODY(load_tr, nothing),
	BODY(set_ldt, nothing),
	BODY(wbinvd, nothing),
};

static void patch(const struct pv_site *site)
{
	const struct body *body = &bodies[site->op];
	u8 *code = (u8 *)site->address;
	u32 size = body->end - body->start, target = ((u32 *)&pv_ops)[site->op];

	if (body->start && size <= site->length) {
		memcpy(code, body->start, size);
		if (size)
			patch_report.inlined++;
		else
			patch_report.removed++;
	} else if (site->length >= 5) {
		/* 0xE8 calls, 0xE9 jumps; the distance counts from the end of the instruction. */
		u32 distance = target - (site->address + 5);

		code[0] = site->op == OP(iret) ? 0xE9 : 0xE8;
		memcpy(code + 1, &distance, 4);
		size = 5;
		patch_report.direct++;
	} else {
		patch_report.indirect++;
		return;
	}
	memset(code + size, 0x90, site->length - size);
}

void patch_call_sites(void)
{
	u32 flags = irq_save();

	for (struct pv_site *site = __start_pv_sites; site < __stop_pv_sites; site++) {
		patch(site);
		patch_report.sites++;
	}
	irq_restore(flags);
}

/* For the selftest: the first call site of an operation, whatever stands there now. */
const u8 *patched_site(u32 op, u32 *length)
{
	for (struct pv_site *site = __start_pv_sites; site < __stop_pv_sites; site++)
		if (site->op == op / 4) {
			*length = site->length;
			return (const u8 *)site->address;
		}
	return NULL;
}
