package org.lguest.api.state;

import org.lguest.api.abi.Generation;
import org.lguest.api.abi.Generation.Layout;

/**
 * The page of the guest that both sides write to: {@code struct lguest_data} (ABI section 1.4), where LGUEST_INIT said it is.
 * vCPU thread only. Its bounds were checked at INIT, so the accessors never throw once {@link #known()}.
 */
public final class LguestData {
    private final GuestMemory memory;
    private Generation generation;
    private long address = -1;

    /** Read at INIT: the no-interrupt window {@code [noirqStart, noirqEnd)}, virtual addresses (ABI section 5.1 step 3). */
    public int noirqStart, noirqEnd;

    /** Nothing is known yet. */
    public LguestData(GuestMemory memory) { this.memory = memory; }

    /** Whether LGUEST_INIT has been made. */
    public boolean known() { return address >= 0; }

    /** The generation; null before INIT. */
    public Generation generation() { return generation; }

    /** Guest-physical address; -1 before INIT. */
    public long address() { return address; }

    /** LGUEST_INIT was made; the caller has checked the bounds. */
    public void locate(Generation generation, long address) {
        if (!memory.contains(address, generation.layout().size())) throw new IllegalArgumentException("lguest_data at 0x" + Long.toHexString(address));
        this.generation = generation;
        this.address = address;
    }

    /** As before INIT. */
    public void reset() {
        generation = null;
        address = -1;
        noirqStart = noirqEnd = 0;
    }

    /** A 32-bit field by its offset in {@link Layout}. */
    public int get(int offset) { return memory.load32(address + offset); }

    /** Writes a 32-bit field; fields that this generation lacks (offset -1) are left out. */
    public void set(int offset, int value) { if (offset >= 0) memory.store32(address + offset, value); }

    /** Writes a 16-bit field, unless its offset is -1. */
    public void set16(int offset, int value) { if (offset >= 0) memory.store16(address + offset, value); }

    /** The virtual interrupt flag: bit 9 of irq_enabled, see ABI section 5.3 for why not "non-zero". */
    public boolean interruptsEnabled() { return (get(Layout.IRQ_ENABLED) & CpuState.IF) != 0; }

    /** Sets or clears the virtual interrupt flag. */
    public void enableInterrupts(boolean on) { set(Layout.IRQ_ENABLED, on ? CpuState.IF : 0); }

    /** Lines that the guest has masked. */
    public int blockedInterrupts() { return get(Layout.BLOCKED_INTERRUPTS); }

    /** Tells the guest whether something waits for it to enable interrupts. */
    public void interruptPending(boolean yes) { set(generation.layout().irqPending(), yes ? CpuState.IF : 0); }

    /** Publishes the address of a page fault. */
    public void cr2(int va) { set(Layout.CR2, va); }

    /** Publishes the wall clock, where the generation has a place for it. */
    public void time(long epochNanos) {
        int at = generation.layout().time();
        if (at < 0) return;
        set(at, (int) Math.floorDiv(epochNanos, 1_000_000_000L));
        set(at + 4, (int) Math.floorMod(epochNanos, 1_000_000_000L));
    }
}
