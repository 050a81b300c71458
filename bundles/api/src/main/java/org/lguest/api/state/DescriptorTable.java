package org.lguest.api.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * The guest's GDT: a copy that the Host owns, because the processor would believe anything in it (ABI section 2.4).
 *
 * <p>Every entry that the guest supplies is fixed: ring 0 becomes ring 1, and the accessed bit is set, so that loading a
 * selector never writes. The Host's own entries (10, 11, 16 and 31) keep what the guest says in state but read as empty.
 */
public final class DescriptorTable {
    /** Number of entries. */
    public static final int ENTRIES = 32;
    /** Selector of the kernel's code segment, RPL 1. */
    public static final int KERNEL_CS = 0x61;
    /** Selector of the kernel's data segment, RPL 1. */
    public static final int KERNEL_DS = 0x69;
    /** First of the three entries that LOAD_TLS writes. */
    public static final int TLS_FIRST = 6;

    private static final int HOST_ENTRIES = 1 << 10 | 1 << 11 | 1 << 16 | 1 << 31;

    private final int[] low = new int[ENTRIES];
    private final int[] high = new int[ENTRIES];

    /** The initial table: flat ring-1 code and data in entries 12 and 13. */
    public DescriptorTable() { reset(); }

    /** Back to the initial table. */
    public void reset() {
        Arrays.fill(low, 0);
        Arrays.fill(high, 0);
        low[12] = low[13] = 0xFFFF;
        high[12] = 0x00CFBB00;
        high[13] = 0x00CFB300;
    }

    /** Low word of a descriptor; {@code index} is 0 to 31. */
    public int low(int index) { return (HOST_ENTRIES >>> index & 1) != 0 ? 0 : low[index]; }

    /** High word of a descriptor; {@code index} is 0 to 31. */
    public int high(int index) { return (HOST_ENTRIES >>> index & 1) != 0 ? 0 : high[index]; }

    /** Stores an entry from the guest, fixed. {@code index} is 0 to 31. */
    public void set(int index, int lowWord, int highWord) {
        int h = highWord;
        if ((HOST_ENTRIES >>> index & 1) == 0) {
            if ((h & 0x6000) == 0) h |= 0x2000;
            h |= 0x100;
        }
        low[index] = lowWord;
        high[index] = h;
    }

    /** Writes the table. */
    public void save(DataOutput out) throws IOException {
        for (int i = 0; i < ENTRIES; i++) {
            out.writeInt(low[i]);
            out.writeInt(high[i]);
        }
    }

    /** Reads what {@link #save} wrote, fixing each entry as one from the guest. */
    public void load(DataInput in) throws IOException {
        for (int i = 0; i < ENTRIES; i++) set(i, in.readInt(), in.readInt());
    }
}
