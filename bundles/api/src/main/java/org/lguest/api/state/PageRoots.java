package org.lguest.api.state;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;

/** Which page table the guest runs on. The tables themselves are in {@link GuestMemory}. vCPU thread only. */
public final class PageRoots {
    /** Linear mode of 3.1 and later: every virtual address is physical, until the first NEW_PGTABLE (ABI section 6.8). */
    public boolean linear = true;
    /** Tables have three levels of 8-byte entries. */
    public boolean pae;
    /** Guest-physical address of the current top-level table; meaningless while {@link #linear}. */
    public int current;
    /** Guest-physical address of the table that the launcher built above the RAM in use, for kernels before 3.1. */
    public int first;
    /** PAGE_OFFSET as LGUEST_INIT told it: where the half begins that all address spaces share. */
    public int kernelAddress = 0xC0000000;

    /**
     * Guesses whether a top-level table is one of PAE (ABI section 6.9): four entries of 8 bytes, each zero or a frame
     * below 4 GiB with no flag but P. Entries of a two-level table carry more flags than P.
     */
    public static boolean looksPae(GuestMemory memory, int root) {
        long at = Integer.toUnsignedLong(root);
        if ((root & 31) != 0 || !memory.contains(at, 32)) return false;
        boolean any = false;
        for (int i = 0; i < 4; i++) {
            long entry = memory.load64(at + 8 * i);
            if (entry != 0 && (entry & 0xFFFFFFFF_00000FFFL) != 1) return false;
            any |= entry != 0;
        }
        return any;
    }

    /** First address of the area that the Host keeps to itself: the topmost 4 MiB, with PAE 2 MiB (ABI section 6.10). */
    public int switcherAddress() { return pae ? 0xFFE00000 : 0xFFC00000; }

    /** @return null, or a sentence about a root that cannot be */
    public String check(GuestMemory memory) {
        if (linear) return null;
        long root = Integer.toUnsignedLong(current);
        return memory.contains(root, pae ? 32 : 4096) ? null : "page table at " + Integer.toHexString(current) + " beyond memory";
    }

    /** Writes the roots. */
    public void save(DataOutput out) throws IOException {
        out.writeBoolean(linear);
        out.writeBoolean(pae);
        out.writeInt(current);
        out.writeInt(first);
        out.writeInt(kernelAddress);
    }

    /** Reads what {@link #save} wrote. */
    public void load(DataInput in) throws IOException {
        linear = in.readBoolean();
        pae = in.readBoolean();
        current = in.readInt();
        first = in.readInt();
        kernelAddress = in.readInt();
    }
}
