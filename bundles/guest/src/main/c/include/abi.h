/* SPDX-License-Identifier: Apache-2.0 */
/*G:020
 * The contract.
 *
 * Everything that Guest and Host have to agree on fits into this one file: a trap number,
 * seventeen numbered requests, and one structure which both sides read and write. There is no
 * negotiation and no version number. A Host which serves several generations of Guests recognises ours (the
 * one of Linux 3.1 to 3.19) by the first instructions it executes and by where the 0xFF bytes
 * of the structure begin, so the offsets below are part of the contract too; they are checked by
 * the compiler at the end.
 *
 * Assembly files include this as well, hence the guards.
 */
#ifndef PUPPY_ABI_H
#define PUPPY_ABI_H

#include "types.h"

/* Where the kernel half of every address space begins: virtual = physical + PAGE_OFFSET. */
#define PAGE_OFFSET 0xC0000000

/* "int $0x1F": eax is the number, ebx, ecx, edx and esi are the arguments. In a classic build we
 * are a Guest of the first lguest, the one of Linux 2.6.23, and there they are edx, ebx and ecx. */
#define LGUEST_TRAP 0x1F

/* Nothing, which is why it is useful: any trap empties the ring of queued calls. */
#define LHCALL_FLUSH_ASYNC 0
/* Must be the first, and comes once: (pa of lguest_data). */
#define LHCALL_LGUEST_INIT 1
/* The end: (pa of a text, 1 for power off or 2 for restart). Classic: it is called CRASH, and there
 * is no restart. */
#define LHCALL_SHUTDOWN 2
/* All segments: (pa of the table, number of entries). Classic. */
#define LHCALL_LOAD_GDT 3
/* Use another page table: (pa of its top level). */
#define LHCALL_NEW_PGTABLE 4
/* Forget what you know about our page tables: (0 the user's half of this one, 1 everything). */
#define LHCALL_FLUSH_TLB 5
/* A gate: (vector, low word, high word). */
#define LHCALL_LOAD_IDT_ENTRY 6
/* Where traps from ring 3 find a stack: (segment, top, number of pages). */
#define LHCALL_SET_STACK 7
/* Shall floating point trap? (8 yes, 0 no). */
#define LHCALL_TS 8
/* One interrupt 0, please: (in so many nanoseconds, 0 never). */
#define LHCALL_SET_CLOCKEVENT 9
/* Sleep until there is an interrupt. */
#define LHCALL_HALT 10
/* "What is sent to this key, put it there": (key, pa of the first buffer, their number << 8 | irq);
 * an irq of 0 takes it back. The only call that answers: 1 done, 0 not. Classic. */
#define LHCALL_BIND_DMA 12
/* "Here is something for this key": (key, pa of a buffer). Classic, and later another: */
#define LHCALL_SEND_DMA 13
/* An entry of a middle table has changed, PAE only: (pa of that table, index). */
#define LHCALL_SET_PMD 13
/* An entry of a lowest table has changed: (pa of the top level, address, low word, high word). */
#define LHCALL_SET_PTE 14
/* An entry of a top level has changed: (pa of the top level, index). */
#define LHCALL_SET_PGD 15
/* The three segments for thread-local storage: (pa of 24 bytes). */
#define LHCALL_LOAD_TLS 16
/* Look here: (pa of a ring, of a device's descriptor, or else of a text to be printed). */
#define LHCALL_NOTIFY 17
/* A segment: (index, low word, high word). */
#define LHCALL_LOAD_GDT_ENTRY 18
/* We take interrupts again, and heard that there is one. */
#define LHCALL_SEND_INTERRUPTS 19
/* 11 was a call of the very first generation. */
#define LHCALL_COUNT 20

#define LGUEST_SHUTDOWN_POWEROFF 1
#define LGUEST_SHUTDOWN_RESTART 2

/* The ring of calls which wait for the next trap. */
#define LHCALL_RING_SIZE 64

/* External interrupt n arrives at vector 0x20 + n, and there are at most 32 of them. */
#define IRQ_VECTOR 0x20
#define LGUEST_IRQS 32
#define SYSCALL_VECTOR 0x80

/* Selectors. The Host lets us keep four flat segments; its own two (10 and 11) are not ours to
 * touch. The low two bits are the privilege we run at: 1 for the kernel, since 0 is taken. */
#define GDT_ENTRIES 32
#define GDT_TLS 6
#define GDT_TLS_ENTRIES 3
#define KERNEL_CS 0x61
#define KERNEL_DS 0x69
#define USER_CS 0x73
#define USER_DS 0x7B

#define EFLAGS_TF 0x00000100
#define EFLAGS_IF 0x00000200
#define CR0_TS 8

/* Offsets which assembly needs. */
#define LGUEST_DATA_irq_enabled 0
#define LGUEST_DATA_cr2 8
#ifndef CONFIG_CLASSIC
#define LGUEST_DATA_irq_pending 20
#endif

/* Offsets into the boot page ("zero page") of the Linux boot protocol. */
#define BOOT_E820_COUNT 0x1E8
#define BOOT_RAMDISK_IMAGE 0x218
#define BOOT_RAMDISK_SIZE 0x21C
#define BOOT_CMD_LINE_PTR 0x228
#define BOOT_SUBARCH 0x23C
#define BOOT_E820_MAP 0x2D0
#define BOOT_SUBARCH_LGUEST 1
#define BOOT_PAGE_SIZE 4096
#define COMMAND_LINE_SIZE 512

#ifndef __ASSEMBLER__

/* One hypercall as it lies in the ring: the same words we would have put into registers. */
struct hcall_args {
	u32 call, arg1, arg2, arg3;
#ifndef CONFIG_CLASSIC
	u32 arg4;
#endif
};

/*G:025
 * The one page of shared memory.
 *
 * Some things are too frequent for a trap. Turning interrupts off and on happens thousands of
 * times a second, so it is a store into "irq_enabled" which the Host looks at before it delivers
 * anything. The faulting address of a page fault, the time of day, the note that an interrupt
 * is waiting: the Host leaves them here, and reading them costs one load.
 */
struct lguest_data {
	/* Bit 9 (where EFLAGS keeps IF) set: we take interrupts. We write, the Host clears it
	 * when an interrupt gate is entered and sets it when it wakes us from HALT. */
	u32 irq_enabled;
	/* One bit per interrupt line: set means "not this one". Begins with the timer masked. */
	u32 blocked_interrupts;
	/* Address of the last page fault. */
	u32 cr2;
	/* Wall clock, refreshed with each interrupt that is delivered. */
	u32 time_sec, time_nsec;
#ifndef CONFIG_CLASSIC
	/* Set by the Host when it wanted to interrupt us and "irq_enabled" said no. */
	u32 irq_pending;
#endif
	/* The ring: 0xFF is a free slot, 0 a slot filled by us. */
	u8 hcall_status[LHCALL_RING_SIZE];
	struct hcall_args hcalls[LHCALL_RING_SIZE];

	/* Filled by the Host during LGUEST_INIT. */
	u32 reserve_mem;
#ifdef CONFIG_CLASSIC
	/* Which Guest we are: our network address is made from it. */
	u16 guest_id, unused;
#endif
	u32 tsc_khz;

	/* Filled by us, at compile time. Between these two addresses no interrupt is delivered. */
	u32 noirq_start, noirq_end;
#ifndef CONFIG_CLASSIC
	u32 kernel_address;
	u32 syscall_vec;
#endif
};

_Static_assert(offsetof(struct lguest_data, irq_enabled) == LGUEST_DATA_irq_enabled, "irq_enabled");
_Static_assert(offsetof(struct lguest_data, cr2) == LGUEST_DATA_cr2, "cr2");
#ifdef CONFIG_CLASSIC
_Static_assert(offsetof(struct lguest_data, hcall_status) == 20, "hcall_status");
_Static_assert(offsetof(struct lguest_data, hcalls) == 84, "hcalls");
_Static_assert(offsetof(struct lguest_data, reserve_mem) == 1108, "reserve_mem");
_Static_assert(offsetof(struct lguest_data, noirq_start) == 1120, "noirq_start");
_Static_assert(sizeof(struct lguest_data) == 1128, "lguest_data of Linux 2.6.23");
/* The first Hosts leave no note when an interrupt has to wait; they look often enough. */
#define IRQ_NOTE 0
#else
#define IRQ_NOTE lguest_data.irq_pending
_Static_assert(offsetof(struct lguest_data, irq_pending) == LGUEST_DATA_irq_pending, "irq_pending");
_Static_assert(offsetof(struct lguest_data, hcall_status) == 24, "hcall_status");
_Static_assert(offsetof(struct lguest_data, hcalls) == 88, "hcalls");
_Static_assert(offsetof(struct lguest_data, reserve_mem) == 1368, "reserve_mem");
_Static_assert(offsetof(struct lguest_data, noirq_start) == 1376, "noirq_start");
_Static_assert(offsetof(struct lguest_data, kernel_address) == 1384, "kernel_address");
_Static_assert(sizeof(struct lguest_data) == 1392, "lguest_data of Linux 3.1 to 3.19");
#endif

extern volatile struct lguest_data lguest_data;

#endif
#endif
