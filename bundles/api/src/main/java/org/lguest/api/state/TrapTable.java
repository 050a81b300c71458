package org.lguest.api.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/**
 * The guest's IDT in the Host's form (ABI section 2.5): the code selector is always the kernel's, only interrupt gates
 * (type 0xE) and trap gates (type 0xF) exist, and a gate that is not present is all zero.
 */
public final class TrapTable {
    /** Number of gates. */
    public static final int ENTRIES = 256;
    /** The vector of hypercalls. */
    public static final int HYPERCALL = 0x1F;
    /** The vector of irq 0. */
    public static final int FIRST_IRQ = 0x20;

    private final int[] offset = new int[ENTRIES];
    private final int[] type = new int[ENTRIES];

    /** What became of a gate. */
    public enum Stored {
        /** It is in the table (or cleared, when it was not present). */ YES,
        /** The number is one that the Host keeps to itself: silently ignored. */ IGNORED,
        /** The number is 256 or more. */ BAD_NUMBER,
        /** Neither an interrupt gate nor a trap gate. */ BAD_TYPE
    }

    /** Stores a gate from its two words. */
    public Stored set(int number, int low, int high) {
        if (number == 2 || number == 8 || number == 15 || number == HYPERCALL) return Stored.IGNORED;
        int kind = high >>> 8 & 0xF;
        boolean present = (high & 0x8000) != 0;
        if (present && kind != 0xE && kind != 0xF) return Stored.BAD_TYPE;
        if (number < 0 || number >= ENTRIES) return Stored.BAD_NUMBER;
        offset[number] = present ? high & 0xFFFF0000 | low & 0xFFFF : 0;
        type[number] = present ? high >>> 8 & 0xEF : 0;
        return Stored.YES;
    }

    /** Whether the gate is present. */
    public boolean present(int number) { return (type[number] & 0x80) != 0; }

    /** Offset of the handler in the kernel's code segment. */
    public int offset(int number) { return offset[number]; }

    /** Whether taking it disables interrupts (type 0xE). */
    public boolean interruptGate(int number) { return (type[number] & 0xF) == 0xE; }

    /** Lowest privilege, 0 to 3, that may name it in an INT instruction. */
    public int dpl(int number) { return type[number] >>> 5 & 3; }

    /** Forgets all gates. */
    public void reset() {
        java.util.Arrays.fill(offset, 0);
        java.util.Arrays.fill(type, 0);
    }

    /** Writes the table. */
    public void save(DataOutput out) throws IOException {
        for (int i = 0; i < ENTRIES; i++) {
            out.writeInt(offset[i]);
            out.writeInt(type[i]);
        }
    }

    /** Reads what {@link #save} wrote. */
    public void load(DataInput in) throws IOException {
        for (int i = 0; i < ENTRIES; i++) {
            int o = in.readInt();
            int t = in.readInt();
            set(i, o & 0xFFFF, o & 0xFFFF0000 | (t & 0xFF) << 8);
        }
    }
}
