package org.lguest.api.abi;

/** How lguest prints numbers in the sentences of ABI section 9, so that they can be compared with a real host's. */
public final class KillText {
    private KillText() { }

    /** An unsigned 32-bit value as C's {@code %#lx} has it: {@code 0x1f}, and {@code 0} for zero. */
    public static String hex(int value) { return value == 0 ? "0" : "0x" + Integer.toHexString(value); }

    /** The sentence for a range that the Host was to read and that is not all memory. */
    public static String badRead(int address, int length) { return "bad read address " + hex(address) + " len " + Integer.toUnsignedString(length); }
}
