package org.lguest.api.abi;

/**
 * The hypercalls of Linux 2.6.23 to 3.19 (ABI sections 1.2 and 3.3), and the family that performs each. Numbers 2 and 13 changed their
 * meaning over the years: which call a number is depends on the {@link Generation}.
 */
public enum Hypercall {
    /** Nothing but the drain of the async ring that every hypercall brings. */ FLUSH_ASYNC(0, Family.LIFE),
    /** Hands over {@code lguest_data}. */ LGUEST_INIT(1, Family.LIFE),
    /** Power off, restart, or crash with a text. */ SHUTDOWN(2, Family.LIFE),
    /** Power off or crash with a text, up to 2.6.24. */ CRASH(2, Family.LIFE),
    /** The whole GDT, up to 2.6.29. */ LOAD_GDT(3, Family.DESCRIPTORS),
    /** Switches page tables. */ NEW_PGTABLE(4, Family.MEMORY),
    /** Drops the user half, or everything. */ FLUSH_TLB(5, Family.MEMORY),
    /** One gate of the IDT. */ LOAD_IDT_ENTRY(6, Family.DESCRIPTORS),
    /** The stack for traps from ring 3. */ SET_STACK(7, Family.DESCRIPTORS),
    /** Sets or clears CR0.TS. */ TS(8, Family.DESCRIPTORS),
    /** One-shot timer on irq 0. */ SET_CLOCKEVENT(9, Family.TIME),
    /** Sleeps until an interrupt. */ HALT(10, Family.TIME),
    /** Answers the seconds since 1970, 2.6.23-rc1. */ GET_WALLCLOCK(11, Family.TIME),
    /** Binds buffers to a key, or unbinds them; answers whether that went well; 2.6.23. */ BIND_DMA(12, Family.DMA),
    /** Sends a buffer to a key, 2.6.23. */ SEND_DMA(13, Family.DMA),
    /** A middle-level entry changed, PAE. */ SET_PMD(13, Family.MEMORY),
    /** A page table entry changed. */ SET_PTE(14, Family.MEMORY),
    /** A top-level entry changed. */ SET_PGD(15, Family.MEMORY),
    /** The three TLS descriptors. */ LOAD_TLS(16, Family.DESCRIPTORS),
    /** A kick, a status change, or text for the early console. */ NOTIFY(17, Family.IO),
    /** One entry of the GDT, from 2.6.30. */ LOAD_GDT_ENTRY(18, Family.DESCRIPTORS),
    /** "I enabled interrupts, and some are pending." */ SEND_INTERRUPTS(19, Family.TIME);

    /** Hypercalls that change together; each family is a part that can be replaced. */
    public enum Family {
        /** Start, end, nothing. */ LIFE,
        /** Page tables. */ MEMORY,
        /** GDT, IDT, TLS, stack, TS. */ DESCRIPTORS,
        /** Clock event, halt, interrupts. */ TIME,
        /** Devices. */ IO,
        /** Devices, as 2.6.23 has them. */ DMA
    }

    private final int number;
    private final Family family;

    Hypercall(int number, Family family) {
        this.number = number;
        this.family = family;
    }

    /** The number in eax. */
    public int number() { return number; }

    /** Whether the guest finds an answer in eax: {@link org.lguest.api.state.HypercallRing#answer}. Others leave all registers alone. */
    public boolean answers() { return this == GET_WALLCLOCK || this == BIND_DMA; }

    /** Who performs it. */
    public Family family() { return family; }
}
