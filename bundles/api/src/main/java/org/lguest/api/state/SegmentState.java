package org.lguest.api.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * A segment register with its hidden part (Intel SDM volume 3, section 3.4.3).
 *
 * <p>{@code base} and {@code limit} are what the descriptor says, the limit scaled to bytes and inclusive;
 * {@code access} is the access byte (bits 8 to 15 of the descriptor's high word) in bits 0 to 7, and the flags AVL, L, D/B,
 * G in bits 12 to 15 (high word bits 20 to 23). A null or unusable segment has {@code access == 0}.
 */
public final class SegmentState {
    /** Indices of the six registers in {@link CpuState#seg}, in the order of their encoding. */
    public static final int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5;

    /** Visible selector, 0 to 0xFFFF. */
    public int selector;
    /** Linear base address. */
    public int base;
    /** Last valid offset (expand-up), or last invalid one (expand-down). */
    public int limit;
    /** Access byte and flags, see the class comment. */
    public int access;
    /** The words of the descriptor that was loaded; 0 when that is not known. */
    private int low, high;

    /** Whether the hidden part is usable. */
    public boolean usable() { return (access & 0x80) != 0; }

    /** Whether this is code. */
    public boolean code() { return (access & 0x18) == 0x18; }

    /** Whether reads are allowed: data, or readable code. */
    public boolean readable() { return usable() && (access & 0x10) != 0 && ((access & 8) == 0 || (access & 2) != 0); }

    /** Whether writes are allowed: writable data. */
    public boolean writable() { return usable() && (access & 0x1A) == 0x12; }

    /** Whether the segment grows downward. */
    public boolean expandDown() { return (access & 0x1C) == 0x14; }

    /** The D/B flag: 32-bit code, stack or upper bound. */
    public boolean big() { return (access & 0x4000) != 0; }

    /** Descriptor privilege level. */
    public int dpl() { return access >>> 5 & 3; }

    /** Base 0 and limit 4 GiB, present writable data that grows upward: nothing to check. */
    public boolean flatData() { return base == 0 && limit == -1 && (access & 0x9E) == 0x92; }

    /** Loads the hidden part from the two words of a descriptor. */
    public void load(int selector, int low, int high) {
        this.selector = selector;
        this.low = low;
        this.high = high;
        base = low >>> 16 | (high & 0xFF) << 16 | high & 0xFF000000;
        int raw = low & 0xFFFF | high & 0xF0000;
        limit = (high & 0x800000) != 0 ? raw << 12 | 0xFFF : raw;
        access = high >>> 8 & 0xF0FF;
    }

    /** Makes the register hold a null selector. */
    public void clear(int selector) {
        this.selector = selector;
        base = 0;
        limit = 0;
        access = 0;
        low = 0;
        high = 0;
    }

    /** Whether the hidden part is usable and known to be from a descriptor with these words. */
    public boolean holds(int low, int high) { return this.low == low && this.high == high && usable(); }

    /** Writes the register. */
    public void save(DataOutput out) throws IOException {
        out.writeInt(selector);
        out.writeInt(base);
        out.writeInt(limit);
        out.writeInt(access);
    }

    /** Reads what {@link #save} wrote. */
    public void load(DataInput in) throws IOException {
        selector = in.readInt();
        base = in.readInt();
        limit = in.readInt();
        access = in.readInt();
        low = 0;
        high = 0;
    }
}
