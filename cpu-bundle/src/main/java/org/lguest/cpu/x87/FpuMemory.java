package org.lguest.cpu.x87;

/**
 * The memory operand of one x87 instruction, as the engine lends it to {@link X87}. Offsets are in bytes from the start of the operand;
 * the engine adds the segment base and the effective address, checks limits and translates. Numbers are little-endian in memory.
 *
 * <p>Nothing here throws. A load that faults returns any value and makes {@link #faulted} true; a store that faults returns false, and makes
 * {@link #faulted} true as well. The unit then leaves its state as it was before the instruction, so that the engine can raise the
 * exception and later restart the instruction.
 */
public interface FpuMemory {
    /** The 16 bits at the offset, zero-extended. */
    int load16(int offset);

    /** The 32 bits at the offset, zero-extended. */
    long load32(int offset);

    /** The 64 bits at the offset. */
    long load64(int offset);

    /** Whether an access of this instruction has faulted. */
    boolean faulted();

    /**
     * Makes sure that all bytes from {@code offset} to {@code offset + bytes - 1} can be read. Called before the loads of an operand that is longer
     * than any number.
     *
     * @return false on a fault
     */
    boolean prepareLoad(int offset, int bytes);

    /**
     * Makes sure that all bytes from {@code offset} to {@code offset + bytes - 1} can be written, without writing them. Called before the stores
     * of an operand that is stored in several pieces.
     *
     * @return false on a fault
     */
    boolean prepareStore(int offset, int bytes);

    /** Writes the low 16 bits of the value; false on a fault. */
    boolean store16(int offset, int value);

    /** Writes the low 32 bits of the value; false on a fault. */
    boolean store32(int offset, long value);

    /** Writes 64 bits; false on a fault. */
    boolean store64(int offset, long value);
}
