package org.lguest.shell;

/**
 * Counts ^C: three within a second, and nothing else between them, mean that the user wants out and the guest does not listen
 * (ABI section 11.8).
 */
final class Interrupts {
    private static final byte CTRL_C = 3;
    private static final int ENOUGH = 3;
    private static final long WITHIN_NANOS = 1_000_000_000;

    private long first;
    private int count;

    /** Takes what was typed at a time, in nanoseconds; true when it completes three. */
    boolean complete(byte[] typed, int length, long now) {
        for (int i = 0; i < length; i++) {
            if (typed[i] != CTRL_C) {
                count = 0;
                continue;
            }
            if (count == 0 || now - first > WITHIN_NANOS) {
                first = now;
                count = 0;
            }
            if (++count == ENOUGH) {
                count = 0;
                return true;
            }
        }
        return false;
    }
}
